//! Cuts under an agent: a real daemon on the disk that is cut, forms and corrections
//! coming in through its door, receipts from a real collector on another disk.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use saksi_agent::desk::{Answer, Envelope, Request, Submission, TroubleKind};
use saksi_agent::directory::Directory;
use saksi_agent::{Agent, door};
use saksi_proto::digest::Digest;
use saksi_proto::text::Language;

use super::{Cuts, DISK, Dark, Figures, up_to, wait};
use crate::device::{self, AgentProcess};
use crate::kenya::{CONTEST, Station};
use crate::loop_disk::LoopDisk;
use crate::poll;
use crate::scene::Scene;

/// Cuts come within this time of a daemon's start: it begins to send within 2 s.
const WINDOW: Duration = Duration::from_millis(2_500);

/// Between two forms: a hundred a second.
const PACE: Duration = Duration::from_millis(10);

/// Votes of the four candidates.
type Votes = [u32; 4];

/// What the device said before the cut.
#[derive(Default)]
struct Said {
    /// Forms that it called *stored*, and their votes.
    stored: BTreeMap<Digest, Votes>,
    /// Receipts that it showed.
    receipts: HashMap<Digest, String>,
    /// The last thing it was asked was never answered.
    is_unanswered: bool,
}

/// One station's device on a disk of its own.
struct Device {
    disk: LoopDisk,
    agent: AgentProcess,
    dir: PathBuf,
    station: Station,
    said: Said,
}

/// Cuts the power of agents, and looks after each cut for what they had said.
/// `None` where nothing can be mounted.
///
/// # Errors
/// What was lost, or else went wrong, and in which round.
pub fn cut_agent(cuts: Cuts) -> anyhow::Result<Option<Figures>> {
    let begun = Instant::now();
    let mut scene = Scene::new()?;
    scene.collector.take_forms_without_end()?;
    scene.collector.start(None)?;
    let mut figures = Figures::default();
    let mut votes = [0; 4];
    // Each station's store goes through as many cuts as come to it, from its first.
    let a_station = cuts.rounds.div_ceil(u32::try_from(scene.stations.len())?).max(2);
    let rounds: Vec<u32> = (0..cuts.rounds).collect();
    for (station, rounds) in rounds.chunks(a_station as usize).enumerate() {
        let Some(mut device) = Device::new(&scene, station)? else { return Ok(None) };
        for round in rounds {
            let at = || format!("agent, seed {}, round {round}", cuts.seed);
            let done = device.round(&scene, &mut cuts.random(*round), &mut figures);
            done.with_context(at)?;
        }
        figures.acknowledged += device.said.stored.len();
        let newest = device.newest()?;
        votes.iter_mut().zip(newest).for_each(|(sum, votes)| *sum += u64::from(votes));
        ensure!(scene.votes()? == votes, "the totals are {:?}, not {votes:?}", scene.votes()?);
    }
    Ok(Some(figures.since(begun)))
}

impl Device {
    fn new(scene: &Scene, station: usize) -> anyhow::Result<Option<Self>> {
        let Some(disk) = LoopDisk::mount(DISK)? else { return Ok(None) };
        let dir = disk.path().join("agent");
        let station = scene.stations[station].clone();
        let agent = AgentProcess::init(&dir, &scene.collector.bundle_path(&station.code))?;
        Ok(Some(Self { disk, agent, dir, station, said: Said::default() }))
    }

    fn round(
        &mut self,
        scene: &Scene,
        random: &mut fastrand::Rng,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        self.agent.run(&scene.collector.address()?)?;
        let (plug, dark) = (self.disk.plug()?, Dark::default());
        let asking = Asking::new(self, dark.clone(), random.fork());
        let (stop, stopped) = mpsc::channel();
        let (gone, is_gone) = mpsc::channel();
        let asking = thread::spawn(move || {
            let said = asking.until(&stopped);
            drop(gone);
            said
        });
        wait(up_to(WINDOW, random), &is_gone);
        dark.come(plug)?;
        self.agent.kill()?;
        drop(stop);
        let said = asking.join().map_err(|_| anyhow::anyhow!("the one who asks panicked"))??;
        figures.cuts += 1;
        figures.unanswered += u32::from(said.is_unanswered);
        figures.receipts += said.receipts.len();
        self.said.stored.extend(said.stored);
        self.said.receipts.extend(said.receipts);
        self.disk.restore()?;
        self.check(scene, figures)
    }

    /// Everything that was said holds, and what is due goes to the collector.
    fn check(&self, scene: &Scene, figures: &mut Figures) -> anyhow::Result<()> {
        let agent = Agent::open(&self.dir).context("the store does not open")?;
        figures.rebuilt += agent.repairs().stores_set_aside;
        self.all_stored(&agent)?;
        device::deliver(&agent, &scene.collector.address()?)?;
        let key = scene.log_key()?;
        for form in agent.forms()? {
            let digest = form.sealed.digest();
            let receipt = form.receipt.with_context(|| format!("{digest} has no receipt"))?;
            ensure!(!form.delivery.is_due(), "{digest} is due after everything was delivered");
            receipt.verify(&form.sealed, &key).with_context(|| format!("{digest}: receipt"))?;
            if let Some(shown) = self.said.receipts.get(&digest) {
                ensure!(receipt.to_tlog_proof(digest) == *shown, "{digest} has another receipt");
            }
        }
        Ok(())
    }

    fn all_stored(&self, agent: &Agent) -> anyhow::Result<()> {
        let forms = agent.forms()?;
        let forms: HashMap<_, _> =
            forms.into_iter().map(|form| (form.sealed.digest(), form)).collect();
        for digest in self.said.stored.keys() {
            let form = forms.get(digest).with_context(|| format!("LOST: form {digest}"))?;
            let file = self.dir.join("forms").join(format!("{digest}.saksi"));
            let file = std::fs::read(&file).with_context(|| file.display().to_string())?;
            ensure!(file == form.sealed.bytes(), "the file of {digest} has other bytes");
            ensure!(Digest::of(&file) == *digest, "{digest} has other bytes");
        }
        for (digest, shown) in &self.said.receipts {
            let form = forms.get(digest).with_context(|| format!("LOST: form {digest}"))?;
            let kept = form.receipt.as_ref().map(|receipt| receipt.to_tlog_proof(*digest));
            // Its file may be younger than the last word that survived: it comes again.
            ensure!(
                kept.as_ref() == Some(shown) || form.delivery.is_due(),
                "LOST: the receipt of {digest}"
            );
        }
        let received = forms.values().filter(|form| !form.delivery.is_due()).count();
        ensure!(received + agent.status().waiting == forms.len(), "some form is nowhere");
        Ok(())
    }

    /// Votes of the newest form, which the others were superseded by.
    fn newest(&self) -> anyhow::Result<Votes> {
        let agent = Agent::open(&self.dir)?;
        let newest = agent.forms()?.into_iter().max_by_key(|form| form.form.revision);
        let Some(newest) = newest else { return Ok([0; 4]) };
        let numbers: Vec<u32> =
            newest.form.counts[..4].iter().filter_map(|count| count.number()).collect();
        numbers.try_into().ok().context("four candidates")
    }
}

/// Whoever enters forms at the device and looks at their receipts.
struct Asking {
    directory: Directory,
    station: Station,
    random: fastrand::Rng,
    /// Whether there is a form to correct, as far as it is known.
    corrects: bool,
    dark: Dark,
    said: Said,
}

impl Asking {
    fn new(device: &Device, dark: Dark, random: fastrand::Rng) -> Self {
        Self {
            directory: Directory::new(&device.dir),
            station: device.station.clone(),
            random,
            corrects: !device.said.stored.is_empty(),
            dark,
            said: Said::default(),
        }
    }

    /// Asks until the device fails or `stopped` is dropped.
    fn until(mut self, stopped: &Receiver<()>) -> anyhow::Result<Said> {
        let is_stopped = || stopped.try_recv() == Err(TryRecvError::Disconnected);
        // The door opens when the daemon has opened its store; until then nobody answers.
        poll::until("the door", || {
            Ok((is_stopped() || self.ask(Request::Status).is_some()).then_some(()))
        })?;
        while !is_stopped() && self.enter()? {
            stopped.recv_timeout(PACE).ok();
            if !self.look()? {
                break;
            }
        }
        Ok(self.said)
    }

    fn ask(&mut self, request: Request) -> Option<Answer> {
        let envelope = Envelope::new(Language::English, request);
        let answer = door::ask(&self.directory, &envelope).ok().flatten();
        answer.filter(|_| !self.dark.has_come())
    }

    /// Enters a form. Whether the device still answers.
    fn enter(&mut self) -> anyhow::Result<bool> {
        let votes = [(); 4].map(|()| self.random.u32(3..20));
        let submission = Submission {
            form: self.station.paper(votes).to_json().to_string(),
            correction: self.corrects.then(|| "miscopied".to_owned()),
            ..Submission::default()
        };
        self.said.is_unanswered = true;
        let answer = self.ask(Request::Submit(submission));
        self.said.is_unanswered = answer.is_none();
        match answer {
            Some(Answer::Submitted(submitted)) => {
                self.corrects = true;
                self.said.stored.insert(submitted.digest, votes);
                Ok(true)
            }
            Some(Answer::Trouble(trouble)) => match trouble.kind {
                TroubleKind::NeedsCorrection | TroubleKind::NothingToCorrect => {
                    self.corrects = !self.corrects;
                    Ok(true)
                }
                // What the cut makes of it: not stored.
                TroubleKind::Store | TroubleKind::File => Ok(false),
                other => bail!("{other:?}: {}", trouble.sentence),
            },
            None => Ok(false),
            Some(other) => bail!("no answer to a form: {other:?}"),
        }
    }

    /// Looks at the receipt of the newest form. Whether the device still answers.
    fn look(&mut self) -> anyhow::Result<bool> {
        match self.ask(Request::Receipt { form: Some(CONTEST.to_owned()) }) {
            Some(Answer::Receipt(shown)) => {
                self.said.receipts.insert(shown.form, shown.text);
                Ok(true)
            }
            Some(Answer::Trouble(trouble)) => Ok(trouble.kind == TroubleKind::Unknown),
            None => Ok(false),
            Some(other) => bail!("no receipt: {other:?}"),
        }
    }
}
