//! Nothing that was typed is lost, whatever happens to the agent meanwhile.

use anyhow::{Context as _, ensure};
use saksi_agent::page::text;
use saksi_tests::browser::{Browser, Key, Screen};
use saksi_tests::scene::{free_address, nowhere};

use super::{Hand, PRESIDENT, Station};

/// Boxes after which the agent is killed: behind the first, in the middle, behind the last
/// of a sheet of 22.
const KILLED_AFTER: [usize; 3] = [1, 9, 22];

#[test]
fn an_agent_that_is_killed_while_somebody_types_has_lost_no_box() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.page_at(&free_address()?.to_string());
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    let paper = station.paper(PRESIDENT)?;
    hand.open("/c/ppwp/1")?;
    let boxes = hand.boxes()?;
    ensure!(boxes.len() == 22, "{boxes:?}");
    let mut typed = 0;
    for killed_after in KILLED_AFTER {
        // Typing goes on while the agent is dead: the last boxes are in the browser alone.
        for (at, code) in boxes.iter().enumerate().take(killed_after).skip(typed) {
            hand.is_at(code)?;
            if at + 2 == killed_after || killed_after == 1 {
                station.agent.kill()?;
            }
            hand.page.write(&paper.number(code).to_string())?;
            hand.page.press(Key::Enter)?;
        }
        typed = killed_after;
        let failed = "document.querySelector('#saved.failed[role=alert]') !== null";
        hand.page.until("it is told that nothing is saved", failed)?;
        ensure!(hand.page.text()?.contains(hand.say(text::NOT_SAVED)));
        station.agent.run(&nowhere())?;
        hand.saved()?;
        hand.page.reload()?;
        for (at, (code, text)) in hand.typed()?.into_iter().enumerate() {
            let number = if at < typed { paper.number(&code).to_string() } else { String::new() };
            ensure!(text == number, "{code}: “{text}” after {killed_after} boxes");
        }
    }
    Ok(())
}

#[test]
fn a_page_that_is_put_away_in_mid_number_has_saved_it() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    hand.open("/c/ppwp/1")?;
    // Nobody leaves the box: a second later it is saved all the same.
    hand.is_at("I.A.L")?;
    hand.page.write("78")?;
    hand.saved()?;
    // From here on no timer runs: it is put away sooner than that.
    hand.page.evaluate("void (window.setTimeout = () => 0)")?;
    hand.page.write("9")?;
    hand.page
        .evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden' })")?;
    hand.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")?;
    let other = Hand::at(&station, &browser, Screen::PHONE)?;
    saksi_tests::poll::until("what was typed last", || {
        other.open("/c/ppwp/1")?;
        Ok((other.typed()?[0].1 == "789").then_some(()))
    })
}

/// Lets nothing that the page's script sends on its way before it is told to.
const HOLD: &str = "window.fetch = (send => (...what) => new Promise(goOn => {
    window.letGo = () => { window.fetch = send; goOn(send(...what)); };
}))(window.fetch)";

#[test]
fn half_a_number_that_is_on_its_way_never_comes_behind_the_whole() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    hand.open("/c/dpd/1")?;
    let boxes = hand.boxes()?;
    let last = boxes.last().context("a box")?;
    hand.page.evaluate(&format!("void document.getElementById('f-{last}').focus()"))?;
    hand.is_at(last)?;
    hand.page.evaluate(&format!("void ({HOLD})"))?;
    hand.page.write("1")?;
    hand.page.until("the first digit is being saved", "window.letGo !== undefined")?;
    hand.page.write("5")?;
    // Enter leads to the button that leads on.
    hand.page.press(Key::Enter)?;
    hand.mark()?;
    hand.page.press(Key::Enter)?;
    ensure!(hand.is_marked()?, "the page waits for what is on its way");
    hand.page.follow(|| hand.page.evaluate("window.letGo()").map(drop))?;
    ensure!(hand.path()? == "/c/dpd/2", "{}", hand.path()?);
    hand.open("/c/dpd/1")?;
    let (code, text) = hand.typed()?.pop().context("a box")?;
    ensure!(text == "15", "{code}: “{text}”");
    Ok(())
}
