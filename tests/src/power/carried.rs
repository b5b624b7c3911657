//! Cuts while forms are carried: a device without a link and one with, both on the disk that
//! is cut, and a real collector on another. The power goes in each step of the way in turn;
//! then the way is gone to its end, and everything that was said is looked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use saksi_agent::desk::{Answer, Envelope, Request, Submission};
use saksi_agent::directory::Directory;
use saksi_agent::{Agent, door, export};
use saksi_proto::digest::Digest;
use saksi_proto::text::Language;

use super::{Cuts, DISK, Dark, Figures, up_to, wait};
use crate::device::{self, AgentProcess};
use crate::kenya::{CONTEST, Station, counts};
use crate::loop_disk::LoopDisk;
use crate::poll;
use crate::scene::{Scene, nowhere};
use crate::wire::Voice;

/// Forms of a third station in the file that comes with the origin's: more than are written
/// in one step (256).
const CROWD: u32 = 260;

/// Cuts come within this time of a step's begin, or at its end.
const WINDOW: Duration = Duration::from_millis(150);

/// For receipts of as many forms, each a file, on a slow machine.
const ARRIVED: Duration = Duration::from_secs(300);

/// The steps of the way.
const STEPS: [Step; 6] =
    [Step::Seal, Step::Export, Step::TakeIn, Step::Arrive, Step::Hand, Step::Prove];

/// Rounds with one pair of devices: 12 × 260 forms and receipts take 25 MB of the disk.
const ROUNDS: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The origin seals a form.
    Seal,
    /// It writes all its forms into a file.
    Export,
    /// The carrier takes that and another file in.
    TakeIn,
    /// It sends them and keeps their receipts.
    Arrive,
    /// It writes the receipts into a file.
    Hand,
    /// The origin takes them in.
    Prove,
}

/// What the devices said before the cut.
#[derive(Debug, Clone, Default)]
struct Said {
    /// Forms that the origin called *stored*.
    sealed: BTreeSet<Digest>,
    /// Forms that the carrier said to carry.
    taken: BTreeSet<Digest>,
    /// Forms of which it said to have a receipt.
    arrived: usize,
    /// Files that were said to be written, and how many pieces are in each.
    forms: Option<(PathBuf, usize)>,
    receipts: Option<PathBuf>,
    /// Whether the origin said that all its forms are proven.
    is_proven: bool,
    /// The last thing that was asked was never answered.
    is_unanswered: bool,
}

/// Cuts the power of two devices between which forms are carried, and looks after each cut
/// for what they had said. `None` where nothing can be mounted.
///
/// # Errors
/// What was lost or sent twice, or else went wrong, and in which round.
pub fn cut_carried(cuts: Cuts) -> anyhow::Result<Option<Figures>> {
    let begun = Instant::now();
    let mut scene = Scene::new()?;
    scene.collector.take_forms_without_end()?;
    scene.collector.start(None)?;
    let mut figures = Figures::default();
    let rounds: Vec<u32> = (0..cuts.rounds).collect();
    for (pair, rounds) in rounds.chunks(ROUNDS).enumerate() {
        let Some(mut road) = Road::new(&scene, pair)? else { return Ok(None) };
        for round in rounds {
            let step = STEPS[*round as usize % STEPS.len()];
            let at = || format!("carried, seed {}, round {round}, {step:?}", cuts.seed);
            let mut random = cuts.random(*round);
            road.round(&scene, step, &mut random, &mut figures).with_context(at)?;
        }
        figures.acknowledged += road.said.sealed.len() + road.said.taken.len();
    }
    Ok(Some(figures.since(begun)))
}

/// The two devices, on one disk.
struct Road {
    disk: LoopDisk,
    origin: AgentProcess,
    carrier: AgentProcess,
    station: Station,
    /// The station whose forms come as a file that somebody else has written.
    crowd: (Voice, Station),
    /// The number of the next of them.
    crowds: u32,
    said: Said,
    /// Entries of the log before this pair.
    entries: u64,
}

impl Road {
    fn new(scene: &Scene, pair: usize) -> anyhow::Result<Option<Self>> {
        let Some(disk) = LoopDisk::mount(DISK)? else { return Ok(None) };
        let stations: Vec<_> = scene.stations.iter().cycle().skip(3 * pair).take(3).collect();
        let [station, carrier, crowd] = stations[..] else { bail!("three stations") };
        let device = |name: &str, of: &Station| {
            AgentProcess::init(&disk.path().join(name), &scene.collector.bundle_path(&of.code))
        };
        let crowd = (Voice::new(&scene.collector.bundle(&crowd.code)?)?, crowd.clone());
        let (origin, carrier) = (device("origin", station)?, device("carrier", carrier)?);
        let (station, said, entries) = (station.clone(), Said::default(), scene.entries()?);
        // Other forms than those of an earlier pair: the log takes the same only once.
        let crowds = u32::try_from(pair * ROUNDS)? * CROWD;
        Ok(Some(Self { disk, origin, carrier, station, crowd, crowds, said, entries }))
    }

    fn place(&self, name: &str) -> PathBuf {
        self.disk.path().join(name)
    }

    fn round(
        &mut self,
        scene: &Scene,
        step: Step,
        random: &mut fastrand::Rng,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        let other = self.crowd_file(scene)?;
        self.origin.run(&nowhere())?;
        self.carrier.run(&scene.collector.address()?)?;
        let (plug, dark) = (self.disk.plug()?, Dark::default());
        let walk = Walk::new(self, dark.clone(), other.clone(), random.fork());
        let (tell, told) = mpsc::channel();
        let walking = thread::spawn(move || walk.go(&tell));
        while told.recv().is_ok_and(|begun| begun != step) {}
        let (begun, is_over) = mpsc::channel();
        thread::spawn(move || told.recv().map(|_| drop(begun)));
        wait(up_to(WINDOW, random), &is_over);
        dark.come(plug)?;
        self.origin.kill()?;
        self.carrier.kill()?;
        let said = walking.join().map_err(|_| anyhow::anyhow!("whoever walks panicked"))??;
        figures.cuts += 1;
        figures.unanswered += u32::from(said.is_unanswered);
        self.said = said;
        self.disk.restore()?;
        self.all_said_is_there()?;
        figures.receipts += self.go_on_to_the_end(scene, &other)?;
        Ok(())
    }

    /// A file of many forms of a third station, outside the disk that is cut.
    fn crowd_file(&mut self, scene: &Scene) -> anyhow::Result<PathBuf> {
        let (voice, station) = &self.crowd;
        let numbers = self.crowds..self.crowds + CROWD;
        let forms = numbers.map(|number| {
            let mut form = voice.form(counts(&station.paper([1 + number % 80, 20, 2, 1])));
            form.device_ms += u64::from(number);
            voice.seal(&form)
        });
        let forms = forms.collect::<anyhow::Result<Vec<_>>>()?;
        self.crowds += CROWD;
        let file = scene.dir().join("crowd.saksi");
        std::fs::write(&file, export::write(&forms)?)?;
        Ok(file)
    }

    /// Everything that was said holds.
    fn all_said_is_there(&self) -> anyhow::Result<()> {
        let origin = Agent::open(&self.place("origin")).context("the origin's store")?;
        let carrier = Agent::open(&self.place("carrier")).context("the carrier's store")?;
        let forms = origin.forms()?;
        for digest in &self.said.sealed {
            let form = forms.iter().find(|form| form.sealed.digest() == *digest);
            let form = form.with_context(|| format!("LOST: the origin's form {digest}"))?;
            ensure!(
                !self.said.is_proven || (form.receipt.is_some() && !form.delivery.is_due()),
                "LOST: the origin's receipt of {digest}"
            );
        }
        for digest in &self.said.taken {
            let file = self.place("carrier/carried").join(format!("{digest}.saksi"));
            let bytes = std::fs::read(file).with_context(|| format!("LOST: carried {digest}"))?;
            ensure!(Digest::of(&bytes) == *digest, "the carried {digest} has other bytes");
        }
        let carried = carrier.status().carried;
        let (waiting, received) = (carried.waiting, carried.received);
        ensure!(waiting + received >= self.said.taken.len(), "some carried form is nowhere");
        ensure!(
            received >= self.said.arrived,
            "SENT TWICE: of {} receipts {received} are left",
            self.said.arrived
        );
        if let Some((file, pieces)) = &self.said.forms {
            let found = export::read(&std::fs::read(file).context("LOST: a file of forms")?)?;
            ensure!(found.len() == *pieces, "{} forms in the file, not {pieces}", found.len());
        }
        if let Some(file) = &self.said.receipts {
            ask(&origin, Request::Import { file: file.clone() }).context("LOST: receipts")?;
        }
        Ok(())
    }

    /// The same way without a cut, by the same stores; gives how many receipts came back.
    fn go_on_to_the_end(&mut self, scene: &Scene, other: &Path) -> anyhow::Result<usize> {
        let origin = Agent::open(&self.place("origin"))?;
        let carrier = Agent::open(&self.place("carrier"))?;
        let (file, back) = (self.place("again.saksi"), self.place("again.receipts"));
        ask(&origin, Request::Export { out: file.clone() })?;
        for file in [file.clone(), other.to_owned()] {
            self.said.taken.extend(digests(&file)?);
            ask(&carrier, Request::Import { file })?;
        }
        let address = scene.collector.address()?;
        device::deliver(&carrier, &address)?;
        let again = device::deliver(&carrier, &address)?;
        ensure!(again.carried == 0, "SENT TWICE: {again:?}");
        let carried = carrier.status().carried;
        ensure!(
            (carried.waiting, carried.received) == (0, self.said.taken.len()),
            "{} wait, {} of {} received",
            carried.waiting,
            carried.received,
            self.said.taken.len()
        );
        let entries = scene.entries()? - self.entries;
        ensure!(entries == self.said.taken.len() as u64, "{entries} entries");
        ask(&carrier, Request::ExportReceipts { out: back.clone() })?;
        ask(&origin, Request::Import { file: back })?;
        let (key, forms) = (scene.log_key()?, origin.forms()?);
        for form in &forms {
            let receipt = form.receipt.as_ref().context("a form without its receipt")?;
            receipt.verify(&form.sealed, &key)?;
            self.said.sealed.insert(form.sealed.digest());
            ensure!(!form.delivery.is_due(), "a form is due after its receipt came back");
        }
        self.said.arrived = self.said.taken.len();
        self.said.is_proven = true;
        Ok(forms.len())
    }
}

/// Whoever walks between the devices with a file.
struct Walk {
    origin: Directory,
    carrier: Directory,
    /// Where files are written: on the disk that is cut.
    place: PathBuf,
    other: PathBuf,
    station: Station,
    random: fastrand::Rng,
    dark: Dark,
    said: Said,
}

impl Walk {
    fn new(road: &Road, dark: Dark, other: PathBuf, random: fastrand::Rng) -> Self {
        let directory = |name| Directory::new(&road.place(name));
        // The files are written anew each time; what was proven is no more, with a new form.
        let said = Said { forms: None, receipts: None, is_proven: false, ..road.said.clone() };
        Self {
            origin: directory("origin"),
            carrier: directory("carrier"),
            place: road.disk.path(),
            other,
            station: road.station.clone(),
            random,
            dark,
            said,
        }
    }

    /// Goes on until a device fails, or the way is over.
    fn go(mut self, tell: &Sender<Step>) -> anyhow::Result<Said> {
        for directory in [self.origin.clone(), self.carrier.clone()] {
            poll::within(ARRIVED, "the door", || Ok(asked(&directory, Request::Status)))?;
        }
        for step in STEPS {
            // Whoever cuts may have heard enough.
            tell.send(step).ok();
            self.said.is_unanswered = true;
            if self.step(step)?.is_none() {
                return Ok(self.said);
            }
            self.said.is_unanswered = false;
        }
        Ok(self.said)
    }

    /// One step. None if the cut came before its last answer.
    fn step(&mut self, step: Step) -> anyhow::Result<Option<()>> {
        let (forms, receipts) = (self.place.join("out.saksi"), self.place.join("out.receipts"));
        match step {
            Step::Seal => self.seal(),
            Step::Export => {
                let request = Request::Export { out: forms.clone() };
                let Some(answer) = self.ask(&self.origin, request)? else { return Ok(None) };
                let Answer::Exported(exported) = answer else { bail!("{answer:?}") };
                self.said.forms = Some((forms, exported.forms));
                Ok(Some(()))
            }
            Step::TakeIn => {
                for file in [forms, self.other.clone()] {
                    // Read while there is power.
                    let digests = digests(&file);
                    let request = Request::Import { file };
                    let Some(answer) = self.ask(&self.carrier, request)? else { return Ok(None) };
                    ensure!(matches!(answer, Answer::Imported(_)), "{answer:?}");
                    self.said.taken.extend(digests?);
                }
                Ok(Some(()))
            }
            Step::Arrive => poll::within(ARRIVED, "receipts of what is carried", || {
                let Some(answer) = self.ask(&self.carrier, Request::Status)? else {
                    return Ok(Some(None));
                };
                let Answer::Status(status) = answer else { bail!("{answer:?}") };
                self.said.arrived = status.carried.received;
                Ok((status.carried.waiting == 0).then_some(Some(())))
            }),
            Step::Hand => {
                let request = Request::ExportReceipts { out: receipts.clone() };
                let answer = self.ask(&self.carrier, request)?;
                self.said.receipts = answer.is_some().then_some(receipts);
                Ok(answer.map(drop))
            }
            Step::Prove => {
                let answer = self.ask(&self.origin, Request::Import { file: receipts })?;
                self.said.is_proven = answer.is_some();
                Ok(answer.map(drop))
            }
        }
    }

    fn seal(&mut self) -> anyhow::Result<Option<()>> {
        let votes = [(); 4].map(|()| self.random.u32(3..20));
        let submission = Submission {
            form: self.station.paper(votes).to_json().to_string(),
            correction: (!self.said.sealed.is_empty()).then(|| "miscopied".to_owned()),
            ..Submission::default()
        };
        let Some(answer) = self.ask(&self.origin, Request::Submit(submission))? else {
            return Ok(None);
        };
        let Answer::Submitted(submitted) = answer else { bail!("{CONTEST}: {answer:?}") };
        self.said.sealed.insert(submitted.digest);
        Ok(Some(()))
    }

    /// An answer that came before the cut.
    fn ask(&self, directory: &Directory, request: Request) -> anyhow::Result<Option<Answer>> {
        let answer = asked(directory, request).filter(|_| !self.dark.has_come());
        match answer {
            Some(Answer::Trouble(trouble)) => bail!("{:?}: {}", trouble.kind, trouble.sentence),
            None if !self.dark.has_come() => bail!("a device does not answer, and has power"),
            answer => Ok(answer),
        }
    }
}

fn asked(directory: &Directory, request: Request) -> Option<Answer> {
    door::ask(directory, &Envelope::new(Language::English, request)).ok().flatten()
}

/// The same of an agent in this process, which must do it.
fn ask(agent: &Agent, request: Request) -> anyhow::Result<()> {
    match agent.execute(Envelope::new(Language::English, request)) {
        Answer::Trouble(trouble) => bail!("{:?}: {}", trouble.kind, trouble.sentence),
        _ => Ok(()),
    }
}

fn digests(file: &Path) -> anyhow::Result<Vec<Digest>> {
    let forms = export::read(&std::fs::read(file)?)?;
    Ok(forms.iter().map(|form| Digest::of(form)).collect())
}
