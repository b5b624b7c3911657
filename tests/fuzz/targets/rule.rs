//! Checks of a form, a line each, then after a NUL the numbers on it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::{bounded, pack};
use saksi_proto::count::Count;
use saksi_proto::definition::{Definition, Registered};
use saksi_proto::layout::Layout;

/// Memory for checks of so many bytes: each may be repeated for every field of a form, here
/// fewer than 20, and each of its two-byte terms is a box of 100 bytes then.
fn memory(checks: usize) -> usize {
    1_000 * checks + 65_536
}

/// It has a form for candidates and one for parties.
static ELECTION: LazyLock<Definition> = LazyLock::new(pack::definition);

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let Ok(checks) = str::from_utf8(&bytes[..end]) else { return };
    let numbers: Vec<_> = bytes[end..].chunks(4).map(count).collect();
    for contest in ELECTION.contests() {
        let mut form = ELECTION.head().form(contest.form).expect("its form").clone();
        form.rules[0].checks = checks.lines().map(str::to_owned).collect();
        let layout = bounded(memory(checks.len()), || Layout::new(&form, contest));
        match layout {
            Ok(layout) => {
                let fields = layout.fields().len();
                let counts: Vec<_> = numbers.iter().copied().cycle().take(fields).collect();
                let registered = Registered { men: Some(u32::MAX), women: Some(0), all: None };
                drop(layout.findings(&counts, registered));
            }
            Err(faults) => assert!(!faults.is_empty(), "neither a layout nor a fault"),
        }
    }
});

/// Four bytes or fewer as a count.
fn count(bytes: &[u8]) -> Count {
    let number = bytes.iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
    match number % 8 {
        0 => Count::NotWritten,
        1 => Count::Illegible,
        _ => Count::Written(number % (Count::MAX + 1)),
    }
}
