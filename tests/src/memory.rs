//! A bound on the memory of a process, kept by the kernel (cgroups, both kinds).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

/// Where the kernel's two kinds of cgroups are usually mounted, and what the file with
/// the bound is called there.
const MOUNTED: [(&str, &str); 2] =
    [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];

/// A bound; goes with this, when its processes have ended.
pub struct Bound {
    group: PathBuf,
}

impl Bound {
    /// A bound of so many MiB. `None` where that is not allowed: the test says so on
    /// standard error.
    ///
    /// # Panics
    /// If it is not allowed and `CI=true`.
    #[must_use]
    pub fn new(mebibytes: u64) -> Option<Self> {
        let name = format!("saksi-{}-{mebibytes}", std::process::id());
        let bytes = (mebibytes << 20).to_string();
        for (mounted, limit) in MOUNTED {
            let group = Path::new(mounted).join(&name);
            if fs::create_dir(&group).is_err() {
                continue;
            }
            let bound = Self { group };
            if fs::write(bound.group.join(limit), &bytes).is_ok() {
                return Some(bound);
            }
        }
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!ci, "CI needs to bound memory by cgroups, as root");
        eprintln!("SKIPPED: this test needs to bound memory by cgroups, as root");
        None
    }

    /// The command, its process within the bound.
    ///
    /// # Errors
    /// If its path is not UTF-8.
    pub fn around(&self, program: &Path) -> anyhow::Result<Command> {
        let processes = self.group.join("cgroup.procs");
        let mut command = Command::new("sh");
        // The shell goes in and becomes the program.
        let enter = r#"echo $$ > "$0" && exec "$@""#;
        command.args(["-c", enter, processes.to_str().context("a path in UTF-8")?]);
        command.arg(program);
        Ok(command)
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // A directory that the kernel takes away, with the files that it shows in it.
        fs::remove_dir(&self.group).ok();
    }
}
