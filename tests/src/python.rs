//! Python for the programs of others, and for a recount by one of ours.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::binaries;

/// What is tried, the newest first.
const NAMES: [&str; 4] = ["python3.14", "python3.13", "python3.12", "python3"];

/// Oldest that will do.
const OLDEST: (u32, u32) = (3, 12);

/// The programs of a package from PyPI at one version, in an environment that is made once
/// and stays. `None` where that cannot be: the test says so on standard error.
///
/// # Panics
/// If `CI=true` and it cannot be made: there the test must be run.
#[must_use]
pub fn programs_of(package: &str, version: &str) -> Option<PathBuf> {
    match environment(package, version) {
        Ok(programs) => Some(programs),
        Err(fault) => {
            let wanted = format!("Python 3.12 or newer and {package} {version} from PyPI");
            let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "CI needs {wanted}: {fault:#}");
            eprintln!("SKIPPED: this test needs {wanted}: {fault:#}");
            None
        }
    }
}

/// Whether there is a Python that reads TOML (3.11), for a recount by a program of ours; said on
/// standard error if not.
///
/// # Panics
/// If `CI=true` and there is none: there the recount must be run.
#[must_use]
pub fn reads_toml() -> bool {
    let has = Command::new("python3").args(["-c", "import tomllib"]).output();
    let has = has.is_ok_and(|output| output.status.success());
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(has || !ci, "CI needs Python 3.11 or later");
    if !has {
        eprintln!("SKIPPED: the recount in Python, which needs Python 3.11 or later");
    }
    has
}

fn environment(package: &str, version: &str) -> anyhow::Result<PathBuf> {
    let dir = binaries::target_dir()?.join("others").join(format!("{package}-{version}"));
    let (programs, whole) = (dir.join("bin"), dir.join("whole"));
    std::fs::create_dir_all(dir.parent().context("a directory in another")?)?;
    // Of several tests that want it one makes it, and the others wait.
    let lock = File::create(dir.with_extension("lock"))?;
    lock.lock()?;
    if whole.is_file() {
        return Ok(programs);
    }
    let python = found().context("there is no such Python")?;
    succeed(Command::new(python).args(["-m", "venv", "--clear"]).arg(&dir))?;
    let wanted = format!("{package}=={version}");
    succeed(
        Command::new(programs.join("pip"))
            .args(["--quiet", "--disable-pip-version-check", "install"])
            .arg(wanted),
    )?;
    std::fs::write(&whole, "")?;
    Ok(programs)
}

/// The first Python that is new enough: on the path, or one that pyenv keeps.
fn found() -> Option<PathBuf> {
    let on_path = NAMES.iter().map(PathBuf::from);
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv"));
    let versions = root.or(home).and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let kept = versions.into_iter().flatten().filter_map(Result::ok);
    let kept = kept.map(|version| version.path().join("bin/python3"));
    on_path.chain(kept).find(|python| is_new_enough(python))
}

fn is_new_enough(python: &Path) -> bool {
    let code = "import sys; print(*sys.version_info[:2])";
    let output = Command::new(python).args(["-c", code]).stderr(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let numbers = text.unwrap_or_default();
    let mut numbers = numbers.split_whitespace().filter_map(|number| number.parse().ok());
    numbers.next().zip(numbers.next()).is_some_and(|found| found >= OLDEST)
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    let last = words.lines().last().unwrap_or_default();
    ensure!(output.status.success(), "{:?}: {last}", command.get_program());
    Ok(())
}
