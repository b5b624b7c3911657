//! The demo is the main job of the README; it must end well.

use std::fs;
use std::process::Command;

use saksi_proto::checkpoint::LogKey;

#[test]
fn the_demo_ends_with_sums_that_agree() {
    let kept = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--once", "--stations", "48", "--keep"])
        .arg(kept.path())
        .output()
        .unwrap();
    let (said, errors) =
        (String::from_utf8_lossy(&demo.stdout), String::from_utf8_lossy(&demo.stderr));
    assert!(demo.status.success(), "{said}\n{errors}");
    assert!(said.contains("all sums agree"), "{said}");
    assert!(said.contains("20 agents as processes"), "{said}");
    // All that an auditor needs lies in one place.
    let public = |name: &str| fs::read_to_string(kept.path().join("public").join(name)).unwrap();
    let key: LogKey = public("log.vkey").trim_end().parse().unwrap();
    let checkpoint = key.open(&public("checkpoint")).unwrap();
    assert!(checkpoint.size > 96, "48 devices and their forms: {checkpoint:?}");
    assert!(public("totals.json").contains(&format!("\"size\":{}", checkpoint.size)));
    assert!(public("election/election.toml").contains("format = 1"));
}
