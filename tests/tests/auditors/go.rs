//! Go's checksum database (`golang.org/x/mod/sumdb`, as Debian packs it) over a public log.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saksi_tests::binaries::repository;

use crate::published::Published;
use crate::tampered::{each_flip_is_found, flips};

/// Where Debian's `golang-golang-x-mod-dev` is.
const SOURCES: &str = "/usr/share/gocode";

/// The program, built; `None` where Go or the package is not: said loudly.
fn program(place: &Path) -> Option<PathBuf> {
    let source = repository().join("tests/tests/auditors/tlog.go");
    let package = Path::new(SOURCES).join("src/golang.org/x/mod/sumdb/tlog");
    let program = place.join("tlog");
    let built = Command::new("go")
        .args(["build", "-o"])
        .args([&program, &source])
        .env("GO111MODULE", "off")
        .env("GOPATH", SOURCES)
        .env("GOCACHE", place.join("go-cache"))
        .output();
    match built {
        Ok(built) if package.is_dir() => {
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
            Some(program)
        }
        _ => {
            let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "CI needs golang-go and golang-golang-x-mod-dev");
            eprintln!("SKIPPED: this test needs golang-go and golang-golang-x-mod-dev");
            None
        }
    }
}

fn check(program: &Path, published: &Published) -> Output {
    let mut check = Command::new(program);
    check.arg(&published.dir).arg(&published.key).arg(&published.earlier);
    check.output().unwrap()
}

#[test]
fn go_believes_the_log_and_finds_every_flipped_bit() {
    let published = Published::new();
    let Some(program) = program(published.scene.dir()) else { return };
    let checked = check(&program, &published);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    let wanted = format!("entries {}, inclusion proofs", published.size);
    assert!(checked.status.success() && said.starts_with(&wanted), "{checked:?}");
    each_flip_is_found(&flips(&published.dir, published.size), || check(&program, &published));
}
