//! Python 3.12 or later with a package of others, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use saksi_tests::binaries::own_dir;

/// Environments are made one after the other: two tests may want the same.
static MAKING: Mutex<()> = Mutex::new(());

/// An interpreter that has the package, which is installed if need be. `None` where there
/// is none of that version, or no package index: said loudly.
pub(crate) fn python(package: &str) -> Option<PathBuf> {
    let _one_at_a_time = MAKING.lock().unwrap();
    let place = own_dir().unwrap().with_file_name("python").join(package.replace("==", "-"));
    let python = place.join("bin/python");
    let ready = place.join("ready");
    if ready.is_file() {
        return Some(python);
    }
    let Some(found) = interpreter() else {
        skip("Python 3.12 or later");
        return None;
    };
    let made = succeeds(Command::new(found).args(["-m", "venv", "--clear"]).arg(&place))
        && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", package]));
    if !made {
        skip(&format!("a package index that has {package}"));
        return None;
    }
    std::fs::write(ready, "").unwrap();
    Some(python)
}

/// The first of the usual names that is new enough.
fn interpreter() -> Option<PathBuf> {
    let newest = (12..20).rev().map(|minor| format!("python3.{minor}"));
    let mut names: Vec<PathBuf> = newest.chain(["python3".to_owned()]).map(PathBuf::from).collect();
    if let Some(home) = std::env::var_os("HOME") {
        let versions = std::fs::read_dir(Path::new(&home).join(".pyenv/versions"));
        let versions = versions.into_iter().flatten().flatten();
        names.extend(versions.map(|version| version.path().join("bin/python3")));
    }
    let new_enough = "import sys, venv; sys.exit(sys.version_info < (3, 12))";
    names.into_iter().find(|name| succeeds(Command::new(name).args(["-c", new_enough])))
}

/// Debian 12 has 3.11: a machine without a newer one is no fault, in CI either.
fn skip(wanted: &str) {
    eprintln!("SKIPPED: this test needs {wanted}");
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
