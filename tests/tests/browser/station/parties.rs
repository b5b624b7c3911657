//! The largest paper there is: eighteen parties of ten candidates each.

use std::fs;
use std::path::Path;

use anyhow::ensure;
use saksi_agent::page::text;
use saksi_tests::browser::{Browser, Key, Screen};
use saksi_tests::officer::Officer;
use saksi_tests::scene::nowhere;

use super::pages::MANNERS;
use super::{HOUSE, Hand, Station, sample};

const PARTIES: usize = 18;
const CANDIDATES: usize = 10;

/// Names as long as people have.
const NAME: &str = "H. Muhammad Abdurrahman Syamsuddin Latuconsina, S.Sos., M.Si.";

/// The sample with ten candidates for each of its parties.
fn largest(at: &Path) -> anyhow::Result<()> {
    for list in ["regions.csv", "stations.csv"] {
        fs::copy(sample().join(list), at.join(list))?;
    }
    let text = fs::read_to_string(sample().join("election.toml"))?;
    let mut lines = Vec::new();
    let mut is_list = false;
    for line in text.lines() {
        if is_list && line.starts_with(']') {
            let one = |at| format!("    {{ code = \"{at:02}\", name = \"{NAME} {at}\" }},");
            lines.extend((1..=CANDIDATES).map(one));
            is_list = false;
        }
        if !is_list {
            lines.push(line.to_owned());
        }
        is_list |= line == "candidate = [";
    }
    Ok(fs::write(at.join("election.toml"), lines.join("\n"))?)
}

#[test]
fn eighteen_parties_of_ten_are_copied_a_party_a_screen() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let pack = tempfile::tempdir()?;
    largest(pack.path())?;
    let mut station = Station::of(pack.path())?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    let paper = station.paper(HOUSE)?;

    // The list to jump by names every party; one tap leads to the twelfth.
    hand.open("/c/dpr/1")?;
    let tabs = hand.page.evaluate("document.querySelectorAll('.tabs button').length")?;
    ensure!(tabs == 1 + PARTIES + 1, "{tabs} sheets");
    let twelfth = "12 12 Partai Amanat Nasional (PAN), belum terisi: 12";
    hand.tap("button", twelfth)?;
    ensure!(hand.path()? == "/c/dpr/13", "{}", hand.path()?);
    ensure!(hand.boxes()?.len() == CANDIDATES + 2, "its own votes, ten candidates, its total");
    hand.copy(&paper)?;
    hand.page.follow(|| hand.page.press(Key::Enter))?;
    ensure!(hand.path()? == "/c/dpr/14", "{}", hand.path()?);
    hand.page.find("button", "12 12 Partai Amanat Nasional (PAN), lengkap")?;

    Officer::at(&station.agent)?.fill(&paper)?;
    let mut faults = Vec::new();
    let sheets = (1..=PARTIES + 2).map(|sheet| sheet.to_string());
    for sheet in sheets.chain(["review".to_owned()]) {
        hand.open(&format!("/c/dpr/{sheet}"))?;
        let (_, bytes) = hand.page.traffic()?.cost();
        if bytes > MANNERS.bytes || hand.page.sticks_out()? > 0 {
            faults.push(format!("{sheet}: {bytes} bytes, {} px too wide", hand.page.sticks_out()?));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    hand.page.picture("station-eighteen-parties-review")?;
    ensure!(!hand.page.text()?.contains(hand.say(text::TO_PUT_RIGHT)));
    Ok(())
}
