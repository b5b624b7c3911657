//! `authority …`: what is signed where the authority's key is.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use saksi_collector::certificates::{self, SignedCertificates, SigningRequests};
use saksi_collector::config::Config;
use saksi_collector::home::Home;
use saksi_collector::{clock, pack, secret};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fold;
use crate::cli;

/// Stations that are shown by name before something is signed.
const SHOWN: usize = 20;

pub(crate) fn run(command: &cli::Authority) -> anyhow::Result<()> {
    match command {
        cli::Authority::Make { dir, election } => make(dir, election),
        cli::Authority::Requests { dir, out } => requests(dir, out),
        cli::Authority::Sign { authority, file, out } => sign(authority, file, out),
        cli::Authority::Import { dir, file } => import(dir, file),
    }
}

fn make(dir: &Path, election: &Path) -> anyhow::Result<()> {
    let definition = pack::read(election)?;
    let digest = certificates::make_authority(dir, &definition, clock::now_ms())?;
    let (shown, id) = (dir.display(), definition.head().id);
    println!("The authority of {id} is in {shown}; its certificate's SHA-256 is {digest}");
    println!("Keep {shown} on this machine and a copy of it in a safe. Carry {shown}/ca.pem:");
    println!("  saksi-collector init DIR --election PACK --ca-external ca.pem …");
    Ok(())
}

fn requests(dir: &Path, out: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let config = Config::read(&home.config())?;
    let asked = certificates::requests(&home, &config, &fold(&home)?, clock::now_ms())?;
    show(&asked);
    if asked.server.is_none() && asked.devices.is_empty() {
        println!("There is nothing to sign.");
        return Ok(());
    }
    write(out, &asked)?;
    if asked.left > 0 {
        println!("{} more wait; ask again when these are signed.", asked.left);
    }
    println!("Carry {} to the authority, and there:", out.display());
    println!("  saksi-collector authority sign AUTHORITY {} --out signed.json", out.display());
    Ok(())
}

fn sign(authority: &Path, file: &Path, out: &Path) -> anyhow::Result<()> {
    let asked: SigningRequests = read(file)?;
    show(&asked);
    let signed = certificates::sign(authority, &asked, clock::now_ms())?;
    write(out, &signed)?;
    println!("Signed. Carry {} back, and there:", out.display());
    println!("  saksi-collector authority import DIR {}", out.display());
    Ok(())
}

fn import(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let definition = pack::read(&home.election())?;
    let signed: SignedCertificates = read(file)?;
    certificates::import(&home, definition.head().id, &signed)?;
    println!(
        "{} certificates of devices are here; they get them when they ask.",
        signed.devices.len()
    );
    if signed.server.is_some() {
        println!("The collector's own is here; it is used from its next start on.");
    }
    Ok(())
}

fn show(asked: &SigningRequests) {
    println!("For {} (definition {})", asked.election, asked.definition);
    if let Some(server) = &asked.server {
        println!("  collector  {} with key {}", server.names.join(", "), server.key);
    }
    println!("  devices    {}, for {} days", asked.devices.len(), asked.certificate_days);
    for device in asked.devices.iter().take(SHOWN) {
        println!("    {} with key {}", device.station, device.key);
    }
    if asked.devices.len() > SHOWN {
        println!("    and {} more in the file", asked.devices.len() - SHOWN);
    }
}

fn read<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| format!("{} is not the right file", file.display()))
}

fn write(out: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    secret::write_secret(out, &serde_json::to_string_pretty(value)?)?;
    Ok(())
}
