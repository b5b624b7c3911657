//! What happens to each station of a night, in its order, and how the station stands after each
//! step: written down here, computed by nobody.

use std::collections::BTreeMap;

use fastrand::Rng;
use saksi_tests::kenya::{CONTEST, Station};
use serde_json::{Value, json};

use super::night::GOVERNOR;
use super::sums::{Stands, Stations};

/// Stations in whose wards the governor is elected too.
pub(super) const WITH_GOVERNOR: [usize; 9] = [0, 1, 2, 3, 4, 5, 9, 10, 11];

/// One thing that happens: one entry of the log.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) station: usize,
    pub(super) contest: &'static str,
    pub(super) act: Act,
    then: Then,
}

/// What is done.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A device of the station sends a form, as typed; a correction if it has sent one before.
    Form {
        device: u8,
        typed: Value,
    },
    /// Two people count the station's form of this number, in the order in which they came.
    Accept(usize),
    /// Two people count none.
    Reject,
    /// Two people take the ruling back.
    Withdraw,
    /// The register is put right.
    Registered(u64),
    Unopened,
    Opened,
    /// The station's device is revoked.
    Revoke,
    /// The revoked device sends a form all the same.
    Evidence(Value),
    /// Two people pause publication; one ends that.
    Pause,
    Resume,
}

/// What is different then.
#[derive(Debug, Clone)]
enum Then {
    Nothing,
    /// How the station stands in the contest.
    Stands(&'static str, Option<Vec<Value>>),
    /// A form was superseded besides.
    Corrected(&'static str, Option<Vec<Value>>),
    /// A ruling stands besides, or none any more.
    Ruled(bool, &'static str, Option<Vec<Value>>),
    Registered(u64),
}

/// How all stations stand before the first form.
pub(super) fn beginning(stations: &[Station]) -> Stations {
    let mut all = Stations::new();
    for (at, station) in stations.iter().enumerate() {
        let stands = Stands {
            state: "missing".to_owned(),
            corrected: false,
            ruled: false,
            registered: station.registered.into(),
            counts: None,
        };
        let contests = [Some(CONTEST), WITH_GOVERNOR.contains(&at).then_some(GOVERNOR)];
        for contest in contests.into_iter().flatten() {
            all.insert((contest.to_owned(), station.code.clone()), stands.clone());
        }
    }
    all
}

impl Step {
    /// How all stations stand after it.
    pub(super) fn apply(&self, stations: &[Station], all: &mut Stations) {
        let code = &stations[self.station].code;
        let of = all.get_mut(&(self.contest.to_owned(), code.clone())).expect("it is held there");
        let (state, counts) = match &self.then {
            Then::Nothing => return,
            Then::Registered(voters) => {
                let own = all.iter_mut().filter(|((_, of), _)| of == code);
                own.for_each(|(_, of)| of.registered = *voters);
                return;
            }
            Then::Stands(state, counts) => (state, counts),
            Then::Corrected(state, counts) => {
                of.corrected = true;
                (state, counts)
            }
            Then::Ruled(stands, state, counts) => {
                of.ruled = *stands;
                (state, counts)
            }
        };
        (of.state, of.counts) = ((*state).to_owned(), counts.clone());
    }
}

/// A paper: what is typed, and the numbers in the order of the boxes.
struct Paper(Value, Vec<Value>);

/// Writes the stories of a night.
struct Author {
    stations: Vec<Station>,
    random: Rng,
    station: usize,
    contest: &'static str,
}

impl Author {
    /// A paper that breaks no rule: at most 95 ballots, and the smallest register has 96.
    fn right(&mut self) -> Paper {
        let of = |random: &mut Rng, most| random.u32(1..=most);
        let votes = [40, 30, 12, 12].map(|most| of(&mut self.random, most));
        let mut typed = self.stations[self.station].paper(votes).to_json();
        typed["contest"] = self.contest.into();
        Self::read(typed)
    }

    /// A paper whose votes are not their total.
    fn wrong(&mut self) -> Paper {
        let Paper(mut typed, _) = self.right();
        typed["lines"]["A.T"] = json!(typed["lines"]["A.T"].as_u64().unwrap() + 1);
        Self::read(typed)
    }

    /// A paper with a box that is empty, and one that nobody can read.
    fn with_gaps(&mut self) -> Paper {
        let Paper(mut typed, _) = self.right();
        (typed["lines"]["A.3"], typed["lines"]["A.4"]) = (Value::Null, json!("illegible"));
        Self::read(typed)
    }

    fn read(typed: Value) -> Paper {
        let lines: BTreeMap<String, Value> =
            serde_json::from_value(typed["lines"].clone()).expect("lines");
        Paper(typed, lines.into_values().collect())
    }

    fn step(&self, act: Act, then: Then) -> Step {
        Step { station: self.station, contest: self.contest, act, then }
    }

    fn form(&self, device: u8, paper: &Paper, then: Then) -> Step {
        self.step(Act::Form { device, typed: paper.0.clone() }, then)
    }

    /// A form, and corrections that each have the numbers of another paper.
    fn corrected(&mut self, corrections: usize) -> Vec<Step> {
        let first = self.right();
        let mut steps = vec![self.form(0, &first, Then::Stands("counted", Some(first.1.clone())))];
        for _ in 0..corrections {
            let next = self.right();
            steps.push(self.form(0, &next, Then::Corrected("counted", Some(next.1.clone()))));
        }
        steps
    }

    /// Two forms that do not name each other; a ruling; a third form; and none is right.
    fn disputed(&mut self) -> Vec<Step> {
        let [a, b, c] = [self.right(), self.right(), self.right()];
        let counted = |of: &Paper| Some(of.1.clone());
        vec![
            self.form(0, &a, Then::Stands("counted", counted(&a))),
            self.form(1, &b, Then::Stands("disputed", None)),
            self.step(Act::Accept(1), Then::Ruled(true, "counted", counted(&b))),
            self.form(2, &c, Then::Stands("disputed", None)),
            self.step(Act::Accept(0), Then::Ruled(true, "counted", counted(&a))),
            self.step(Act::Withdraw, Then::Ruled(false, "disputed", None)),
            self.step(Act::Reject, Then::Ruled(true, "rejected", None)),
        ]
    }

    /// A form that breaks a rule, which two people count as written.
    fn held(&mut self) -> Vec<Step> {
        let paper = self.wrong();
        vec![
            self.form(0, &paper, Then::Stands("held", None)),
            self.step(Act::Accept(0), Then::Ruled(true, "counted", Some(paper.1))),
        ]
    }

    /// A form that breaks a rule, and is corrected.
    fn held_and_corrected(&mut self) -> Vec<Step> {
        let [wrong, right] = [self.wrong(), self.right()];
        let then = Then::Corrected("counted", Some(right.1.clone()));
        vec![self.form(0, &wrong, Then::Stands("held", None)), self.form(0, &right, then)]
    }

    /// A form that breaks a rule, which nobody counts; and it waits again.
    fn held_and_rejected(&mut self) -> Vec<Step> {
        let paper = self.wrong();
        vec![
            self.form(0, &paper, Then::Stands("held", None)),
            self.step(Act::Reject, Then::Ruled(true, "rejected", None)),
            self.step(Act::Withdraw, Then::Ruled(false, "held", None)),
        ]
    }

    /// The device is stolen after its form, and speaks on.
    fn revoked(&mut self) -> Vec<Step> {
        let Paper(other, _) = self.right();
        let mut steps = self.corrected(0);
        steps.push(self.step(Act::Revoke, Then::Nothing));
        steps.push(self.step(Act::Evidence(other), Then::Nothing));
        steps
    }

    /// The station did not open; it did after all.
    fn unopened(&mut self) -> Vec<Step> {
        let shut = self.step(Act::Unopened, Then::Stands("unopened", None));
        let open = self.step(Act::Opened, Then::Stands("missing", None));
        [vec![shut, open], self.corrected(0)].concat()
    }

    /// The register is put right, and the form says another number than it.
    fn amended(&mut self) -> Vec<Step> {
        let mut steps = self.corrected(0);
        steps.push(self.step(Act::Registered(777), Then::Registered(777)));
        steps
    }

    fn gaps(&mut self) -> Vec<Step> {
        let paper = self.with_gaps();
        vec![self.form(0, &paper, Then::Stands("counted", Some(paper.1.clone())))]
    }

    /// Nobody rules.
    fn left_disputed(&mut self) -> Vec<Step> {
        let [a, b] = [self.right(), self.right()];
        vec![
            self.form(0, &a, Then::Stands("counted", Some(a.1.clone()))),
            self.form(1, &b, Then::Stands("disputed", None)),
        ]
    }
}

/// The steps of a night: those of a station in their order, the stations' mixed by the seed.
pub(super) fn night(stations: &[Station], random: &mut Rng) -> Vec<Step> {
    type Story = fn(&mut Author) -> Vec<Step>;
    let stories: [(usize, &str, Story); 15] = [
        (0, CONTEST, |of| of.corrected(2)),
        (1, CONTEST, Author::disputed),
        (2, CONTEST, Author::held),
        (3, CONTEST, Author::held_and_corrected),
        (4, CONTEST, Author::held_and_rejected),
        (5, CONTEST, Author::revoked),
        (6, CONTEST, Author::unopened),
        (7, CONTEST, Author::amended),
        (8, CONTEST, |of| of.corrected(0)),
        (9, CONTEST, Author::gaps),
        (11, CONTEST, Author::left_disputed),
        (1, GOVERNOR, |of| of.corrected(1)),
        (2, GOVERNOR, |of| of.corrected(0)),
        (9, GOVERNOR, Author::held),
        (11, GOVERNOR, Author::left_disputed),
    ];
    let (stations, random) = (stations.to_vec(), random.fork());
    let mut author = Author { stations, random, station: 0, contest: CONTEST };
    let mut waiting: Vec<Vec<Step>> = Vec::new();
    for (station, contest, story) in stories {
        (author.station, author.contest) = (station, contest);
        let mut steps = story(&mut author);
        steps.reverse();
        waiting.push(steps);
    }
    let random = &mut author.random;
    let mut night = Vec::new();
    while !waiting.is_empty() {
        let at = random.usize(..waiting.len());
        night.extend(waiting[at].pop());
        waiting.retain(|story| !story.is_empty());
    }
    let whole = |act| Step { station: 0, contest: CONTEST, act, then: Then::Nothing };
    let pause = random.usize(night.len() / 4..night.len() / 2);
    night.insert(pause + 3, whole(Act::Resume));
    night.insert(pause, whole(Act::Pause));
    night
}
