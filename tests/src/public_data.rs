//! The public data and the schemas beside the repository (`../shared`): a user's clone has
//! none.

use std::path::PathBuf;

use crate::binaries::repository;

/// The directory of the data, if it is there. A test that goes without says so on standard
/// error; where `CI=true`, its absence is a failure.
///
/// # Panics
/// If it is not there and `CI=true`.
#[must_use]
pub fn directory() -> Option<PathBuf> {
    beside("data", "the public data")
}

/// The directory of the schemas that exports are read by, if it is there; as [`directory`].
///
/// # Panics
/// If it is not there and `CI=true`.
#[must_use]
pub fn schemas() -> Option<PathBuf> {
    beside("schemas", "the schemas of NIST and EML")
}

fn beside(name: &str, what: &str) -> Option<PathBuf> {
    let directory = repository().parent()?.join("shared").join(name);
    if directory.is_dir() {
        return Some(directory);
    }
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "CI needs {what} in ../shared/{name}");
    eprintln!("SKIPPED: this test needs {what} in ../shared/{name}");
    None
}
