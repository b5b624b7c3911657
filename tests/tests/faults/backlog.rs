//! T17: memory grows with the backlog.

use saksi_tests::backlog::Backlog;
use saksi_tests::binaries;
use saksi_tests::memory::Bound;

/// MiB resident with a station's forms and many corrections; 12 were measured.
const FEW: (u32, u64) = (100, 20);

/// MiB resident with more forms than any station has; 46 were measured of this build and
/// 35 of the one for devices, the most of it while they are all read at the start.
const MANY: (u32, u64) = (10_000, 52);

/// Waits with so many forms, starts, idles, drains: never more than so many MiB.
fn within((forms, mebibytes): (u32, u64)) {
    let mut backlog = Backlog::new(forms).unwrap();
    let usage = backlog.start(binaries::command("saksi-agent", None).unwrap()).unwrap();
    let waiting = usage.peak_bytes().unwrap() >> 20;
    assert!(waiting <= mebibytes, "{waiting} MiB with {forms} forms waiting");
    backlog.drain().unwrap();
    let peak = usage.peak_bytes().unwrap() >> 20;
    assert!(peak <= mebibytes, "{peak} MiB while {forms} forms were drained");
}

#[test]
fn t17_memory_with_a_hundred_forms_is_within_its_bound() {
    within(FEW);
}

#[test]
fn t17_memory_with_ten_thousand_forms_waiting_is_within_its_bound() {
    within(MANY);
}

/// The kernel counts the page cache too, and takes it back when it must. Under a bound
/// that is too narrow it ends the agent, and nothing drains.
#[test]
fn t17_an_agent_that_the_kernel_allows_64_mib_drains_a_thousand_forms() {
    let Some(bound) = Bound::new(64) else { return };
    let mut backlog = Backlog::new(1_000).unwrap();
    let agent = binaries::path("saksi-agent").unwrap();
    backlog.start(bound.around(&agent).unwrap()).unwrap();
    backlog.drain().unwrap();
}
