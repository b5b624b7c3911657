//! Slips as a sheet to print: HTML that needs nothing else, eight on a page of A4, with
//! lines to cut along.

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use saksi_proto::definition::Definition;
use saksi_proto::ids::Phase;
use saksi_proto::text::{self, Language, Phrase};

use super::{Handout, Holder, qr};

/// Slips on a page.
const ON_A_PAGE: usize = 8;

#[derive(Template)]
#[template(path = "slips.html")]
struct Sheet<'a> {
    language: &'static str,
    title: &'a str,
    election: &'a str,
    rehearsal: Option<&'static str>,
    code_label: Vec<&'static str>,
    until_label: Vec<&'static str>,
    scan: Vec<&'static str>,
    once: Vec<&'static str>,
    collector_label: &'static str,
    authority_label: &'static str,
    pages: Vec<Vec<Printed>>,
}

/// One slip.
struct Printed {
    name: String,
    place: String,
    drawing: String,
    code: String,
    collector: String,
    authority: String,
    until: String,
}

/// A sheet that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the slips cannot be drawn: {0}")]
pub struct SheetFault(String);

/// A sheet of slips, in the languages of the election that Saksi speaks.
///
/// # Errors
/// [`SheetFault`] if a slip's text is too long for a QR code.
pub(super) fn draw(
    definition: &Definition,
    title: &str,
    handouts: &[Handout],
) -> Result<String, SheetFault> {
    let head = definition.head();
    let languages = languages(&head.languages);
    let say = |phrase: Phrase| languages.iter().map(|of| phrase.in_language(*of)).collect();
    let printed = handouts.iter().map(|handout| print(definition, languages[0], handout));
    let mut printed = printed.collect::<Result<Vec<_>, _>>()?.into_iter();
    let mut pages = Vec::new();
    while printed.len() > 0 {
        pages.push(printed.by_ref().take(ON_A_PAGE).collect());
    }
    let is_rehearsal = head.phase == Phase::Rehearsal;
    let sheet = Sheet {
        language: languages[0].code(),
        title,
        election: head.name.in_language(0),
        rehearsal: is_rehearsal.then(|| text::SLIP_REHEARSAL.in_language(languages[0])),
        code_label: say(text::SLIP_CODE),
        until_label: say(text::SLIP_UNTIL),
        scan: say(text::SLIP_SCAN),
        once: say(text::SLIP_ONCE),
        collector_label: text::SLIP_COLLECTOR.in_language(languages[0]),
        authority_label: text::SLIP_AUTHORITY.in_language(languages[0]),
        pages,
    };
    sheet.render().map_err(|fault| SheetFault(fault.to_string()))
}

/// Those of the election that the catalogue has, its first before; English if none.
fn languages(codes: &[String]) -> Vec<Language> {
    let mut languages: Vec<_> =
        codes.iter().filter_map(|code| Language::from_code(code)).take(2).collect();
    languages.dedup();
    if languages.is_empty() {
        languages.push(Language::English);
    }
    languages
}

fn print(
    definition: &Definition,
    language: Language,
    handout: &Handout,
) -> Result<Printed, SheetFault> {
    let slip = &handout.slip;
    let drawing = qr::draw(&slip.to_string()).map_err(|fault| SheetFault(fault.to_string()))?;
    let (name, code, region) = match handout.holder {
        Holder::Station(station) => {
            let of = &definition.stations()[station as usize];
            (of.name.to_string(), of.code.to_string(), definition.region_of(station))
        }
        Holder::Spare(region) => {
            let code = definition.regions()[region as usize].code.to_string();
            (text::SLIP_SPARE.in_language(language).to_owned(), code, region)
        }
    };
    let regions = definition.upwards(region);
    let names = regions.map(|region| &*definition.regions()[region as usize].name);
    let mut names: Vec<_> = names.collect();
    // The whole is in the election's name.
    if names.len() > 1 {
        names.pop();
    }
    Ok(Printed {
        name,
        place: format!("{code} · {}", names.join(", ")),
        drawing,
        code: slip.code.to_string(),
        collector: slip.collector.clone(),
        authority: slip.authority.to_string(),
        until: minute(handout.until_ms, &definition.head().time_zone),
    })
}

/// A time for people anywhere: `2026-12-06 11:29 WIB`.
#[must_use]
pub fn minute(ms: u64, zone: &str) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    time.map_or_else(String::new, |time| {
        time.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
    })
}
