//! The sample elections with votes and totals typed twice: their packs as they are, but for
//! one line a form.

use std::path::{Path, PathBuf};

use anyhow::ensure;

/// Lines of the Kenyan form.
pub const KENYA: &str = "[\"A\", \"A.T\", \"B.2\", \"B.5\"]";
/// Lines of each Indonesian form.
pub const INDONESIA: &str = "[\"IV\", \"V.A\", \"V.B\", \"V.C\"]";

/// A copy of a pack in a directory, with these lines of each form typed twice.
///
/// # Errors
/// If it cannot be read or written, or has no forms.
pub fn pack(of: &Path, lines: &str, dir: &Path) -> anyhow::Result<PathBuf> {
    let pack = dir.join("careful");
    std::fs::create_dir_all(&pack)?;
    for list in ["regions.csv", "stations.csv"] {
        std::fs::copy(of.join(list), pack.join(list))?;
    }
    let election = std::fs::read_to_string(of.join("election.toml"))?;
    let careful =
        election.replace("\nsummary = {", &format!("\nsecond_entry = {lines}\nsummary = {{"));
    ensure!(careful != election, "a form with a summary");
    std::fs::write(pack.join("election.toml"), careful)?;
    Ok(pack)
}
