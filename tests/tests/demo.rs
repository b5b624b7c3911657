//! The demo is the main job of the README; it must end well.

use std::process::Command;

#[test]
fn the_demo_ends_with_sums_that_agree() {
    let demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--once", "--stations", "48"])
        .output()
        .unwrap();
    let (said, errors) =
        (String::from_utf8_lossy(&demo.stdout), String::from_utf8_lossy(&demo.stderr));
    assert!(demo.status.success(), "{said}\n{errors}");
    assert!(said.contains("all sums agree"), "{said}");
    assert!(said.contains("20 agents as processes"), "{said}");
}
