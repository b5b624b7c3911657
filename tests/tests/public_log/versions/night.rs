//! An election of the Kenyan sample, in two of whose three wards a governor is elected too: a
//! collector that writes the site, devices, and four people at the desk.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use saksi_agent::Agent;
use saksi_agent::desk::Submission;
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::message::Outcome;
use saksi_tests::clerk::{self, Clerk};
use saksi_tests::collector::{self, Collector};
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::kenya::{self, CONTEST, Station};
use saksi_tests::officer::hidden_field;
use saksi_tests::picture::Picture;
use saksi_tests::wire::{Voice, Wire};
use serde_json::Value;
use tempfile::TempDir;

use super::stories::{Act, Step};
use crate::source::Source;

/// The second contest.
pub(super) const GOVERNOR: &str = "governor";

/// Where it is held.
pub(super) const WARDS: [&str; 2] = ["0050210101", "0050210103"];

/// Who stands.
const CANDIDATES: [&str; 4] = ["1", "2", "3", "4"];

/// Why publication is paused.
pub(super) const PAUSED: &str = "the count of a ward is looked at";

/// The collector, and where everything lies. It is stopped before the place goes.
pub(super) struct Night {
    pub(super) collector: Collector,
    pub(super) stations: Vec<Station>,
    /// None while one of them sends a form on a thread of its own.
    pub(super) devices: Option<Devices>,
    desk: BTreeMap<&'static str, Clerk>,
    place: TempDir,
}

/// The devices of all stations.
pub(super) struct Devices {
    stations: Vec<Station>,
    dir: PathBuf,
    /// By station and number of the device.
    agents: BTreeMap<(usize, u8), Agent>,
    /// That of the first station is a process, and has photos of each form.
    photographer: AgentProcess,
    /// Digests of all forms in their order, by station and contest.
    sent: BTreeMap<(usize, &'static str), Vec<String>>,
}

impl Night {
    pub(super) fn new() -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        let mut collector = Collector::make(place.path(), &pack(&place)?)?;
        for (key, value) in
            [("totals_seconds", "1"), ("site", "true"), ("metrics", "\"127.0.0.1:0\"")]
        {
            collector.configure(key, value)?;
        }
        clerk::open_desk(&collector)?;
        let people =
            [("ani", "operator"), ("budi", "operator"), ("sri", "admin"), ("tuti", "admin")];
        for (name, role) in people {
            clerk::account(&collector, name, role, None)?;
        }
        collector.start(None)?;
        let signed_in = people.map(|(name, _)| Ok((name, Clerk::signed_in(&collector, name)?)));
        let desk = signed_in.into_iter().collect::<anyhow::Result<_>>()?;
        let stations = kenya::stations()?;
        let devices = Devices::of(&place, &collector, &stations)?;
        let devices = Some(devices);
        Ok(Self { collector, stations, devices, desk, place })
    }

    pub(super) fn public(&self) -> PathBuf {
        self.collector.dir().join("public")
    }

    pub(super) fn source(&self) -> Source {
        Source::Directory(self.public())
    }

    pub(super) fn place(&self) -> &std::path::Path {
        self.place.path()
    }

    pub(super) fn key(&self) -> anyhow::Result<LogKey> {
        Ok(std::fs::read_to_string(self.collector.dir().join("log.vkey"))?.trim().parse()?)
    }

    /// Kills the collector and starts it again.
    pub(super) fn restart(&mut self) -> anyhow::Result<()> {
        let before = self.collector.kill()?;
        self.start(before)
    }

    /// Starts the collector again where it was; its desk has another address then.
    pub(super) fn start(&mut self, before: (SocketAddr, SocketAddr)) -> anyhow::Result<()> {
        self.collector.start(Some(before))?;
        let base = self.collector.staff()?;
        self.desk.values_mut().for_each(|clerk| base.clone_into(&mut clerk.base));
        Ok(())
    }

    /// Does what a step says, unless that is a form.
    pub(super) fn act(&mut self, step: &Step) -> anyhow::Result<()> {
        let station = self.stations[step.station].code.clone();
        let case = format!("/case/{station}/{}", step.contest);
        let rule = |choice: &str| self.by_two(["ani", "budi"], &case, choice);
        match &step.act {
            Act::Form { .. } => {
                let to = self.collector.address()?;
                self.devices.as_mut().context("the devices")?.send(step, &to)
            }
            Act::Accept(at) => {
                let sent = &self.devices.as_ref().context("the devices")?.sent;
                rule(&format!("accept:{}", sent[&(step.station, step.contest)][*at]))
            }
            Act::Reject => rule("reject"),
            Act::Withdraw => rule("withdraw"),
            Act::Registered(voters) => {
                self.command(&["amend", "registered"], &[&station, &voters.to_string()])
            }
            Act::Unopened => self.command(&["amend", "unopened"], &[&station]),
            Act::Opened => self.command(&["amend", "opened"], &[&station]),
            Act::Revoke => self.command(&["device", "revoke"], &[&station]),
            Act::Evidence(typed) => self.evidence(&station, typed),
            Act::Pause => self.by_two(["sri", "tuti"], "/publication", "pause"),
            Act::Resume => self.choose("sri", "/publication", "resume").map(drop),
        }
    }

    fn command(&self, what: &[&str], more: &[&str]) -> anyhow::Result<()> {
        let dir = self.collector.dir().to_str().context("UTF-8")?;
        let why = ["--by", "sri", "--reason", "as it was reported"];
        collector::succeed(&[what, &[dir], more, &why].concat()).map(drop)
    }

    /// One proposes, another confirms.
    fn by_two(&self, [first, second]: [&str; 2], page: &str, choice: &str) -> anyhow::Result<()> {
        let led = self.choose(first, page, choice)?;
        let id = led.split_once("?proposed=").with_context(|| format!("{choice}: {led}"))?.1;
        let (page, to) = (format!("/proposals/{id}"), format!("/proposals/{id}/confirm"));
        let answer = self.desk[second].post(&page, &to, &[("remark", "I see it too")])?;
        ensure!(answer.status == 303, "{choice}: {} {}", answer.status, answer.html);
        Ok(())
    }

    /// Somebody chooses what a page offers, reads it back, and confirms that; gives where it leads.
    fn choose(&self, who: &str, page: &str, choice: &str) -> anyhow::Result<String> {
        let by = &self.desk[who];
        let fields = [("choice", choice), ("reason", PAUSED)];
        let read = by.post(page, page, &fields)?;
        ensure!(read.status == 200, "{choice}: {} {}", read.status, read.html);
        let hidden = ["csrf", "seen"].into_iter();
        let hidden = hidden.filter_map(|name| Some((name, hidden_field(&read.html, name)?)));
        let all: Vec<_> = hidden.chain(fields).chain([("confirmed", "yes")]).collect();
        let made = by.send(page, &[("Origin", &by.base)], &all)?;
        made.location.with_context(|| format!("{choice}: {} {}", made.status, made.html))
    }

    /// The revoked device sends a form, which is kept and counts for nothing.
    fn evidence(&self, station: &str, typed: &Value) -> anyhow::Result<()> {
        let bundle = self.collector.bundle(station)?;
        let voice = Voice::new(&bundle)?;
        let lines: BTreeMap<String, u32> = serde_json::from_value(typed["lines"].clone())?;
        let counts = lines.into_values().map(saksi_proto::count::Count::Written).collect();
        let sealed = voice.seal(&voice.form(counts))?;
        let mut wire = Wire::begin(&self.collector.address()?, &bundle)?;
        let outcomes = wire.submit(vec![sealed.into_bytes()])?.outcomes;
        ensure!(matches!(&outcomes[..], [Outcome::Refused { .. }]), "{outcomes:?}");
        Ok(())
    }
}

impl Devices {
    fn of(place: &TempDir, collector: &Collector, stations: &[Station]) -> anyhow::Result<Self> {
        let bundle = collector.bundle_path(&stations[0].code);
        let mut photographer = AgentProcess::init(&place.path().join("photographer"), &bundle)?;
        photographer.page_at("off");
        photographer.run(&collector.address()?)?;
        let mut agents = BTreeMap::new();
        for (at, station) in stations.iter().enumerate() {
            // As many as any story has.
            for number in 0..3 {
                let dir = place.path().join(format!("agent-{at}-{number}"));
                if at == 0 || (number > 0 && ![1, 11].contains(&at)) {
                    continue;
                }
                agents.insert((at, number), device::open(&dir, &collector.bundle(&station.code)?)?);
            }
        }
        let (stations, dir) = (stations.to_vec(), place.path().to_owned());
        Ok(Self { stations, dir, agents, photographer, sent: BTreeMap::new() })
    }

    /// Has a device send a form, and waits for its receipt, however often the collector is killed.
    pub(super) fn send(&mut self, step: &Step, to: &CollectorAddress) -> anyhow::Result<()> {
        let Act::Form { device, typed } = &step.act else { return Ok(()) };
        let forms = self.sent.entry((step.station, step.contest)).or_default();
        let is_correction = !forms.is_empty() && *device == 0;
        let Some(agent) = self.agents.get(&(step.station, *device)) else {
            let photo = self.dir.join(format!("sheet-{}.jpg", forms.len()));
            std::fs::write(&photo, sheet(forms.len()).jpeg())?;
            let mut options = vec!["--photo", photo.to_str().context("UTF-8")?, "--as-is"];
            if is_correction {
                options.extend(["--correct", "--reason", "miscounted"]);
            }
            let stored = self.photographer.submit(typed, &options)?;
            ensure!(stored.status.success(), "{stored:?}");
            self.photographer.received(CONTEST)?;
            forms.push(self.photographer.json(&["show"])?[0]["digest"].to_string());
            return Ok(());
        };
        let submission = Submission {
            form: typed.to_string(),
            correction: is_correction.then(|| "miscounted".to_owned()),
            explanation: Some("as it stands on the paper".to_owned()),
            ..Submission::default()
        };
        let submitted = agent.submit(submission, agent.now_ms())?;
        forms.push(submitted.digest.to_string());
        let delivered = device::deliver(agent, to)?;
        ensure!(delivered.received == 1, "{}: {delivered:?}", self.stations[step.station].code);
        Ok(())
    }
}

/// A small picture, another one each time.
fn sheet(number: usize) -> Picture {
    let (width, height) = (64, 48);
    let grey = 40 + 40 * u8::try_from(number % 5).unwrap_or_default();
    Picture { width, height, samples: vec![grey; 3 * width * height] }
}

/// The sample with a second contest.
fn pack(place: &TempDir) -> anyhow::Result<PathBuf> {
    let pack = place.path().join("pack");
    std::fs::create_dir(&pack)?;
    for list in ["regions.csv", "stations.csv"] {
        std::fs::copy(kenya::pack().join(list), pack.join(list))?;
    }
    let mut election = std::fs::read_to_string(kenya::pack().join("election.toml"))?;
    election += &format!(
        "\n[[contest]]\ncode = \"{GOVERNOR}\"\nname = {{ en = \"Governor\", sw = \"Gavana\" }}\n\
         form = \"form-34a\"\nscope = {WARDS:?}\n"
    );
    for code in CANDIDATES {
        election +=
            &format!("\n[[contest.candidate]]\ncode = \"{code}\"\nname = \"Candidate {code}\"\n");
    }
    std::fs::write(pack.join("election.toml"), election)?;
    Ok(pack)
}
