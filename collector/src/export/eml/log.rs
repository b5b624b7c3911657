//! What the profile has no words for, in the one place where it takes words of others: a
//! `ds:Object` at the end. The log and its signed checkpoint, the phase, how far the count has
//! come, how the stations stand that are not in it, and boxes without a number.

use std::io::{self, Write};

use super::count::is_reporting;
use crate::export::content::{Export, Numbers, Unit};
use crate::export::coverage::{state_of, word};
use crate::export::xml::Xml;
use crate::ledger::Publication;
use crate::view::region::station_counts;
use crate::view::state::State;

/// Names our elements; there is nothing at that address.
pub const NAMESPACE: &str = "urn:saksi:export:1";

/// Writes the object.
///
/// # Errors
/// The writer's.
pub(super) fn object<W: Write>(export: &Export<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    xml.open("ds:Object", &[("Id", "saksi")])?;
    xml.open("saksi:Export", &[("xmlns:saksi", NAMESPACE)])?;
    position(export, xml)?;
    for contest in &export.contests {
        coverage(export, *contest, xml)?;
    }
    xml.close()?;
    xml.close()
}

fn position<W: Write>(export: &Export<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    let checkpoint = &export.folded.checkpoint;
    let attributes = [
        ("origin", checkpoint.origin.as_str()),
        ("size", &checkpoint.size.to_string()),
        ("root", &checkpoint.root.to_string()),
    ];
    xml.text("saksi:Log", &attributes, &export.folded.note)?;
    let head = export.definition().head();
    let attributes = [
        ("id", head.id.as_str()),
        ("phase", &head.phase.to_string()),
        ("definition", &export.definition().digest().to_string()),
    ];
    xml.empty("saksi:Election", &attributes)?;
    match &export.folded.ledger.publication {
        Publication::Open => Ok(()),
        Publication::Paused { act, .. } => xml.text("saksi:Paused", &[], &act.reason),
    }
}

fn coverage<W: Write>(export: &Export<'_>, contest: usize, xml: &mut Xml<W>) -> io::Result<()> {
    let definition = export.definition();
    let code = export.election().contest(contest).code;
    let code = code.as_str();
    let numbers = Numbers::of(export, contest);
    for (at, unit) in export.units.iter().enumerate() {
        let name = match unit {
            Unit::Region(region) => {
                let totals = export.totals(contest, *region);
                if !totals.is_held() {
                    continue;
                }
                let of = station_counts(totals);
                let name = definition.regions()[*region as usize].code.to_string();
                let counts = [
                    ("expected", of.expected),
                    ("reported", of.reported),
                    ("counted", of.counted),
                    ("held", of.held),
                    ("disputed", of.disputed),
                    ("rejected", of.rejected),
                    ("missing", of.missing),
                    ("unopened", of.unopened),
                ];
                let counts = counts.map(|(word, stations)| (word, stations.to_string()));
                let named = [("contest", code), ("region", &name)].into_iter();
                let counts = counts.iter().map(|(word, stations)| (*word, stations.as_str()));
                xml.empty("saksi:Coverage", &named.chain(counts).collect::<Vec<_>>())?;
                name
            }
            Unit::Station(station) => {
                if !definition.in_scope(contest, *station) {
                    continue;
                }
                let name = definition.stations()[*station as usize].code.to_string();
                let state = state_of(export, contest, *station);
                if state != State::Counted {
                    let attributes =
                        [("contest", code), ("code", name.as_str()), ("state", word(state))];
                    xml.empty("saksi:Station", &attributes)?;
                }
                name
            }
        };
        if numbers.is_counted(at) && (at == 0 || is_reporting(export, *unit)) {
            blank(export, contest, (&name, &numbers.all(at)), xml)?;
        }
    }
    Ok(())
}

/// Boxes that no counted form of the unit has a number in.
fn blank<W: Write>(
    export: &Export<'_>,
    contest: usize,
    (unit, numbers): (&str, &[Option<u64>]),
    xml: &mut Xml<W>,
) -> io::Result<()> {
    let fields = export.election().layout(contest).fields().iter();
    let blank = fields.zip(numbers).filter(|(_, number)| number.is_none());
    let blank: Vec<_> = blank.map(|(field, _)| field.code.as_str()).collect();
    if blank.is_empty() {
        return Ok(());
    }
    let code = export.election().contest(contest).code;
    let attributes = [("contest", code.as_str()), ("unit", unit), ("boxes", &blank.join(" "))];
    xml.empty("saksi:Blank", &attributes)
}
