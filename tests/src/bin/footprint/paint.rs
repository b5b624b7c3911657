//! How long an officer with a cheap phone looks at nothing: the first paint of the station's
//! page, in a processor that is slowed down, on loopback and as if it were on 2G.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use saksi_tests::binaries::repository;
use saksi_tests::browser::paint::{NETWORKS, SLOWER};
use saksi_tests::browser::{Browser, Screen};
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::officer;
use saksi_tests::scene::nowhere;
use tempfile::TempDir;

use crate::Figure;

/// A station of the Indonesian sample, and the largest sheet of its first form.
const STATION: &str = "8207012001001";
pub(crate) const SHEET: &str = "/c/ppwp/1";
const PAGES: [(&str, &str); 2] = [("first page", "/"), ("sheet of 22 boxes", SHEET)];

/// The station's device, running, in its place.
pub(crate) fn station(agent: &Path) -> anyhow::Result<(AgentProcess, TempDir)> {
    let place = tempfile::tempdir()?;
    let pack = repository().join("deploy/elections/indonesia-2024");
    let collector = Collector::make_without_devices(place.path(), &pack)?;
    ensure!(collector.issue(&[STATION])?.status.success(), "a bundle for {STATION}");
    let mut device =
        AgentProcess::init(&place.path().join("agent"), &collector.bundle_path(STATION))?;
    device.run_by(Command::new(agent), &nowhere())?;
    Ok((device, place))
}

/// First paints of two pages on two networks; none where there is no browser.
pub(crate) fn first_paints(agent: &Path) -> anyhow::Result<Vec<Figure>> {
    let Some(browser) = Browser::start()? else { return Ok(Vec::new()) };
    let (device, _place) = station(agent)?;
    let address = officer::address(&device)?;
    let (base, _) = address.split_once("/open/").context("an address that lets in")?;
    let page = browser.visitor(Screen::PHONE)?;
    page.open_and_go_on(&address, &format!("{base}/"))?;
    page.slow_down()?;
    let mut figures = Vec::new();
    for (on, network) in NETWORKS {
        page.network(network)?;
        for (name, path) in PAGES {
            let value = page.seen(&format!("{base}{path}"))?.first_ms;
            let name = format!("{name}, first paint, processor ÷ {SLOWER}, {on}");
            figures.push(Figure::new(name, value, "ms", 1_000.0));
        }
    }
    Ok(figures)
}
