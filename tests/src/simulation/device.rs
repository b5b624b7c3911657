//! A device: the agent's outbox over a simulated store. It does what the forwarder
//! does in a session (`agent/src/forward/mod.rs`), one message at a time.

use std::time::Duration;

use saksi_agent::forward::outbox::{Keep as _, Moment, Outbox, Sent};
use saksi_agent::forward::{Retry, Step};
use saksi_agent::reason::Reason;
use saksi_agent::seen::Seen;
use saksi_agent::store::StoreFault;
use saksi_collector::election::Election;
use saksi_proto::SigningKey;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::message::{Batch, Hello, Outcomes, ToAgent, ToCollector};
use saksi_proto::seal::SealedForm;

use super::country;
use super::drawer::Drawer;

/// A device of one station.
pub struct Device {
    /// The station it speaks for.
    pub station: usize,
    /// What lies in it.
    pub drawer: Drawer,
    /// The process, while it runs.
    pub running: Option<Running>,
    /// How far its clock is off, milliseconds.
    pub clock_off_ms: i64,
    key: SigningKey,
    log_key: LogKey,
}

/// An agent that runs.
pub struct Running {
    outbox: Outbox,
    began_ms: u64,
    /// The session it is in.
    pub link: Link,
}

/// How far a session has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// There is none.
    Idle,
    /// Hello was said; the session's number.
    Greeting(u64),
    /// A batch was handed over.
    Waiting {
        /// The session's number.
        session: u64,
        /// The batch's.
        number: u32,
        /// Its forms.
        batch: Vec<SealedForm>,
        /// What the device had seen of the log.
        seen: Option<Seen>,
    },
}

/// What a device wants next.
#[derive(Debug)]
pub enum Wish {
    /// To be woken at this time.
    Wake(u64),
    /// Nothing until something new comes.
    Sleep,
    /// A connection.
    Dial,
    /// To send this.
    Send(ToCollector),
}

impl Link {
    /// The session's number.
    #[must_use]
    pub fn session(&self) -> Option<u64> {
        match self {
            Link::Idle => None,
            Link::Greeting(session) | Link::Waiting { session, .. } => Some(*session),
        }
    }
}

impl Device {
    /// A device with nothing in it, switched off.
    #[must_use]
    pub fn new(station: usize, log_key: &LogKey) -> Self {
        let key = country::key(station);
        let drawer = Drawer::new(key.verifying_key(), log_key.clone());
        let log_key = log_key.clone();
        Self { station, drawer, running: None, clock_off_ms: 0, key, log_key }
    }

    /// What its clock says, milliseconds since 1970.
    #[must_use]
    pub fn clock_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.clock_off_ms)
    }

    /// Starts the agent. Returns when it first looks at its work list.
    ///
    /// # Errors
    /// [`StoreFault`] if the store does not open.
    pub fn start(&mut self, now_ms: u64, chance: f64) -> Result<(), StoreFault> {
        self.drawer.open()?;
        let retry = Retry::default();
        let mut outbox = Outbox::new(retry, self.log_key.clone());
        outbox.rest_until(retry.start.mul_f64(chance));
        self.running = Some(Running { outbox, began_ms: now_ms, link: Link::Idle });
        Ok(())
    }

    /// Seals and stores a form, as the desk does. `None`: there is a form already, or
    /// for a correction none.
    ///
    /// # Errors
    /// [`StoreFault`]; it is not stored then.
    pub fn submit(
        &mut self,
        mut form: TallyForm,
        is_correction: bool,
    ) -> Result<Option<SealedForm>, StoreFault> {
        let newest = self.drawer.ledger().newest(form.contest);
        match (newest, is_correction) {
            (None, false) => {}
            (Some(newest), true) => {
                form.revision = newest.revision + 1;
                form.supersedes = Some(newest.digest);
            }
            (None, true) | (Some(_), false) => return Ok(None),
        }
        let sealed = SealedForm::seal(&form, &self.key);
        let sealed = sealed.expect("a form of the simulation can be sealed");
        self.drawer.put(&sealed, &form, form.device_ms)?;
        if let Some(running) = &mut self.running {
            running.outbox.wake();
        }
        Ok(Some(sealed))
    }

    /// Puts everything that was answered on the work list once more. Returns how many.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn resend(&mut self) -> Result<usize, StoreFault> {
        use saksi_agent::forward::outbox::Keep as _;
        let known = self.drawer.ledger().all().into_iter();
        let answered = known.filter(|known| !known.delivery.is_due());
        let changes: Vec<(Digest, _)> =
            answered.map(|known| (known.digest, known.delivery.clone().once_more())).collect();
        let forms = changes.len();
        if forms > 0 {
            self.drawer.change(changes)?;
        }
        if let Some(running) = &mut self.running {
            running.outbox.wake();
        }
        Ok(forms)
    }

    /// What it wants, unless it is off or in a session.
    #[must_use]
    pub fn wish(&self, now_ms: u64) -> Wish {
        match &self.running {
            Some(Running { outbox, began_ms, link: Link::Idle }) => {
                match outbox.step(&self.drawer, since(*began_ms, now_ms)) {
                    Step::Send => Wish::Dial,
                    Step::Idle => Wish::Sleep,
                    Step::RestUntil(time) => {
                        let millis = u64::try_from(time.as_nanos().div_ceil(1_000_000));
                        Wish::Wake(began_ms.saturating_add(millis.unwrap_or(u64::MAX)))
                    }
                }
            }
            _ => Wish::Sleep,
        }
    }

    /// The connection stands: hello.
    pub fn greet(&mut self, session: u64, election: &Election, now_ms: u64) -> ToCollector {
        if let Some(running) = &mut self.running {
            running.link = Link::Greeting(session);
        }
        let (agent, device_ms) = ("simulated".to_owned(), self.clock_ms(now_ms));
        ToCollector::Hello(Hello { election: election.definition.digest(), agent, device_ms })
    }

    /// A message of the session came.
    ///
    /// # Errors
    /// [`StoreFault`] ends the process.
    pub fn receive(
        &mut self,
        message: ToAgent,
        now_ms: u64,
        chance: f64,
    ) -> Result<Wish, StoreFault> {
        let Some(running) = &mut self.running else { return Ok(Wish::Sleep) };
        let link = std::mem::replace(&mut running.link, Link::Idle);
        match (link, message) {
            (Link::Greeting(session), ToAgent::Welcome(_)) => self.hand_over(session, 1, now_ms),
            (Link::Waiting { session, number, batch, seen }, ToAgent::Outcomes(outcomes))
                if outcomes.number == number && outcomes.outcomes.len() == batch.len() =>
            {
                let sent = Sent { batch: &batch, seen: seen.as_ref() };
                self.settle((session, number), sent, outcomes, now_ms, chance)
            }
            (_, ToAgent::Farewell(farewell)) => {
                self.fail(Reason::Farewell(farewell), farewell.code(), now_ms, chance)
            }
            _ => self.fail(Reason::Misunderstood, "out of turn", now_ms, chance),
        }
    }

    fn settle(
        &mut self,
        (session, number): (u64, u32),
        sent: Sent<'_>,
        outcomes: Outcomes,
        now_ms: u64,
        chance: f64,
    ) -> Result<Wish, StoreFault> {
        let now = self.moment(now_ms);
        let Some(running) = &mut self.running else { return Ok(Wish::Sleep) };
        let settled = running.outbox.settle(&mut self.drawer, sent, outcomes, now)?;
        match settled.fault {
            Some(fault) => self.fail(Reason::UnprovenReceipt, &fault.to_string(), now_ms, chance),
            None => self.hand_over(session, number + 1, now_ms),
        }
    }

    /// The next batch, or the end of the session.
    fn hand_over(&mut self, session: u64, number: u32, now_ms: u64) -> Result<Wish, StoreFault> {
        let now = self.moment(now_ms);
        let Some(running) = &mut self.running else { return Ok(Wish::Sleep) };
        let batch = running.outbox.next_batch(&mut self.drawer, now)?;
        if batch.is_empty() {
            running.outbox.ended(now.since);
            return Ok(self.wish(now_ms));
        }
        let forms = batch.iter().map(|form| form.bytes().to_vec()).collect();
        running.outbox.sent(&mut self.drawer, &batch, now)?;
        let seen = self.drawer.seen()?;
        let known = seen.as_ref().map_or(0, Seen::entries);
        running.link = Link::Waiting { session, number, batch, seen };
        Ok(Wish::Send(ToCollector::Submit(Batch { number, known, forms })))
    }

    /// The attempt brought no answer.
    ///
    /// # Errors
    /// [`StoreFault`] ends the process.
    pub fn fail(
        &mut self,
        reason: Reason,
        detail: &str,
        now_ms: u64,
        chance: f64,
    ) -> Result<Wish, StoreFault> {
        let now = self.moment(now_ms);
        let Some(running) = &mut self.running else { return Ok(Wish::Sleep) };
        running.link = Link::Idle;
        running.outbox.failed(&mut self.drawer, (reason, detail), (true, chance), now)?;
        Ok(self.wish(now_ms))
    }

    fn moment(&self, now_ms: u64) -> Moment {
        let began_ms = self.running.as_ref().map_or(now_ms, |running| running.began_ms);
        Moment { since: since(began_ms, now_ms), now_ms: self.clock_ms(now_ms) }
    }
}

fn since(began_ms: u64, now_ms: u64) -> Duration {
    Duration::from_millis(now_ms.saturating_sub(began_ms))
}
