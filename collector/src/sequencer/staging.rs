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
    /// Most forms of one station for one contest.
    station_forms: usize,
    /// How many of them are of each device.
    of_device: HashMap<[u8; 32], usize>,
}

impl<'a> Staging<'a> {
    pub(super) fn new(ledger: &'a Ledger, station_forms: usize) -> Self {
        Self { ledger, known: HashSet::new(), station_forms, of_device: HashMap::new() }
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
        let (there, most) = match ticket {
            Ticket::Form(FormName { contest, station, .. }) => {
                let there = self.ledger.tally.station(*contest, *station);
                (there.map_or(0, |revisions| revisions.all().len()), self.station_forms)
            }
            Ticket::Rehearsal(station, _) => {
                let device = roster.device(*station);
                (device.map_or(0, |device| device.rehearsals.len()), MAX_KEPT)
            }
            Ticket::Evidence(key, _) => {
                (roster.former(key).map_or(0, |former| former.evidence.len()), MAX_KEPT)
            }
        };
        let now = self.of_device.entry(voice.key.to_bytes()).or_default();
        if there + *now >= most {
            return Err(Refused::new(Refusal::TooMany, format!("{most} are kept of one device")));
        }
        *now += 1;
        Ok(self.known.insert(*digest))
    }
}
