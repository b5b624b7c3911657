//! The forwarder: takes due forms to a collector and brings receipts back.
//!
//! What to do next and what an answer means is pure (`plan`); sockets are in
//! `link` and `session`. A form is called received only after its receipt was
//! verified and kept.

mod fault;
mod link;
mod plan;
mod retry;
mod session;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use std::time::Duration;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::digest::Digest;
use saksi_proto::message::{Hello, Outcomes};
use saksi_proto::seal::SealedForm;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::delivery::{Answer, Delivery, Failure};
use crate::desk::Desk;
use crate::reason::Reason;
use crate::store::StoreFault;
use fault::LinkFault;
use link::Dialler;
pub use link::TlsFault;
use plan::{Plan, Step, Verdict, judge};
use retry::Rests;
pub use retry::Retry;
use session::{MAX_BATCH_BYTES, Session};

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
    /// Connections that were welcomed.
    pub sessions: usize,
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
    collectors: Vec<CollectorAddress>,
    began: Instant,
    plan: Plan,
    rests: Rests,
    start: Duration,
    delivered: Delivered,
}

impl<'a> Forwarder<'a> {
    pub(crate) fn new(desk: &'a Desk, forwarding: &Forwarding) -> Result<Self, TlsFault> {
        let own = &forwarding.collectors[..];
        let collectors = if own.is_empty() { desk.identity().collectors() } else { own };
        Ok(Self {
            desk,
            dialler: Dialler::new(desk.identity(), desk.clock())?,
            collectors: collectors.to_vec(),
            began: Instant::now(),
            plan: Plan::default(),
            rests: Rests::new(forwarding.retry),
            start: forwarding.retry.start,
            delivered: Delivered::default(),
        })
    }

    /// Delivers what is due, and what becomes due.
    pub(crate) async fn run(mut self, until: Until) -> Result<Delivered, ForwardFault> {
        self.plan.rest(jitter(self.start));
        loop {
            match self.step() {
                Step::Send => self.attempt().await?,
                Step::Idle if until == Until::NothingIsDue => return Ok(self.delivered),
                Step::Idle => {
                    self.desk.bell().notified().await;
                    self.plan.end_rest();
                }
                Step::RestUntil(time) => tokio::select! {
                    () = tokio::time::sleep_until(self.began + time) => {}
                    () = self.desk.bell().notified() => self.plan.end_rest(),
                },
            }
        }
    }

    fn step(&self) -> Step {
        let store = self.desk.store();
        let due = store.ledger().due().map(|known| known.digest);
        self.plan.step(due, self.now())
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Tries each collector in turn until one took everything.
    async fn attempt(&mut self) -> Result<(), StoreFault> {
        let collectors = self.collectors.clone();
        for (at, collector) in collectors.iter().enumerate() {
            let answered = self.delivered.received + self.delivered.refused;
            let fault = match self.session(collector).await {
                Ok(()) => {
                    self.rests.begin_again();
                    return Ok(());
                }
                Err(Broken::Store(fault)) => return Err(fault),
                Err(Broken::Link(fault)) => fault,
            };
            if self.delivered.received + self.delivered.refused > answered {
                self.rests.begin_again();
            }
            let is_last = at + 1 == collectors.len();
            self.failed(collector, &fault, is_last)?;
        }
        Ok(())
    }

    /// Notes why an attempt failed on the forms it was made for; after the last
    /// collector of the list, rests.
    fn failed(
        &mut self,
        collector: &CollectorAddress,
        fault: &LinkFault,
        is_last: bool,
    ) -> Result<(), StoreFault> {
        self.delivered.failures += 1;
        let address = &collector.address;
        if let LinkFault::Unproven(_) | LinkFault::NotKept(_) = fault {
            tracing::error!(%address, %fault, "a receipt was not believed or not kept; its form stays due");
        } else {
            tracing::warn!(%address, %fault, "an attempt to deliver failed");
        }
        let rest = is_last.then(|| self.rests.next());
        if let Some(rest) = rest {
            self.plan.rest(self.now() + rest);
        }
        let now_ms = self.desk.clock().now_ms();
        let failure = Failure::new(now_ms, fault.reason(), &format!("{address}: {fault}"));
        let next_try_ms = rest.map(|rest| now_ms.saturating_add(millis(rest)));
        let forms = self.next_forms();
        self.change(&forms, |delivery| delivery.failed(failure.clone(), next_try_ms))
    }

    /// One session with one collector, for as long as anything is due.
    async fn session(&mut self, collector: &CollectorAddress) -> Result<(), Broken> {
        let stream = self.dialler.dial(collector).await?;
        let hello = Hello {
            election: self.desk.identity().election().digest,
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            device_ms: Clock::system_ms(),
        };
        let (mut session, welcome) = Session::begin(stream, hello).await?;
        self.delivered.sessions += 1;
        self.desk.clock().learn(welcome.now_ms);
        self.desk.store().learn(welcome.now_ms)?;
        loop {
            let batch = self.next_batch()?;
            if batch.is_empty() {
                break;
            }
            session.submit(batch.iter().map(|form| form.bytes().to_vec()).collect()).await?;
            let now_ms = self.desk.clock().now_ms();
            let digests: Vec<_> = batch.iter().map(SealedForm::digest).collect();
            self.change(&digests, |delivery| delivery.sent(now_ms))?;
            let outcomes = session.outcomes(batch.len()).await?;
            self.settle(&batch, outcomes)?;
        }
        session.end().await;
        Ok(())
    }

    fn next_forms(&self) -> Vec<Digest> {
        let store = self.desk.store();
        self.plan.batch(store.ledger().due().map(|known| known.digest), self.now())
    }

    /// The forms to hand over next. One that cannot be read is held back, said, and
    /// does not stop the others.
    fn next_batch(&mut self) -> Result<Vec<SealedForm>, StoreFault> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        for digest in self.next_forms() {
            let read = self.desk.store().sealed(digest);
            match read {
                Ok(sealed) => {
                    bytes += sealed.bytes().len();
                    if bytes > MAX_BATCH_BYTES {
                        break;
                    }
                    batch.push(sealed);
                }
                Err(fault) => {
                    tracing::error!(%digest, %fault, "a form cannot be read; it is held back");
                    let failure = |reason| (reason, fault.to_string());
                    self.hold(digest, Duration::MAX, failure(Reason::NotKept))?;
                }
            }
        }
        Ok(batch)
    }

    /// Does what the answers to a batch say, each for its own form.
    fn settle(&mut self, batch: &[SealedForm], outcomes: Outcomes) -> Result<(), Broken> {
        let Outcomes { checkpoints, outcomes, .. } = outcomes;
        let mut changes = Vec::new();
        let mut fault = None;
        for (sealed, outcome) in batch.iter().zip(outcomes) {
            let verdict = judge(sealed, outcome, &checkpoints, self.desk.identity().log_key());
            match self.answer(sealed.digest(), verdict) {
                Ok(Some(answer)) => changes.push((sealed.digest(), answer)),
                Ok(None) => {}
                Err(Broken::Link(unproven)) => fault = Some(unproven),
                Err(broken) => return Err(broken),
            }
        }
        self.answered(changes)?;
        fault.map_or(Ok(()), |fault| Err(Broken::Link(fault)))
    }

    /// Keeps a receipt, or holds the form back.
    fn answer(&mut self, form: Digest, verdict: Verdict) -> Result<Option<Answer>, Broken> {
        match verdict {
            Verdict::Received(receipt, standing) => {
                let kept = self.desk.store().put_receipt(form, &receipt);
                kept.map_err(|fault| LinkFault::NotKept(fault.to_string()))?;
                let (index, arrived_ms) = (receipt.index, receipt.arrived_ms);
                Ok(Some(Answer::Receipt { index, arrived_ms, standing: Some(standing) }))
            }
            Verdict::Refused(refusal, detail) => {
                tracing::warn!(%form, refusal = refusal.code(), detail, "a form was refused for good");
                Ok(Some(Answer::Refusal { refusal, detail }))
            }
            Verdict::Later(after, why) => {
                self.hold(form, after, (Reason::Later(why), String::new()))?;
                Ok(None)
            }
            Verdict::Unproven(why) => {
                Err(LinkFault::Unproven(format!("{}: {why}", form.short())).into())
            }
        }
    }

    fn answered(&mut self, answers: Vec<(Digest, Answer)>) -> Result<(), StoreFault> {
        let now_ms = self.desk.clock().now_ms();
        let receipts =
            answers.iter().filter(|(_, answer)| matches!(answer, Answer::Receipt { .. }));
        let received = receipts.count();
        let refused = answers.len() - received;
        let mut store = self.desk.store();
        let changes = answers.into_iter().filter_map(|(form, answer)| {
            let known = store.ledger().form(form)?;
            Some((form, known.delivery.clone().answered(answer, now_ms)))
        });
        let changes: Vec<_> = changes.collect();
        if !changes.is_empty() {
            store.change(changes)?;
        }
        self.delivered.received += received;
        self.delivered.refused += refused;
        Ok(())
    }

    fn hold(
        &mut self,
        form: Digest,
        wanted: Duration,
        (reason, detail): (Reason, String),
    ) -> Result<(), StoreFault> {
        let held = self.plan.hold(form, wanted, self.now());
        let now_ms = self.desk.clock().now_ms();
        let failure = Failure::new(now_ms, reason, &detail);
        let next_try_ms = Some(now_ms.saturating_add(millis(held)));
        self.change(&[form], |delivery| delivery.failed(failure.clone(), next_try_ms))
    }

    fn change(
        &self,
        forms: &[Digest],
        step: impl Fn(Delivery) -> Delivery,
    ) -> Result<(), StoreFault> {
        let mut store = self.desk.store();
        let known = forms.iter().filter_map(|form| store.ledger().form(*form));
        let changes: Vec<_> =
            known.map(|known| (known.digest, step(known.delivery.clone()))).collect();
        if changes.is_empty() { Ok(()) } else { store.change(changes) }
    }
}

/// A random time from zero to `bound`.
fn jitter(bound: Duration) -> Duration {
    // Without randomness there is no spread, and nothing else is lost.
    let random = getrandom::u32().unwrap_or(0);
    bound.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
