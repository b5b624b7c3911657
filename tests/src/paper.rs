//! Tally forms as officers would type them: plausible numbers for the forms of the
//! Indonesian sample, and their JSON.

use std::collections::BTreeMap;

use saksi_proto::definition::Station;
use saksi_proto::election::{Ballot, Contest};
use saksi_proto::fields::{PARTY_OWN, PARTY_TOTAL};
use serde_json::{Value, json};

/// The numbers of one form by field code; `None` is *not written*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The contest it reports.
    pub contest: String,
    /// Its numbers.
    pub lines: BTreeMap<String, Option<u32>>,
}

impl Paper {
    /// A form without mistakes for a station of the Indonesian sample.
    #[must_use]
    pub fn plausible(station: &Station, contest: &Contest, random: &mut fastrand::Rng) -> Self {
        let registered = station.registered;
        let (men, women) = (registered.men.unwrap_or(100), registered.women.unwrap_or(100));
        let mut paper = Self { contest: contest.code.to_string(), lines: BTreeMap::new() };
        paper.columns("I.A", men, women);
        // Who voted is the same in all contests of a station, and for all its papers.
        let code = station.code.as_str().bytes();
        let seed = code.fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let mut voters = fastrand::Rng::with_seed(seed);
        let mut turned_out = |all: u32| all * voters.u32(70..=95) / 100;
        let (voted_men, voted_women) = (turned_out(men), turned_out(women));
        let guests: [u32; 4] = std::array::from_fn(|_| voters.u32(0..=2));
        paper.columns("I.B.1", voted_men, voted_women);
        paper.columns("I.B.2", guests[0], guests[1]);
        paper.columns("I.B.3", guests[2], guests[3]);
        let (all_men, all_women) =
            (voted_men + guests[0] + guests[2], voted_women + guests[1] + guests[3]);
        paper.columns("I.B.4", all_men, all_women);
        paper.columns("III", all_men / 50, all_women / 50);
        let used = all_men + all_women;
        let received = men + women + (2 * (men + women)).div_ceil(100);
        paper.set("II.1", received);
        paper.set("II.2", used);
        paper.set("II.3", 0);
        paper.set("II.4", received - used);
        let invalid = used * random.u32(1..=5) / 100;
        paper.set("V.A", used - invalid);
        paper.set("V.B", invalid);
        paper.set("V.C", used);
        paper.votes(&contest.ballot, used - invalid, random);
        paper
    }

    /// Sets a number.
    pub fn set(&mut self, field: &str, number: u32) {
        self.lines.insert(field.to_owned(), Some(number));
    }

    fn columns(&mut self, line: &str, men: u32, women: u32) {
        for (column, number) in [("L", men), ("P", women), ("J", men + women)] {
            self.set(&format!("{line}.{column}"), number);
        }
    }

    fn votes(&mut self, ballot: &Ballot, valid: u32, random: &mut fastrand::Rng) {
        match ballot {
            Ballot::Candidates(candidates) => {
                let shares = shares(valid, candidates.len(), random);
                for (candidate, votes) in candidates.iter().zip(shares) {
                    self.set(&format!("IV.{}", candidate.code), votes);
                }
            }
            Ballot::Parties(parties) => {
                let shares = shares(valid, parties.len(), random);
                for (party, votes) in parties.iter().zip(shares) {
                    let field = |part: &str| format!("IV.{}.{part}", party.code);
                    let within = self::shares(votes, party.candidates.len() + 1, random);
                    self.set(&field(PARTY_OWN), within[0]);
                    for (candidate, votes) in party.candidates.iter().zip(&within[1..]) {
                        self.set(&field(candidate.code.as_str()), *votes);
                    }
                    self.set(&field(PARTY_TOTAL), votes);
                }
            }
        }
    }

    /// A written number.
    ///
    /// # Panics
    /// If the field is not written.
    #[must_use]
    pub fn number(&self, field: &str) -> u32 {
        self.lines.get(field).copied().flatten().expect("a written field")
    }

    /// Votes of each candidate or party.
    #[must_use]
    pub fn votes_of(&self, contest: &Contest) -> Vec<u64> {
        let total = |code| match contest.ballot {
            Ballot::Candidates(_) => format!("IV.{code}"),
            Ballot::Parties(_) => format!("IV.{code}.{PARTY_TOTAL}"),
        };
        let contestants = contest.ballot.contestants();
        contestants.map(|(code, _)| u64::from(self.number(&total(code)))).collect()
    }

    /// The JSON that `saksi-agent submit` reads.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "contest": self.contest, "lines": self.lines })
    }
}

/// Cuts `all` into `parts` numbers at random places.
fn shares(all: u32, parts: usize, random: &mut fastrand::Rng) -> Vec<u32> {
    let mut cuts: Vec<u32> = (1..parts).map(|_| random.u32(0..=all)).collect();
    cuts.push(all);
    cuts.sort_unstable();
    let mut before = 0;
    cuts.into_iter().map(|cut| cut - std::mem::replace(&mut before, cut)).collect()
}
