//! The programs under test, built from this workspace in the profile of this process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, ensure};

/// How the variables begin that cargo sets for a package's programs. The others are the
/// user's: with another `CARGO_INCREMENTAL` all would be built twice.
const OF_PACKAGE: [&str; 5] =
    ["CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_"];

/// The root of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Path of a program of the workspace. The first call in a process builds them all;
/// that is a moment's work if nothing has changed.
///
/// # Errors
/// If they cannot be built.
pub fn path(program: &str) -> anyhow::Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|fault| format!("{fault:#}")));
    let dir = built.as_ref().map_err(|fault| anyhow::anyhow!("{fault}"))?;
    Ok(dir.join(program))
}

/// A command of a program of the workspace, in a network of its own if there is one.
///
/// # Errors
/// If the programs cannot be built.
pub fn command(program: &str, network: Option<&str>) -> anyhow::Result<Command> {
    let program = path(program)?;
    let Some(network) = network else { return Ok(Command::new(program)) };
    let mut command = Command::new("ip");
    // It becomes the program: its process is the program's.
    command.args(["netns", "exec", network]).arg(program);
    Ok(command)
}

/// The agent as devices get it; some minutes' work if it is not built yet.
///
/// # Errors
/// If it cannot be built.
pub fn agent_for_devices() -> anyhow::Result<PathBuf> {
    let target = own_dir()?.with_file_name("");
    let mut build = cargo(&target);
    build.args(["--profile", "device", "-p", "saksi-agent"]);
    ensure!(build.status()?.success(), "the agent for devices cannot be built");
    Ok(target.join("device/saksi-agent"))
}

/// Where this workspace is built.
///
/// # Errors
/// If this process was not built by cargo.
pub fn target_dir() -> anyhow::Result<PathBuf> {
    Ok(own_dir()?.parent().context("a target directory has a parent")?.to_owned())
}

/// The directory of this process's profile.
///
/// # Errors
/// If this process does not run from a target directory.
pub fn own_dir() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let dir = here.ancestors().find(|dir| dir.join(".cargo-lock").is_file());
    Ok(dir.context("this program does not stand in a target directory")?.to_owned())
}

fn cargo(target: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(repository()).args(["build", "--quiet", "--target-dir"]).arg(target);
    // What cargo tells this process of its package would make ring build itself anew.
    let told = std::env::vars_os().map(|(name, _)| name);
    let of_package = |name: &OsString| {
        let name = name.to_string_lossy();
        OF_PACKAGE.iter().any(|beginning| name.starts_with(beginning))
    };
    for name in told.filter(of_package) {
        build.env_remove(name);
    }
    build
}

fn build() -> anyhow::Result<PathBuf> {
    let dir = own_dir()?;
    let mut build = cargo(dir.parent().context("a target directory has a parent")?);
    build.args(["--workspace", "--bins"]);
    if dir.ends_with("release") {
        build.arg("--release");
    }
    ensure!(build.status()?.success(), "the programs under test cannot be built");
    Ok(dir)
}
