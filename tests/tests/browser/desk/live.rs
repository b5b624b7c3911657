//! Numbers that move while somebody looks at them: on the overview, and on the wall.

use saksi_tests::browser::{Browser, Page, Screen};

use super::{Desk, MANNERS, SRI, follow, outside, press, refused, signed_in, string, unfold};
use crate::night::{COUNTED, HELD};

/// A hall's projector.
const PROJECTOR: Screen = Screen { width: 1920, height: 1080, phone: false };

/// Waits until a number is this, without a new document.
fn until(page: &Page<'_>, key: &str, number: &str) -> anyhow::Result<()> {
    let shown = format!("document.querySelector('[data-live=\"{key}\"]').innerText");
    page.until(&format!("{key} = {number}"), &format!("{shown} === '{number}'"))
}

#[test]
fn the_overview_moves_with_each_form_ends_with_the_collector_and_comes_back() -> anyhow::Result<()>
{
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut desk = Desk::open(&[SRI])?;
    let page = signed_in(&browser, &desk.collector, "sri", Screen::PHONE)?;
    page.open(&desk.url("/")?)?;
    until(&page, "missing", "690")?;
    page.evaluate("window.isTheSame = true")?;
    let _device = desk.device(COUNTED)?;
    until(&page, "ppwp.counted", "1")?;
    until(&page, "missing", "689")?;
    desk.hold(HELD)?;
    until(&page, "ppwp.held", "1")?;
    page.keeps_to(&MANNERS, "desk-home-moved")?;
    let stale = "!document.getElementById('stale').hidden";
    assert_eq!(page.evaluate(stale)?, false);

    // An open page keeps no collector from ending.
    let words = desk.collector.dir().join("words");
    let address = desk.collector.staff()?.trim_start_matches("https://").to_owned();
    desk.collector.configure("staff", &format!("\"{address}\""))?;
    let before = desk.collector.stop()?;
    page.until("word that the numbers are old", stale)?;
    page.picture("desk-home-stale")?;
    desk.collector.words_to(&words);
    desk.collector.says("warn");
    desk.collector.start(Some(before))?;
    page.until("the collector again", &format!("!({stale})"))?;
    desk.deliver("one", crate::night::WARNED, &desk.paper(crate::night::WARNED, 6)?)?;
    until(&page, "ppwp.counted", "2")?;
    assert_eq!(page.evaluate("window.isTheSame")?, true, "it is the page that was opened");
    // The browser's own complaint is that nobody was there for a while.
    let complaints = page.complaints()?;
    assert!(complaints.iter().all(|it| it.contains("net::ERR_")), "{complaints:?}");
    desk.collector.stop()?;
    let words = std::fs::read_to_string(words)?;
    assert!(!words.contains("did not end in time"), "{words}");
    Ok(())
}

#[test]
fn the_wall_follows_the_count_and_has_nothing_to_press() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI])?;
    let sri = signed_in(&browser, &desk.collector, "sri", Screen::DESKTOP)?;
    follow(&sri, "Akun")?;
    sri.find("textbox", "Nama, misalnya tempatnya")?.write("aula")?;
    press(&sri, "Buat tautan")?;
    sri.keeps_to(&MANNERS, "desk-wall-made")?;
    let link = string(&sri, "document.getElementById('made').innerText")?;

    let wall = outside(&browser, PROJECTOR)?;
    wall.open(&link)?;
    until(&wall, "ppwp.counted", "0")?;
    wall.keeps_to(&MANNERS, "desk-wall")?;
    for role in ["button", "textbox", "checkbox", "combobox"] {
        assert_eq!(wall.find_all(role)?.len(), 0, "{role}: there is nothing to write or press");
    }
    assert!(!wall.text()?.contains("sri of the sample"), "nobody is signed in");
    desk.deliver("one", COUNTED, &desk.paper(COUNTED, 1)?)?;
    until(&wall, "ppwp.counted", "1")?;
    // Every way from here leads to the sign-in or back to it.
    for way in wall.find_all("link")? {
        let href = way.call("function () { return this.href }")?;
        let href = href.as_str().unwrap_or_default().to_owned();
        let leads = outside(&browser, Screen::DESKTOP)?;
        leads.open(&href)?;
        let url = leads.url()?;
        assert!(url.ends_with("/sign-in") || url.starts_with(&link), "{} leads to {url}", way.name);
    }

    // Without a script it asks again by itself.
    wall.scripts(false)?;
    wall.open(&link)?;
    let again = "document.querySelector('meta[http-equiv=refresh]').content";
    assert_eq!(wall.evaluate(again)?, "60");
    assert!(wall.text()?.contains("Keadaan pada"), "how old it is: {}", wall.text()?);
    wall.scripts(true)?;

    unfold(&sri, "Ubah aula")?;
    press(&sri, "Akhiri aula")?;
    let read = refused(&wall, &link, 404)?;
    assert!(read.contains("Tidak ada di sini"), "{read}");
    Ok(())
}
