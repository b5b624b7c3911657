//! The harness sees what it is there to see, and does what people do.

use saksi_tests::browser::{Browser, Key, Manners, Network, Screen, has_axe};

use super::shelf::Shelf;

/// Sees to nothing.
const LAX: &str = "default-src * 'unsafe-inline'";

const RUDE: &str = "<!DOCTYPE html><html><head><title>Rude</title>
<meta name='viewport' content='width=device-width'></head><body>
<div style='width: 700px; color: #bbb; background: #fff'>pale and wide</div>
<img src='http://elsewhere.example/spy.png'>
<script>console.error('so it says'); setTimeout(() => { throw new Error('so it throws') })</script>
</body></html>";

const FORM: &str = "<!DOCTYPE html><html lang='en'><head><title>Form</title>
<meta name='viewport' content='width=device-width'></head><body><main><h1>Form</h1>
<form onsubmit='said.textContent = number.value + photo.files[0].name; return false'>
<label for='number'>Valid votes</label> <input id='number' inputmode='numeric' value='1'>
<label for='photo'>Photo</label> <input type='file' id='photo'>
<button>Send</button> <a href='/?next'>Next page</a></form>
<p role='status' id='said' aria-label='Said'></p><noscript>without scripts</noscript>
</main></body></html>";

#[test]
fn a_page_without_manners_is_told_each_of_them() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let strict = Shelf::serving("default-src 'none'", RUDE)?;
    let page = browser.visitor(Screen::PHONE)?;
    page.open(&strict.url())?;
    let complaints = page.complaints()?.join("\n");
    assert!(complaints.contains("Content Security Policy"), "{complaints}");

    let lax = Shelf::serving(LAX, RUDE)?;
    page.open(&lax.url())?;
    let manners = Manners { bytes: 300, requests: 1 };
    let told = page.keeps_to(&manners, "rude").expect_err("it is rude").to_string();
    for fault in [
        "console: \"so it says\"",
        "so it throws",
        "foreign: http://elsewhere.example/spy.png",
        "px wider than the screen",
        "requests, of Manners",
    ] {
        assert!(told.contains(fault), "{fault}\n{told}");
    }
    if !has_axe() {
        // `keeps_to` has said that it was not there.
        return Ok(());
    }
    for fault in ["\naxe color-contrast: div", "axe html-has-lang: html", "axe image-alt: img"] {
        assert!(told.contains(fault), "{fault}\n{told}");
    }
    let told = page.keeps_to_in_the_dark("rude").expect_err("it is as pale").to_string();
    assert!(told.contains("\naxe color-contrast: div"), "{told}");
    Ok(())
}

#[test]
fn a_form_is_filled_by_keyboard_and_sent() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let shelf = Shelf::serving(LAX, FORM)?;
    let page = browser.visitor(Screen::DESKTOP)?;
    page.language("id,en;q=0.5")?;
    page.open(&shelf.url())?;
    assert!(shelf.asked.recv()?.contains("Accept-Language: id,en;q=0.5"));
    page.find("textbox", "Valid votes")?.write("187")?;
    let file = tempfile::NamedTempFile::with_prefix("photo-")?;
    page.find("button", "Photo")?.upload(&[file.path()])?;
    page.walk_to("button", "Send")?;
    page.press(Key::Enter)?;
    page.until("what it said", "said.textContent.startsWith('187photo-')")?;
    page.press(Key::BackTab)?;
    assert_eq!(page.focused()?.name, "Photo");
    assert_eq!(page.find("textbox", "Valid votes")?.value()?, "187");
    page.keeps_to(&Manners { bytes: 2_000, requests: 2 }, "form")?;
    page.follow(|| page.find("link", "Next page")?.click())?;
    assert!(page.url()?.ends_with("/?next"));
    Ok(())
}

#[test]
fn networks_and_scripts_are_as_they_are_said_to_be() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let shelf = Shelf::serving(LAX, FORM)?;
    let page = browser.visitor(Screen::PHONE)?;
    page.scripts(false)?;
    page.open(&shelf.url())?;
    assert!(page.text()?.contains("without scripts"));
    // Nothing keeps it from being sent to its server.
    page.follow(|| page.find("button", "Send")?.click())?;
    assert!(page.url()?.ends_with("/?"), "{}", page.url()?);
    page.scripts(true)?;
    page.open(&shelf.url())?;
    assert!(!page.text()?.contains("without scripts"));

    page.network(Network::Offline)?;
    let refused = page.open(&shelf.url()).expect_err("there is no network").to_string();
    assert!(refused.contains("ERR_INTERNET_DISCONNECTED"), "{refused}");
    page.network(Network::SecondGeneration)?;
    page.open(&shelf.url())?;
    // By the browser's own clock, and no less than the network's own delay.
    let took = "performance.getEntriesByType('navigation')[0].domInteractive";
    let took = page.evaluate(took)?.as_f64().unwrap_or_default();
    assert!(took >= 300.0, "an answer after {took} ms");
    Ok(())
}
