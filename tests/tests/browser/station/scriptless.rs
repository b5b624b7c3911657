//! The same path where no script runs: what is typed is saved with its sheet, and the page
//! asks for itself again until the receipt is there.

use anyhow::ensure;
use saksi_agent::page::text;
use saksi_tests::browser::{Browser, Key, Screen};

use super::{Hand, PRESIDENT, Station};

#[test]
fn a_form_is_filled_sealed_and_received_with_scripts_off() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.collector.start(None)?;
    station.agent.run(&station.collector.address()?)?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    hand.page.scripts(false)?;
    let paper = station.paper(PRESIDENT)?;

    hand.open("/c/ppwp/1")?;
    for sheet in 1..=2 {
        ensure!(hand.path()? == format!("/c/ppwp/{sheet}"), "{}", hand.path()?);
        for code in hand.boxes()? {
            hand.page.evaluate(&format!("document.getElementById('f-{code}').focus()"))?;
            hand.page.write(&paper.number(&code).to_string())?;
        }
        // Without a script Enter sends the sheet.
        hand.page.follow(|| hand.page.press(Key::Enter))?;
    }
    ensure!(hand.path()? == "/c/ppwp/photos", "{}", hand.path()?);
    hand.tap("link", &format!("{} →", hand.say(text::WITHOUT_PHOTOS)))?;
    ensure!(hand.path()? == "/c/ppwp/review", "{}", hand.path()?);
    for officer in [text::CONFIRM_ONE, text::CONFIRM_TWO] {
        hand.page.find("checkbox", hand.say(officer))?.click()?;
    }
    hand.tap("button", hand.say(text::SEAL))?;
    ensure!(hand.path()? == "/c/ppwp", "{}", hand.path()?);
    // It is loaded again by itself, every ten seconds, until nothing is under way.
    let moving =
        || Ok::<_, anyhow::Error>(hand.page.evaluate("'moving' in document.body.dataset")? == true);
    while moving()? {
        hand.page.follow(|| Ok(()))?;
    }
    hand.sees("#progress", text::STEP_RECEIVED)?;
    hand.tap("link", hand.say(text::OPEN_RECEIPT))?;
    ensure!(hand.path()? == "/c/ppwp/receipt", "{}", hand.path()?);
    Ok(())
}
