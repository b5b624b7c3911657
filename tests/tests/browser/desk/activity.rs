//! What was done at the desk: filtered, paged and taken out as a file.

use saksi_tests::browser::{Browser, Key, Screen};
use saksi_tests::clerk::Clerk;

use super::{Desk, MANNERS, SRI, file, follow, press, signed_in, texts};
use crate::night::{HELD, VILLAGE};

/// Acts on a page.
const PAGE: usize = 100;

#[test]
fn acts_are_filtered_paged_and_taken_out() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI, ("op", "operator", VILLAGE)])?;
    let op = Clerk::signed_in(&desk.collector, "op")?;
    let device = format!("/devices/{HELD}");
    let lost = [("reason", "=1+1 jatuh ke laut")];
    assert_eq!(op.post(&device, &format!("{device}/revoke"), &lost)?.status, 303);
    let page = signed_in(&browser, &desk.collector, "sri", Screen::PHONE)?;
    follow(&page, "Kegiatan")?;
    assert_eq!(texts(&page, "tbody tr")?.len(), 5, "two were made, came in, and one acted");
    page.keeps_to(&MANNERS, "desk-activity-first")?;
    page.find("textbox", "Tindakan")?.write("device-revoke")?;
    press(&page, "Cari")?;
    let acts = texts(&page, "tbody tr")?;
    assert!(acts.len() == 1 && acts[0].contains("=1+1 jatuh ke laut"), "{acts:?}");
    let table = file(&page, "Unduh CSV")?;
    assert_eq!(table.lines().count(), 2, "the file is of what is shown: {table}");
    // A program for tables computes nothing of what was typed.
    assert!(table.contains(",'=1+1 jatuh") && table.contains("op of the sample"), "{table}");
    page.find("textbox", "Tindakan")?.write("")?;
    page.press(Key::Backspace)?;
    page.find("textbox", "Nama akun")?.write("sri")?;
    press(&page, "Cari")?;
    let acts = texts(&page, "tbody tr")?;
    assert!(acts.len() == 1 && acts[0].contains("sri of the sample"), "{acts:?}");
    follow(&page, "Tindakan di catatan publik")?;
    page.find("textbox", "Siapa")?.write("op of")?;
    press(&page, "Cari")?;
    let acts = texts(&page, "tbody tr")?;
    assert!(acts.len() == 1 && acts[0].contains("device-revoke"), "{acts:?}");
    Ok(())
}

#[test]
fn more_acts_than_a_page_has_are_all_there_once() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI])?;
    let sri = Clerk::signed_in(&desk.collector, "sri")?;
    for at in 0..PAGE {
        let name = format!("aula {at:03}");
        let made = sri.post("/password", "/walls/add", &[("name", &name), ("region", "")])?;
        assert_eq!(made.status, 200, "{}", made.html);
    }
    let page = signed_in(&browser, &desk.collector, "sri", Screen::DESKTOP)?;
    page.open(&desk.url("/activity?kind=wall-add&account=sri")?)?;
    let mut acts = texts(&page, "tbody tr")?;
    assert!(acts.len() == PAGE && acts[0].contains("aula 099"), "{}", acts[0]);
    assert!(page.find_all("link")?.iter().all(|link| link.name != "Berikutnya"), "that is all");
    page.open(&desk.url("/activity")?)?;
    let newest = texts(&page, "tbody tr")?;
    assert_eq!(newest.len(), PAGE);
    page.keeps_to(&MANNERS, "desk-activity-full")?;
    follow(&page, "Berikutnya")?;
    acts = texts(&page, "tbody tr")?;
    // She was made, and came in twice: the last of these is the newest of all.
    assert!(acts.len() == 3 && acts[0].contains("aula 000"), "{acts:?}");
    Ok(())
}
