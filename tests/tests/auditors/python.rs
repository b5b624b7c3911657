//! The Python package `aics-tlog` over a public log, in a directory and by its address.

use std::path::Path;
use std::process::{Command, Output};

use saksi_tests::binaries::repository;

use crate::published::Published;
use crate::tampered::{each_flip_is_found, flips};

/// What is installed from PyPI.
const PACKAGE: &str = "aics-tlog==0.2.1";

fn check(python: &Path, source: &str, published: &Published) -> Output {
    let script = repository().join("tests/tests/auditors/tlog.py");
    let mut check = Command::new(python);
    check.arg(script).arg(source).arg(&published.key).arg(&published.earlier);
    check.output().unwrap()
}

#[test]
fn a_python_package_believes_the_log_and_finds_every_flipped_bit() {
    let published = Published::new();
    let Some(python) = crate::environment::python(PACKAGE) else { return };
    let wanted = format!("entries {}, inclusion proofs", published.size);
    let directory = published.dir.to_str().unwrap().to_owned();
    let address = published.scene.collector.web().unwrap().to_owned();
    for source in [&directory, &address] {
        let checked = check(&python, source, &published);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success() && said.starts_with(&wanted), "{checked:?}");
    }
    each_flip_is_found(&flips(&published.dir, published.size), || {
        check(&python, &directory, &published)
    });
}
