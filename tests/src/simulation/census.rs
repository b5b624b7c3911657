//! How often each kind of thing happened, and the table of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saksi_proto::message::{Outcome, ToAgent};
use saksi_proto::refusal::Farewell;

use super::centre::Handed;
use super::disk::Mishap;
use super::op::Op;
use super::oracle::{Violation, violated};
use super::recount::{Recount, Stands};
use super::trace::{OUTCOMES, Trace};

/// Counts of many runs.
pub type Census = BTreeMap<&'static str, u64>;

/// What became of a batch.
pub fn of_answers(handed: &Handed, trace: &mut Trace) {
    // A forger sends the same honest form many times over; that would say little.
    if handed.caller.device.is_none() {
        return;
    }
    for answer in &handed.answers {
        match answer {
            Ok(answer) if answer.resubmitted => trace.count("resubmitted"),
            Ok(_) => {}
            Err(_) => trace.count("refused"),
        }
    }
}

/// What an answer says that came without a commit.
pub fn of_later(message: &ToAgent, trace: &mut Trace) {
    if let ToAgent::Outcomes(_) = message {
        trace.count("come later");
    }
}

/// What a forger reads: a refusal, and nothing else of what was forged.
///
/// # Errors
/// [`Violation`] if a forgery was taken, or the honest form before it was not.
pub fn of_forgery(message: &ToAgent, trace: &mut Trace) -> Result<(), Violation> {
    match message {
        ToAgent::Farewell(Farewell::NotEnrolled) => trace.count("forgery refused"),
        ToAgent::Outcomes(outcomes) => {
            const ORACLE: &str = "a forgery is refused, its neighbours are not";
            let logged = |outcome: &Outcome| matches!(outcome, Outcome::Logged(_));
            match &outcomes.outcomes[..] {
                [Outcome::Later { .. }, ..] => {}
                [honest @ .., Outcome::Refused { .. }] if honest.iter().all(logged) => {
                    trace.count("forgery refused");
                }
                other => return violated(ORACLE, format!("{:?}", other.last())),
            }
        }
        other => return violated("a forgery is refused", format!("{other:?}")),
    }
    Ok(())
}

/// How the stations stand at the end, and what went wrong with the disks.
pub fn of_the_journal(recount: &Recount, trace: &mut Trace) {
    for (place, forms) in &recount.forms {
        let stands = recount.stands(place);
        trace.count(match stands {
            Stands::Counted => "counted",
            Stands::Held => "held",
            Stands::Disputed => "disputed",
            Stands::Rejected => "rejected",
        });
        if forms.iter().any(|(_, form)| form.supersedes.is_some()) {
            trace.count("superseded");
        }
        if recount.is_ruled(place) {
            trace.count("ruled on");
            if stands == Stands::Disputed {
                trace.count("disputed after a ruling");
            }
        }
    }
}

/// Mishaps of a disk.
pub fn of_mishaps(mishaps: &[Mishap], fsync: &'static str, trace: &mut Trace) {
    for mishap in mishaps {
        trace.count(match mishap {
            Mishap::Power { .. } => "power cut in a write",
            Mishap::Kill => "killed in a write",
            Mishap::Sync(_) => fsync,
        });
    }
}

/// Adds the counts of one run.
pub fn add(census: &mut Census, of_run: &Census) {
    for (what, times) in of_run {
        *census.entry(what).or_default() += times;
    }
}

/// What never happened.
#[must_use]
pub fn never(census: &Census) -> Vec<&'static str> {
    let wanted = Op::NAMES.into_iter().chain(OUTCOMES);
    wanted.filter(|what| !census.contains_key(what)).collect()
}

/// The table: operations, then outcomes.
#[must_use]
pub fn table(census: &Census) -> String {
    let mut table = String::new();
    for (title, names) in [("operation", &Op::NAMES[..]), ("outcome", &OUTCOMES[..])] {
        writeln!(table, "{title:<28}{:>10}", "times").expect("a string takes everything");
        for name in names {
            let times = census.get(name).copied().unwrap_or(0);
            writeln!(table, "  {name:<26}{times:>10}").expect("a string takes everything");
        }
    }
    table
}
