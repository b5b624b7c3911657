//! Carry and send in a real browser: a file is chosen, taken in, and its progress seen.

use saksi_tests::browser::{Browser, Manners, Screen};
use saksi_tests::device::AgentProcess;
use saksi_tests::scene::Scene;

/// A page of the station, its style, its script and its icon.
const MANNERS: Manners = Manners { bytes: 60_000, requests: 5 };

/// The address that lets a browser in.
pub(crate) fn address(agent: &AgentProcess) -> anyhow::Result<String> {
    saksi_tests::poll::until("the page's address", || {
        let told = agent.command(&["page"])?;
        let address = String::from_utf8(told.stdout)?;
        Ok(told.status.success().then(|| address.trim().to_owned()))
    })
}

#[test]
fn a_file_is_taken_in_by_an_officer_and_all_of_it_is_shown() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let scene = Scene::serving()?;
    let origin = scene.agent("origin", 0)?;
    origin.submit(&scene.stations[0].paper([30, 20, 2, 1]).to_json(), &[])?;
    let forms = scene.dir().join("forms.saksi");
    origin.succeed(&["export", "--out", forms.to_str().unwrap_or_default()])?;
    let letter = scene.dir().join("letter.saksi");
    std::fs::write(&letter, "a letter")?;
    let mut carrier = scene.agent("carrier", 1)?;
    carrier.run(&scene.collector.address()?)?;
    let opening = address(&carrier)?;
    let base = opening.split("/open/").next().unwrap_or_default().to_owned();
    for (name, screen) in [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)] {
        let page = browser.visitor(screen)?;
        page.let_in(&opening)?;
        page.keeps_to(&MANNERS, &format!("agent-home-carries-{name}"))?;
        page.follow(|| page.find("link", "Carry and send")?.click())?;
        page.keeps_to(&MANNERS, &format!("agent-carry-{name}"))?;
        page.keeps_to_in_the_dark(&format!("agent-carry-{name}"))?;
        let take = |file: &std::path::Path| {
            page.find("button", "File")?.upload(&[file])?;
            page.follow(|| page.find("button", "Take this file in")?.click())
        };
        take(&letter)?;
        assert!(page.text()?.contains("no file of Saksi"), "{}", page.text()?);
        page.picture(&format!("agent-carry-refused-{name}"))?;
        page.open(&format!("{base}/carry"))?;
        take(&forms)?;
        assert!(page.text()?.contains("Forms that this device carries now"), "{}", page.text()?);
        page.until(
            "what is carried has arrived",
            "document.body.innerText.includes('1 of 1 have arrived')",
        )?;
        page.keeps_to(&MANNERS, &format!("agent-carried-{name}"))?;
        page.find("link", "Save 1 receipts as a file")?;
    }
    Ok(())
}
