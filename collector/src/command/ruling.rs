//! `ruling …`: a ruling names the forms that are in the log when the command reads it; if
//! others have come until it is decided, nothing is done.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use saksi_collector::changes::Change;
use saksi_collector::changes::centre::{Denial, held_at, to_rule_on};
use saksi_collector::ledger::Ledger;
use saksi_collector::tally::revisions::{Revision, Revisions, StationState};
use saksi_collector::tally::ruled::Ruled;
use saksi_collector::{chosen, clock};
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use saksi_proto::message::Standing;
use saksi_proto::ruling::{Decision, Ruling};

use super::{act, answer, change, existing, fold};
use crate::cli;

/// Fewest digits that name a form.
const FEWEST_DIGITS: usize = 8;

pub(crate) fn run(command: &cli::Ruling) -> anyhow::Result<()> {
    match command {
        cli::Ruling::List(arguments) => list(arguments),
        cli::Ruling::Show(of) => show(of),
        cli::Ruling::Accept(arguments) => decide(&arguments.of, &arguments.because, |forms| {
            Ok(Decision::Accept(named(&arguments.form, forms)?))
        }),
        cli::Ruling::Reject(arguments) => {
            decide(&arguments.of, &arguments.because, |_| Ok(Decision::Reject))
        }
        cli::Ruling::Withdraw(arguments) => {
            decide(&arguments.of, &arguments.because, |_| Ok(Decision::Withdraw))
        }
    }
}

/// A station in a contest, found in the election.
pub(super) struct Found {
    pub(super) contest: ContestCode,
    pub(super) place: (usize, StationIndex),
}

pub(super) fn find(ledger: &Ledger, of: &cli::OfStation) -> anyhow::Result<Found> {
    let definition = &ledger.election.definition;
    let station = definition.station(of.station).ok_or(Denial::UnknownStation);
    let station = station.map_err(|denial| anyhow::anyhow!(denial.sentence()))?;
    let contest = if let Some(code) = of.contest {
        code
    } else {
        let held = (0..definition.contests().len())
            .filter(|contest| definition.in_scope(*contest, station))
            .map(|contest| definition.contests()[contest].code);
        match held.collect::<Vec<_>>()[..] {
            [only] => only,
            ref several => bail!("name one with --contest: {}", codes(several)),
        }
    };
    let place = held_at(ledger, contest, of.station);
    let place =
        place.map_err(|denial| anyhow::anyhow!("{} ({})", denial.sentence(), denial.code()))?;
    Ok(Found { contest, place })
}

fn codes(contests: &[ContestCode]) -> String {
    contests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The one form whose digest begins so.
fn named(digits: &str, forms: &[Digest]) -> anyhow::Result<Digest> {
    let digits = digits.to_ascii_lowercase();
    if let Ok(digest) = digits.parse() {
        return Ok(digest);
    }
    if digits.len() < FEWEST_DIGITS {
        bail!("a form is named by {FEWEST_DIGITS} digits of its SHA-256 or more");
    }
    let mut found = forms.iter().filter(|form| form.to_string().starts_with(&digits));
    match (found.next(), found.next()) {
        (Some(form), None) => Ok(*form),
        (Some(_), Some(_)) => bail!("several forms begin with {digits}; give more digits"),
        (None, _) => {
            bail!("no form that can be ruled on begins with {digits}; see them with ruling show")
        }
    }
}

fn decide(
    of: &cli::OfStation,
    because: &cli::Because,
    decision: impl FnOnce(&[Digest]) -> anyhow::Result<Decision>,
) -> anyhow::Result<()> {
    let act = act(&because.by, &because.reason)?;
    let (home, config) = existing(&of.dir)?;
    let ledger = fold(&home)?;
    let Found { contest, place } = find(&ledger, of)?;
    let over = to_rule_on(&ledger, place.0, place.1);
    let ruling = Ruling {
        station: of.station,
        contest,
        decision: decision(&over)?,
        over,
        at_ms: clock::now_ms(),
        act,
    };
    let (decision, forms) = (ruling.decision, ruling.over.len());
    change(&home, &config, Change::Rule(ruling))?;
    match decision {
        Decision::Accept(form) => println!("Accepted: {form} is counted as written."),
        Decision::Reject => println!("Rejected: none of the {forms} is counted."),
        Decision::Withdraw => println!("Withdrawn: no ruling stands."),
    }
    println!("Ruled on {forms} of {} for {contest}, with the reason, in the log.", of.station);
    Ok(())
}

fn show(of: &cli::OfStation) -> anyhow::Result<()> {
    let (home, _) = existing(&of.dir)?;
    let ledger = fold(&home)?;
    let Found { contest, place } = find(&ledger, of)?;
    let name = &ledger.election.definition.stations()[place.1 as usize].name;
    let mut text = format!("{} {name} – {contest}\n", of.station);
    let forms = ledger.tally.station(place.0, place.1).map_or(&[][..], Revisions::all);
    for form in forms {
        show_form(&ledger, place, form, &mut text)?;
    }
    if forms.is_empty() {
        text += "no form has arrived\n";
    }
    for ruled in ledger.tally.rulings(place.0, place.1) {
        show_ruling(ruled, &mut text)?;
    }
    Ok(answer(&text)?)
}

fn show_form(
    ledger: &Ledger,
    (contest, station): (usize, StationIndex),
    form: &Revision,
    text: &mut String,
) -> std::fmt::Result {
    let report = &form.report;
    let standing = ledger.tally.standing(contest, station, form.index).map_or("", word);
    let counts: Vec<_> = report.counts().collect();
    let findings = ledger.election.findings(contest, station, &counts);
    let findings: Vec<_> = findings.iter().map(|finding| finding.code.to_string()).collect();
    let (index, revision) = (form.index, report.revision);
    writeln!(text, "entry {index}  revision {revision}  {standing}  {}", findings.join(" "))?;
    writeln!(text, "  {}", report.digest)?;
    if let Some(superseded) = report.supersedes() {
        writeln!(text, "  takes the place of {superseded}")?;
    }
    let remarks = report.explanation().into_iter().chain(report.reason());
    remarks.into_iter().try_for_each(|remark| writeln!(text, "  “{remark}”"))
}

fn show_ruling(ruled: &Ruled, text: &mut String) -> std::fmt::Result {
    let decision = match ruled.decision {
        Decision::Accept(form) => format!("accepted {form}"),
        Decision::Reject => "rejected".to_owned(),
        Decision::Withdraw => "withdrawn".to_owned(),
    };
    let Ruled { index, over, act, .. } = ruled;
    let forms = over.len();
    writeln!(text, "entry {index}  ruling of {} over {forms} forms: {decision}", act.by)?;
    writeln!(text, "  “{}”", act.reason)
}

fn list(arguments: &cli::Waiting) -> anyhow::Result<()> {
    let (home, _) = existing(&arguments.dir)?;
    let ledger = fold(&home)?;
    let definition = &ledger.election.definition;
    let region = arguments.region.map(|code| chosen::region(definition, code)).transpose()?;
    let mut stations = chosen::stations_below(definition, region.unwrap_or(definition.whole()));
    stations.sort_unstable();
    let (mut text, mut many) = (String::new(), 0);
    for station in stations {
        for (contest, of) in definition.contests().iter().enumerate() {
            let word = match ledger.tally.state(contest, station) {
                StationState::Held(_) => "held",
                StationState::Disputed => "disputed",
                _ => continue,
            };
            many += 1;
            let code = definition.stations()[station as usize].code;
            let forms = to_rule_on(&ledger, contest, station).len();
            writeln!(text, "{code}  {}  {word}  {forms}", of.code).context("text in memory")?;
        }
    }
    writeln!(text, "{many} wait for a ruling").context("text in memory")?;
    Ok(answer(&text)?)
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Counted => "counted",
        Standing::Held => "held",
        Standing::Disputed => "disputed",
        Standing::Superseded => "superseded",
        Standing::Rejected => "rejected",
        Standing::Rehearsed => "rehearsed",
    }
}
