//! When a watcher with a cheap phone sees the site's longest pages.

use std::path::PathBuf;

use anyhow::Context as _;
use saksi_tests::browser::paint::{NETWORKS, SLOWER};
use saksi_tests::browser::{Browser, Screen};
use saksi_tests::collector::Collector;

/// Opens the longest page of each kind, from a collector that serves the site, and prints when it
/// is seen; says so where there is no browser.
pub(crate) fn measure(
    collector: &mut Collector,
    longest: &[(&'static str, PathBuf)],
) -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    collector.configure("site", "true")?;
    collector.start(None)?;
    let page = browser.visitor(Screen::PHONE)?;
    page.slow_down()?;
    let public = collector.dir().join("public");
    for (kind, file) in longest {
        let path = file.strip_prefix(&public)?.to_str().context("UTF-8")?;
        let url = format!("{}/{}", collector.web()?, path.trim_end_matches(".gz"));
        for (on, network) in NETWORKS {
            page.network(network)?;
            let seen = page.seen(&url)?;
            let traffic = page.traffic()?;
            println!(
                "the longest of the {kind}, processor ÷ {SLOWER}, {on}: first text after {:.2} s, \
                 all of it after {:.2} s; {} bytes in {} requests; /{path}",
                seen.first_ms / 1_000.0,
                seen.all_ms / 1_000.0,
                traffic.requests.iter().map(|request| request.bytes).sum::<u64>(),
                traffic.requests.len()
            );
        }
    }
    collector.stop().map(drop)
}
