//! What the centre's staff do: the roster, rulings, amendments, questions.

use saksi_collector::changes::Change;
use saksi_collector::changes::centre::{held_at, to_rule_on};
use saksi_proto::entry::Act;
use saksi_proto::question::Question;
use saksi_proto::ruling::{Amended, Amendment, Decision, Ruling};

use super::country::{self, DEVICES};
use super::op::Verdict;
use super::wire::Event;
use super::world::World;

impl World {
    /// The roster changes, and the sessions of the station's devices end.
    pub(super) fn change_roster(&mut self, station: usize, change: &Change) {
        if self.change(change) {
            for device in 0..DEVICES {
                if self.devices[device].station == station {
                    let (session, in_ms) = (self.wires[device].session, self.latency(device));
                    self.plan(in_ms, Event::Broken { device, session });
                }
            }
        }
    }

    /// Someone rules on the forms that are in the log, if any are.
    pub(super) fn rule(&mut self, station: usize, contest: &str, verdict: Verdict) {
        let Some(over) = self.forms_of(station, contest) else {
            return self.say(format_args!("the collector is off"));
        };
        let decision = match (verdict, over.first(), over.last()) {
            (Verdict::First, Some(form), _) | (Verdict::Last, _, Some(form)) => {
                Decision::Accept(*form)
            }
            (Verdict::Withdraw, ..) => Decision::Withdraw,
            _ => Decision::Reject,
        };
        let ruling = Ruling {
            station: country::station(station).parse().expect("a code"),
            contest: contest.parse().expect("a code"),
            over,
            decision,
            at_ms: self.now_ms,
            act: act(),
        };
        if self.change(&Change::Rule(ruling)) {
            self.say(format_args!("ruled: {decision:?}"));
        }
    }

    /// What is expected of a station changes.
    pub(super) fn amend(&mut self, station: usize, change: Amended) {
        let station = country::station(station).parse().expect("a code");
        let amendment = Amendment { station, change, at_ms: self.now_ms, act: act() };
        if self.change(&Change::Amend(amendment)) {
            self.trace.count("amended");
        }
    }

    /// A station is asked to look at its paper again; no total may change by it.
    pub(super) fn ask(&mut self, station: usize, contest: &str) {
        let question = Question {
            station: country::station(station).parse().expect("a code"),
            contest: contest.parse().expect("a code"),
            lines: Vec::new(),
            text: "is it so on the paper?".to_owned(),
            at_ms: self.now_ms,
            act: act(),
        };
        if self.change(&Change::Ask(question)) {
            self.trace.count("asked");
        }
    }

    fn forms_of(&self, station: usize, contest: &str) -> Option<Vec<saksi_proto::digest::Digest>> {
        let ledger = self.centre.running.as_ref()?.ledger.read().ok()?;
        let (station, contest) = (country::station(station).parse(), contest.parse());
        let place = held_at(&ledger, contest.ok()?, station.ok()?).ok()?;
        Some(to_rule_on(&ledger, place.0, place.1))
    }

    /// Whether a change is in the log. The collector may fail at it.
    fn change(&mut self, change: &Change) -> bool {
        match self.centre.change(change) {
            Ok(done) => {
                if !done {
                    self.trace.count("change denied");
                    self.say(format_args!("nothing changes"));
                }
                done
            }
            Err(fault) => {
                self.say(format_args!("the collector fails: {fault}"));
                self.end_centre(None);
                false
            }
        }
    }
}

fn act() -> Act {
    Act { by: "staff".to_owned(), reason: "so it is on the paper".to_owned() }
}
