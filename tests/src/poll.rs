//! Waiting for what another process does, where nothing tells when it has done it.

use std::time::{Duration, Instant};

use anyhow::ensure;

/// Several times as long as anything here takes: a daemon begins within 2 s, and rests
/// at most 1, 2, 4 and 8 s after its first failures.
const PATIENCE: Duration = Duration::from_secs(45);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks until `look` finds something.
///
/// # Errors
/// If it fails, or finds nothing in 45 s.
pub fn until<T>(what: &str, look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    within(PATIENCE, what, look)
}

/// Looks until `look` finds something, for as long as it takes on a bad network.
///
/// # Errors
/// If it fails, or finds nothing in this time.
pub fn within<T>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        ensure!(begun.elapsed() < patience, "waited {} s for {what}", patience.as_secs());
        // The only sleep of the tests: a status has no event that one could wait for.
        std::thread::sleep(PAUSE);
    }
}
