//! The desk: what its pages share. They read the ledger, and change it through
//! [`Desk::change`] alone, which checks the right and the place, and notes what was asked
//! for before and after it is done.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::account::{Account, AccountName};
use super::deed::{self, Forbidden, allow, needs};
use super::order::Order;
use super::password::{Hashing, PasswordFault};
use super::policy::SecondFactor;
use super::second;
use super::seconding::Seconding;
use super::store::acts::{Deed, Outcome};
use super::store::{Store, StoreFault};
use super::throttle::Throttle;
use crate::changes::{Change, ChangeFault};
use crate::clock;
use crate::codes::CodeKey;
use crate::device::Issuer;
use crate::election::Election;
use crate::home::Home;
use crate::ledger::Ledger;
use crate::photos::Photos;
use crate::sequencer::{Changed, Work};

/// Threads that read the ledger and the desk's file for it; what more is asked for waits.
pub const HANDS: usize = 2;

/// Streams of counters at a time: half of the desk's connections.
pub const STREAMS: usize = 250;

/// Files that are written at a time; whoever asks for one more comes again.
pub const FILES: usize = 4;

/// Photos that are sent at a time, of 8 MiB at most: 128 MiB, where 6 MiB are plausible.
pub const PHOTOS: usize = 16;

/// What the pages of the desk share.
pub struct Desk {
    /// The collector's directory.
    pub home: Home,
    /// The election.
    pub election: Arc<Election>,
    /// Its stations, region by region.
    pub order: Order,
    /// Written by the sequencer alone.
    pub(super) ledger: Arc<RwLock<Ledger>>,
    /// The desk keeps no sequencer alive.
    pub(super) sequencer: mpsc::WeakSender<Work>,
    /// The desk's own file.
    pub(super) store: Store,
    /// Passwords.
    pub hashing: Hashing,
    /// The key of codes.
    pub codes: CodeKey,
    /// What papers are made with.
    pub issuer: Issuer,
    /// Photos of the paper, with hands of its own: whoever looks at them holds up no device.
    pub(super) photos: Photos,
    /// Room for photos that are being sent.
    pub(super) photo_room: Arc<Semaphore>,
    /// Acts that need two people.
    pub(super) seconding: Seconding,
    /// Of whom a second factor is demanded.
    pub(super) second_factor: SecondFactor,
    /// What new devices are told to connect to first, `HOST:PORT`.
    pub collector: String,
    /// Days that a device's certificate lasts.
    pub certificate_days: u16,
    /// Cancelled when the collector is being stopped.
    pub stopping: CancellationToken,
    /// Wrong sign-ins.
    pub(super) throttle: Mutex<Throttle>,
    pub(super) hands: Semaphore,
    /// Places for streams of counters.
    pub(super) streams: Arc<Semaphore>,
    /// Places for files that are being written.
    pub(super) files: Arc<Semaphore>,
}

/// How somebody got past the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    /// The account has none.
    HasNone,
    /// With the telephone's code.
    Code,
    /// With a recovery code; so many are left.
    Recovery(usize),
}

/// Why the desk cannot do what it is asked for, by nobody's fault there.
#[derive(Debug, thiserror::Error)]
pub enum DeskFault {
    /// Its file.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A password.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// The sequencer panicked while it wrote.
    #[error("the ledger is not whole; the collector must be started again")]
    Ledger,
    /// A thread of the desk panicked.
    #[error("a thread of the desk has panicked")]
    Panicked,
    /// The collector ends.
    #[error("the collector is being stopped")]
    Stopping,
}

/// Why a change was not made. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRefusal {
    /// Its asker may not.
    #[error("this account may not do that there")]
    Forbidden(Forbidden),
    /// The roster, or the tally, does not allow it.
    #[error(transparent)]
    Refused(#[from] ChangeFault),
    /// It could not be done; the activity has it as begun.
    #[error(transparent)]
    Fault(#[from] DeskFault),
}

impl Desk {
    /// Asks the desk's file, on a thread that may wait for the disk.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Store) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, DeskFault> {
        let desk = Arc::clone(self);
        self.by_hand(move || ask(&desk.store)).await?.map_err(DeskFault::Store)
    }

    /// Makes a view under the ledger's lock, on a thread of its own: in less than a
    /// millisecond, for the sequencer waits for it.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        view: impl FnOnce(&Ledger) -> T + Send + 'static,
    ) -> Result<T, DeskFault> {
        let desk = Arc::clone(self);
        self.by_hand(move || Ok(view(&*desk.ledger.read().map_err(|_| DeskFault::Ledger)?))).await?
    }

    /// Does something on one of the desk's threads.
    ///
    /// # Errors
    /// [`DeskFault::Panicked`].
    ///
    /// # Panics
    /// Never: the hands are never closed.
    pub async fn by_hand<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DeskFault> {
        let hand = self.hands.acquire().await.expect("never closed");
        let done = spawn_blocking(work).await;
        drop(hand);
        done.map_err(|_| DeskFault::Panicked)
    }

    /// Has a change made for the owner of an account: checked, noted as begun, made, and
    /// noted as done or refused. A crash in between leaves it as begun; the log says whether
    /// it was done. What needs two people is not made so ([`Desk::act`]).
    ///
    /// # Errors
    /// [`ChangeRefusal`].
    pub async fn change(
        self: &Arc<Self>,
        account: &Account,
        change: Change,
    ) -> Result<Changed, ChangeRefusal> {
        if self.seconding.policy.are_for(&change) {
            return Err(ChangeRefusal::Forbidden(Forbidden::Role));
        }
        self.make(account, change).await
    }

    /// [`Desk::change`], whoever has agreed.
    pub(super) async fn make(
        self: &Arc<Self>,
        account: &Account,
        change: Change,
    ) -> Result<Changed, ChangeRefusal> {
        let definition = &self.election.definition;
        let Some(needs) = needs(&change) else {
            return Err(ChangeRefusal::Forbidden(Forbidden::Role));
        };
        allow(account, definition, &needs).map_err(ChangeRefusal::Forbidden)?;
        let deed = deed::deed(account, definition, &needs);
        let begun_ms = clock::now_ms();
        let id = self.ask(move |store| store.begin_act(&deed, begun_ms)).await?;
        let (answer, answered) = oneshot::channel();
        let sequencer = self.sequencer.upgrade().ok_or(DeskFault::Stopping)?;
        let sent = sequencer.send(Work::Change { change, answer }).await;
        drop(sequencer);
        sent.map_err(|_| DeskFault::Stopping)?;
        let changed = answered.await.map_err(|_| DeskFault::Stopping)?;
        let outcome = match &changed {
            Ok(changed) => Outcome::Done(changed.first),
            Err(fault) => Outcome::Refused(fault.to_string()),
        };
        // It is done, or not: that its end could not be noted does not change that.
        if let Err(fault) = self.ask(move |store| store.end_act(id, &outcome)).await {
            warn!(%fault, "the end of an act is not noted at the desk");
        }
        Ok(changed?)
    }

    /// Notes something that was done at the desk itself.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn note(
        self: &Arc<Self>,
        account: &Account,
        kind: &'static str,
        place: &str,
        detail: &str,
    ) -> Result<(), DeskFault> {
        let deed = Deed {
            account: account.name.to_string(),
            full_name: account.full_name.clone(),
            kind,
            place: place.to_owned(),
            regions: String::new(),
            detail: detail.to_owned(),
        };
        let now_ms = clock::now_ms();
        self.ask(move |store| store.note_act(&deed, now_ms)).await
    }

    /// Takes what was typed as an account's second factor; nothing, if it is wrong, or was
    /// taken before. Whoever asks has spent a sign-in for it.
    pub(super) async fn second_of(
        self: &Arc<Self>,
        name: &AccountName,
        typed: &str,
    ) -> Result<Option<Passed>, DeskFault> {
        let (name, typed, now_ms) = (name.clone(), second::plain(typed), clock::now_ms());
        self.ask(move |store| {
            let Some(second) = store.second(&name)? else { return Ok(Some(Passed::HasNone)) };
            if let Some(step) = second.secret.step_of(&typed, second.used, now_ms) {
                return Ok(store.spend_step(&name, step)?.then_some(Passed::Code));
            }
            let is_left = store.spend_recovery(&name, &second::recovery_digest(&typed))?;
            Ok(is_left.then_some(Passed::Recovery(second.recovery.saturating_sub(1))))
        })
        .await
    }

    /// Spends a sign-in; or after which time it may be tried again.
    pub(super) fn spend(&self, name: &AccountName, from: IpAddr) -> Result<(), Duration> {
        // Each change of it is whole.
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.spend(name, from, clock::now_ms())
    }

    /// The password was right.
    pub(super) fn give_back(&self, name: &AccountName, from: IpAddr) {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.give_back(name, from);
    }
}
