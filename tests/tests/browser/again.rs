//! The second entry in a browser: titles of sections, boxes that are saved as they are left,
//! and the choice between two numbers; on a phone, at a desk and in the dark.

use std::path::Path;

use anyhow::Context as _;
use saksi_tests::binaries::repository;
use saksi_tests::browser::{Browser, Manners, Page, Screen};
use saksi_tests::careful;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::officer::Officer;
use saksi_tests::paper::Paper;
use saksi_tests::scene::nowhere;
use serde_json::json;

const MANNERS: Manners = Manners { bytes: 60_000, requests: 4 };

const SCREENS: [(&str, Screen); 2] = [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)];

const VILLAGE: &str = "8207012001";

/// A device of the Indonesian sample with votes and totals typed twice, and the papers of
/// its station.
fn station(place: &Path) -> anyhow::Result<(AgentProcess, Vec<Paper>)> {
    let sample = repository().join("deploy/elections/indonesia-2024");
    let pack = careful::pack(&sample, careful::INDONESIA, place)?;
    let definition = saksi_collector::pack::read(&pack)?;
    let collector = Collector::make_without_devices(place, &pack)?;
    let issued = collector.issue(&["--region", VILLAGE])?;
    anyhow::ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    let station = &definition.stations()[0];
    let bundle = collector.bundle_path(station.code.as_str());
    let mut agent = AgentProcess::init(&place.join("agent"), &bundle)?;
    agent.run(&nowhere())?;
    let mut random = fastrand::Rng::with_seed(7);
    let contests = definition.contests().iter();
    let papers = contests.map(|contest| Paper::plausible(station, contest, &mut random));
    Ok((agent, papers.collect()))
}

/// Gives a page the cookie that lets in: the address that does so leads on by itself, at a
/// moment that nobody can wait for.
fn let_in(page: &Page<'_>, officer: &Officer) -> anyhow::Result<()> {
    let (name, value) = officer.cookie.split_once('=').context("a cookie")?;
    let cookie = json!({ "name": name, "value": value, "url": officer.base });
    page.call("Network.setCookie", &cookie).map(drop)
}

#[test]
fn the_second_entry_keeps_to_our_manners_and_saves_each_box_as_it_is_left() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let place = tempfile::tempdir()?;
    let (agent, papers) = station(place.path())?;
    let officer = Officer::at(&agent)?;
    for paper in &papers {
        let sheets = if paper.contest == "dpr" { 20 } else { 2 };
        officer.fill_sheets(paper, &format!("/c/{}", paper.contest), sheets)?;
    }
    let at = |path: &str| format!("{}{path}", officer.base);
    let mut faults = Vec::new();
    let mut look = |path: &str, of: &str| -> anyhow::Result<()> {
        for (name, screen) in SCREENS {
            let page = browser.visitor(screen)?;
            let_in(&page, &officer)?;
            page.open(&at(path))?;
            let picture = format!("again-{of}-{name}");
            let kept = [page.keeps_to(&MANNERS, &picture), page.keeps_to_in_the_dark(&picture)];
            faults.extend(kept.into_iter().filter_map(Result::err).map(|fault| fault.to_string()));
        }
        Ok(())
    };
    look("/c/ppwp/1", "first-sheet")?;
    look("/c/dpr/2", "party-sheet")?;
    look("/c/ppwp/again/1", "sheet")?;
    look("/c/dpr/again/7", "party")?;

    // A box that is left is saved, and the first numbers are nowhere.
    let page = browser.visitor(Screen::PHONE)?;
    let_in(&page, &officer)?;
    page.open(&at("/c/ppwp/again/1"))?;
    page.evaluate("document.getElementById('f-IV.01').focus()")?;
    page.write("12")?;
    page.evaluate("document.getElementById('f-IV.02').focus()")?;
    page.until("saved", "/Tersimpan/.test(document.getElementById('saved').textContent)")?;
    page.reload()?;
    assert_eq!(page.evaluate("document.getElementById('f-IV.01').value")?, "12");
    assert_eq!(page.evaluate("document.getElementById('f-IV.02').value")?, "");

    let mut other = papers[0].clone();
    other.set("IV.01", papers[0].number("IV.01") + 900);
    other.set("V.B", papers[0].number("V.B") + 1);
    officer.fill_sheets(&other, "/c/ppwp/again", 1)?;
    let mut other = papers[1].clone();
    other.set("IV.03.05", papers[1].number("IV.03.05") + 1);
    officer.fill_sheets(&other, "/c/dpr/again", 19)?;
    look("/c/ppwp/again/compare", "compare")?;
    look("/c/dpr/again/compare", "compare-party")?;
    let wrong = "const third = document.querySelector('details.third'); third.open = true; \
                 third.querySelector('input').value = '1.8'; \
                 third.querySelector('.ways button').click()";
    page.open(&at("/c/ppwp/again/compare"))?;
    page.follow(|| page.evaluate(wrong).map(drop))?;
    assert_eq!(
        page.evaluate("document.activeElement.id")?,
        "faults",
        "what is wrong is read first"
    );
    page.picture("again-compare-wrong-phone")?;
    officer.fill_sheets(&papers[0], "/c/ppwp/again", 1)?;
    look("/c/ppwp/review", "review")?;
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}
