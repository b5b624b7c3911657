//! The static site: at every publication what a fold of the log gives, whatever stops it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, RwLock};

use flate2::read::GzDecoder;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry};
use saksi_proto::form::TallyForm;
use saksi_proto::note::Note;
use saksi_proto::ruling::{Amended, Amendment, Decision, Pause, Ruling};
use serde_json::Value;

use super::disk::{Failure, MemoryDisk};
use super::{Centre, Disk as _, log_key, signer};
use crate::ledger::Ledger;
use crate::publisher::site::{Outcome, Site};
use crate::sample;
use crate::view;
use crate::view::decisions::PublicationView;
use crate::view::moment::Moment;

/// The photo that every form of station 1001 names.
const PHOTO: Digest = Digest([9; 32]);

struct Night {
    centre: Centre,
    entries: Vec<Entry>,
    ledger: Arc<RwLock<Ledger>>,
    disk: MemoryDisk,
    site: Site<MemoryDisk>,
}

impl Night {
    fn new() -> Self {
        let centre = Centre::new();
        let election = Arc::new(sample::election());
        let ledger = Arc::new(RwLock::new(Ledger::new(Arc::clone(&election))));
        let disk = MemoryDisk::default();
        let site =
            Site::on(disk.clone(), &centre.home(), log_key(), signer(1), Arc::clone(&ledger));
        let mut night = Self { centre, entries: Vec::new(), ledger, disk, site };
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
        disk.sync_dir("").unwrap();
    }

    fn form(&mut self, station: &str, counts: [u32; 3]) -> Digest {
        self.send(&sample::form(station, counts))
    }

    fn send(&mut self, form: &TallyForm) -> Digest {
        let mut form = form.clone();
        form.photos = if form.station.as_str() == "1001" { vec![PHOTO] } else { Vec::new() };
        let sealed = sample::sealed(&form);
        self.add(sample::arrival(&sealed));
        sealed.digest()
    }

    fn rule(&mut self, station: &str, over: &[Digest], decision: Decision) {
        let (station, contest) = (station.parse().unwrap(), "mayor".parse().unwrap());
        let (over, act) = (over.to_vec(), act());
        self.add(Entry::Ruling(Ruling { station, contest, over, decision, at_ms: 5, act }));
    }

    fn pause(&mut self, paused: bool) {
        self.add(Entry::Pause(Pause { paused, at_ms: 5, act: act() }));
    }

    fn publish(&mut self) -> Outcome {
        self.site.publish(77, 88).unwrap()
    }

    /// Another process that goes on with what is on a disk.
    fn site_on(&self, disk: &MemoryDisk) -> Site<MemoryDisk> {
        let ledger = Arc::clone(&self.ledger);
        Site::on(disk.clone(), &self.centre.home(), log_key(), signer(1), ledger)
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
                let file =
                    format!("{language}/region-{}/{}.html", view.contest.code, view.region.code);
                let page = unpacked(disk, &file);
                let stations = &view.totals.stations;
                let fraction = format!("{} ", stations.counted);
                assert!(page.contains(&fraction), "{file}: {page}");
                for sum in view.totals.votes.values().filter(|_| stations.counted > 0) {
                    let votes = format!("<td class=\"number\">{}</td>", sum.total);
                    assert!(page.contains(&votes), "{file}: {votes}\n{page}");
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
                assert_eq!(page.contains(&PHOTO.to_string()), view.code.as_str() == "1001");
            }
        }
        let files = disk.files("site").unwrap();
        let pages: Vec<_> = files.iter().filter(|file| file.ends_with(".html.gz")).collect();
        assert_eq!(pages.len(), wanted, "{pages:?}");
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
        }
        held += 1;
    }
    assert_eq!(numbers["contests"].as_array().unwrap().len(), held);
    let parts = numbers["parts"].as_array().unwrap().iter();
    1 + parts.map(|part| check_numbers(disk, ledger, text(&part["numbers"]))).sum::<usize>()
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

#[test]
fn every_publication_is_a_fold_of_the_log() {
    let mut night = Night::new();
    assert_eq!(night.publish(), Outcome::Published(4));
    night.check_pages(&night.disk);
    happenings(&mut night, |night| {
        let size = night.entries.len() as u64;
        assert_eq!(night.publish(), Outcome::Published(size));
        assert_eq!(night.check(&night.disk), Some(size));
        night.check_pages(&night.disk);
        // Another process comes to the same, and finds nothing to write.
        let mut other = night.site_on(&night.disk);
        assert_eq!(other.publish(79, 90).unwrap(), Outcome::Published(size));
        assert_eq!(night.check(&night.disk), Some(size));
    });
    let data = night.disk.files("site/data").unwrap();
    assert!(data.len() <= 3 * 4, "numbers that nothing names stay: {data:?}");
    assert_eq!(night.disk.files("site/versions").unwrap().len(), 10, "each has its note");
}

#[test]
fn only_the_pages_of_what_has_changed_are_written_again() {
    let mut night = Night::new();
    night.form("2001", [5, 0, 5]);
    night.publish();
    let pages = |night: &Night| {
        let files = night.disk.files("site").unwrap();
        let pages = files.into_iter().filter(|file| file.ends_with(".html.gz"));
        let bytes = |file: &String| night.disk.read(file).unwrap();
        pages.map(|file| (file.clone(), bytes(&file))).collect::<BTreeMap<_, _>>()
    };
    let before = pages(&night);
    night.form("1001", [3, 4, 7]);
    night.site.publish(99, 100).unwrap();
    let after = pages(&night);
    let changed = after.iter().filter(|(file, bytes)| before.get(*file) != Some(bytes));
    let mut changed: Vec<_> = changed.map(|(file, _)| file.trim_start_matches("site/")).collect();
    changed.retain(|file| !file.starts_with("en/"));
    let wanted = ["0", "1"].map(|code| format!("id/region-mayor/{code}.html.gz"));
    let hamlet = "id/region-hamlet/0.html.gz".to_owned();
    let station = "id/station/1001.html.gz".to_owned();
    let index = "index.html.gz".to_owned();
    let wanted: Vec<_> = [hamlet].into_iter().chain(wanted).chain([station, index]).collect();
    assert_eq!(changed, wanted);
}

#[test]
fn what_stops_at_any_step_leaves_what_was_published_and_the_next_goes_on() {
    for failure in [Failure::Undone, Failure::Done] {
        for at in 1.. {
            let mut night = Night::new();
            night.form("1001", [3, 4, 7]);
            night.publish();
            night.form("1001", [4, 3, 7]);
            night.form("1002", [1, 1, 2]);
            night.disk.fail_at(at, failure);
            let published = night.site.publish(78, 89);
            let steps = night.disk.work();
            if steps < at {
                assert_eq!(published.unwrap(), Outcome::Published(7));
                assert!(steps > 40, "{steps} steps");
                break;
            }
            // The same process goes on when its disk does; what fails is gone on with by another.
            let left = match failure {
                Failure::Undone => night.disk.after_power_cut(),
                Failure::Done => night.disk.after_kill(),
            };
            assert_eq!(night.publish(), Outcome::Published(7), "step {at}");
            let size = night.check(&left);
            assert!(matches!(size, Some(5 | 7)), "step {at}: {size:?}");
            assert_eq!(night.site_on(&left).publish(79, 90).unwrap(), Outcome::Published(7));
            for disk in [&night.disk, &left.after_power_cut()] {
                assert_eq!(night.check(disk), Some(7), "step {at}");
                night.check_pages(disk);
            }
        }
    }
}

#[test]
fn the_log_comes_first() {
    let mut night = Night::new();
    night.publish();
    let before = night.disk.read(super::CHECKPOINT).unwrap().unwrap();
    night.form("1001", [3, 4, 7]);
    night.disk.write(super::CHECKPOINT, &before).unwrap();
    assert_eq!(night.publish(), Outcome::Early);
    assert_eq!(night.check(&night.disk), Some(4));
    night.publish_log(&night.disk);
    assert_eq!(night.publish(), Outcome::Published(5));
    assert_eq!(night.check(&night.disk), Some(5));
}

#[test]
fn a_pause_and_its_reason_are_said_and_nothing_is_renewed_until_its_end() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    night.pause(true);
    night.form("2001", [5, 0, 5]);
    assert_eq!(night.publish(), Outcome::Paused);
    assert_eq!(night.check(&night.disk), Some(5));
    let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
    assert_eq!((&current["state"], &current["reason"]), (&"paused".into(), &"kertas".into()));
    for page in ["index.html", "id/region-mayor/0.html"] {
        assert!(unpacked(&night.disk, page).contains("<q>kertas</q>"), "{page}");
    }
    night.pause(false);
    assert_eq!(night.publish(), Outcome::Published(8));
    assert_eq!(night.check(&night.disk), Some(8));
    night.check_pages(&night.disk);
    let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
    assert_eq!((&current["state"], current.get("reason")), (&"open".into(), None));
    assert!(!unpacked(&night.disk, "index.html").contains("<q>"));
}

/// Changes the numbers of the whole that are published, with the hash that they have then.
fn tamper(disk: &MemoryDisk, change: impl FnOnce(&mut Value)) {
    let mut current = json(&disk.read("site/current.json").unwrap().unwrap());
    let mut numbers = json(unpacked(disk, text(&current["numbers"])).as_bytes());
    change(&mut numbers);
    let bytes = serde_json::to_vec(&numbers).unwrap();
    let sha256 = Digest::of(&bytes).to_string();
    let file = format!("data/{}/{sha256}.json", &sha256[..2]);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, &bytes).unwrap();
    disk.make_dirs(&format!("site/data/{}", &sha256[..2])).unwrap();
    disk.damage(&format!("site/{file}.gz"), Some(&packer.finish().unwrap()));
    (current["numbers"], current["numbers_sha256"]) = (file.into(), sha256.into());
    disk.damage("site/current.json", Some(&serde_json::to_vec(&current).unwrap()));
}

#[test]
fn numbers_that_go_back_without_a_reason_are_refused_and_that_is_said() {
    let counted = |numbers: &mut Value| {
        numbers["contests"][0]["totals"]["stations"]["counted"] = 3.into();
    };
    let votes = |numbers: &mut Value| {
        numbers["parts"][0]["contests"][0]["totals"]["votes"]["01"]["total"] = 99.into();
    };
    let cases = [
        (
            counted as fn(&mut Value),
            "0 mayor: 3 stations were counted, now 2, and no entry says why",
        ),
        (votes, "1 mayor: 01 had 99 votes, now 4, and no entry says why"),
    ];
    for (change, why) in cases {
        let mut night = Night::new();
        night.form("1001", [3, 4, 7]);
        night.publish();
        tamper(&night.disk, change);
        let before = night.disk.read("site/id/region-mayor/1.html.gz").unwrap();
        night.form("1002", [1, 1, 2]);
        let mut site = night.site_on(&night.disk);
        assert_eq!(site.publish(79, 90).unwrap(), Outcome::Refused);
        let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
        assert_eq!((&current["state"], &current["reason"]), (&"refused".into(), &why.into()));
        assert_eq!((&current["size"], &current["since_ms"]), (&5.into(), &79.into()));
        assert_eq!(night.disk.read("site/id/region-mayor/1.html.gz").unwrap(), before);
        // It is refused until somebody looks, and each time the same is said.
        assert_eq!(site.publish(89, 99).unwrap(), Outcome::Refused);
        let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
        assert_eq!((&current["since_ms"], &current["checked_ms"]), (&79.into(), &89.into()));
        night.disk.remove("site").unwrap();
        assert_eq!(night.site_on(&night.disk).publish(99, 100).unwrap(), Outcome::Published(6));
        assert_eq!(night.check(&night.disk), Some(6));
    }
}

#[test]
fn the_site_of_a_log_that_was_restored_is_refused() {
    let mut long = Night::new();
    long.form("1001", [3, 4, 7]);
    long.publish();
    for forms in [[[5, 0, 5], [1, 1, 2]], [[3, 4, 7], [1, 1, 2]]] {
        let mut other = Night::new();
        let same = forms[0] == [3, 4, 7];
        other.form("1001", forms[0]);
        other.form("1002", forms[1]);
        let disk = long.disk.after_kill();
        other.publish_log(&disk);
        let wanted = if same { Outcome::Published(6) } else { Outcome::Refused };
        assert_eq!(other.site_on(&disk).publish(79, 90).unwrap(), wanted);
    }
    let shorter = Night::new();
    let disk = long.disk.after_kill();
    assert_eq!(shorter.site_on(&disk).publish(79, 90).unwrap(), Outcome::Refused);
    let current = json(&disk.read("site/current.json").unwrap().unwrap());
    assert!(text(&current["reason"]).starts_with("5 entries were published"), "{current}");
}

#[test]
fn all_stations_are_a_table_and_a_later_one_takes_its_place_after_a_while() {
    let mut night = Night::new();
    let first = night.form("1001", [3, 4, 7]);
    let mut correction = sample::form("1001", [3, 5, 8]);
    (correction.revision, correction.supersedes) = (2, Some(first));
    let digest = night.send(&correction);
    night.form("1002", [1, 1, 9]);
    let held = night.ledger.read().unwrap().tally.station(0, 1).unwrap().all()[0].report.digest;
    night.site.publish(1_000, 1_010).unwrap();
    let pointer = json(&night.disk.read("site/stations.json").unwrap().unwrap());
    assert_eq!((&pointer["size"], &pointer["at_ms"]), (&7.into(), &1_000.into()));
    let mayor = &pointer["contests"][0];
    assert_eq!((&mayor["contest"], &mayor["stations"]), (&"mayor".into(), &3.into()));
    let table = unpacked(&night.disk, text(&mayor["file"]));
    assert_eq!(mayor["sha256"], Digest::of(table.as_bytes()).to_string());
    let wanted = format!(
        "code,region,state,corrected,ruled,registered,index,digest,revision,device_ms,arrived_ms,\
         findings,V.01,V.02,S\n\
         1001,1,counted,1,0,30,5,{digest},2,3,4,,3,5,8\n\
         1002,1,held,0,0,,6,{held},1,3,4,A4,1,1,9\n\
         2001,2,missing,0,0,2,,,,,,,,,\n"
    );
    assert_eq!(table, wanted);
    let mut size = 7;
    let mut after = |ms: u64, night: &mut Night| {
        let station = if size % 2 == 0 { "1001" } else { "2001" };
        night.form(station, [size, 0, size]);
        size += 1;
        night.site.publish(ms, ms + 10).unwrap();
        let pointer = json(&night.disk.read("site/stations.json").unwrap().unwrap());
        pointer["size"].as_u64().unwrap()
    };
    assert_eq!(after(1_000 + 599_999, &mut night), 7);
    assert_eq!(after(1_000 + 600_000, &mut night), 9);
    assert_eq!(after(1_000 + 1_200_000, &mut night), 10);
    let mut left: Vec<_> = night.disk.files("site/stations").unwrap();
    left.sort();
    let wanted = ["10", "9"]
        .map(|size| ["hamlet", "mayor"].map(|c| format!("site/stations/{size}/{c}.csv.gz")));
    assert_eq!(left, wanted.concat());
}

#[test]
fn stations_are_shown_as_they_were_when_the_log_had_so_many_entries() {
    let mut night = Night::new();
    happenings(&mut night, |_| {});
    let ledger = night.ledger.read().unwrap();
    let last = night.entries.len() as u64;
    for size in 1..=last {
        let then = night.folded_to(size);
        for station in 0..3 {
            let wanted = view::station::station(&then, station);
            let moment = Moment::at(&ledger, size);
            let (open, position) = (PublicationView::open(), wanted.position.clone());
            let found = view::station::station_at(moment, station, open, position);
            let [wanted, found] = [wanted, found].map(|it| serde_json::to_value(it).unwrap());
            assert_eq!(found, wanted, "station {station} at {size}");
            let rows = [Moment::now(&then), moment].map(|of| view::region::stations(of, 0, 1));
            assert_eq!(rows[0], rows[1], "at {size}");
            let since = Moment::at(&ledger, last).changed_since(station, size);
            let is_same = found == shown(&ledger, station, &then);
            assert_eq!(since.is_empty(), is_same, "station {station} since {size}");
        }
    }
}

/// A station as it is now, but for the position.
fn shown(ledger: &Ledger, station: u32, then: &Ledger) -> Value {
    let position = view::PositionView::new(&then.position);
    let open = PublicationView::open();
    let view = view::station::station_at(Moment::now(ledger), station, open, position);
    serde_json::to_value(view).unwrap()
}
