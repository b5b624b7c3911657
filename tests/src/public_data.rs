//! The public data beside the repository (`../shared/data`): a user's clone has none.

use std::path::PathBuf;

use crate::binaries::repository;

/// The directory, if it is there. A test that goes without says so on standard
/// error; where `CI=true`, its absence is a failure.
///
/// # Panics
/// If it is not there and `CI=true`.
#[must_use]
pub fn directory() -> Option<PathBuf> {
    let directory = repository().parent()?.join("shared/data");
    if directory.is_dir() {
        return Some(directory);
    }
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "CI needs the public data in ../shared/data");
    eprintln!("SKIPPED: this test needs the public data in ../shared/data");
    None
}
