//! Every page of the station keeps to our manners: in both languages, light and dark, on
//! the narrowest phone, on a cheap one, on a laptop, and at 200 % zoom.

use anyhow::ensure;
use saksi_agent::page::text;
use saksi_proto::text::Language;
use saksi_tests::browser::{Browser, Manners, Screen};
use saksi_tests::officer::Officer;
use saksi_tests::scene::{free_address, nowhere};

use super::{HOUSE, Hand, PRESIDENT, REGIONS, Station};

/// The page, its style, its script, its icon, and on the receipt the QR code. On loopback
/// bytes cost little: but the device is cheap, and reads all of them.
pub(super) const MANNERS: Manners = Manners { bytes: 60_000, requests: 5 };

/// Bytes of the script on the wire, with its head.
const SCRIPT: u64 = 10_000;

/// What pages are looked at on; pictures of the first two are for people, and those are
/// looked at in the dark too.
const SCREENS: [(&str, Screen); 4] = [
    ("phone", Screen::PHONE),
    ("desk", Screen::DESKTOP),
    ("narrow", Screen::NARROW),
    ("zoomed", Screen::ZOOMED),
];

/// Pages of a device on which one number was typed: a name for pictures, and the path.
const EARLY: [(&str, &str); 5] = [
    ("home-early", "/"),
    ("sheet-begun", "/c/ppwp/1"),
    ("sheet-empty", "/c/dpd/2"),
    ("sheet-party", "/c/dpr/2"),
    ("review-begun", "/c/ppwp/review"),
];

/// Pages late at night: the president's form has its receipt and a correction is begun, the
/// house's does not fit, the regions' is sealed and waits, for the centre does not answer.
const LATE: [(&str, &str); 9] = [
    ("home-late", "/"),
    ("stored-received", "/c/ppwp"),
    ("receipt", "/c/ppwp/receipt"),
    ("sheet-correction", "/c/ppwp/1"),
    ("review-correction", "/c/ppwp/review"),
    ("sheet-findings", "/c/dpr/1"),
    ("sheet-findings-party", "/c/dpr/2"),
    ("review-findings", "/c/dpr/review"),
    ("stored-waiting", "/c/dpd"),
];

/// Pages that say no.
const REFUSED: [(&str, &str); 2] = [("nowhere", "/nowhere"), ("no-receipt", "/c/dpr/receipt")];

#[test]
fn every_page_of_the_station_keeps_to_our_manners_in_indonesian() -> anyhow::Result<()> {
    every_page_keeps_to_our_manners(Language::Indonesian)
}

#[test]
fn every_page_of_the_station_keeps_to_our_manners_in_english() -> anyhow::Result<()> {
    every_page_keeps_to_our_manners(Language::English)
}

fn every_page_keeps_to_our_manners(language: Language) -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.collector.start(None)?;
    station.agent.page_at(&free_address()?.to_string());
    station.agent.run(&station.collector.address()?)?;
    let begun = [("f.I.A.L", "78"), ("go", "save")];
    Officer::at(&station.agent)?.led("/c/ppwp/1", "/c/ppwp/1", &begun)?;
    let mut hand = Hand::at(&station, &browser, Screen::PHONE)?;
    hand.speak(language)?;
    let mut faults = Vec::new();
    keep_to_them(&hand, &EARLY, &mut faults)?;
    becomes_late(&mut station)?;
    keep_to_them(&hand, &LATE, &mut faults)?;
    refuse_well(&hand, &mut faults)?;
    ensure!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

fn keep_to_them(
    hand: &Hand<'_>,
    pages: &[(&str, &str)],
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    for (screen_name, screen) in SCREENS {
        hand.page.screen(screen)?;
        for (name, path) in pages {
            hand.open(path)?;
            let picture = format!("station-{name}-{}-{screen_name}", hand.language.code());
            let script = hand.page.traffic()?.requests;
            let script = script.iter().filter(|asked| asked.url.ends_with(".js"));
            let script: u64 = script.map(|asked| asked.bytes).sum();
            if !(1..=SCRIPT).contains(&script) {
                faults.push(format!("{picture}: {script} bytes of script"));
            }
            let mut kept = vec![hand.page.keeps_to(&MANNERS, &picture)];
            if ["phone", "desk"].contains(&screen_name) {
                kept.push(hand.page.keeps_to_in_the_dark(&picture));
            }
            faults.extend(kept.into_iter().filter_map(Result::err).map(|fault| fault.to_string()));
        }
    }
    hand.page.screen(Screen::PHONE)
}

/// What says no is looked at too; that it does stands in the console.
fn refuse_well(hand: &Hand<'_>, faults: &mut Vec<String>) -> anyhow::Result<()> {
    for (name, path) in REFUSED {
        hand.open(path)?;
        let found = hand.page.axe()?;
        hand.page.picture(&format!("station-{name}-{}-phone", hand.language.code()))?;
        faults.extend(found.into_iter().map(|found| format!("{path}: {found}")));
        hand.tap("link", hand.say(text::ALL_FORMS))?;
    }
    Ok(())
}

fn becomes_late(station: &mut Station) -> anyhow::Result<()> {
    let officer = Officer::at(&station.agent)?;
    officer.fill(&station.paper(PRESIDENT)?)?;
    officer.seal(PRESIDENT, &[])?;
    station.agent.received(PRESIDENT)?;
    officer.led("/c/ppwp", "/c/ppwp/correct", &[])?;
    let mut wrong = station.paper(HOUSE)?;
    wrong.set("I.A.J", 999);
    wrong.set("IV.01.total", wrong.number("IV.01.total") + 1);
    wrong.lines.insert("I.B.1.P".to_owned(), None);
    officer.fill(&wrong)?;
    station.agent.kill()?;
    station.agent.run(&nowhere())?;
    let officer = Officer::at(&station.agent)?;
    officer.fill(&station.paper(REGIONS)?)?;
    officer.seal(REGIONS, &[("explanation", "Formulir DPR masih diperiksa.")])?;
    station.agent.failed(REGIONS)?;
    Ok(())
}
