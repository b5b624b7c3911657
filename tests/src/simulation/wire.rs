//! The wire: messages on their way, what is lost of them, and who notices.

use saksi_agent::reason::Reason;
use saksi_agent::store::StoreFault;
use saksi_proto::message::{Batch, Outcome, ToAgent, ToCollector, decode_message, encode_message};

use super::centre::Caller;
use super::country;
use super::device::Wish;
use super::oracle::Violation;
use super::world::World;

/// How long an answer is waited for, and a connection.
const ANSWER_MS: u64 = 60_000;
const CONNECT_MS: u64 = 15_000;

/// Longest time for which requests gather before a commit. Far longer than with a real
/// collector, so that they meet.
const GATHER_MS: u64 = 500;

/// What happens at its time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A device looks at its work list.
    Wake(usize),
    /// A device's agent starts.
    StartDevice(usize),
    /// The collector starts.
    StartCentre,
    /// A message reaches the collector.
    Arrive {
        /// The device.
        device: usize,
        /// Its session.
        session: u64,
        /// The message, or its number.
        message: Vec<u8>,
    },
    /// A forged batch reaches the collector.
    ArriveForged {
        /// Which forgery.
        number: u64,
        /// In whose name.
        station: usize,
        /// The forms.
        forms: Vec<Vec<u8>>,
    },
    /// What waits is committed.
    Commit,
    /// A message reaches a device.
    Deliver {
        /// The device.
        device: usize,
        /// Its session.
        session: u64,
        /// The message, or its number.
        message: Vec<u8>,
    },
    /// A device notices that its connection is gone.
    Broken {
        /// The device.
        device: usize,
        /// Its session.
        session: u64,
    },
    /// A device has waited long enough for the answer to its message of that number.
    TimedOut {
        /// The device.
        device: usize,
        /// The message, or its number.
        message: u64,
    },
}

/// The link of one device.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Chance of its own, so that what happens to one device does not change what
    /// happens to the others.
    pub random: fastrand::Rng,
    /// It is cut; `true`: silently.
    pub cut: Option<bool>,
    /// The next message to the collector is lost.
    pub loses_request: bool,
    /// The next message to the device is lost.
    pub loses_reply: bool,
    /// The next receipts to the device prove nothing.
    pub lies: bool,
    /// Number of the last session.
    pub session: u64,
    /// Messages that the device has sent.
    sent: u64,
    /// When the device is to be woken; other wakings are stale.
    wakes_ms: Option<u64>,
    /// When its agent is to be started; other starts are stale.
    pub starts_ms: Option<u64>,
    /// When the collector is to be started; kept with the first wire.
    pub centre_starts_ms: Option<u64>,
}

impl Wire {
    /// A link without faults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            cut: None,
            loses_request: false,
            loses_reply: false,
            lies: false,
            session: 0,
            sent: 0,
            wakes_ms: None,
            starts_ms: None,
            centre_starts_ms: None,
        }
    }
}

impl World {
    /// Lets an event happen.
    pub(super) fn happen(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Wake(device) if self.wires[device].wakes_ms == Some(self.now_ms) => {
                self.wires[device].wakes_ms = None;
                self.wake(device);
            }
            Event::StartDevice(device) if self.wires[device].starts_ms == Some(self.now_ms) => {
                self.wires[device].starts_ms = None;
                self.start_device(device);
            }
            Event::StartCentre if self.wires[0].centre_starts_ms == Some(self.now_ms) => {
                self.wires[0].centre_starts_ms = None;
                self.start_centre()?;
            }
            Event::Wake(_) | Event::StartDevice(_) | Event::StartCentre => {}
            Event::Arrive { device, session, message } => {
                self.arrive(device, session, &message)?;
            }
            Event::ArriveForged { number, station, forms } => {
                let key = country::key(country::HOSTILE).verifying_key();
                let caller = Caller { device: None, session: number, station, key };
                let batch = Batch { number: 1, known: 0, forms };
                self.receive(caller, ToCollector::Submit(batch))?;
            }
            Event::Commit => self.commit()?,
            Event::Deliver { device, session, message } => {
                self.deliver(device, session, &message);
            }
            Event::Broken { device, session } => {
                if self.session(device) == Some(session) {
                    self.trace.count("connection broke");
                    self.fail(device, Reason::CutOff, "the connection broke");
                }
            }
            Event::TimedOut { device, message } => {
                if self.session(device).is_some() && self.wires[device].sent == message {
                    self.trace.count("timed out");
                    self.fail(device, Reason::TimedOut, "no answer");
                }
            }
        }
        Ok(())
    }

    /// Has a device look at its work list.
    pub(super) fn wake(&mut self, device: usize) {
        let wish = self.devices[device].wish(self.now_ms);
        self.grant(device, Ok(wish));
    }

    /// The link of a device breaks.
    pub(super) fn cut_link(&mut self, device: usize, silent: bool) {
        self.wires[device].cut = Some(silent);
        if let (Some(session), false) = (self.session(device), silent) {
            self.plan(1, Event::Broken { device, session });
        }
    }

    /// A forger's batch is on its way.
    pub(super) fn submit_forged(&mut self, caller: Caller, forms: Vec<Vec<u8>>) {
        let in_ms = latency(&mut self.random);
        let (number, station) = (caller.session, caller.station);
        self.plan(in_ms, Event::ArriveForged { number, station, forms });
    }

    /// A message to a device is on its way.
    pub(super) fn reply(&mut self, device: usize, session: u64, message: ToAgent) {
        let in_ms = self.latency(device);
        if std::mem::take(&mut self.wires[device].loses_reply) {
            self.say(format_args!("a reply to device {device} is lost"));
            return self.plan(in_ms, Event::Broken { device, session });
        }
        let message = encode_message(&self.lied(device, message));
        self.plan(in_ms, Event::Deliver { device, session, message });
    }

    /// What a liar makes of an answer, if the device is lied to.
    fn lied(&mut self, device: usize, message: ToAgent) -> ToAgent {
        let ToAgent::Outcomes(mut outcomes) = message else { return message };
        if std::mem::take(&mut self.wires[device].lies) {
            self.say(format_args!("device {device} is lied to"));
            self.trace.count("lied to");
            for outcome in &mut outcomes.outcomes {
                if let Outcome::Logged(logged) = outcome {
                    logged.arrived_ms += 1;
                }
            }
        }
        ToAgent::Outcomes(outcomes)
    }

    /// Time on the way from or to a device, milliseconds.
    pub(super) fn latency(&mut self, device: usize) -> u64 {
        latency(&mut self.wires[device].random)
    }

    fn session(&self, device: usize) -> Option<u64> {
        self.devices[device].running.as_ref().and_then(|running| running.link.session())
    }

    fn grant(&mut self, device: usize, wish: Result<Wish, StoreFault>) {
        if self.devices[device].drawer.machine.has_halted() {
            return self.end_device(device, None);
        }
        match wish {
            Err(fault) => {
                self.say(format_args!("device {device}: {fault}"));
                self.end_device(device, None);
            }
            Ok(Wish::Sleep) => self.wires[device].wakes_ms = None,
            Ok(Wish::Wake(at_ms)) => {
                // Never in the same moment again: time must go on.
                let at_ms = at_ms.max(self.now_ms + 1);
                self.wires[device].wakes_ms = Some(at_ms);
                self.plan(at_ms - self.now_ms, Event::Wake(device));
            }
            Ok(Wish::Dial) => self.dial(device),
            Ok(Wish::Send(message)) => self.send(device, &message),
        }
    }

    fn dial(&mut self, device: usize) {
        self.wires[device].session += 1;
        let session = self.wires[device].session;
        let election = &self.centre.election;
        let hello = self.devices[device].greet(session, election, self.now_ms);
        match self.wires[device].cut {
            Some(false) => self.fail(device, Reason::Unreachable, "no route"),
            Some(true) => {
                self.wires[device].sent += 1;
                let message = self.wires[device].sent;
                self.plan(CONNECT_MS, Event::TimedOut { device, message });
            }
            None => self.send(device, &hello),
        }
    }

    fn send(&mut self, device: usize, message: &ToCollector) {
        let wire = &mut self.wires[device];
        let session = wire.session;
        wire.sent += 1;
        let sent = wire.sent;
        let lost = std::mem::take(&mut wire.loses_request);
        self.plan(ANSWER_MS, Event::TimedOut { device, message: sent });
        let in_ms = self.latency(device);
        if lost {
            self.say(format_args!("a request of device {device} is lost"));
            return self.plan(in_ms, Event::Broken { device, session });
        }
        if let ToCollector::Submit(batch) = message {
            self.say(format_args!("device {device} sends {} forms", batch.forms.len()));
        }
        let message = encode_message(message);
        self.plan(in_ms, Event::Arrive { device, session, message });
    }

    fn arrive(&mut self, device: usize, session: u64, message: &[u8]) -> Result<(), Violation> {
        if self.wires[device].cut.is_some() {
            return Ok(());
        }
        if self.centre.running.is_none() {
            self.plan(1, Event::Broken { device, session });
            return Ok(());
        }
        let station = self.devices[device].station;
        let key = country::key(station).verifying_key();
        let caller = Caller { device: Some(device), session, station, key };
        let message = decode_message(message).expect("the wire changes nothing");
        self.receive(caller, message)
    }

    fn receive(&mut self, caller: Caller, message: ToCollector) -> Result<(), Violation> {
        if self.centre.running.is_none() {
            return Ok(());
        }
        match self.centre.receive(caller, message, self.now_ms) {
            Some(answer) => {
                super::census::of_later(&answer, &mut self.trace);
                self.answer(caller, answer)
            }
            None => {
                let in_ms = self.random.u64(1..GATHER_MS);
                self.plan(in_ms, Event::Commit);
                Ok(())
            }
        }
    }

    fn deliver(&mut self, device: usize, session: u64, message: &[u8]) {
        if self.wires[device].cut.is_some() || self.session(device) != Some(session) {
            return;
        }
        let message = decode_message(message).expect("the wire changes nothing");
        let chance = self.wires[device].random.f64();
        if matches!(message, ToAgent::Outcomes(_)) {
            self.say(format_args!("device {device} is answered"));
        }
        let wish = self.devices[device].receive(message, self.now_ms, chance);
        self.grant(device, wish);
    }

    fn fail(&mut self, device: usize, reason: Reason, detail: &str) {
        self.say(format_args!("device {device}: {detail}"));
        let chance = self.wires[device].random.f64();
        let wish = self.devices[device].fail(reason, detail, self.now_ms, chance);
        self.grant(device, wish);
    }
}

/// Time on the way, one way, milliseconds: from a good network to 2G.
fn latency(random: &mut fastrand::Rng) -> u64 {
    random.u64(1..=40) * random.u64(1..=20)
}
