//! The static site: at every publication its numbers are what a fold of the published log
//! gives, and a crash in the middle of one leaves the one before, or the new one, whole.

use std::io::Read as _;
use std::path::Path;
use std::process::Output;

use flate2::read::GzDecoder;
use saksi_agent::Agent;
use saksi_agent::desk::Submission;
use saksi_collector::ledger::Ledger;
use saksi_collector::view;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_tests::collector;
use saksi_tests::device;
use saksi_tests::kenya::CONTEST;
use saksi_tests::picture::Picture;
use saksi_tests::poll;
use saksi_tests::scene::{FIRST_FORM, Scene};
use serde_json::Value;

use crate::source::{Log, Source};
use crate::totals::fold;

/// An election whose collector writes the site, once a second.
fn scene() -> Scene {
    let mut scene = Scene::new().unwrap();
    scene.collector.configure("totals_seconds", "1").unwrap();
    scene.collector.configure("site", "true").unwrap();
    scene.collector.start(None).unwrap();
    scene
}

/// A file of the site, as a reader has it.
pub(crate) fn get(source: &Source, file: &str) -> Option<Vec<u8>> {
    match source {
        Source::Web(_) => source.get(&format!("site/{file}")).unwrap(),
        Source::Directory(_) => {
            if let Some(plain) = source.get(&format!("site/{file}")).unwrap() {
                return Some(plain);
            }
            let packed = source.get(&format!("site/{file}.gz")).unwrap()?;
            let mut bytes = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
            Some(bytes)
        }
    }
}

fn current(source: &Source) -> Option<Value> {
    get(source, "current.json").map(|json| serde_json::from_slice(&json).unwrap())
}

/// Waits until the site shows so many entries.
fn wait_for(source: &Source, size: u64) -> Value {
    let has_all = || Ok(current(source).filter(|current| current["size"] == size));
    poll::until("the site", has_all).unwrap()
}

/// Checks everything that the pointer leads to, and gives its size.
fn check(source: &Source, key: &LogKey) -> Option<u64> {
    let current = current(source)?;
    let size = current["size"].as_u64().unwrap();
    let note = get(source, current["version"].as_str().unwrap()).unwrap();
    assert_eq!(current["version_sha256"], Digest::of(&note).to_string());
    let note = String::from_utf8(note).unwrap();
    let sha256 = current["numbers_sha256"].as_str().unwrap();
    assert!(note.contains(&format!("\nnumbers {sha256}\n")), "{note}");
    let log = source.wait_for(key, size);
    let ledger = fold(source, &log, usize::try_from(size).unwrap());
    let regions = ledger.election.definition.regions().len();
    assert_eq!(check_region(source, &ledger, sha256), regions);
    Some(size)
}

/// Checks a region and all below it; gives how many they are.
fn check_region(source: &Source, ledger: &Ledger, sha256: &str) -> usize {
    let file = format!("data/{}/{sha256}.json", &sha256[..2]);
    let bytes = get(source, &file).unwrap_or_else(|| panic!("{file} is missing"));
    assert_eq!(Digest::of(&bytes).to_string(), sha256);
    let numbers: Value = serde_json::from_slice(&bytes).unwrap();
    let code = numbers["region"]["code"].as_str().unwrap();
    let region = ledger.election.definition.region(code.parse().unwrap()).unwrap();
    let view = view::region::region(ledger, 0, region);
    let totals = &numbers["contests"][0]["totals"];
    assert_eq!(*totals, serde_json::to_value(&view.totals).unwrap(), "{code}");
    let parts = numbers["parts"].as_array().unwrap();
    for counted in ["counted", "held", "disputed", "missing"] {
        let of = |totals: &Value| totals["stations"][counted].as_u64().unwrap();
        let sum: u64 = parts.iter().map(|part| of(&part["contests"][0]["totals"])).sum();
        assert!(parts.is_empty() || sum == of(totals), "{counted} of {code}");
    }
    let states = numbers["stations"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|station| station["contests"][0]["state"].clone()).collect();
    let wanted = view.stations.iter().map(|row| serde_json::to_value(row.state).unwrap());
    assert_eq!(states, wanted.collect::<Vec<_>>(), "{code}");
    let below = parts.iter().map(|part| part["numbers"].as_str().unwrap());
    1 + below.map(|part| check_region(source, ledger, part)).sum::<usize>()
}

/// Checks that the pages of the whole say what the API says.
fn check_pages(source: &Source, scene: &Scene) {
    let votes = scene.votes().unwrap();
    for file in ["index.html", "id/region-", "en/region-"] {
        let file =
            if file.ends_with('-') { format!("{file}{CONTEST}/0.html") } else { file.into() };
        let page = String::from_utf8(get(source, &file).unwrap()).unwrap();
        for votes in votes {
            assert!(page.contains(&format!(">{votes}<")), "{votes} in {file}");
        }
    }
}

/// `ruling WHAT DIR STATION …`
fn rule(scene: &Scene, what: &str, station: usize, more: &[&str]) {
    let dir = scene.collector.dir().to_str().unwrap();
    let code = scene.stations[station].code.as_str();
    let why = ["--by", "sri", "--reason", "as on the photo"];
    let arguments = [&["ruling", what, dir, code], more, &why[..]].concat();
    let Output { status, stderr, .. } = collector::command(&arguments).unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
}

/// Has a device send a form of a station, and waits for the receipt.
fn send(scene: &Scene, agent: &Agent, station: usize, votes: [u32; 4], corrects: Option<&str>) {
    let form = scene.stations[station].paper(votes).to_json().to_string();
    let correction = corrects.map(str::to_owned);
    let submission = Submission { form, correction, ..Submission::default() };
    agent.submit(submission, agent.now_ms()).unwrap();
    let delivered = device::deliver(agent, &scene.collector.address().unwrap()).unwrap();
    assert_eq!(delivered.received, 1, "{delivered:?}");
}

#[test]
fn every_publication_is_a_fold_of_the_log_through_corrections_disputes_and_rulings() {
    let scene = scene();
    let (web, key) = (Source::web(&scene), scene.log_key().unwrap());
    let device = |name, station| {
        device::open(&scene.agent_dir(name), &scene.bundle(station).unwrap()).unwrap()
    };
    // The third speaks for the station of the second, and knows of no other form.
    let [one, two, three] = [device("one", 0), device("two", 1), device("three", 1)];
    let happenings: [&dyn Fn(); 6] = [
        &|| send(&scene, &one, 0, [30, 20, 2, 1], None),
        &|| send(&scene, &two, 1, [7, 6, 5, 4], None),
        &|| send(&scene, &one, 0, [20, 20, 2, 1], Some("miscounted")),
        &|| send(&scene, &three, 1, [6, 7, 5, 4], None),
        &|| rule(&scene, "reject", 1, &[]),
        &|| rule(&scene, "withdraw", 1, &[]),
    ];
    let mut size = FIRST_FORM;
    wait_for(&web, size);
    for happening in happenings {
        happening();
        size += 1;
        let current = wait_for(&web, size);
        assert_eq!(check(&web, &key), Some(size));
        assert_eq!(current["state"], "open", "{current}");
        check_pages(&web, &scene);
    }
    let code = &scene.stations[0].code;
    let station = get(&web, &format!("en/station/{code}.html")).unwrap();
    let station = String::from_utf8(station).unwrap();
    for said in ["Revision 1", "Revision 2", "miscounted", "Superseded"] {
        assert!(station.contains(said), "{said}");
    }
    let unheard = &scene.stations[5].code;
    assert_eq!(get(&web, &format!("en/station/{unheard}.html")), None);
    assert_eq!(get(&Source::directory(&scene), "current.json"), get(&web, "current.json"));
}

#[test]
fn a_collector_that_is_killed_while_it_publishes_leaves_a_whole_site() {
    let mut scene = scene();
    let (directory, key) = (Source::directory(&scene), scene.log_key().unwrap());
    wait_for(&directory, FIRST_FORM);
    for round in 0..4 {
        scene.deliver(round, [30, 20, 2, 1]).unwrap();
        // As soon as the first new numbers are written, which the pointer comes after.
        let before = files(&scene.collector.dir().join("public/site/data"));
        let has_begun = || {
            let now = files(&scene.collector.dir().join("public/site/data"));
            Ok((now != before).then_some(()))
        };
        poll::until("a publication", has_begun).unwrap();
        let addresses = scene.collector.kill().unwrap();
        let size = check(&directory, &key).unwrap();
        let all = FIRST_FORM + round as u64 + 1;
        assert!(size == all || size == all - 1, "{size} of {all}");
        scene.collector.start(Some(addresses)).unwrap();
        wait_for(&directory, all);
        assert_eq!(check(&directory, &key), Some(all));
        check_pages(&directory, &scene);
    }
    // What was delivered last is there when the collector has stopped.
    scene.deliver(5, [1, 2, 3, 4]).unwrap();
    scene.collector.stop().unwrap();
    assert_eq!(check(&directory, &key), Some(FIRST_FORM + 5));
}

#[test]
fn a_photo_stands_on_its_page_once_it_has_come_and_anybody_makes_the_receipt_of_its_form() {
    let scene = scene();
    let (web, code) = (Source::web(&scene), &scene.stations[0].code);
    let mut agent = scene.agent("photographer", 0).unwrap();
    let file = scene.dir().join("sheet.jpg");
    std::fs::write(&file, Picture::sheet().jpeg()).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    let submitted = agent.submit(&form, &["--photo", file.to_str().unwrap()]).unwrap();
    assert!(submitted.status.success(), "{}", String::from_utf8_lossy(&submitted.stderr));
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let shown = agent.json(&["show"]).unwrap();
    let photo = shown[0]["photos"][0].as_str().unwrap();
    let stem = format!("photos/{}/{photo}", &photo[..2]);
    let has_photo = || {
        let page = get(&web, &format!("en/station/{code}.html")).unwrap_or_default();
        let page = String::from_utf8(page)?;
        Ok(page.contains(&format!("<img src=\"../../{stem}.thumb.jpg\"")).then_some(page))
    };
    let page = poll::until("the photo's page", has_photo).unwrap();
    assert!(page.contains(&format!("<a href=\"../../{stem}.jpg\">")), "{page}");
    let whole = get(&web, &format!("{stem}.jpg")).unwrap();
    assert_eq!(Digest::of(&whole).to_string(), photo);
    let small = Picture::read(&get(&web, &format!("{stem}.thumb.jpg")).unwrap()).unwrap();
    assert!(small.width.max(small.height) <= 320);

    // What the page says to do: any machine, the public files, and the entry.
    let entry = FIRST_FORM.to_string();
    assert!(page.contains(&format!("saksi-collector log receipt ADDRESS {entry}")), "{page}");
    let (key, out) = (scene.collector.dir().join("log.vkey"), scene.dir().join("proven"));
    let [key, out] = [&key, &out].map(|path| path.to_str().unwrap());
    let address = scene.collector.web().unwrap();
    for source in [address, scene.collector.dir().join("public").to_str().unwrap()] {
        let arguments = ["log", "receipt", source, &entry, "--key", key, "--out", out];
        let Output { status, stdout, stderr } = collector::command(&arguments).unwrap();
        let said = String::from_utf8(stdout).unwrap();
        assert!(status.success(), "{said}{}", String::from_utf8_lossy(&stderr));
        assert!(said.contains(code.as_str()) && said.contains(photo), "{said}");
        let [receipt, form] = ["tlog-proof", "form"].map(|it| format!("{out}/{entry}.{it}"));
        agent.succeed(&["receipt", "verify", &receipt, &form, "--key", key]).unwrap();
        std::fs::remove_dir_all(out).unwrap();
    }
    let first = collector::command(&["log", "receipt", address, "0"]).unwrap();
    assert_eq!(first.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&first.stderr).contains("entry 0 is no form"));
}

/// How many files lie below a directory.
fn files(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    let below = entries.map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path) } else { 1 }
    });
    below.sum()
}

/// That the log is there is what the other files of this folder look at.
#[test]
fn without_the_line_there_is_no_site() {
    let mut scene = Scene::serving().unwrap();
    let key = scene.log_key().unwrap();
    let log: Log = Source::web(&scene).wait_for(&key, FIRST_FORM);
    assert_eq!(log.size, FIRST_FORM);
    assert_eq!(current(&Source::web(&scene)), None);
    scene.collector.stop().unwrap();
    assert!(!scene.collector.dir().join("public/site").exists());
}
