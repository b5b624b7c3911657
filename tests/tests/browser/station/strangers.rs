//! What another site in the same browser can do to the station's page: nothing.

use anyhow::ensure;
use saksi_tests::browser::{Browser, Screen};
use saksi_tests::officer::Officer;
use saksi_tests::scene::nowhere;

use super::super::shelf::Shelf;
use super::{Hand, Station};

/// What is on another site: it posts a number, loads what it can, and shows the page inside.
fn trap(base: &str) -> &'static str {
    let page = format!(
        "<!DOCTYPE html><html lang='en'><head><title>Win a phone</title></head><body>
        <form method='post' action='{base}/c/ppwp/1'>
        <input type='hidden' name='f.I.A.L' value='999'><input type='hidden' name='go' value='save'>
        <button>Win a phone</button></form>
        <a href='{base}/'>Your prize</a>
        <iframe src='{base}/' title='frame'></iframe></body></html>"
    );
    // For the rest of the process, as the shelf is.
    page.leak()
}

/// A request that a script of this document makes, with the browser's cookies; gives the
/// status, or 0 where the browser keeps the answer to itself.
fn asks(hand: &Hand<'_>, path: &str, body: &str) -> anyhow::Result<u64> {
    let asked = format!(
        "fetch({:?}, {{ method: 'POST', credentials: 'include', mode: 'no-cors',
            headers: {{ 'Content-Type': 'application/x-www-form-urlencoded' }}, body: {body:?} }})
            .then(answer => answer.status)",
        format!("{}{path}", hand.base)
    );
    Ok(hand.page.evaluate(&asked)?.as_u64().unwrap_or_default())
}

#[test]
fn another_site_in_the_same_browser_changes_and_reads_nothing() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    let shelf = Shelf::serving("default-src * 'unsafe-inline'", trap(&hand.base))?;
    // At another port it is the same site for a cookie; by another name it is another one.
    let same_site = shelf.url();
    let cross_site = same_site.replace("127.0.0.1", "localhost");
    for site in [same_site, cross_site] {
        hand.page.open(&site)?;
        ensure!(asks(&hand, "/c/ppwp/1", "f.I.A.L=999&go=save")? == 0);
        let inside = "document.querySelector('iframe').contentDocument === null";
        ensure!(hand.page.evaluate(inside)? == true, "what is inside cannot be read");
        hand.tap("button", "Win a phone")?;
        ensure!(hand.page.text()?.contains("another site may not ask this"));
        hand.page.open(&site)?;
        hand.tap("link", "Your prize")?;
        ensure!(hand.page.text()?.contains("another site may not ask this"));
    }
    nothing_has_changed(&station)
}

#[test]
fn a_name_that_was_led_here_is_answered_by_nobody() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let (address, base) = station.address()?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    for url in [format!("{base}/"), address, format!("{base}/c/ppwp/1")] {
        hand.page.open(&url.replace("127.0.0.1", "led-here.example"))?;
        ensure!(hand.page.text()?.trim() == "this is another place", "{}", hand.page.text()?);
        let cookies = hand.page.evaluate("document.cookie")?;
        ensure!(cookies == "", "{cookies}");
    }
    nothing_has_changed(&station)
}

#[test]
fn our_own_page_changes_nothing_without_the_word_of_its_forms() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    for body in ["f.I.A.L=999&go=save", "csrf=00000000000000000000000000000000&f.I.A.L=999"] {
        ensure!(asks(&hand, "/c/ppwp/1", body)? == 403, "{body}");
    }
    let cookies = hand.page.evaluate("document.cookie")?;
    ensure!(cookies == "", "no script reads the word that lets in: {cookies}");
    // A browser that was not let in is told how, and nothing of the station.
    let stranger = browser.visitor(Screen::PHONE)?;
    stranger.open(&format!("{}/c/ppwp/1", hand.base))?;
    let told = stranger.text()?;
    ensure!(told.contains("saksi-agent page") && !told.contains("TPS 001"), "{told}");
    nothing_has_changed(&station)
}

fn nothing_has_changed(station: &Station) -> anyhow::Result<()> {
    let sheet = Officer::at(&station.agent)?.html("/c/ppwp/1")?;
    ensure!(!sheet.contains("\"999\"") && sheet.contains("name=\"f.I.A.L\" value=\"\""), "{sheet}");
    Ok(())
}
