//! A recount of the journal that shares no code with the tally: what a watcher would
//! write who reads only the description of the log.

use std::collections::BTreeMap;

use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Entry;
use saksi_proto::form::TallyForm;
use saksi_proto::seal::SealedForm;

use super::country::{self, STATIONS};

/// How a station stands in a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// Its numbers are in the sums.
    Counted,
    /// It breaks the hard rule.
    Held,
    /// Its forms contradict each other.
    Disputed,
}

/// What a region comes to in a contest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Stations in the sums.
    pub counted: u32,
    /// Stations that are held.
    pub held: u32,
    /// Stations that are disputed.
    pub disputed: u32,
    /// Stations of which a form was superseded.
    pub corrected: u32,
    /// Votes of each candidate.
    pub votes: [u64; STATIONS],
    /// Valid and spoilt ballots.
    pub ballots: [u64; 2],
}

/// The forms of one station for one contest.
pub type Forms = Vec<(Digest, TallyForm)>;

/// The whole journal, sorted.
#[derive(Debug, Default)]
pub struct Recount {
    /// By contest and station.
    pub forms: BTreeMap<(String, usize), Forms>,
}

impl Recount {
    /// Reads one entry more.
    ///
    /// # Errors
    /// If it is no entry.
    pub fn add(&mut self, entry: &[u8]) -> Result<(), String> {
        let Entry::Form(arrival) = Entry::decode(entry).map_err(|fault| fault.to_string())? else {
            return Ok(());
        };
        let sealed = SealedForm::from_bytes(arrival.sealed).map_err(|fault| fault.to_string())?;
        let form = sealed.open().map_err(|fault| fault.to_string())?;
        let station = station_of(&form).ok_or_else(|| format!("station {}", form.station))?;
        let forms = self.forms.entry((form.contest.to_string(), station)).or_default();
        forms.push((sealed.digest(), form));
        Ok(())
    }

    /// What a region comes to.
    #[must_use]
    pub fn totals(&self, contest: &str, region: &str) -> Totals {
        let mut totals = Totals::default();
        for ((of, station), forms) in &self.forms {
            if of == contest && country::above(*station).contains(&region) {
                totals.add(forms);
            }
        }
        totals
    }
}

impl Totals {
    fn add(&mut self, forms: &Forms) {
        let named: Vec<_> = forms.iter().filter_map(|(_, form)| form.supersedes).collect();
        let heads: Vec<_> = forms.iter().filter(|(digest, _)| !named.contains(digest)).collect();
        self.corrected += u32::from(heads.len() < forms.len());
        match (stands(forms), heads.first()) {
            (Stands::Disputed, _) | (_, None) => self.disputed += 1,
            (Stands::Held, _) => self.held += 1,
            (Stands::Counted, Some((_, form))) => {
                self.counted += 1;
                let numbers: Vec<_> = form.counts.iter().map(|count| number(*count)).collect();
                let (votes, ballots) = numbers.split_at(STATIONS);
                self.votes.iter_mut().zip(votes).for_each(|(sum, votes)| *sum += votes);
                self.ballots.iter_mut().zip(ballots).for_each(|(sum, all)| *sum += all);
            }
        }
    }
}

/// How a station stands with these forms: those that no other names are its word.
#[must_use]
pub fn stands(forms: &Forms) -> Stands {
    let named: Vec<_> = forms.iter().filter_map(|(_, form)| form.supersedes).collect();
    let heads: Vec<_> = forms.iter().filter(|(digest, _)| !named.contains(digest)).collect();
    match heads[..] {
        [(_, form)] => {
            let votes: u64 = form.counts[..STATIONS].iter().map(|count| number(*count)).sum();
            let adds_up = votes == number(form.counts[STATIONS]);
            if adds_up { Stands::Counted } else { Stands::Held }
        }
        _ => Stands::Disputed,
    }
}

/// The station that a form speaks for.
#[must_use]
pub fn station_of(form: &TallyForm) -> Option<usize> {
    (0..STATIONS).find(|at| country::station(*at) == form.station.as_str())
}

fn number(count: Count) -> u64 {
    count.number().map_or(0, u64::from)
}
