//! What the small collector says to questions for cosigned receipts.

use saksi_proto::SigningKey;
use saksi_proto::bundle::Papers;
use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::cosignature::{WitnessKey, WitnessPolicy, cosign};
use saksi_proto::digest::Digest;
use saksi_proto::links::{Link, steps};
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::message::ToAgent;
use saksi_proto::note::Note;
use saksi_proto::policy::Policy;
use saksi_proto::refusal::Farewell;
use saksi_proto::witnessed::{Cosigned, CosignedReceipts, Place, ReceiptsWanted};

use super::{Heard, Seen, Session, TOLD_MS};

/// What is said to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    /// Receipts under a checkpoint that so many witnesses have cosigned.
    By(u8),
    /// As by two, and the second has signed something else.
    Forged,
    /// As by two, of a log that has not grown from the one before.
    Forked,
    /// As by two, with another time of arrival.
    OtherEntry,
    /// As by two, with the receipt of one form at most.
    OnlyOne,
    /// Nothing yet; again after so many milliseconds.
    NotYet(u32),
    /// It does not know the question.
    Unknown,
}

fn witness(number: u8) -> (String, SigningKey) {
    (format!("w{number}.example"), SigningKey::from_bytes(&[100 + number; 32]))
}

/// The papers' policy that wants so many of two witnesses.
pub(crate) fn policy(papers: &Papers, needed: usize) -> String {
    let keys = [1, 2].map(witness);
    let keys = keys.map(|(name, key)| WitnessKey::new(&name, key.verifying_key()).unwrap());
    let witnesses = WitnessPolicy::new(keys.to_vec(), needed).unwrap();
    Policy { logs: vec![papers.log_key.parse().unwrap()], witnesses }.to_string()
}

impl Session {
    pub(super) fn cosigned(&self, wanted: &ReceiptsWanted) -> ToAgent {
        let mut seen = self.seen.lock().unwrap();
        seen.heard.push(Heard::Question(wanted.forms.len()));
        let say = seen.to_questions.pop_front().unwrap_or(Say::By(2));
        match say {
            Say::NotYet(after_ms) => ToAgent::Witnessed(Cosigned::NotYet { after_ms }),
            Say::Unknown => ToAgent::Farewell(Farewell::MalformedMessage),
            say => ToAgent::Witnessed(Cosigned::Receipts(Box::new(
                self.compose(&mut seen, say, wanted),
            ))),
        }
    }

    fn compose(&self, seen: &mut Seen, say: Say, wanted: &ReceiptsWanted) -> CosignedReceipts {
        // Something has come since: it is a larger checkpoint than that of the forms.
        seen.log.push(leaf_hash(b"after"));
        let log = &seen.log;
        let other: Tree = (0..log.size()).map(|at| leaf_hash(&at.to_be_bytes())).collect();
        let shown = if say == Say::Forked { &other } else { log };
        let (size, root) = (shown.size(), shown.root());
        let mut checkpoint = Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.log);
        let body = Note::parse(&checkpoint).unwrap().body.to_owned();
        let by = if let Say::By(many) = say { many } else { 2 };
        for (name, key) in (1..=by).map(witness) {
            let is_forged = say == Say::Forged && name == "w2.example";
            let body = if is_forged { "test/log\n12\n" } else { &body };
            checkpoint += &cosign(&name, &key, body, TOLD_MS / 1_000);
        }
        let steps = steps(wanted.known, [size]);
        let link = |pair: &[u64]| Link(shown.consistency_proof(pair[0], pair[1]));
        let place = |(at, form): (usize, &Digest)| {
            let index = *seen.index.get(form).filter(|_| say != Say::OnlyOne || at == 0)?;
            let arrived_ms = TOLD_MS + u64::from(say == Say::OtherEntry);
            Some(Place { index, arrived_ms, proof: shown.inclusion_proof(index, size) })
        };
        CosignedReceipts {
            links: steps.windows(2).map(link).collect(),
            receipts: wanted.forms.iter().enumerate().map(place).collect(),
            checkpoint,
        }
    }
}
