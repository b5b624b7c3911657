//! A reader of the journal who takes nobody's word: entries, checkpoints, signatures
//! and the recount, entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use saksi_collector::roster::MAX_KEPT;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Entry, Revocation};
use saksi_proto::seal::SealedForm;

use super::country;
use super::oracle::{Violation, violated};
use super::recount::{Recount, station_of};
use super::storage::Commit;

/// What was read so far.
#[derive(Debug, Default)]
pub struct Reading {
    /// The entries.
    pub entries: Vec<Vec<u8>>,
    /// What they come to.
    pub recount: Recount,
    leaves: Vec<Digest>,
    /// Root at the size of each checkpoint.
    roots: BTreeMap<u64, Digest>,
    forms: BTreeMap<Digest, usize>,
    /// Forms of revoked devices, and of which station.
    evidence: BTreeMap<Digest, usize>,
    /// Stations whose devices are revoked.
    revoked: BTreeSet<usize>,
}

impl Reading {
    /// Reads on. `false`: the journal no longer begins with what was read before.
    ///
    /// # Errors
    /// [`Violation`] if what is new is not right.
    pub fn continue_with<'a>(
        &mut self,
        commits: impl Iterator<Item = &'a Commit>,
        key: &LogKey,
    ) -> Result<bool, Violation> {
        let mut at = 0;
        for commit in commits {
            for entry in &commit.entries {
                match self.entries.get(at) {
                    Some(known) if known == entry => {}
                    Some(_) => return Ok(false),
                    None => self.add(entry)?,
                }
                at += 1;
            }
            if !self.roots.contains_key(&commit.size()) {
                self.check(commit, key)?;
            }
        }
        Ok(at == self.entries.len())
    }

    /// The root of the checkpoint over so many entries.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        self.roots.get(&size).copied()
    }

    /// The root of the last checkpoint.
    #[must_use]
    pub fn last_root(&self) -> Option<Digest> {
        self.roots.last_key_value().map(|(_, root)| *root)
    }

    /// The first form of a station.
    #[must_use]
    pub fn form_of(&self, station: usize) -> Option<Vec<u8>> {
        let of = |forms: &super::recount::Forms| forms.first().map(|(digest, _)| *digest);
        let mut found = self.recount.forms.iter().filter(|((_, at), _)| *at == station);
        let digest = found.next().and_then(|(_, forms)| of(forms))?;
        let entry = self.forms.get(&digest).map(|at| &self.entries[*at])?;
        match Entry::decode(entry) {
            Ok(Entry::Form(arrival)) => Some(arrival.sealed),
            _ => None,
        }
    }

    /// Whether a form of a station may be refused because its device was revoked: it is
    /// kept as evidence, or as many are as are kept of one device.
    #[must_use]
    pub fn is_late(&self, form: Digest, station: usize) -> bool {
        let of_station = self.evidence.values().filter(|of| **of == station).count();
        self.evidence.contains_key(&form) || of_station >= MAX_KEPT
    }

    fn add(&mut self, entry: &[u8]) -> Result<(), Violation> {
        let at = self.entries.len();
        match Entry::decode(entry) {
            Ok(Entry::Form(arrival)) => self.check_form(at, arrival.sealed, false)?,
            Ok(Entry::Evidence(evidence)) => self.check_form(at, evidence.arrival.sealed, true)?,
            Ok(Entry::Enrolment(enrolment)) => {
                self.revoked.retain(|at| country::station(*at) != enrolment.station.as_str());
            }
            Ok(Entry::Revocation(Revocation { station, .. })) => {
                let mut all = 0..country::STATIONS;
                self.revoked.extend(all.find(|at| country::station(*at) == station.as_str()));
            }
            _ => {}
        }
        if let Err(words) = self.recount.add(entry) {
            return violated("everything in the journal can be read", words);
        }
        self.leaves.push(Digest::of_parts(&[&[0], entry]));
        self.entries.push(entry.to_vec());
        Ok(())
    }

    fn check_form(
        &mut self,
        at: usize,
        sealed: Vec<u8>,
        is_evidence: bool,
    ) -> Result<(), Violation> {
        const FORGED: &str = "nothing forged is in the journal";
        let Ok(sealed) = SealedForm::from_bytes(sealed) else { return violated(FORGED, "bytes") };
        let Ok(form) = sealed.open() else { return violated(FORGED, "no form") };
        let Some(station) = station_of(&form) else { return violated(FORGED, "no station") };
        if !sealed.is_signed_by(&country::key(station).verifying_key()) {
            return violated(FORGED, format!("entry {at} is not signed by station {station}"));
        }
        if self.revoked.contains(&station) != is_evidence {
            let words = format!("entry {at}, of station {station}");
            return violated("a revoked device is heard as evidence, and no other", words);
        }
        // What was evidence may come again from a device that is enrolled again; what was
        // counted is no evidence.
        let digest = sealed.digest();
        let first = self.forms.get(&digest).copied();
        let first = if is_evidence {
            first.or_else(|| self.evidence.insert(digest, station).map(|_| at))
        } else {
            self.forms.insert(digest, at)
        };
        if let Some(first) = first {
            let words = format!("the form of entry {first} is also entry {at}");
            return violated("the same form is one entry", words);
        }
        Ok(())
    }

    fn check(&mut self, commit: &Commit, key: &LogKey) -> Result<(), Violation> {
        const ORACLE: &str = "checkpoints are consistent";
        let size = commit.size();
        let checkpoint = match key.open(&commit.checkpoint) {
            Ok(checkpoint) => checkpoint,
            Err(fault) => return violated(ORACLE, format!("over {size} entries: {fault}")),
        };
        let covered = usize::try_from(size).ok().and_then(|size| self.leaves.get(..size));
        let root = covered.map(root);
        if checkpoint.size != size || Some(checkpoint.root) != root {
            return violated(ORACLE, format!("the one over {size} entries is of other entries"));
        }
        self.roots.insert(size, checkpoint.root);
        Ok(())
    }
}

/// RFC 6962, section 2.1, word for word.
fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Digest::of_parts(&[&[1], &root(left).0, &root(right).0])
        }
    }
}
