//! The static site: at every publication what a fold of the log gives, whatever stops it.

mod find;
mod lists;
mod pages;
mod photos;
mod publications;
mod refused;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::{Arc, LazyLock, RwLock};

use flate2::read::GzDecoder;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry, Evidence, Revocation};
use saksi_proto::form::TallyForm;
use saksi_proto::note::Note;
use saksi_proto::question::Question;
use saksi_proto::ruling::{Amended, Amendment, Decision, Pause, Ruling};
use saksi_proto::seal::SealedForm;
use serde_json::Value;

use super::disk::{Failure, MemoryDisk};
use super::{Centre, Disk as _, log_key, signer};
use crate::ledger::Ledger;
use crate::photos::NewlyWhole;
use crate::publisher::site::{Outcome, Site};
use crate::sample;
use crate::view;
use crate::view::decisions::PublicationView;
use crate::view::moment::Moment;

/// The photo that every form of station 1001 names, and its hash.
static PHOTO: LazyLock<(Vec<u8>, Digest)> = LazyLock::new(|| {
    let (mut jpeg, samples) = (Vec::new(), [200; 64 * 48]);
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 80);
    encoder.encode(&samples, 64, 48, jpeg_encoder::ColorType::Luma).unwrap();
    let digest = Digest::of(&jpeg);
    (jpeg, digest)
});

struct Night {
    centre: Centre,
    entries: Vec<Entry>,
    ledger: Arc<RwLock<Ledger>>,
    disk: MemoryDisk,
    site: Site<MemoryDisk>,
    /// Whose photos have come, for `site`.
    newly_whole: Arc<NewlyWhole>,
}

impl Night {
    fn new() -> Self {
        let centre = Centre::new();
        let election = Arc::new(sample::election());
        let ledger = Arc::new(RwLock::new(Ledger::new(Arc::clone(&election))));
        let (disk, newly_whole) = (MemoryDisk::default(), Arc::default());
        let site = site_on(&disk, &centre, &ledger, &newly_whole);
        let mut night = Self { centre, entries: Vec::new(), ledger, disk, site, newly_whole };
        night.add(sample::manifest(&election, ""));
        sample::enrolments().into_iter().for_each(|by| night.add(Entry::Enrolment(by)));
        night
    }

    /// Commits an entry, and has the log published.
    fn add(&mut self, entry: Entry) {
        self.centre.commit(vec![entry.encode()]);
        let mut ledger = self.ledger.write().unwrap();
        sample::apply(&mut ledger, &entry).unwrap();
        ledger.position.root = Some(self.centre.tree.root());
        self.entries.push(entry);
        drop(ledger);
        self.publish_log(&self.disk);
    }

    fn publish_log(&self, disk: &MemoryDisk) {
        let (size, root) = (self.centre.tree.size(), self.centre.tree.root());
        let note = saksi_proto::checkpoint::Checkpoint { origin: log_key().origin, size, root };
        disk.write(super::CHECKPOINT, note.sign(&signer(1)).as_bytes()).unwrap();
        disk.sync(&[super::CHECKPOINT.to_owned()]).unwrap();
        disk.sync_dir("").unwrap();
    }

    fn form(&mut self, station: &str, counts: [u32; 3]) -> Digest {
        self.send(&sample::form(station, counts))
    }

    fn send(&mut self, form: &TallyForm) -> Digest {
        let mut form = form.clone();
        form.photos = if form.station.as_str() == "1001" { vec![PHOTO.1] } else { Vec::new() };
        let sealed = sample::sealed(&form);
        self.add(sample::arrival(&sealed));
        sealed.digest()
    }

    fn rule(&mut self, station: &str, over: &[Digest], decision: Decision) {
        let (station, contest) = (station.parse().unwrap(), "mayor".parse().unwrap());
        let (over, act) = (over.to_vec(), act());
        self.add(Entry::Ruling(Ruling { station, contest, over, decision, at_ms: 5, act }));
    }

    fn ask(&mut self, station: &str) {
        let (station, contest) = (station.parse().unwrap(), "mayor".parse().unwrap());
        let (lines, text, act) = (Vec::new(), "where is it?".to_owned(), act());
        self.add(Entry::Question(Question { station, contest, lines, text, at_ms: 6, act }));
    }

    fn pause(&mut self, paused: bool) {
        self.add(Entry::Pause(Pause { paused, at_ms: 5, act: act() }));
    }

    fn publish(&mut self) -> Outcome {
        self.site.publish(77, 88).unwrap()
    }

    /// Another process that goes on with what is on a disk.
    fn site_on(&self, disk: &MemoryDisk) -> Site<MemoryDisk> {
        site_on(disk, &self.centre, &self.ledger, &Arc::default())
    }

    /// The ledger as it was when the log had so many entries.
    fn folded_to(&self, size: u64) -> Ledger {
        let mut ledger = Ledger::new(Arc::new(sample::election()));
        for entry in &self.entries[..usize::try_from(size).unwrap()] {
            sample::apply(&mut ledger, entry).unwrap();
        }
        ledger
    }

    /// Checks what is published as a reader would, from the pointer on, against a fold of the
    /// log to the size that it names, and gives that.
    fn check(&self, disk: &MemoryDisk) -> Option<u64> {
        let current = json(&disk.read("site/current.json").unwrap()?);
        let size = current["size"].as_u64().unwrap();
        assert_eq!(current["root"], self.centre.tree.root_at(size).to_string());
        let note = disk.read(&format!("site/{}", text(&current["version"]))).unwrap().unwrap();
        assert_eq!(current["version_sha256"], Digest::of(&note).to_string());
        let note = String::from_utf8(note).unwrap();
        let parsed = Note::parse(&note).unwrap();
        assert!(parsed.by(&log_key().origin, log_key().id()).next().is_some());
        let sha256 = text(&current["numbers_sha256"]);
        for line in [format!("size {size}"), format!("numbers {sha256}")] {
            assert!(parsed.body.lines().any(|found| found == line), "{line}: {note}");
        }
        let ledger = self.folded_to(size);
        assert_eq!(check_numbers(disk, &ledger, sha256), 3, "regions");
        Some(size)
    }

    /// Checks that every page there should be is there, and is what is served.
    fn check_pages(&self, disk: &MemoryDisk) {
        let ledger = self.ledger.read().unwrap();
        let mut wanted = 1;
        for (contest, region) in ledger.tally.held() {
            let view = view::region::region(&ledger, contest, region);
            for language in ["id", "en"] {
                wanted += 1;
                let directory = format!("{language}/region-{}", view.contest.code);
                let file = format!("{directory}/{}.html", view.region.code);
                for sort in ["name", "coverage"].iter().filter(|_| view.parts.len() > 1) {
                    wanted += 1;
                    let sorted =
                        unpacked(disk, &format!("{directory}/{sort}/{}.html", view.region.code));
                    let part = format!("../../../{directory}/{}.html\"", view.parts[0].region.code);
                    assert!(sorted.contains(&part), "{sort}: {sorted}");
                    assert!(sorted.contains("aria-sort="), "{sort}: {sorted}");
                }
                let page = unpacked(disk, &file);
                let stations = &view.totals.stations;
                let fraction = format!("{} ", stations.counted);
                assert!(page.contains(&fraction), "{file}: {page}");
                for sum in view.totals.votes.values().filter(|_| stations.counted > 0) {
                    let votes = format!("<td class=\"number\">{}</td>", sum.total);
                    assert!(page.contains(&votes), "{file}: {votes}\n{page}");
                }
                for held in &view.contests_held {
                    let tab = format!("{language}/region-{held}/{}.html\"", view.region.code);
                    assert!(page.contains(&tab), "{file}: {tab}");
                }
                for station in &view.stations {
                    let link = format!("../../{language}/station/{}.html", station.code);
                    assert_eq!(page.contains(&link), station.is_heard, "{file}: {link}");
                }
                let numbers = format!("numbers/{}.json", view.region.code);
                assert!(page.contains(&format!("href=\"../../{numbers}\"")), "{file}");
                assert_eq!(
                    json(unpacked(disk, &numbers).as_bytes())["region"]["code"],
                    view.region.code.as_str()
                );
            }
        }
        for station in 0..3 {
            let view = view::station::station(&ledger, station);
            let forms: Vec<_> = view.contests.iter().flat_map(|of| &of.forms).collect();
            if forms.is_empty() && view.amendments.is_empty() {
                continue;
            }
            for language in ["id", "en"] {
                wanted += 1;
                let page = unpacked(disk, &format!("{language}/station/{}.html", view.code));
                forms.iter().for_each(|form| assert!(page.contains(&form.digest), "{page}"));
                assert_eq!(page.contains(&PHOTO.1.to_string()), view.code.as_str() == "1001");
            }
        }
        let files = disk.files("site").unwrap();
        check_links(disk, &files);
        let is_page = |file: &&String| {
            let kinds = ["/index.html", "/region-", "/station/"];
            file.ends_with(".html.gz") && kinds.iter().any(|kind| file.contains(kind))
        };
        let pages: Vec<_> = files.iter().filter(is_page).collect();
        assert_eq!(pages.len(), wanted, "{pages:?}");
        drop(ledger);
        self.check_lists(disk);
        let newest = unpacked(disk, "en/publications/newest.html");
        let version = json(&disk.read("site/current.json").unwrap().unwrap())["version"].clone();
        assert!(newest.contains(&format!("../../{}\"", text(&version))), "{newest}");
    }
}

fn site_on(
    disk: &MemoryDisk,
    centre: &Centre,
    ledger: &Arc<RwLock<Ledger>>,
    newly_whole: &Arc<NewlyWhole>,
) -> Site<MemoryDisk> {
    let keys = (log_key(), signer(1));
    Site::on(disk.clone(), &centre.home(), keys, Arc::clone(ledger), Arc::clone(newly_whole))
}

/// Checks that every link of every page leads to a file that is there.
fn check_links(disk: &MemoryDisk, files: &[String]) {
    let there: BTreeSet<_> = files.iter().map(|file| file.trim_end_matches(".gz")).collect();
    for page in there.iter().filter(|file| file.ends_with(".html")) {
        let html = unpacked(disk, page.trim_start_matches("site/"));
        let links = html.split(" href=\"").chain(html.split(" src=\"")).skip(1);
        let links = links.filter_map(|rest| rest.split(['"', '#']).next());
        // What a split begins with is no link.
        for link in links.filter(|link| !link.is_empty() && !link.contains('<')) {
            let mut place: Vec<_> = page.split('/').collect();
            place.pop();
            for step in link.split('/') {
                match step {
                    ".." => place.truncate(place.len() - 1),
                    step => place.push(step),
                }
            }
            assert!(there.contains(&*place.join("/")), "{page} leads to {link}");
        }
    }
}

fn act() -> Act {
    Act { by: "sri".to_owned(), reason: "kertas".to_owned() }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn unpacked(disk: &MemoryDisk, file: &str) -> String {
    let packed = disk.read(&format!("site/{file}.gz")).unwrap();
    let packed = packed.unwrap_or_else(|| panic!("{file} is missing"));
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    text
}

/// Checks the numbers of a region and of all below it; gives the regions.
fn check_numbers(disk: &MemoryDisk, ledger: &Ledger, sha256: &str) -> usize {
    let file = unpacked(disk, &format!("data/{}/{sha256}.json", &sha256[..2]));
    assert_eq!(Digest::of(file.as_bytes()).to_string(), sha256);
    let numbers = json(file.as_bytes());
    let definition = &ledger.election.definition;
    let region = definition.region(text(&numbers["region"]["code"]).parse().unwrap()).unwrap();
    let mut held = 0;
    for contest in 0..definition.contests().len() {
        let view = view::region::region(ledger, contest, region);
        if !ledger.tally.region(contest, region).is_held() {
            continue;
        }
        let totals = &numbers["contests"][held]["totals"];
        assert_eq!(*totals, serde_json::to_value(&view.totals).unwrap(), "{region}");
        let parts = numbers["parts"].as_array().unwrap().iter().flat_map(|part| {
            let contests = part["contests"].as_array().unwrap().iter();
            let of = contests.filter(|of| of["contest"] == view.contest.code.as_str());
            of.map(|of| of["totals"]["stations"]["counted"].as_u64().unwrap())
        });
        let parts: Vec<_> = parts.collect();
        let sum: u64 = parts.iter().sum();
        assert!(parts.is_empty() || sum == u64::from(view.totals.stations.counted));
        for row in &view.stations {
            let stations = numbers["stations"].as_array().unwrap().iter();
            let mut stations = stations.filter(|station| station["code"] == row.code.as_str());
            let contests = stations.next().unwrap()["contests"].as_array().unwrap().clone();
            let of = contests.iter().find(|of| of["contest"] == view.contest.code.as_str());
            assert_eq!(of.unwrap()["state"], serde_json::to_value(row.state).unwrap());
            check_forms(ledger, contest, row.code.as_str(), of.unwrap());
        }
        held += 1;
    }
    for station in numbers["stations"].as_array().unwrap() {
        let at = definition.station(text(&station["code"]).parse().unwrap()).unwrap();
        let view = serde_json::to_value(view::station::station(ledger, at)).unwrap();
        for of in ["registered", "amendments", "evidence"] {
            assert_eq!(station[of], view[of], "{station}");
        }
    }
    assert_eq!(numbers["contests"].as_array().unwrap().len(), held);
    let parts = numbers["parts"].as_array().unwrap().iter();
    1 + parts.map(|part| check_numbers(disk, ledger, text(&part["numbers"]))).sum::<usize>()
}

/// Checks the forms of a station in a contest, and what was ruled on them.
fn check_forms(ledger: &Ledger, contest: usize, station: &str, numbers: &Value) {
    let at = ledger.election.definition.station(station.parse().unwrap()).unwrap();
    let view = view::station::station(ledger, at);
    let code = ledger.election.contest(contest).code;
    let of = view.contests.iter().find(|of| of.contest.code == code).unwrap();
    assert_eq!(numbers["rulings"], serde_json::to_value(&of.rulings).unwrap());
    let forms = numbers["forms"].as_array().unwrap();
    assert_eq!(forms.len(), of.forms.len(), "{numbers}");
    let revisions = ledger.tally.station(contest, at).into_iter().flat_map(|of| of.all());
    for ((form, view), revision) in forms.iter().zip(&of.forms).zip(revisions) {
        let counts: Vec<_> = revision.report.counts().collect();
        assert_eq!(form["counts"], serde_json::to_value(counts).unwrap());
        let view = serde_json::to_value(view).unwrap();
        for of in ["index", "digest", "revision", "supersedes", "standing", "explanation", "reason"]
        {
            assert_eq!(form[of], view[of], "{form}");
        }
    }
}

/// All that can happen to totals, an entry at a time.
fn happenings(night: &mut Night, mut after_each: impl FnMut(&mut Night)) {
    let first = night.form("1001", [3, 4, 7]);
    after_each(night);
    let held = night.form("1002", [1, 1, 9]);
    after_each(night);
    let mut correction = sample::form("1001", [3, 5, 8]);
    (correction.revision, correction.supersedes) = (2, Some(first));
    night.send(&correction);
    after_each(night);
    let one = night.form("2001", [5, 0, 5]);
    after_each(night);
    let other = night.form("2001", [0, 5, 5]);
    after_each(night);
    night.rule("2001", &[one, other], Decision::Accept(other));
    after_each(night);
    night.rule("1002", &[held], Decision::Accept(held));
    after_each(night);
    night.rule("1002", &[held], Decision::Reject);
    after_each(night);
    let (station, change) = ("1001".parse().unwrap(), Amended::Registered(31));
    night.add(Entry::Amendment(Amendment { station, change, at_ms: 5, act: act() }));
    after_each(night);
}
