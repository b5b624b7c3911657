//! How long an officer with a cheap phone looks at nothing: the first paint of the station's
//! page, in a processor that is slowed down, on loopback and as if it were on 2G.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use saksi_tests::binaries::repository;
use saksi_tests::browser::{Browser, Network, Page, Screen};
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::officer;
use saksi_tests::scene::nowhere;
use serde_json::json;
use tempfile::TempDir;

use crate::Figure;

/// How many times slower than this machine the browser's processor is.
const SLOWER: u32 = 6;

/// Each figure is the middle of so many.
const LOOKS: usize = 5;

/// A station of the Indonesian sample, and the largest sheet of its first form.
const STATION: &str = "8207012001001";
pub(crate) const SHEET: &str = "/c/ppwp/1";
const PAGES: [(&str, &str); 2] = [("first page", "/"), ("sheet of 22 boxes", SHEET)];

const PAINT: &str = "new Promise(resolve => new PerformanceObserver(list => {
    const paint = list.getEntriesByName('first-contentful-paint')[0];
    if (paint) resolve(paint.startTime);
}).observe({ type: 'paint', buffered: true }))";

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
    page.call("Emulation.setCPUThrottlingRate", &json!({ "rate": SLOWER }))?;
    let mut figures = Vec::new();
    for (on, network) in [("loopback", Network::Normal), ("2G", Network::SecondGeneration)] {
        page.network(network)?;
        for (name, path) in PAGES {
            let value = first_paint(&page, &format!("{base}{path}"))?;
            let name = format!("{name}, first paint, processor ÷ {SLOWER}, {on}");
            figures.push(Figure::new(name, value, "ms", 1_000.0));
        }
    }
    Ok(figures)
}

/// Milliseconds from the request to the first text on screen, by the browser's own clock.
/// Style and script are fetched each time, as when the page is opened for the first time.
fn first_paint(page: &Page<'_>, url: &str) -> anyhow::Result<f64> {
    let look = |_| {
        page.open(url)?;
        page.evaluate(PAINT)?.as_f64().context("a time")
    };
    let mut looks = (0..LOOKS).map(look).collect::<anyhow::Result<Vec<_>>>()?;
    looks.sort_by(f64::total_cmp);
    Ok(looks[LOOKS / 2])
}
