//! The wall clock: the only file of the collector that reads it. Everyone else is
//! given the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, UTC. A clock before 1970 reads as 0.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
