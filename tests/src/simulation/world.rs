//! The world: devices, the collector, the wire between them, the clock. One thread,
//! one source of chance; what happens next is the earliest event.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use saksi_agent::forward::outbox::Keep as _;
use saksi_collector::log::LogFault;
use saksi_proto::message::ToAgent;
use saksi_proto::seal::SealedForm;

use super::census;
use super::centre::{Caller, Centre, Handed, log_key};
use super::country::{self, CONTESTS, DEVICES, NOT_HELD, Paper, TWIN, TWIN_OF};
use super::device::Device;
use super::disk::Mishap;
use super::forge::{Forged, forge};
use super::op::{Forgery, Op, Place};
use super::oracle::{Oracle, Violation, violated};
use super::trace::Trace;
use super::wire::{Event, Wire};

/// When the night begins, milliseconds since 1970, UTC.
const BEGIN_MS: u64 = 1_700_000_000_000;

/// How long a process needs to be started again, and a machine whose power went.
const RESTART_MS: u64 = 3_000;
const BOOT_MS: u64 = 30_000;

/// Time in which every outbox must be empty when faults stop: the longest rest, the
/// longest wait for an answer, and a few minutes for forms that are to come later.
const DRAIN_MS: u64 = 900_000;

/// Everything there is.
pub struct World {
    pub(super) now_ms: u64,
    pub(super) random: fastrand::Rng,
    pub(super) centre: Centre,
    pub(super) devices: Vec<Device>,
    pub(super) wires: Vec<Wire>,
    pub(super) oracle: Oracle,
    /// What happened.
    pub trace: Trace,
    /// Earliest first; events of one moment in the order in which they were planned.
    queue: BinaryHeap<Reverse<(u64, u64, Event)>>,
    planned: u64,
    forgeries: u64,
}

impl World {
    /// The beginning of the night: everything is on, nothing was entered.
    #[must_use]
    pub fn new(seed: u64, says: bool) -> Self {
        let stations = (0..DEVICES).map(|number| if number == TWIN { TWIN_OF } else { number });
        let mut world = Self {
            now_ms: BEGIN_MS,
            random: fastrand::Rng::with_seed(seed.wrapping_mul(64).wrapping_add(63)),
            centre: Centre::new(),
            devices: stations.map(|station| Device::new(station, &log_key())).collect(),
            wires: (0..)
                .take(DEVICES)
                .map(|at| Wire::new(seed.wrapping_mul(64).wrapping_add(at)))
                .collect(),
            oracle: Oracle::new(log_key()),
            trace: Trace::new(says),
            queue: BinaryHeap::new(),
            planned: 0,
            forgeries: 0,
        };
        for device in 0..DEVICES {
            world.start_device(device);
        }
        world
    }

    /// Lets one thing happen and looks at everything.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn step(&mut self, op: Op) -> Result<(), Violation> {
        self.trace.count(op.name());
        self.trace.note(self.since_begin(), format_args!("{op:?}"));
        match op {
            Op::Enter { device, contest, sound, spoilt } => {
                self.enter(device, CONTESTS[contest], Paper { sound, spoilt }, false);
            }
            Op::Correct { device, contest, sound, spoilt } => {
                self.enter(device, CONTESTS[contest], Paper { sound, spoilt }, true);
            }
            Op::Dispute { contest, sound, spoilt } => {
                self.enter(TWIN, CONTESTS[contest], Paper { sound, spoilt }, false);
            }
            Op::Stray { device } => {
                self.enter(device, NOT_HELD, Paper { sound: true, spoilt: 0 }, false);
            }
            Op::Resubmit { device } => self.resend(device),
            Op::Revoke { device } => {
                let station = self.devices[device].station;
                self.change_roster(station, &country::revocation(station));
            }
            Op::Reinstate { device } => {
                let station = self.devices[device].station;
                self.change_roster(station, &country::reinstatement(station));
            }
            Op::Rule { device, contest, verdict } => {
                self.rule(self.devices[device].station, CONTESTS[contest], verdict);
            }
            Op::Amend { station, change } => self.amend(station, change),
            Op::Ask { device, contest } => {
                self.ask(self.devices[device].station, CONTESTS[contest]);
            }
            Op::Forge { forgery } => self.forge(forgery),
            Op::CutLink { device, silent } => self.cut_link(device, silent),
            Op::MendLink { device } => self.wires[device].cut = None,
            Op::LoseRequest { device } => self.wires[device].loses_request = true,
            Op::LoseReply { device } => self.wires[device].loses_reply = true,
            Op::Deceive { device } => self.wires[device].lies = true,
            Op::CrashAgent { device } => self.end_device(device, None),
            Op::CrashCollector => self.end_centre(None),
            Op::CutPower { place: Place::Agent(device), keep } => {
                self.end_device(device, Some(keep));
            }
            Op::CutPower { place: Place::Collector, keep } => self.end_centre(Some(keep)),
            Op::TornWrite { place, after, keep } => {
                self.plan_mishap(place, after, Mishap::Power { keep });
            }
            Op::KillInWrite { place, after } => self.plan_mishap(place, after, Mishap::Kill),
            Op::FailSync { place, after, fault } => {
                self.plan_mishap(place, after, Mishap::Sync(fault));
            }
            Op::SetClock { device, hours } => {
                self.devices[device].clock_off_ms = hours.saturating_mul(3_600_000);
            }
            Op::Advance { ms } => self.advance(ms)?,
        }
        self.look()
    }

    /// Faults stop, and everything must come to its end.
    ///
    /// # Errors
    /// [`Violation`].
    pub fn finish(&mut self) -> Result<(), Violation> {
        self.trace.note(self.since_begin(), format_args!("faults stop"));
        self.centre.shelf.0.borrow_mut().machine.calm();
        self.devices.iter_mut().for_each(|device| device.drawer.machine.calm());
        for wire in &mut self.wires {
            (wire.cut, wire.lies) = (None, false);
            (wire.loses_request, wire.loses_reply) = (false, false);
        }
        self.advance(DRAIN_MS)?;
        self.look()?;
        let mut devices = self.devices.iter().enumerate();
        devices.try_for_each(|(number, device)| self.oracle.at_rest(number, device))?;
        let root = self.oracle.reading().last_root();
        self.trace.note(self.since_begin(), format_args!("the root is {root:?}"));
        census::of_the_journal(&self.oracle.reading().recount, &mut self.trace);
        let collector = &self.centre.shelf.0.borrow().machine.mishaps;
        census::of_mishaps(collector, "collector's fsync failed", &mut self.trace);
        for device in &self.devices {
            let mishaps = &device.drawer.machine.mishaps;
            census::of_mishaps(mishaps, "agent's fsync failed", &mut self.trace);
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), Violation> {
        self.oracle.journal(&self.centre)?;
        self.oracle.totals(&self.centre)?;
        let mut devices = self.devices.iter().enumerate();
        devices.try_for_each(|(number, device)| self.oracle.device(number, device))
    }

    fn advance(&mut self, ms: u64) -> Result<(), Violation> {
        let end = self.now_ms + ms;
        while let Some(Reverse((at, _, _))) = self.queue.peek() {
            if *at > end {
                break;
            }
            let Some(Reverse((at, _, event))) = self.queue.pop() else { break };
            self.now_ms = at;
            self.happen(event)?;
        }
        self.now_ms = end;
        Ok(())
    }

    /// Plans an event, so many milliseconds from now.
    pub(super) fn plan(&mut self, in_ms: u64, event: Event) {
        self.planned += 1;
        self.queue.push(Reverse((self.now_ms.saturating_add(in_ms), self.planned, event)));
    }

    /// Milliseconds since the night began.
    pub(super) fn since_begin(&self) -> u64 {
        self.now_ms - BEGIN_MS
    }

    pub(super) fn say(&mut self, what: std::fmt::Arguments<'_>) {
        self.trace.note(self.since_begin(), format_args!("    {what}"));
    }

    fn enter(&mut self, number: usize, contest: &str, paper: Paper, is_correction: bool) {
        let device = &mut self.devices[number];
        if device.running.is_none() {
            return self.say(format_args!("device {number} is off"));
        }
        let at_ms = device.clock_ms(self.now_ms);
        let form = country::form(&self.centre.election, device.station, contest, paper, at_ms);
        match device.submit(form, is_correction) {
            Ok(None) => self.say(format_args!("there is a form already, or none to correct")),
            Ok(Some(sealed)) => self.stored(number, &sealed),
            Err(fault) => {
                self.trace.count("not stored");
                self.say(format_args!("not stored: {fault}"));
                // The officers read that the agent must be started again.
                self.end_device(number, None);
            }
        }
    }

    fn stored(&mut self, number: usize, sealed: &SealedForm) {
        self.oracle.told_stored(number, sealed.digest());
        self.say(format_args!("{} is stored", sealed.digest().short()));
        self.wake(number);
    }

    fn resend(&mut self, number: usize) {
        if self.devices[number].running.is_none() {
            return self.say(format_args!("device {number} is off"));
        }
        match self.devices[number].resend() {
            Ok(forms) => {
                self.say(format_args!("{forms} forms once more"));
                self.wake(number);
            }
            Err(fault) => {
                self.say(format_args!("{fault}"));
                self.end_device(number, None);
            }
        }
    }

    fn forge(&mut self, forgery: Forgery) {
        self.forgeries += 1;
        let stolen = self.oracle.form_of(0);
        let forged = forge(&self.centre.election, forgery, self.forgeries, stolen);
        let Forged { station, forms } = forged;
        let key = country::key(country::HOSTILE).verifying_key();
        let caller = Caller { device: None, session: self.forgeries, station, key };
        self.submit_forged(caller, forms);
    }

    fn plan_mishap(&mut self, place: Place, after: u8, mishap: Mishap) {
        match place {
            Place::Agent(device) => self.devices[device].drawer.machine.plan(after, mishap),
            Place::Collector => self.centre.shelf.0.borrow_mut().machine.plan(after, mishap),
        }
    }

    /// The process of a device ends; with `power`, its machine too.
    pub(super) fn end_device(&mut self, number: usize, power: Option<u8>) {
        let device = &mut self.devices[number];
        let was_running = device.running.take().is_some();
        let power = device.drawer.machine.resume().or(power);
        let lost = power.map_or(0, |keep| device.drawer.lose(keep));
        if !was_running && power.is_none() {
            return;
        }
        self.trace.count("agent restarted");
        self.say(format_args!("device {number} stops, {lost} records are lost"));
        if lost > 0 {
            self.trace.count("agent lost a tail");
        }
        self.wires[number].starts_ms = None;
        self.restart_device(number, power.is_some());
    }

    fn restart_device(&mut self, number: usize, boots: bool) {
        let in_ms = if boots { BOOT_MS } else { RESTART_MS };
        self.wires[number].starts_ms = Some(self.now_ms + in_ms);
        self.plan(in_ms, Event::StartDevice(number));
    }

    pub(super) fn start_device(&mut self, number: usize) {
        let chance = self.wires[number].random.f64();
        match self.devices[number].start(self.now_ms, chance) {
            Ok(()) => {
                let waiting = self.devices[number].drawer.ledger().waiting();
                self.say(format_args!("device {number} starts, {waiting} forms wait"));
                self.wake(number);
            }
            Err(fault) => {
                self.say(format_args!("device {number} does not start: {fault}"));
                self.devices[number].running = None;
                let dark = self.devices[number].drawer.machine.resume();
                let lost = dark.map_or(0, |keep| self.devices[number].drawer.lose(keep));
                self.say(format_args!("{lost} records are lost"));
                self.restart_device(number, dark.is_some());
            }
        }
    }

    /// The process of the collector ends; with `power`, its machine too.
    pub(super) fn end_centre(&mut self, power: Option<u8>) {
        let was_running = self.centre.running.is_some();
        self.centre.stop();
        let (power, lost) = {
            let room = &mut *self.centre.shelf.0.borrow_mut();
            let power = room.machine.resume().or(power);
            (power, power.map_or(0, |keep| room.disk.lose(keep)))
        };
        if !was_running && power.is_none() {
            return;
        }
        self.trace.count("collector restarted");
        self.say(format_args!("the collector stops, {lost} commits are lost"));
        if lost > 0 {
            self.trace.count("collector lost a tail");
        }
        for number in 0..DEVICES {
            let session = self.wires[number].session;
            let in_ms = self.latency(number);
            self.plan(in_ms, Event::Broken { device: number, session });
        }
        let in_ms = if power.is_some() { BOOT_MS } else { RESTART_MS };
        self.wires[0].centre_starts_ms = Some(self.now_ms + in_ms);
        self.plan(in_ms, Event::StartCentre);
    }

    pub(super) fn start_centre(&mut self) -> Result<(), Violation> {
        match self.centre.start() {
            Ok(()) => {
                self.say(format_args!("the collector starts"));
                self.oracle.totals(&self.centre)
            }
            Err(LogFault::Journal(fault)) => {
                self.say(format_args!("the collector does not start: {fault}"));
                self.end_centre(Some(0));
                Ok(())
            }
            Err(fault) => {
                violated("the collector starts again after every crash", fault.to_string())
            }
        }
    }

    /// Commits what waits at the collector, and sends what it answers.
    pub(super) fn commit(&mut self) -> Result<(), Violation> {
        let seed = std::array::from_fn(|_| self.random.u8(..));
        let (handed, done) = self.centre.commit(self.now_ms, &seed);
        if handed.len() > 1 {
            self.trace.count("several in one commit");
        }
        for answer in &handed {
            self.oracle.handed(&self.centre, answer)?;
            census::of_answers(answer, &mut self.trace);
        }
        self.oracle.journal(&self.centre)?;
        for Handed { caller, message, .. } in handed {
            self.answer(caller, message)?;
        }
        match done {
            Ok(()) => self.oracle.totals(&self.centre),
            Err(fault) => self.fail_commit(&fault),
        }
    }

    fn fail_commit(&mut self, fault: &LogFault) -> Result<(), Violation> {
        self.say(format_args!("the collector fails: {fault}"));
        self.trace.count("a commit failed");
        let LogFault::Journal(_) = fault else {
            return violated("the collector folds what it commits", fault.to_string());
        };
        self.end_centre(None);
        Ok(())
    }

    /// A message leaves the collector.
    pub(super) fn answer(&mut self, caller: Caller, message: ToAgent) -> Result<(), Violation> {
        match caller.device {
            Some(device) => self.reply(device, caller.session, message),
            None => census::of_forgery(&message, &mut self.trace)?,
        }
        Ok(())
    }
}
