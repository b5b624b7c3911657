//! What must hold after every step, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use saksi_agent::delivery::State;
use saksi_agent::forward::outbox::Keep as _;
use saksi_agent::ledger::Known;
use saksi_collector::sequencer::Answer;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Arrival, Entry};
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;

use super::centre::{Centre, Handed, Serving};
use super::country::{DEVICES, NOT_HELD};
use super::device::Device;
use super::published;
use super::reading::Reading;

/// Something that must never be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{oracle}: {words}")]
pub struct Violation {
    /// What should have held.
    pub oracle: &'static str,
    /// What was found.
    pub words: String,
}

/// A violation in words.
pub fn violated<T>(oracle: &'static str, words: impl Into<String>) -> Result<T, Violation> {
    Err(Violation { oracle, words: words.into() })
}

/// A receipt that has left the collector, and the entry that it promises.
struct Promise {
    receipt: Receipt,
    entry: Vec<u8>,
}

/// All that was promised so far, to whom, and what was seen of the journal.
pub struct Oracle {
    log_key: LogKey,
    /// What a power cut would leave of the journal.
    certain: Reading,
    /// What the collector reads.
    visible: Reading,
    promises: BTreeMap<Digest, Promise>,
    /// Forms of each device whose officers were told *stored*.
    stored: [BTreeSet<Digest>; DEVICES],
    /// Forms of each device that it once called received.
    received: [BTreeSet<Digest>; DEVICES],
}

impl Oracle {
    /// Knows the log's key and nothing else.
    #[must_use]
    pub fn new(log_key: LogKey) -> Self {
        Self {
            log_key,
            certain: Reading::default(),
            visible: Reading::default(),
            promises: BTreeMap::new(),
            stored: Default::default(),
            received: Default::default(),
        }
    }

    /// Officers were told that a form is stored.
    pub fn told_stored(&mut self, device: usize, form: Digest) {
        self.stored[device].insert(form);
    }

    /// A form of a station that was seen in the journal.
    #[must_use]
    pub fn form_of(&self, station: usize) -> Option<Vec<u8>> {
        self.certain.form_of(station)
    }

    /// Answers leave the collector: each names an entry of the journal, and the same
    /// form gets the same receipt for ever.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn handed(&mut self, centre: &Centre, handed: &Handed) -> Result<(), Violation> {
        self.journal(centre)?;
        self.read_on(centre)?;
        for (form, answer) in handed.forms.iter().zip(&handed.answers) {
            if let Ok(Answer { receipt, standing, .. }) = answer {
                self.promise(form, receipt)?;
                published::stands_as_told(form, *standing, &self.visible.recount)?;
            }
        }
        self.promises_hold()
    }

    fn promise(&mut self, form: &[u8], receipt: &Receipt) -> Result<(), Violation> {
        const ORACLE: &str = "every receipt names an entry of the journal";
        let Ok(sealed) = SealedForm::from_bytes(form.to_vec()) else {
            return violated(ORACLE, "it is for bytes that are no form");
        };
        let form = sealed.digest();
        if let Some(first) = self.promises.get(&form).map(|promise| &promise.receipt) {
            if first == receipt {
                return Ok(());
            }
            let words = format!("entry {}, and now entry {}", first.index, receipt.index);
            let words = format!("{}: {words}", form.short());
            return violated("the same form has the same receipt", words);
        }
        let checkpoint = match receipt.verify(&sealed, &self.log_key) {
            Ok(checkpoint) => checkpoint,
            Err(fault) => return violated(ORACLE, format!("{}: {fault}", form.short())),
        };
        if self.certain.root_at(checkpoint.size) != Some(checkpoint.root) {
            let words = format!("{} leads to a checkpoint over {}", form.short(), checkpoint.size);
            return violated(ORACLE, format!("{words} that the journal does not have"));
        }
        let arrived_ms = receipt.arrived_ms;
        let entry = Entry::Form(Arrival { arrived_ms, sealed: sealed.into_bytes() }).encode();
        self.promises.insert(form, Promise { receipt: receipt.clone(), entry });
        Ok(())
    }

    /// The journal only grows, its checkpoints are consistent, what it has is signed
    /// and stands in it once, and every promise holds.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn journal(&mut self, centre: &Centre) -> Result<(), Violation> {
        let room = centre.shelf.0.borrow();
        if !self.certain.continue_with(room.disk.certain(), &self.log_key)? {
            let words = format!("it had {} entries, and not these", self.certain.entries.len());
            return violated("the journal only grows", words);
        }
        self.promises_hold()
    }

    fn promises_hold(&self) -> Result<(), Violation> {
        for (form, promise) in &self.promises {
            let index = promise.receipt.index;
            let entry = usize::try_from(index).ok().and_then(|at| self.certain.entries.get(at));
            if entry != Some(&promise.entry) {
                let words = format!("{} was promised entry {index}", form.short());
                let found = entry.map_or("which is not there for certain", |_| "which is another");
                return violated(
                    "every receipt names an entry of the journal",
                    format!("{words}, {found}"),
                );
            }
        }
        Ok(())
    }

    /// Reads what the collector reads.
    fn read_on(&mut self, centre: &Centre) -> Result<(), Violation> {
        let room = centre.shelf.0.borrow();
        if !self.visible.continue_with(room.disk.visible(), &self.log_key)? {
            self.visible = Reading::default();
            self.visible.continue_with(room.disk.visible(), &self.log_key)?;
        }
        Ok(())
    }

    /// Everything that is published is the recount of the journal.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn totals(&mut self, centre: &Centre) -> Result<(), Violation> {
        let Some(Serving { ledger, .. }) = &centre.running else { return Ok(()) };
        self.read_on(centre)?;
        let ledger = ledger.read().expect("no other thread");
        let (size, wanted) = (ledger.position.size, self.visible.entries.len() as u64);
        if size != wanted || ledger.position.root != self.visible.root_at(size) {
            return violated("totals name their position", format!("{size} of {wanted} entries"));
        }
        published::is_the_recount(&ledger, &self.visible.recount)
    }

    /// A device has every form that it said *stored* of, and each is on the work list
    /// or was answered.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn device(&mut self, number: usize, device: &Device) -> Result<(), Violation> {
        const VANISHED: &str = "what was stored never vanishes";
        let ledger = device.drawer.ledger();
        for form in &self.stored[number] {
            let is_known = ledger.form(*form).is_some() && device.drawer.sealed(*form).is_ok();
            let is_there = is_known || device.running.is_none();
            if !is_there || !device.drawer.is_certain(*form) {
                return violated(VANISHED, format!("{} of device {number}", form.short()));
            }
        }
        self.seen(number, device)?;
        if device.running.is_none() {
            return Ok(());
        }
        let due: BTreeSet<_> = ledger.due().map(|known| known.digest).collect();
        let mut revisions = BTreeSet::new();
        for known in ledger.all() {
            // A refused form says nothing: another may be entered in its place.
            let says = !matches!(known.delivery.state, State::Refused { .. });
            if says && !revisions.insert((known.contest, known.revision)) {
                let words = format!("device {number}, contest {}", known.contest);
                return violated("a device never contradicts itself", words);
            }
            let form = known.digest;
            let fault = match &known.delivery.state {
                State::Received { .. } => None,
                _ if self.received[number].contains(&form) => Some("was received, and is not"),
                State::Stored | State::Sent { .. } if due.contains(&form) => None,
                State::Stored | State::Sent { .. } => Some("is neither answered nor due"),
                State::Refused { .. } if is_stray(known) => None,
                State::Refused { .. } if self.certain.is_late(form, device.station) => None,
                State::Refused { .. } => Some("was refused, and is a good form"),
            };
            if let Some(fault) = fault.or_else(|| self.without_receipt(device, known)) {
                let words = format!("{} of device {number} {fault}", form.short());
                return violated("entered = receipted + refused + waiting", words);
            }
            if let State::Received { .. } = known.delivery.state {
                self.received[number].insert(form);
            }
        }
        Ok(())
    }

    /// What a device has seen of the log is the log, and no receipt that it has leads
    /// further: a collector that rolls back is noticed by every device that saw more.
    fn seen(&self, number: usize, device: &Device) -> Result<(), Violation> {
        const ORACLE: &str = "a device has seen the log as far as its receipts lead";
        let seen = device.drawer.seen().ok().flatten().map(|seen| seen.checkpoint);
        let size = seen.as_ref().map_or(0, |seen| seen.size);
        if seen.is_some_and(|seen| self.certain.root_at(size) != Some(seen.root)) {
            return violated(ORACLE, format!("device {number}: {size} entries of another log"));
        }
        for known in device.drawer.ledger().all() {
            let receipt = device.drawer.receipt(known.digest);
            let line = receipt.as_ref().and_then(|receipt| receipt.checkpoint.lines().nth(1));
            let leads_to = line.and_then(|line| line.parse::<u64>().ok());
            if let Some(beyond) = leads_to.filter(|leads_to| *leads_to > size) {
                let words = format!("device {number}: {size} entries, a receipt to {beyond}");
                return violated(ORACLE, words);
            }
        }
        Ok(())
    }

    fn without_receipt(&self, device: &Device, known: &Known) -> Option<&'static str> {
        let State::Received { index, .. } = known.delivery.state else { return None };
        let promise = self.promises.get(&known.digest).map(|promise| &promise.receipt);
        let kept = device.drawer.receipt(known.digest);
        let has_it =
            promise.is_some_and(|promise| promise.index == index) && promise == kept.as_ref();
        (!has_it).then_some("is called received without its receipt")
    }

    /// Faults have stopped: everything was answered, and every receipt verifies.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn at_rest(&self, number: usize, device: &Device) -> Result<(), Violation> {
        let ledger = device.drawer.ledger();
        let waiting = ledger.waiting();
        if device.running.is_none() || waiting > 0 {
            let words = format!("{waiting} forms wait in device {number}");
            return violated("every outbox drains when faults stop", words);
        }
        for form in &self.stored[number] {
            let receipt = device.drawer.receipt(*form);
            let sealed = device.drawer.sealed(*form);
            let proven = receipt
                .zip(sealed.ok())
                .is_some_and(|(receipt, sealed)| receipt.verify(&sealed, &self.log_key).is_ok());
            let is_late = self.certain.is_late(*form, device.station);
            if !proven && !is_late && !ledger.form(*form).is_some_and(is_stray) {
                let words = format!("{} of device {number}", form.short());
                return violated("every stored form has a receipt in the end", words);
            }
        }
        Ok(())
    }

    /// How the forms of the journal stand.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.visible
    }
}

/// Whether the collector must refuse a form.
fn is_stray(known: &Known) -> bool {
    known.contest.as_str() == NOT_HELD
}
