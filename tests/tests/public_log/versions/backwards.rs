//! Numbers that would go back, in a collector that was started over a state that is not its
//! own: nothing is renewed, and the pointer, the collector's log, its metrics and its desk say so.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use saksi_proto::digest::Digest;
use saksi_tests::clerk::{self, Clerk};
use saksi_tests::collector::succeed;
use saksi_tests::poll;
use saksi_tests::scene::{FIRST_FORM, Scene};
use serde_json::Value;

use super::published::{self, Version, pointer};
use crate::site::get;
use crate::source::Source;

/// How the metric of refusals is called.
const REFUSALS: &str = "saksi_site_refused_total";

fn scene() -> Scene {
    let mut scene = Scene::new().unwrap();
    for (key, value) in [("totals_seconds", "1"), ("site", "true"), ("metrics", "\"127.0.0.1:0\"")]
    {
        scene.collector.configure(key, value).unwrap();
    }
    clerk::open_desk(&scene.collector).unwrap();
    clerk::account(&scene.collector, "ani", "viewer", None).unwrap();
    let words = scene.dir().join("words");
    scene.collector.words_to(&words);
    scene.collector.says("info");
    scene.collector.start(None).unwrap();
    scene
}

/// Waits until the site shows so many entries, and stops the collector.
fn shown(scene: &mut Scene, size: u64) -> (std::net::SocketAddr, std::net::SocketAddr) {
    let source = Source::directory(scene);
    let has_all = || Ok(pointer(&source)?.filter(|of| of.size == size));
    poll::until("the site", has_all).unwrap();
    scene.collector.stop().unwrap()
}

/// Everything below the site but the pointer, which says how it stands.
fn files(dir: &Path, found: &mut Vec<(String, Digest)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if !path.ends_with("current.json") && !path.ends_with(".new") {
            found.push((path.to_str().unwrap().to_owned(), Digest::of(&fs::read(&path).unwrap())));
        }
    }
}

fn site(scene: &Scene) -> Vec<(String, Digest)> {
    let mut found = Vec::new();
    files(&scene.collector.dir().join("public/site"), &mut found);
    // What was not renewed may have been begun: numbers that nothing names.
    found.retain(|(path, _)| !path.contains("/site/data/"));
    found.sort();
    found
}

/// The site is refused for this reason, and all who should say so do.
fn is_refused(scene: &Scene, size: u64, why: &str) {
    let source = Source::directory(scene);
    let refused =
        poll::until("the refusal", || Ok(pointer(&source)?.filter(|of| of.state == "refused")));
    let refused = refused.unwrap();
    assert_eq!(refused.size, size, "what was published stays");
    let reason = refused.reason.unwrap();
    assert!(reason.contains(why), "{reason}");
    let said =
        poll::until("the alarm", || Ok((scene.collector.metric(REFUSALS)? > 1).then_some(())));
    said.unwrap();
    let words = fs::read_to_string(scene.dir().join("words")).unwrap();
    let alarm = words.lines().filter(|line| line.contains("THE SITE IS NOT RENEWED"));
    let alarm: Vec<_> = alarm.collect();
    assert!(alarm.len() == 1 && alarm[0].contains("ERROR"), "once, not each second: {words}");
    assert!(alarm[0].contains(&reason), "{reason}: {alarm:?}");
    let desk = Clerk::signed_in(&scene.collector, "ani").unwrap().html("/publication").unwrap();
    assert!(desk.contains("The site has not been renewed since"), "{desk}");
    assert!(desk.contains(why), "{why}: {desk}");
    assert!(published::is_whole(&source, &scene.log_key().unwrap()).is_ok());
}

/// What the collector's words advise: away with it, and it is published anew.
fn is_mended(scene: &mut Scene, size: u64) {
    let before = scene.collector.stop().unwrap();
    fs::remove_dir_all(scene.collector.dir().join("public/site")).unwrap();
    scene.collector.start(Some(before)).unwrap();
    let source = Source::directory(scene);
    let open = poll::until("the site anew", || Ok(pointer(&source)?.filter(|of| of.size == size)));
    assert_eq!(open.unwrap().state, "open");
    assert_eq!(scene.collector.metric(REFUSALS).unwrap(), 0);
    let desk = Clerk::signed_in(&scene.collector, "ani").unwrap().html("/publication").unwrap();
    assert!(!desk.contains("The site has not been renewed since"), "{desk}");
}

#[test]
fn a_log_that_was_restored_to_an_earlier_state_renews_nothing_and_all_say_so() {
    let mut scene = scene();
    let home = scene.collector.dir().to_str().unwrap().to_owned();
    let backup = scene.dir().join("old.db");
    let backup = backup.to_str().unwrap().to_owned();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    succeed(&["journal", "backup", &home, &backup]).unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    scene.deliver(2, [9, 6, 5, 4]).unwrap();
    let addresses = shown(&mut scene, FIRST_FORM + 3);
    let before = site(&scene);
    succeed(&["journal", "restore", &home, &backup, "--lose-entries"]).unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    is_refused(&scene, FIRST_FORM + 3, "16 entries were published");
    // It grows beyond what was published, into another log: still nothing.
    for station in 3..6 {
        scene.deliver(station, [1, 2, 3, 4]).unwrap();
    }
    let log = Source::directory(&scene).wait_for(&scene.log_key().unwrap(), FIRST_FORM + 4);
    assert_eq!(log.size, FIRST_FORM + 4);
    let addresses = scene.collector.stop().unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    is_refused(&scene, FIRST_FORM + 3, "16 entries were published");
    assert_eq!(site(&scene), before, "no page, no version, no number");
    is_mended(&mut scene, FIRST_FORM + 4);
}

fn read(scene: &Scene, file: &str) -> Value {
    serde_json::from_slice(&get(&Source::directory(scene), file).unwrap()).unwrap()
}

/// The file of numbers with this hash.
fn data(sha256: &str) -> String {
    format!("data/{}/{sha256}.json", &sha256[..2])
}

/// Puts numbers where the site keeps such; gives their hash.
fn put(scene: &Scene, numbers: &Value) -> String {
    let bytes = serde_json::to_vec(numbers).unwrap();
    let sha256 = Digest::of(&bytes).to_string();
    let path = scene.collector.dir().join("public/site").join(data(&sha256) + ".gz");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&bytes).unwrap();
    fs::write(path, packer.finish().unwrap()).unwrap();
    sha256
}

/// Changes a member of the country's numbers as they were published, hashes and all.
fn tamper(scene: &Scene, change: impl FnOnce(&mut Value)) {
    let mut current = read(scene, "current.json");
    let mut numbers = read(scene, current["numbers"].as_str().unwrap());
    change(&mut numbers);
    let sha256 = put(scene, &numbers);
    (current["numbers"], current["numbers_sha256"]) = (data(&sha256).into(), sha256.into());
    let path = scene.collector.dir().join("public/site/current.json");
    fs::write(path, current.to_string()).unwrap();
}

#[test]
fn fewer_stations_or_votes_than_were_published_renew_nothing_and_all_say_so() {
    let totals = |numbers: &mut Value| numbers["contests"][0]["totals"].take();
    let more = |numbers: &mut Value, station: bool| {
        let mut of = totals(numbers);
        let number = match station {
            true => &mut of["stations"]["counted"],
            false => &mut of["votes"]["2"]["total"],
        };
        *number = (number.as_u64().unwrap() + 100).into();
        numbers["contests"][0]["totals"] = of;
    };
    let mut scene = scene();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let mut addresses = shown(&mut scene, FIRST_FORM + 1);
    for (round, why) in [(1, "101 stations were counted, now 2"), (2, "2 had 126 votes, now 32")] {
        tamper(&scene, |numbers| more(numbers, round == 1));
        scene.collector.start(Some(addresses)).unwrap();
        scene.deliver(round, [7, 6, 5, 4]).unwrap();
        let why = format!("0 president: {why}, and no entry says why");
        let source = Source::directory(&scene);
        let refused = || Ok(pointer(&source)?.filter(|of| of.state == "refused"));
        assert_eq!(poll::until("the refusal", refused).unwrap().reason.unwrap(), why);
        let desk = Clerk::signed_in(&scene.collector, "ani").unwrap().html("/publication").unwrap();
        assert!(desk.contains(&why), "{desk}");
        assert!(scene.collector.metric(REFUSALS).unwrap() > 0);
        assert!(fs::read_to_string(scene.dir().join("words")).unwrap().contains(&why));
        is_mended(&mut scene, FIRST_FORM + 1 + round as u64);
        let key = scene.log_key().unwrap();
        let named = pointer(&source).unwrap().unwrap();
        assert!(Version::named(&source, &key, &named).unwrap().previous.is_none(), "it begins");
        addresses = scene.collector.stop().unwrap();
    }
}

#[test]
fn fewer_votes_in_a_part_of_a_part_renew_nothing_though_the_country_has_more() {
    let mut scene = scene();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let addresses = shown(&mut scene, FIRST_FORM + 1);
    // The county and the country are as they were.
    tamper(&scene, |country| {
        let parts = country["parts"].as_array_mut().unwrap();
        let county = parts.iter_mut().find(|part| part["code"] == "005").unwrap();
        let mut numbers = read(&scene, &data(county["numbers"].as_str().unwrap()));
        let constituency = &mut numbers["parts"][0]["contests"][0]["totals"];
        assert_eq!(constituency["votes"]["2"]["total"], 20);
        constituency["votes"]["2"]["total"] = 120.into();
        county["numbers"] = put(&scene, &numbers).into();
    });
    scene.collector.start(Some(addresses)).unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    let source = Source::directory(&scene);
    let refused = || Ok(pointer(&source)?.filter(|of| of.state == "refused"));
    let refused = poll::until("the refusal", refused).unwrap();
    let why = "005021 president: 2 had 120 votes, now 26, and no entry says why";
    assert_eq!((refused.size, refused.reason.as_deref()), (FIRST_FORM + 1, Some(why)));
    is_mended(&mut scene, FIRST_FORM + 2);
}
