//! The forwarder: takes due forms to a collector and brings receipts back.
//!
//! What to do next and what an answer changes is in [`outbox`], without sockets and
//! clocks; those are in `link` and `session`. A form is called received only after its
//! receipt was verified and kept.

pub(crate) mod accusation;
pub(crate) mod answer;
mod carried;
pub(crate) mod fault;
pub(crate) mod link;
mod looks;
pub mod outbox;
mod photos;
pub(crate) mod plan;
mod renewal;
mod retry;
pub(crate) mod session;
mod upload;
mod witnessed;
mod witnessing;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::time::Duration;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::message::{Hello, Renewal, Welcome};
use saksi_proto::seal::SealedForm;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use crate::clock::Clock;
use crate::desk::Desk;
use crate::seen::Seen;
use crate::store::StoreFault;
use accusation::is_of_the_log;
use fault::LinkFault;
use link::Dialler;
pub use link::TlsFault;
use looks::Looks;
use outbox::{Keep as _, Moment, Outbox, Sent};
pub use plan::Step;
use renewal::Renewals;
pub use retry::{Rests, Retry};
use session::Session;
use witnessed::Turn;
use witnessing::Witnessing;

/// How a forwarder works.
#[derive(Debug, Clone, Default)]
pub struct Forwarding {
    /// Collectors in the place of the bundle's, in the order to try; none keeps those.
    pub collectors: Vec<CollectorAddress>,
    /// How patiently to retry.
    pub retry: Retry,
}

/// When a forwarder is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// When nothing is due.
    NothingIsDue,
    /// Never: it waits for more.
    Stopped,
}

/// What a forwarder did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Forms whose receipt was verified and kept.
    pub received: usize,
    /// Forms refused for good.
    pub refused: usize,
    /// Receipts that lead to a cosigned checkpoint and were kept.
    pub cosigned: usize,
    /// Forms of other stations whose receipt was verified and kept.
    pub carried: usize,
    /// Photos that have arrived.
    pub photos: usize,
    /// Connections that were welcomed.
    pub sessions: usize,
    /// Times that the device got new papers.
    pub renewals: usize,
    /// Attempts at one collector that failed.
    pub failures: usize,
}

/// Why a forwarder cannot go on. A link that fails is none of these.
#[derive(Debug, thiserror::Error)]
pub enum ForwardFault {
    /// The device cannot speak TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// How one session ended early.
enum Broken {
    Link(LinkFault),
    Store(StoreFault),
}

impl From<LinkFault> for Broken {
    fn from(fault: LinkFault) -> Self {
        Broken::Link(fault)
    }
}

impl From<StoreFault> for Broken {
    fn from(fault: StoreFault) -> Self {
        Broken::Store(fault)
    }
}

/// Takes due forms to a collector, one session at a time.
pub(crate) struct Forwarder<'a> {
    desk: &'a Desk,
    dialler: Dialler,
    /// Collectors in the place of those of the papers.
    own: Vec<CollectorAddress>,
    began: Instant,
    outbox: Outbox,
    renewals: Renewals,
    witnessing: Witnessing,
    looks: Looks,
    start: Duration,
    /// Collectors that were told what the device has seen of their log, and how much.
    accused: HashSet<(String, u64)>,
    delivered: Delivered,
}

impl<'a> Forwarder<'a> {
    pub(crate) fn new(desk: &'a Desk, forwarding: &Forwarding) -> Result<Self, TlsFault> {
        Ok(Self {
            desk,
            dialler: Dialler::new(desk.identity(), desk.clock())?,
            own: forwarding.collectors.clone(),
            began: Instant::now(),
            outbox: Outbox::new(forwarding.retry, desk.identity().log_key().clone()),
            renewals: Renewals::default(),
            witnessing: Witnessing::new(chance()),
            looks: Looks::default(),
            start: forwarding.retry.start,
            accused: HashSet::new(),
            delivered: Delivered::default(),
        })
    }

    /// Delivers what is due, and what becomes due.
    pub(crate) async fn run(mut self, until: Until) -> Result<Delivered, ForwardFault> {
        self.outbox.rest_until(self.start.mul_f64(chance()));
        loop {
            let step = self.next_step();
            match step {
                Step::Send => self.attempt().await?,
                Step::Idle if until == Until::NothingIsDue => return Ok(self.delivered),
                Step::Idle => self.idle().await?,
                Step::RestUntil(time) => tokio::select! {
                    () = tokio::time::sleep_until(self.began + time) => {}
                    () = self.desk.bell().notified() => self.outbox.wake(),
                },
            }
        }
    }

    /// Nothing is due: waits for something new, or until the papers are to be renewed, the
    /// centre is to be asked what it has to say, or a receipt may be cosigned.
    async fn idle(&mut self) -> Result<(), StoreFault> {
        let (papers, now) = (self.desk.identity().papers(), self.now());
        let look_at = self.look_at();
        let call_at = self.renewals.call_at(&papers, (now.since, now.now_ms), chance());
        let witness_at = self.witness_at();
        let asks = self.began + witness_at.unwrap_or_default();
        tokio::select! {
            () = tokio::time::sleep_until(asks), if witness_at.is_some() => {
                self.witnessing.called(self.began.elapsed(), chance());
                self.attempt().await
            }
            () = tokio::time::sleep_until(self.began + call_at) => {
                self.renewals.called(self.began.elapsed());
                self.attempt().await
            }
            () = tokio::time::sleep_until(self.began + look_at.unwrap_or(call_at)), if look_at.is_some() => {
                self.call_to_look().await
            }
            () = self.desk.bell().notified() => {
                self.outbox.wake();
                if self.desk.looking().is_wanted() { self.call_to_look().await } else { Ok(()) }
            }
        }
    }

    /// Calls for nothing but a look; if nobody is there, not again before a rest.
    async fn call_to_look(&mut self) -> Result<(), StoreFault> {
        self.looks.looked(self.began.elapsed(), chance());
        self.desk.looking().begin();
        let ended = self.attempt().await;
        self.desk.looking().end();
        ended
    }

    fn now(&self) -> Moment {
        Moment { since: self.began.elapsed(), now_ms: self.desk.clock().now_ms() }
    }

    /// Tries each collector in turn until one took everything.
    async fn attempt(&mut self) -> Result<(), StoreFault> {
        let collectors = match &self.own[..] {
            [] => self.desk.identity().papers().collectors.clone(),
            own => own.to_vec(),
        };
        for (at, collector) in collectors.iter().enumerate() {
            match self.session(collector).await {
                Ok(()) => {
                    self.outbox.ended(self.began.elapsed());
                    return Ok(());
                }
                Err(Broken::Store(fault)) => return Err(fault),
                Err(Broken::Link(fault)) => {
                    let is_last = at + 1 == collectors.len();
                    self.failed(collector, &fault, is_last)?;
                    if is_of_the_log(fault.reason()) {
                        self.accuse(collector).await;
                    }
                }
            }
        }
        Ok(())
    }

    fn failed(
        &mut self,
        collector: &CollectorAddress,
        fault: &LinkFault,
        is_last: bool,
    ) -> Result<(), StoreFault> {
        self.delivered.failures += 1;
        let address = &collector.address;
        if let LinkFault::Answer(_) = fault {
            tracing::error!(%address, %fault, "a receipt was not believed or not kept; its form stays due");
        } else {
            tracing::warn!(%address, %fault, "an attempt to deliver failed");
        }
        let (now, detail) = (self.now(), format!("{address}: {fault}"));
        self.photo_failed(fault.reason(), &detail);
        self.carrying_failed(fault.reason(), &detail);
        let mut store = self.desk.store();
        let rest = (is_last, chance());
        self.outbox.failed(&mut *store, (fault.reason(), &detail), rest, now)
    }

    /// One session with one collector, for as long as anything is due: forms, then those of
    /// others, one look at what the centre has to say, photos while no form is, and then receipts that lead to a cosigned checkpoint.
    async fn session(&mut self, collector: &CollectorAddress) -> Result<(), Broken> {
        let (mut session, welcome) = self.begin(collector).await?;
        self.delivered.sessions += 1;
        self.desk.learn(welcome.now_ms)?;
        let (mut upload, mut has_looked) = (None, false);
        loop {
            let now = self.now();
            let batch = self.outbox.next_batch(&mut *self.desk.store(), now)?;
            if batch.is_empty() {
                if self.carry_turn(&mut session).await? {
                    continue;
                }
                if !std::mem::replace(&mut has_looked, true) {
                    self.look(&mut session).await?;
                    continue;
                }
                if self.photo_turn(&mut session, &mut upload).await? {
                    continue;
                }
                match self.witness_turn(&mut session).await? {
                    Turn::More => continue,
                    Turn::Over => break,
                    // Everything was answered before: nothing else suffers from it.
                    Turn::Broken => return Ok(()),
                }
            }
            let seen = self.desk.store().seen()?;
            let known = seen.as_ref().map_or(0, Seen::entries);
            session.submit(known, batch.iter().map(|form| form.bytes().to_vec()).collect()).await?;
            let now = self.now();
            self.outbox.sent(&mut *self.desk.store(), &batch, now)?;
            let outcomes = session.outcomes(batch.len()).await?;
            let now = self.now();
            let sent = Sent { batch: &batch, seen: seen.as_ref() };
            let settled = self.outbox.settle(&mut *self.desk.store(), sent, outcomes, now)?;
            self.delivered.received += settled.received;
            if settled.received > 0 {
                self.witnessing.received(batch.iter().map(SealedForm::digest));
            }
            self.delivered.refused += settled.refused;
            if let Some(fault) = settled.fault {
                return Err(LinkFault::from(fault).into());
            }
        }
        match self.renew(&mut session).await {
            Ok(()) => session.end().await,
            // Everything was answered before: nothing else suffers from it.
            Err(fault) => tracing::warn!(%fault, "new papers were asked for, and did not come"),
        }
        Ok(())
    }

    /// Connects to a collector and is welcomed.
    async fn begin(
        &self,
        collector: &CollectorAddress,
    ) -> Result<(Session<TlsStream<TcpStream>>, Welcome), LinkFault> {
        let stream = self.dialler.dial(collector).await?;
        let hello = Hello {
            election: self.desk.identity().election().digest,
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            device_ms: Clock::system_ms(),
        };
        Session::begin(stream, hello).await
    }

    /// Asks for new papers if it is time. They are used from the next connection on;
    /// those that do not fit are not kept, and the present ones stay.
    async fn renew<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        session: &mut Session<S>,
    ) -> Result<(), LinkFault> {
        let (identity, now) = (self.desk.identity(), self.now());
        if !self.renewals.is_due(&identity.papers(), now.since, now.now_ms) {
            return Ok(());
        }
        self.renewals.asked(now.since, Duration::ZERO);
        let papers = match session.renew().await? {
            Renewal::Papers(papers) => *papers,
            Renewal::Later { after_ms } => {
                self.renewals.asked(now.since, Duration::from_millis(after_ms.into()));
                return Ok(());
            }
        };
        if let Err(fault) = identity.renew(self.desk.directory(), papers) {
            tracing::error!(%fault, "the new papers are not taken; the present ones stay");
            return Ok(());
        }
        self.delivered.renewals += 1;
        tracing::info!(until_ms = identity.certified_until_ms(), "the device has new papers");
        match Dialler::new(identity, self.desk.clock()) {
            Ok(dialler) => self.dialler = dialler,
            Err(fault) => tracing::error!(%fault, "the new papers cannot be used yet"),
        }
        Ok(())
    }
}

/// A random number from 0 to 1.
pub(crate) fn chance() -> f64 {
    // Without randomness there is no spread, and nothing else is lost.
    f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX)
}
