//! What of a batch is new: a form that stands in the log already, or twice in the batch,
//! becomes one entry.

use std::collections::{HashMap, HashSet};

use saksi_proto::digest::Digest;
use saksi_proto::refusal::Refusal;

use crate::admission::{Refused, Ticket, Voice};
use crate::ledger::Ledger;
use crate::reading::FormName;
use crate::roster::MAX_KEPT;

/// Forms that are about to be committed together.
pub(super) struct Staging<'a> {
    ledger: &'a Ledger,
    known: HashSet<Digest>,
    /// For each device, how many of them add to no total.
    kept: HashMap<[u8; 32], usize>,
}

impl<'a> Staging<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, known: HashSet::new(), kept: HashMap::new() }
    }

    /// Whether a form is neither in the log nor about to be.
    pub(super) fn is_new(&mut self, voice: &Voice, ticket: &Ticket) -> Result<bool, Refused> {
        let (Ticket::Form(FormName { digest, .. })
        | Ticket::Rehearsal(_, digest)
        | Ticket::Evidence(_, FormName { digest, .. })) = ticket;
        if self.known.contains(digest) || self.ledger.find(ticket).is_some() {
            return Ok(false);
        }
        let roster = &self.ledger.roster;
        let kept = match ticket {
            Ticket::Form(_) => None,
            Ticket::Rehearsal(station, _) => {
                roster.device(*station).map(|device| device.rehearsals.len())
            }
            Ticket::Evidence(key, _) => roster.former(key).map(|former| former.evidence.len()),
        };
        if let Some(kept) = kept {
            let now = self.kept.entry(voice.key.to_bytes()).or_default();
            if kept + *now >= MAX_KEPT {
                let detail = format!("{MAX_KEPT} are kept of one device");
                return Err(Refused::new(Refusal::TooMany, detail));
            }
            *now += 1;
        }
        Ok(self.known.insert(*digest))
    }
}
