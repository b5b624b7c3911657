//! A log of many entries in memory, with some forms in it and witnesses that have cosigned
//! it: what a receipt costs does not depend on what else the log has.

use anyhow::Context as _;
use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::cosignature::{WitnessKey, WitnessPolicy, cosign};
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Kind;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::links::{Link, steps};
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::message::{Logged, Outcome, Outcomes, Standing, ToAgent, ToCollector};
use saksi_proto::note::Note;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_proto::witnessed::{Cosigned, CosignedReceipts, Place, ReceiptsWanted};

/// When all forms arrived, milliseconds since 1970, UTC.
const ARRIVED_MS: u64 = 1_707_915_660_000;

/// A log with forms in the middle, where proofs are longest.
pub struct LargeLog {
    tree: Tree,
    key: SigningKey,
    /// Entry of the first form.
    first: u64,
    forms: Vec<SealedForm>,
    witnesses: u8,
}

impl LargeLog {
    /// One of so many entries, this many of them forms, with so many witnesses.
    ///
    /// # Errors
    /// If a form cannot be sealed.
    pub fn new(entries: u64, forms: u8, witnesses: u8) -> anyhow::Result<Self> {
        let forms = (0..forms).map(form).collect::<anyhow::Result<Vec<_>>>()?;
        let (first, many) = (entries / 2, forms.len() as u64);
        let leaf = |at: u64| match forms.get(usize::try_from(at - first.min(at)).unwrap_or(0)) {
            Some(form) if at >= first => Kind::Form.leaf(ARRIVED_MS, form.bytes()),
            _ => leaf_hash(&at.to_be_bytes()),
        };
        let tree = (0..entries.max(first + many)).map(leaf).collect();
        Ok(Self { tree, key: SigningKey::from_bytes(&[7; 32]), first, forms, witnesses })
    }

    /// Its public key.
    #[must_use]
    pub fn log_key(&self) -> LogKey {
        LogKey { origin: "saksi.example/log".to_owned(), key: self.key.verifying_key() }
    }

    /// The forms.
    #[must_use]
    pub fn forms(&self) -> &[SealedForm] {
        &self.forms
    }

    /// That all of its witnesses must have cosigned.
    ///
    /// # Errors
    /// If they are too many.
    pub fn policy(&self) -> anyhow::Result<WitnessPolicy> {
        let keys = (0..self.witnesses).map(|number| {
            let (name, key) = witness(number);
            WitnessKey::new(&name, key.verifying_key())
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        Ok(WitnessPolicy::new(keys, usize::from(self.witnesses))?)
    }

    /// The signed checkpoint over all of it, without cosignatures.
    #[must_use]
    pub fn note(&self) -> String {
        let (size, root) = (self.tree.size(), self.tree.root());
        Checkpoint { origin: self.log_key().origin, size, root }.sign(&self.key)
    }

    /// The same, cosigned by all witnesses.
    ///
    /// # Errors
    /// Never: a checkpoint of ours is a note.
    pub fn cosigned(&self) -> anyhow::Result<String> {
        let note = self.note();
        let body = Note::parse(&note)?.body.to_owned();
        let line = |number| {
            let (name, key) = witness(number);
            cosign(&name, &key, &body, ARRIVED_MS / 1_000)
        };
        Ok(note + &(0..self.witnesses).map(line).collect::<String>())
    }

    /// The receipt of a form, cosigned or not.
    ///
    /// # Errors
    /// If there is no such form.
    pub fn receipt(&self, form: usize, is_cosigned: bool) -> anyhow::Result<Receipt> {
        let (index, proof) = self.place(form)?;
        let checkpoint = if is_cosigned { self.cosigned()? } else { self.note() };
        Ok(Receipt { index, arrived_ms: ARRIVED_MS, proof, checkpoint })
    }

    /// The answer to the first form for a device that has seen so many entries.
    ///
    /// # Errors
    /// If there is no form.
    pub fn outcomes(&self, known: u64) -> anyhow::Result<ToAgent> {
        let (index, proof) = self.place(0)?;
        let (arrived_ms, standing) = (ARRIVED_MS, Standing::Counted);
        let logged = Logged { index, arrived_ms, proof, checkpoint: 0, standing };
        let (checkpoints, links) = (vec![self.note()], self.links(known));
        let outcomes = vec![Outcome::Logged(logged)];
        Ok(ToAgent::Outcomes(Outcomes { number: 1, checkpoints, links, outcomes }))
    }

    /// The question for cosigned receipts of all forms by a device that has seen so many
    /// entries, and its answer.
    ///
    /// # Errors
    /// Never: its forms are its entries.
    pub fn question(&self, known: u64) -> anyhow::Result<(ToCollector, ToAgent)> {
        let forms = self.forms.iter().map(SealedForm::digest).collect();
        let receipts = (0..self.forms.len()).map(|form| {
            let (index, proof) = self.place(form)?;
            Ok(Some(Place { index, arrived_ms: ARRIVED_MS, proof }))
        });
        let receipts = receipts.collect::<anyhow::Result<_>>()?;
        let (checkpoint, links) = (self.cosigned()?, self.links(known));
        let answer = CosignedReceipts { checkpoint, links, receipts };
        let question = ToCollector::Witnessed(ReceiptsWanted { known, forms });
        Ok((question, ToAgent::Witnessed(Cosigned::Receipts(Box::new(answer)))))
    }

    fn place(&self, form: usize) -> anyhow::Result<(u64, Vec<Digest>)> {
        self.forms.get(form).context("no such form")?;
        let index = self.first + form as u64;
        Ok((index, self.tree.inclusion_proof(index, self.tree.size())))
    }

    fn links(&self, known: u64) -> Vec<Link> {
        let steps = steps(known, [self.tree.size()]);
        let link = |pair: &[u64]| Link(self.tree.consistency_proof(pair[0], pair[1]));
        steps.windows(2).map(link).collect()
    }
}

fn witness(number: u8) -> (String, SigningKey) {
    (format!("newspaper-{number}.example/witness"), SigningKey::from_bytes(&[100 + number; 32]))
}

fn form(number: u8) -> anyhow::Result<SealedForm> {
    let form = TallyForm {
        election: Digest([3; 32]),
        phase: Phase::Rehearsal,
        station: "3204061001013".parse()?,
        contest: format!("c{number}").parse()?,
        revision: 1,
        supersedes: None,
        device_ms: ARRIVED_MS,
        counts: (0..30).map(|at| Count::Written(100 + at)).collect(),
        explanation: None,
        reason: None,
        photos: Vec::new(),
    };
    Ok(SealedForm::seal(&form, &SigningKey::from_bytes(&[42; 32]))?)
}

#[cfg(test)]
mod tests {
    use saksi_agent::proof::prove;

    use super::*;

    #[test]
    fn its_receipts_prove_what_they_say() {
        let log = LargeLog::new(1_000, 3, 2).unwrap();
        let policy = log.policy().unwrap();
        for (at, form) in log.forms().iter().enumerate() {
            let receipt = log.receipt(at, true).unwrap().to_tlog_proof(form.digest());
            let proof = prove(&receipt, form.bytes(), &log.log_key(), Some(&policy)).unwrap();
            assert_eq!((proof.index, proof.entries), (500 + at as u64, 1_000));
            let alone = log.receipt(at, false).unwrap().to_tlog_proof(form.digest());
            assert!(prove(&alone, form.bytes(), &log.log_key(), Some(&policy)).is_err());
        }
    }
}
