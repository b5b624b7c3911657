//! Rules that matter and that no compiler keeps.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use saksi_agent::intake::{IntakeRefusal, Warning};
use saksi_proto::enrolment::EnrolRefusal;
use saksi_proto::photo::PhotoRefusal;
use saksi_proto::refusal::Refusal;
use saksi_tests::binaries::repository;

/// Longest source file, in lines.
const MAX_LINES: usize = 500;

/// Every file below a directory of the repository whose name ends so.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![repository().join(directory)];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{directory} has no {ending}");
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap().display().to_string()
}

/// The code of a source file, without comments and without its tests.
fn code(path: &Path) -> String {
    let text = read(path);
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Source files of a crate that ship, so neither tests nor their props.
fn product(of: &str) -> Vec<PathBuf> {
    let is_test = |path: &Path| {
        let path = shown(path);
        ["/tests.rs", "/tests/", "/testing.rs", "/fake.rs", "/sample.rs"]
            .iter()
            .any(|name| path.contains(name))
    };
    files(&format!("{of}/src"), ".rs").into_iter().filter(|path| !is_test(path)).collect()
}

/// Files of the product whose code has one of these words.
fn named_in(words: &[&str]) -> BTreeSet<String> {
    let sources = ["proto", "agent", "collector"].into_iter().flat_map(product);
    let naming = sources.filter(|path| {
        let code = code(path);
        words.iter().any(|word| code.contains(word))
    });
    naming.map(|path| shown(&path)).collect()
}

#[test]
fn the_top_level_is_the_known_set() {
    let known = [
        ".cargo",
        ".ci",
        ".git",
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "agent",
        "clippy.toml",
        "collector",
        "deny.toml",
        "deploy",
        "proto",
        "rustfmt.toml",
        "target",
        "tests",
    ];
    let entries = fs::read_dir(repository()).unwrap();
    let names: BTreeSet<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let strangers: Vec<_> = names.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(strangers.is_empty(), "{strangers:?} at the top level");
    // A copy of the repository has no history, and its products may lie elsewhere.
    let missing = known.iter().filter(|name| !names.contains(**name));
    let missing: Vec<_> = missing.filter(|name| !["target", ".git"].contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing at the top level");
}

#[test]
fn the_readme_names_the_commands_and_they_can_be_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let readme = read(&repository().join("README.md"));
    for command in ["deploy/demo", "tests/run", "deploy/sbom"] {
        assert!(readme.contains(command), "README.md does not name {command}");
        let path = repository().join(command);
        let mode = fs::metadata(&path).unwrap_or_else(|fault| panic!("{command}: {fault}"));
        assert_eq!(mode.permissions().mode() & 0o111, 0o111, "{command} can be run");
    }
}

#[test]
fn every_refusal_is_in_the_readme_or_in_the_documents_of_deploy() {
    let mut pages: String = files("deploy", ".md").iter().map(|path| read(path)).collect();
    pages += &read(&repository().join("README.md"));
    let photos = PhotoRefusal::ALL.into_iter().map(PhotoRefusal::code);
    let enrolments = EnrolRefusal::ALL.into_iter().map(EnrolRefusal::code);
    let intake = IntakeRefusal::ALL.into_iter().map(IntakeRefusal::code);
    let warnings = Warning::ALL.into_iter().map(Warning::code);
    let codes = Refusal::ALL.into_iter().map(Refusal::code).chain(photos).chain(enrolments);
    let missing = codes.chain(intake).chain(warnings);
    let missing: Vec<_> = missing.filter(|code| !pages.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "refusals without a word of documentation: {missing:?}");
}

#[test]
fn the_sample_elections_have_no_mistakes() {
    for pack in ["indonesia-2024", "kenya-form-34a"] {
        let read = saksi_collector::pack::read(&repository().join("deploy/elections").join(pack));
        assert!(
            read.is_ok(),
            "{pack}: {}",
            read.err().map_or_else(String::new, |fault| fault.to_string())
        );
    }
}

#[test]
fn both_readers_of_advisories_have_the_same_exceptions() {
    let exceptions = |file: &str| -> BTreeSet<String> {
        let text = read(&repository().join(file));
        let ids = text.split('"').filter(|word| word.starts_with("RUSTSEC-"));
        ids.map(str::to_owned).collect()
    };
    assert_eq!(exceptions(".cargo/audit.toml"), exceptions("deny.toml"));
}

#[test]
fn what_is_fuzzed_is_built_of_the_products_own_dependencies() {
    let packages = |file: &str| -> BTreeSet<(String, String)> {
        let lock = read(&repository().join(file));
        let packages = lock.split("[[package]]").skip(1).map(|package| {
            let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(key));
            (value("name = ").unwrap().to_owned(), value("version = ").unwrap().to_owned())
        });
        packages.collect()
    };
    let ours = packages("Cargo.lock");
    let known = |name: &String| ours.iter().any(|(known, _)| known == name);
    let fuzzed = packages("tests/fuzz/Cargo.lock").into_iter();
    let others: Vec<_> =
        fuzzed.filter(|package| known(&package.0) && !ours.contains(package)).collect();
    assert!(others.is_empty(), "other versions in tests/fuzz/Cargo.lock: {others:?}");
}

#[test]
fn three_places_name_sqlite_and_one_folder_names_sled() {
    // The journal, what may be lost (when devices were last there), and the desk's file.
    let known = ["collector/src/journal.rs", "collector/src/presence.rs"].map(str::to_owned);
    let mut sqlite = named_in(&["rusqlite"]);
    sqlite.retain(|path| !path.starts_with("collector/src/staff/store"));
    assert_eq!(sqlite, BTreeSet::from(known));
    let sled = named_in(&["sled::", "use sled"]);
    assert!(
        !sled.is_empty() && sled.iter().all(|path| path.starts_with("agent/src/store/")),
        "{sled:?}"
    );
}

#[test]
fn the_wall_clock_is_read_in_two_files_only() {
    let clocks = ["agent/src/clock.rs", "collector/src/clock.rs"].map(str::to_owned);
    let found = named_in(&["SystemTime::now", "Timestamp::now", "Zoned::now"]);
    assert_eq!(found, BTreeSet::from(clocks));
}

#[test]
fn proto_does_no_input_or_output_and_has_no_clock() {
    for path in product("proto") {
        let code = code(&path);
        for word in ["std::fs", "std::net", "std::io", "std::env", "tokio", "SystemTime", "Instant"]
        {
            assert!(!code.contains(word), "{} names {word}", shown(&path));
        }
    }
}

#[test]
fn agent_and_collector_do_not_know_each_other() {
    for (of, other) in [("agent", "saksi-collector"), ("collector", "saksi-agent")] {
        let manifest = read(&repository().join(of).join("Cargo.toml"));
        let lines = manifest.lines().filter(|line| !line.starts_with('#'));
        let naming: Vec<_> = lines.filter(|line| line.contains(other)).collect();
        assert!(naming.is_empty(), "{of}/Cargo.toml: {naming:?}");
    }
}

#[test]
fn no_source_file_is_too_long_to_read() {
    let sources = ["proto", "agent", "collector", "tests"].into_iter();
    for path in sources.flat_map(|of| files(of, ".rs")) {
        let lines = read(&path).lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", shown(&path));
    }
}

#[test]
fn nothing_is_allowed_that_the_lints_forbid() {
    let (allow, swallow) = (["#[", "allow("].concat(), ["let _", " ="].concat());
    let sources = ["proto", "agent", "collector", "tests"].into_iter();
    for path in sources.flat_map(|of| files(of, ".rs")) {
        let code = read(&path);
        for word in [&allow, &swallow] {
            assert!(!code.contains(word.as_str()), "{} has {word}", shown(&path));
        }
    }
}

#[test]
fn the_tests_sleep_in_one_place_only() {
    let sleep = ["thread", "::sleep"].concat();
    // The demo paces itself for whoever watches; it is no test.
    let tests = files("tests", ".rs").into_iter().filter(|path| !shown(path).contains("src/bin/"));
    let sleeping: Vec<_> =
        tests.filter(|path| read(path).contains(&sleep)).map(|path| shown(&path)).collect();
    assert_eq!(sleeping, ["tests/src/poll.rs"]);
}
