//! An evening on which one village of the Indonesian sample has begun to report: a station
//! in each of the states there are, and most of the country silent.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Context as _;
use saksi_agent::desk::Submission;
use saksi_proto::definition::Definition;
use saksi_proto::digest::Digest;
use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::device;
use saksi_tests::paper::Paper;
use saksi_tests::picture::Picture;
use serde_json::Value;
use tempfile::TempDir;

/// The village, its name, and those above it.
pub(crate) const VILLAGE: &str = "8207012001";
/// All contests counted.
pub(crate) const COUNTED: &str = "8207012001001";
/// Breaks a hard rule.
pub(crate) const HELD: &str = "8207012001002";
/// Two forms that differ.
pub(crate) const DISPUTED: &str = "8207012001003";
/// Broke a hard rule, and was corrected.
pub(crate) const CORRECTED: &str = "8207012001004";
/// Counted with a warning.
pub(crate) const WARNED: &str = "8207012001005";
/// Has sent nothing.
pub(crate) const MISSING: &str = "8207012001006";

/// What the devices have photographed, kept byte for byte: a sheet that lies on its side, which
/// EXIF says, with a red mark in its first corner; it moved; and a file that is no picture.
static PHOTOS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let sheet = Picture::sheet();
    [sheet.jpeg(), sheet.moved(20).jpeg(), b"%PDF-1.7 no picture".to_vec()]
});

/// Which of them a form names.
const SHEET: Option<usize> = Some(0);
const MOVED: Option<usize> = Some(1);
const FILE: Option<usize> = Some(2);

/// The first publication writes some hundred files and syncs each: on a machine that is busy
/// with other builds that has taken longer than anything else is waited for.
const FIRST_PAGES: Duration = Duration::from_secs(600);

/// What officers say of a form that breaks a rule, with something that is only text.
const EXPLANATION: &str = "Disalin seperti tertulis pada formulir.\nSaksi <b>partai</b> setuju.";

/// The collector that has heard them. It is stopped before its place goes.
pub(crate) struct Night {
    collector: Collector,
    definition: Definition,
    _place: TempDir,
}

impl Night {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Self::begin(false, |_| Ok(()))
    }

    /// The same, whose collector writes the static site, as often as it can.
    pub(crate) fn with_site() -> anyhow::Result<Self> {
        Self::with_site_and(|_| Ok(()))
    }

    /// The same, with something done in the collector's directory before it starts.
    pub(crate) fn with_site_and(
        prepare: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let night = Self::begin(true, prepare)?;
        night.is_published()?;
        Ok(night)
    }

    fn begin(
        site: bool,
        prepare: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        let pack = repository().join("deploy/elections/indonesia-2024");
        let definition = saksi_collector::pack::read(&pack)?;
        let mut collector = Collector::make_without_devices(place.path(), &pack)?;
        let issued = collector.issue(&["--region", VILLAGE])?;
        anyhow::ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
        let shown = if site { "site" } else { "photos" };
        collector.configure(shown, "true")?;
        collector.configure("totals_seconds", "1")?;
        prepare(collector.dir())?;
        collector.start(None)?;
        let night = Self { collector, definition, _place: place };
        let definition = &night.definition;
        night.play(definition)?;
        night.has_photos()?;
        Ok(night)
    }

    /// Address of a page.
    pub(crate) fn page(&self, path: &str) -> anyhow::Result<String> {
        Ok(format!("{}{path}", self.collector.web()?))
    }

    /// Where the static site lies.
    pub(crate) fn site(&self) -> PathBuf {
        self.collector.dir().join("public/site")
    }

    /// Waits until the static site shows the whole log.
    pub(crate) fn is_published(&self) -> anyhow::Result<()> {
        let election: Value = self.collector.get("/api/v1/election")?;
        let size = election["position"]["size"].as_u64().context("a size")?;
        saksi_tests::poll::within(FIRST_PAGES, "the site", || {
            // A file that is not there yet, or not of this size, is waited for.
            let current = std::fs::read(self.site().join("current.json")).unwrap_or_default();
            let current: Value = serde_json::from_slice(&current).unwrap_or_default();
            Ok((current["size"] == size).then_some(()))
        })
    }

    /// Where a photo lies: what its name ends with, below the public directory.
    pub(crate) fn photo_file(photo: usize, ending: &str) -> String {
        let name = Digest::of(&PHOTOS[photo]).to_string();
        format!("site/photos/{}/{name}{ending}", &name[..2])
    }

    /// Waits until all photos are published, and the pages that show them.
    fn has_photos(&self) -> anyhow::Result<()> {
        let files = [(0, ".thumb.jpg"), (1, ".thumb.jpg"), (2, ".bin")];
        let public = self.collector.dir().join("public");
        let is_there = |(photo, ending)| public.join(Self::photo_file(photo, ending)).exists();
        saksi_tests::poll::within(FIRST_PAGES, "photos", || {
            // The list of pages to be written lies there before the photos and until the pages do.
            let there = files.into_iter().all(is_there);
            Ok((there && !self.site().join(".photos").exists()).then_some(()))
        })
    }

    /// The station that was missing sends the president's form.
    pub(crate) fn hear_the_missing(&self) -> anyhow::Result<()> {
        let paper = papers(&self.definition, MISSING, 7)?.remove(0);
        self.deliver("first", MISSING, &[paper], None, None)?;
        self.is_published()
    }

    /// Stops the collector.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        self.collector.stop().map(drop)
    }

    fn play(&self, definition: &Definition) -> anyhow::Result<()> {
        let president =
            |seed, station| papers(definition, station, seed).map(|mut all| all.remove(0));
        let counted = papers(definition, COUNTED, 1)?;
        self.deliver("first", COUNTED, &counted, SHEET, None)?;
        let wrong = |mut paper: Paper| {
            paper.set("V.A", paper.number("V.A") + 7);
            paper
        };
        let held = [wrong(president(2, HELD)?)];
        self.deliver("first", HELD, &held, SHEET, None)?;
        for (device, at, photo) in [("first", 3, SHEET), ("second", 4, MOVED)] {
            self.deliver(device, DISPUTED, &[president(at, DISPUTED)?], photo, None)?;
        }
        let right = president(5, CORRECTED)?;
        self.deliver("first", CORRECTED, &[wrong(right.clone())], SHEET, None)?;
        let why = Some("Salah menyalin baris V.A.");
        self.deliver("first", CORRECTED, &[right], MOVED, why)?;
        let mut warned = president(6, WARNED)?;
        for field in ["I.A.L", "I.A.J"] {
            warned.set(field, warned.number(field) + 1);
        }
        self.deliver("first", WARNED, &[warned], FILE, None)
    }

    fn deliver(
        &self,
        device: &str,
        station: &str,
        papers: &[Paper],
        photo: Option<usize>,
        correction: Option<&str>,
    ) -> anyhow::Result<()> {
        let place = self.collector.dir().join("..").join(format!("{station}-{device}"));
        let agent = open(&place, &self.collector, station)?;
        let file = place.with_extension("photo");
        let photo = photo.map(|photo| &PHOTOS[photo]);
        photo.map(|bytes| std::fs::write(&file, bytes)).transpose()?;
        for (at, paper) in papers.iter().enumerate() {
            let named = photo.filter(|_| at == 0).map(|_| file.clone());
            let submission = Submission {
                form: paper.to_json().to_string(),
                photos: named.into_iter().collect(),
                explanation: Some(EXPLANATION.to_owned()),
                correction: correction.map(str::to_owned),
                ..Submission::default()
            };
            agent.submit(submission, agent.now_ms())?;
        }
        let delivered = device::deliver(&agent, &self.collector.address()?)?;
        anyhow::ensure!(delivered.received == papers.len(), "{station}: {delivered:?}");
        Ok(())
    }
}

fn open(place: &Path, collector: &Collector, station: &str) -> anyhow::Result<saksi_agent::Agent> {
    if place.exists() {
        return Ok(saksi_agent::Agent::open(place)?);
    }
    device::open(place, &collector.bundle(station)?)
}

/// Plausible forms of all contests, the president's first.
pub(crate) fn papers(
    definition: &Definition,
    station: &str,
    seed: u64,
) -> anyhow::Result<Vec<Paper>> {
    let mut stations = definition.stations().iter();
    let found = stations.find(|found| found.code.to_string() == station).context("a station")?;
    let mut random = fastrand::Rng::with_seed(seed);
    let contests = definition.contests().iter();
    Ok(contests.map(|contest| Paper::plausible(found, contest, &mut random)).collect())
}
