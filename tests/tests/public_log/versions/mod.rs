//! Published totals are an audit of the public files, at every version that was ever named: a
//! night of corrections, disputes, rulings by two, amendments, a revocation and a pause, with the
//! collector killed in the middle of publications, and a reader who misses nothing.
//!
//! A night follows from its seed but for the moments at which the machine does things: which
//! station's turn it is, the numbers, when the collector is killed, counted in files that have
//! been begun or named. `SAKSI_NIGHTS=20` plays twenty; `SAKSI_NIGHT=7` the seventh alone.

mod audits;
mod backwards;
mod bulk;
mod entries;
mod follower;
mod killer;
mod night;
mod published;
mod stories;
mod sums;
mod watch;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use fastrand::Rng;
use saksi_proto::digest::Digest;
use saksi_tests::collector::succeed;
use saksi_tests::poll;
use saksi_tests::scene::FIRST_FORM;

use crate::site::get;
use audits::Judged;
use follower::Follower;
use killer::{Ambush, Killer};
use night::{Night, PAUSED};
use stories::{Act, Step};
use sums::{Places, Stations};

/// Nobody waits longer for news: some ten times as long as a start and a publication take on a
/// machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);

/// Files that a publication of two or three stations begins or names, about: a kill comes at one
/// of them, or when all of it is published.
const FILES: usize = 200;

/// What is told to the play.
enum News {
    /// A version was named for the first time, and read whole.
    Version(Box<published::Version>),
    /// The pointer says how publication stands.
    State { size: u64, state: String, reason: Option<String> },
    /// Tables of all stations were named, and are what the version of their size says.
    Tables { size: u64, stations: Stations },
    /// The collector was killed after so many files.
    Killed { events: usize },
    /// Something published does not hold.
    Fault(anyhow::Error),
}

/// A night while it is played.
struct Play {
    night: Night,
    random: Rng,
    news: Receiver<News>,
    to: Sender<News>,
    places: Places,
    /// How all stations stand, by the size of the log.
    wanted: Vec<Stations>,
    judged: Vec<Judged>,
    /// Tables that were compared.
    tables: usize,
    /// How publication stands.
    said: (u64, String, Option<String>),
    /// After how many files each kill came.
    kills: Vec<usize>,
}

impl Play {
    fn begin(random: Rng) -> anyhow::Result<(Self, Follower)> {
        let (night, (to, news)) = (Night::new()?, channel());
        let source = night.source();
        poll::within(PATIENCE, "the site", || published::pointer(&source))?;
        let follower = Follower::of(&night.public(), night.key()?, to.clone())?;
        let places = Places::read(&source)?;
        let wanted = vec![stories::beginning(&night.stations)];
        let said = (0, String::new(), None);
        let (judged, kills, tables) = (Vec::new(), Vec::new(), 0);
        let play = Self { night, random, news, to, places, wanted, judged, tables, said, kills };
        Ok((play, follower))
    }

    /// Entries of the log now.
    fn size(&self) -> u64 {
        FIRST_FORM + self.wanted.len() as u64 - 1
    }

    /// The size of the newest version that was judged.
    fn shown(&self) -> u64 {
        self.judged.last().map_or(0, |judged| judged.version.size)
    }

    /// Judges a version: against what was done, what came before it, and the public log.
    fn judge(&mut self, version: published::Version) -> anyhow::Result<()> {
        let size = version.size;
        let judged =
            Judged::of(version, &self.places).with_context(|| format!("version {size}"))?;
        let at = usize::try_from(size - FIRST_FORM)?;
        let wanted = self.wanted.get(at).with_context(|| format!("version {size} of nothing"))?;
        for (of, stands) in wanted {
            let found = &judged.stations[of];
            ensure!(found == stands, "version {size}, {of:?}: {found:?}, not {stands:?}");
        }
        if let Some(before) = self.judged.last() {
            ensure!(before.version.size < size, "from {} to {size}", before.version.size);
            entries::explain(
                &self.night.source(),
                &self.night.key()?,
                before,
                &judged,
                &self.places,
            )?;
        }
        judged.audit(&self.night)?;
        self.judged.push(judged);
        Ok(())
    }

    /// Takes what is told; whether the collector was killed.
    fn hear(&mut self) -> anyhow::Result<bool> {
        match self.news.recv_timeout(PATIENCE).context("nothing is published any more")? {
            News::Version(version) => self.judge(*version)?,
            News::State { size, state, reason } => self.said = (size, state, reason),
            News::Tables { size, stations } => {
                let judged = self.judged.iter().find(|judged| judged.version.size == size);
                let judged = judged.with_context(|| format!("tables {size} of no version"))?;
                for (contest, sums) in &judged.sums {
                    ensure!(self.places.add_up(contest, &stations) == *sums, "tables {size}");
                }
                self.tables += 1;
            }
            News::Killed { events } => {
                self.kills.push(events);
                return Ok(true);
            }
            News::Fault(fault) => return Err(fault),
        }
        Ok(false)
    }

    /// Does some steps, one after the other, and waits until they are published.
    fn quietly(&mut self, steps: &[Step]) -> anyhow::Result<()> {
        for step in steps {
            self.note(step);
            self.night.act(step)?;
        }
        while self.shown() < self.size() {
            self.hear()?;
        }
        Ok(())
    }

    /// From now on it is expected that this was done.
    fn note(&mut self, step: &Step) {
        let mut next = self.wanted.last().expect("a beginning").clone();
        step.apply(&self.night.stations, &mut next);
        self.wanted.push(next);
    }

    /// Does some steps and kills the collector while the last of them is published.
    fn killed(&mut self, steps: &[Step]) -> anyhow::Result<()> {
        let (last, before) = steps.split_last().context("a step")?;
        for step in before {
            self.note(step);
            self.night.act(step)?;
        }
        self.note(last);
        let ambush = Ambush::in_the(&self.night.public())?;
        let (nth, process) = (self.random.usize(1..FILES), self.night.collector.id()?);
        if !matches!(last.act, Act::Form { .. }) {
            self.night.act(last)?;
            return self.wait_for(ambush.on(process, nth, self.to.clone()));
        }
        let to = self.night.collector.address()?;
        let mut devices = self.night.devices.take().context("the devices")?;
        // It may be killed before it has answered; the device tries again.
        let step = last.clone();
        let sending = std::thread::spawn(move || (devices.send(&step, &to), devices));
        let waited = self.wait_for(ambush.on(process, nth, self.to.clone()));
        let (sent, devices) = sending.join().expect("the device");
        self.night.devices = Some(devices);
        waited.and(sent)
    }

    /// Waits until the collector is killed and another has published everything; that one may be
    /// killed too.
    fn wait_for(&mut self, killer: Killer) -> anyhow::Result<()> {
        let mut killer = Some(killer);
        loop {
            if self.shown() == self.size() {
                let Some(killer) = &killer else { return Ok(()) };
                // All of it is published, and that was not enough: it dies all the same.
                killer.now();
            }
            if !self.hear()? {
                continue;
            }
            killer.take().context("nobody was to kill")?.done();
            let left = self.night.collector.ended()?;
            self.is_whole()?;
            let ambush = Ambush::in_the(&self.night.public())?;
            self.night.start(left.1)?;
            if self.shown() < self.size() && self.random.u8(..3) == 0 {
                let nth = self.random.usize(1..FILES);
                killer = Some(ambush.on(self.night.collector.id()?, nth, self.to.clone()));
            }
        }
    }

    /// What a killed collector has left is whole.
    fn is_whole(&mut self) -> anyhow::Result<()> {
        let size = published::is_whole(&self.night.source(), &self.night.key()?)?;
        let size = size.context("the pointer is gone")?;
        ensure!(size >= self.shown(), "back to {size} from {}", self.shown());
        Ok(())
    }

    /// Pauses, goes on with the night, is killed, and resumes: what is shown stays, and says why.
    fn paused(&mut self, steps: &[Step]) -> anyhow::Result<()> {
        let (pause, rest) = steps.split_first().context("the pause")?;
        let shown = self.shown();
        self.note(pause);
        self.night.act(pause)?;
        while self.said.1 != "paused" {
            self.hear()?;
        }
        let said = (shown, "paused".to_owned(), Some(format!("{PAUSED} / I see it too")));
        ensure!(self.said == said, "{:?}", self.said);
        let (resume, forms) = rest.split_last().context("the end of the pause")?;
        for step in forms {
            self.note(step);
            self.night.act(step)?;
        }
        self.night.restart()?;
        let pointer = published::pointer(&self.night.source())?.context("a pointer")?;
        ensure!((pointer.size, &*pointer.state) == (shown, "paused"), "{pointer:?}");
        ensure!(self.shown() == shown, "a version in a pause");
        self.killed(std::slice::from_ref(resume))?;
        while self.said.1 != "open" {
            self.hear()?;
        }
        Ok(())
    }

    /// The last words: every version once more, by others, and the photos.
    fn end(mut self, follower: Follower) -> anyhow::Result<()> {
        let (source, size) = (self.night.source(), self.size());
        let last = self.judged.last().context("a version")?.version.clone();
        for photo in audits::photos(&last) {
            let file = format!("photos/{}/{photo}.jpg", &photo[..2]);
            let has_come = || Ok(get(&source, &file).map(|bytes| Digest::of(&bytes).to_string()));
            ensure!(poll::until("a photo", has_come)? == photo, "{file} is another");
        }
        self.night.collector.stop()?;
        follower.end();
        // What was told while it stopped.
        while let Ok(news) = self.news.try_recv() {
            match news {
                News::Version(version) => anyhow::bail!("version {} of nothing", version.size),
                News::Fault(fault) => return Err(fault),
                _ => {}
            }
        }
        ensure!(
            last.size == size && published::is_whole(&source, &self.night.key()?)? == Some(size)
        );
        audits::newest(&source, &last)?;
        let (public, key) = (self.night.public(), self.night.key()?.to_string());
        let key_file = self.night.place().join("key");
        std::fs::write(&key_file, key)?;
        let words = [&public, &key_file].map(|path| path.to_str().unwrap_or_default());
        succeed(&["audit", words[0], "--key", words[1]])?;
        audits::recount(&self.night, &self.judged)?;
        self.judged.iter().try_for_each(|judged| judged.export(&self.night))?;
        ensure!(self.judged.len() > 10 && self.kills.len() > 3 && self.tables > 3, "a quiet night");
        eprintln!(
            "{} versions, {} tables of all stations, killed after {:?} files",
            self.judged.len(),
            self.tables,
            self.kills
        );
        Ok(())
    }
}

/// Plays a night.
fn play(seed: u64) -> anyhow::Result<()> {
    let mut random = Rng::with_seed(seed);
    let steps = stories::night(&saksi_tests::kenya::stations()?, &mut random);
    let (mut play, follower) = Play::begin(random)?;
    while play.shown() < FIRST_FORM {
        play.hear()?;
    }
    let mut rest = &steps[..];
    while let Some(first) = rest.first() {
        let is_whole = |step: &Step| matches!(step.act, Act::Pause | Act::Resume);
        if matches!(first.act, Act::Pause) {
            let end = rest.iter().position(|step| matches!(step.act, Act::Resume));
            let (paused, after) = rest.split_at(end.context("an end of the pause")? + 1);
            play.paused(paused)?;
            rest = after;
            continue;
        }
        let most = rest.iter().take(3).take_while(|step| !is_whole(step)).count();
        let (some, after) = rest.split_at(play.random.usize(1..=most));
        match play.random.bool() {
            true => play.killed(some)?,
            false => play.quietly(some)?,
        }
        rest = after;
    }
    play.end(follower)
}

#[test]
fn every_version_is_the_audit_of_the_public_files_whatever_happens() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let nights = match number("SAKSI_NIGHT") {
        Some(night) => night..=night,
        None => 1..=number("SAKSI_NIGHTS").unwrap_or(1),
    };
    for seed in nights {
        eprintln!("night {seed}");
        play(seed).unwrap_or_else(|fault| panic!("SAKSI_NIGHT={seed}: {fault:?}"));
    }
}
