//! A recount of the journal that shares no code with the tally: what a watcher would
//! write who reads only the description of the log.

use std::collections::BTreeMap;

use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Arrival, Entry};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::StationCode;
use saksi_proto::ruling::{Amended, Amendment, Decision, Ruling};
use saksi_proto::seal::SealedForm;

use super::country::{self, IDLE, STATIONS, VOTERS};

/// How a station stands in a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// Its numbers are in the sums.
    Counted,
    /// It breaks the hard rule.
    Held,
    /// Its forms contradict each other.
    Disputed,
    /// A ruling counts none of its forms.
    Rejected,
}

/// What a region comes to in a contest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Stations that are expected, and those that did not open.
    pub expected: [u32; 2],
    /// Registered voters of the expected stations, and of the counted ones.
    pub registered: [u64; 2],
    /// Stations in the sums.
    pub counted: u32,
    /// Stations that are held.
    pub held: u32,
    /// Stations that are disputed.
    pub disputed: u32,
    /// Stations whose forms are rejected.
    pub rejected: u32,
    /// Stations of which a form was superseded.
    pub corrected: u32,
    /// Stations on whose forms a ruling stands.
    pub ruled: u32,
    /// Votes of each candidate.
    pub votes: [u64; STATIONS],
    /// Valid and spoilt ballots.
    pub ballots: [u64; 2],
}

/// The forms of one station for one contest.
pub type Forms = Vec<(Digest, TallyForm)>;

/// A contest and a station.
pub type Place = (String, usize);

/// The whole journal, sorted.
#[derive(Debug, Default)]
pub struct Recount {
    /// By contest and station.
    pub forms: BTreeMap<Place, Forms>,
    /// The last on each.
    rulings: BTreeMap<Place, Ruling>,
    /// Stations that did not open.
    unopened: BTreeMap<usize, bool>,
    /// Registered voters where they were amended.
    voters: BTreeMap<usize, u32>,
}

impl Recount {
    /// Reads one entry more.
    ///
    /// # Errors
    /// If it is no entry, or a ruling over other forms than were there.
    pub fn add(&mut self, entry: &[u8]) -> Result<(), String> {
        match Entry::decode(entry).map_err(|fault| fault.to_string())? {
            Entry::Form(arrival) => self.add_form(arrival),
            Entry::Ruling(ruling) => self.add_ruling(ruling),
            Entry::Amendment(amendment) => self.amend(&amendment),
            _ => Ok(()),
        }
    }

    fn add_form(&mut self, arrival: Arrival) -> Result<(), String> {
        let sealed = SealedForm::from_bytes(arrival.sealed).map_err(|fault| fault.to_string())?;
        let form = sealed.open().map_err(|fault| fault.to_string())?;
        let station = numbered(form.station)?;
        let forms = self.forms.entry((form.contest.to_string(), station)).or_default();
        forms.push((sealed.digest(), form));
        Ok(())
    }

    fn add_ruling(&mut self, ruling: Ruling) -> Result<(), String> {
        let place = (ruling.contest.to_string(), numbered(ruling.station)?);
        let known: Vec<Digest> =
            self.words(&place).into_iter().map(|(digest, _)| *digest).collect();
        let before = self.rulings.get(&place).is_some_and(|of| of.decision != Decision::Withdraw);
        let is_open = match (&ruling.decision, &self.words(&place)[..]) {
            (Decision::Withdraw, _) => before,
            (_, [(_, form)]) => !adds_up(form),
            (_, forms) => forms.len() > 1,
        };
        if !is_open || ruling.over != known {
            return Err(format!("a ruling on {place:?} over other forms than {known:?}"));
        }
        self.rulings.insert(place, ruling);
        Ok(())
    }

    fn amend(&mut self, amendment: &Amendment) -> Result<(), String> {
        let station = numbered(amendment.station)?;
        match amendment.change {
            Amended::Registered(voters) => drop(self.voters.insert(station, voters)),
            Amended::Unopened => drop(self.unopened.insert(station, true)),
            Amended::Opened => drop(self.unopened.insert(station, false)),
        }
        Ok(())
    }

    /// The forms that no other names as superseded.
    fn words(&self, place: &Place) -> Vec<&(Digest, TallyForm)> {
        let forms = self.forms.get(place).map_or(&[][..], Vec::as_slice);
        let named: Vec<_> = forms.iter().filter_map(|(_, form)| form.supersedes).collect();
        forms.iter().filter(|(digest, _)| !named.contains(digest)).collect()
    }

    /// Whether a ruling has taken a form out.
    #[must_use]
    pub fn is_rejected(&self, place: &Place, form: Digest) -> bool {
        let Some(ruling) = self.rulings.get(place) else { return false };
        match ruling.decision {
            Decision::Withdraw => false,
            Decision::Reject => ruling.over.contains(&form),
            Decision::Accept(accepted) => form != accepted && ruling.over.contains(&form),
        }
    }

    /// Whether a ruling stands.
    #[must_use]
    pub fn is_ruled(&self, place: &Place) -> bool {
        self.rulings.get(place).is_some_and(|ruling| ruling.decision != Decision::Withdraw)
    }

    /// Whether it is said that a station did not open.
    #[must_use]
    pub fn is_unopened(&self, station: usize) -> bool {
        self.unopened.get(&station).copied().unwrap_or(false)
    }

    /// How a station stands with its forms.
    #[must_use]
    pub fn stands(&self, place: &Place) -> Stands {
        let left =
            self.words(place).into_iter().filter(|(form, _)| !self.is_rejected(place, *form));
        match left.collect::<Vec<_>>()[..] {
            [] => Stands::Rejected,
            [(digest, form)] => {
                let ruling = self.rulings.get(place);
                let accepted =
                    ruling.is_some_and(|ruling| ruling.decision == Decision::Accept(*digest));
                if adds_up(form) || accepted { Stands::Counted } else { Stands::Held }
            }
            _ => Stands::Disputed,
        }
    }

    /// What a region comes to.
    #[must_use]
    pub fn totals(&self, contest: &str, region: &str) -> Totals {
        let mut totals = Totals::default();
        if IDLE.contains(&region) {
            totals.expected[0] += 1;
            totals.registered[0] += u64::from(VOTERS);
        }
        for station in (0..STATIONS).filter(|station| country::above(*station).contains(&region)) {
            self.add_to(&mut totals, &(contest.to_owned(), station));
        }
        totals
    }

    fn add_to(&self, totals: &mut Totals, place: &Place) {
        let has_sent = self.forms.contains_key(place);
        let voters = u64::from(self.voters.get(&place.1).copied().unwrap_or(VOTERS));
        if self.is_unopened(place.1) && !has_sent {
            totals.expected[1] += 1;
            return;
        }
        totals.expected[0] += 1;
        totals.registered[0] += voters;
        let Some(forms) = self.forms.get(place) else { return };
        let words = self.words(place);
        totals.corrected += u32::from(words.len() < forms.len());
        totals.ruled += u32::from(self.is_ruled(place));
        let mut left = words.into_iter().filter(|(form, _)| !self.is_rejected(place, *form));
        match (self.stands(place), left.next()) {
            (Stands::Rejected, _) | (_, None) => totals.rejected += 1,
            (Stands::Disputed, _) => totals.disputed += 1,
            (Stands::Held, _) => totals.held += 1,
            (Stands::Counted, Some((_, form))) => {
                totals.registered[1] += voters;
                totals.count(form);
            }
        }
    }
}

impl Totals {
    fn count(&mut self, form: &TallyForm) {
        self.counted += 1;
        let numbers: Vec<_> = form.counts.iter().map(|count| number(*count)).collect();
        let (votes, ballots) = numbers.split_at(STATIONS);
        self.votes.iter_mut().zip(votes).for_each(|(sum, votes)| *sum += votes);
        self.ballots.iter_mut().zip(ballots).for_each(|(sum, all)| *sum += all);
    }
}

fn numbered(code: StationCode) -> Result<usize, String> {
    let found = (0..STATIONS).find(|at| country::station(*at) == code.as_str());
    found.ok_or_else(|| format!("station {code}"))
}

/// The station that a form speaks for.
#[must_use]
pub fn station_of(form: &TallyForm) -> Option<usize> {
    numbered(form.station).ok()
}

fn adds_up(form: &TallyForm) -> bool {
    let votes: u64 = form.counts[..STATIONS].iter().map(|count| number(*count)).sum();
    votes == number(form.counts[STATIONS])
}

fn number(count: Count) -> u64 {
    count.number().map_or(0, u64::from)
}
