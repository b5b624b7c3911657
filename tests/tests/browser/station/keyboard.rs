//! The same path on a laptop by keyboard alone; whatever has the focus shows it.

use anyhow::ensure;
use saksi_agent::page::text;
use saksi_tests::browser::{Browser, Key, Screen};
use saksi_tests::scene::nowhere;

use super::{Hand, REGIONS, Station};

#[test]
fn a_form_is_filled_and_sealed_by_keyboard_alone() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::DESKTOP)?;
    let paper = station.paper(REGIONS)?;
    let name = station.contest(REGIONS)?.name.in_language(0).to_owned();
    hand.page.press(Key::Tab)?;
    ensure!(hand.page.focused()?.name == hand.say(text::SKIP), "it leads past the rest");
    hand.page.walk_to("link", &format!("{} {name}", hand.say(text::BEGIN)))?;
    for _ in 0..2 {
        // The link, and then the button behind the last box.
        hand.page.follow(|| hand.page.press(Key::Enter))?;
        hand.copy(&paper)?;
    }
    hand.page.follow(|| hand.page.press(Key::Enter))?;
    ensure!(hand.path()? == "/c/dpd/photos", "{}", hand.path()?);
    hand.page.walk_to("link", &format!("{} →", hand.say(text::WITHOUT_PHOTOS)))?;
    hand.page.follow(|| hand.page.press(Key::Enter))?;
    ensure!(hand.path()? == "/c/dpd/review", "{}", hand.path()?);
    for officer in [text::CONFIRM_ONE, text::CONFIRM_TWO] {
        hand.page.walk_to("checkbox", hand.say(officer))?;
        hand.page.press(Key::Space)?;
    }
    hand.page.walk_to("button", hand.say(text::SEAL))?;
    hand.page.follow(|| hand.page.press(Key::Enter))?;
    ensure!(hand.path()? == "/c/dpd", "{}", hand.path()?);
    hand.sees("#progress", text::STEP_STORED)
}
