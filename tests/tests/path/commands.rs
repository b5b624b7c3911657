//! What the collector's command line answers to mistakes, and its exit codes.

use std::fs;
use std::path::Path;

use saksi_tests::collector;
use saksi_tests::kenya;
use saksi_tests::scene::Scene;

/// Runs a command that must fail, and gives its code and words.
fn fails(arguments: &[&str]) -> (Option<i32>, String) {
    let output = collector::command(arguments).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_collector_is_not_made_where_something_is() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("collector");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("letter"), "mine").unwrap();
    let pack = kenya::pack();
    let init = ["init", dir.to_str().unwrap(), "--election", pack.to_str().unwrap()];
    let (code, words) = fails(&[&init[..], &["--public", "127.0.0.1:7443"]].concat());
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("not empty"), "{words}");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(dir.join("letter")).unwrap(), "mine");
}

#[test]
fn a_second_collector_does_not_start_in_the_same_directory() {
    let scene = Scene::serving().unwrap();
    let (code, words) = scene.collector.fail_to_start().unwrap();
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("a collector is running in"), "{words}");
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
}

#[test]
fn a_directory_that_is_no_collector_is_not_served() {
    let place = tempfile::tempdir().unwrap();
    let (code, words) = fails(&["serve", place.path().to_str().unwrap()]);
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("has no collector.toml"), "{words}");
}

/// Changes the first `from` in a file.
fn spoil(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn all_mistakes_of_a_definition_are_shown_together_each_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    for name in ["election.toml", "regions.csv", "stations.csv"] {
        fs::copy(kenya::pack().join(name), place.path().join(name)).unwrap();
    }
    let dir = place.path().to_str().unwrap();
    collector::succeed(&["election", "check", dir]).unwrap();
    spoil(&place.path().join("election.toml"), "time_zone =", "time_zoen =");
    spoil(&place.path().join("election.toml"), "B.5 + B.2 <= B.1", "B.5 + B.7 <= B.1");
    spoil(&place.path().join("regions.csv"), "0050210103,005021", "0050210103,005029");
    spoil(&place.path().join("stations.csv"), "005021010100102", "005021010100101");
    let (code, words) = fails(&["election", "check", dir]);
    assert_eq!(code, Some(3), "{words}");
    let at = |file: &str, line: usize, of: &str| {
        let place = format!("{file}:{line}:");
        let found = words.lines().find(|shown| shown.contains(&place) && shown.contains(of));
        let found = found.unwrap_or_else(|| panic!("{place} with {of} in:\n{words}"));
        let column = found.split_once(&place).unwrap().1.split_once(':').unwrap().0;
        assert!(column.parse::<u32>().is_ok_and(|column| column > 0), "{found}");
    };
    let line_of = |text: &str| {
        let file = fs::read_to_string(place.path().join("election.toml")).unwrap();
        1 + file.lines().position(|line| line.contains(text)).unwrap()
    };
    at("election.toml", line_of("time_zoen"), "time_zoen");
    at("election.toml", line_of("B.7"), "B.7");
    at("regions.csv", 7, "005029");
    at("stations.csv", 3, "005021010100101");
}

#[test]
fn a_misspelt_key_of_the_configuration_is_shown_with_its_place() {
    let scene = Scene::new().unwrap();
    let dir = scene.collector.dir();
    collector::succeed(&["config", "check", dir.to_str().unwrap()]).unwrap();
    spoil(&dir.join("collector.toml"), "silence_seconds", "silnce_seconds");
    let text = fs::read_to_string(dir.join("collector.toml")).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("silnce_seconds")).unwrap();
    for command in [&["config", "check"][..], &["serve"]] {
        let (code, words) = fails(&[command, &[dir.to_str().unwrap()]].concat());
        assert_eq!(code, Some(3), "{words}");
        assert!(words.contains(&format!("collector.toml:{line}:")), "{words}");
        assert!(words.contains("silnce_seconds") && words.contains("silence_seconds"), "{words}");
    }
}
