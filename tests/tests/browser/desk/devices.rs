//! Devices: found, looked at, revoked and replaced.

use saksi_tests::browser::{Browser, Key, Page, Screen};
use saksi_tests::collector;
use saksi_tests::poll;

use super::{Desk, MANNERS, file, follow, heading, press, signed_in, string, texts, unfold};
use crate::night::{COUNTED, HELD, VILLAGE};

/// Chooses of a list, as a person does.
fn choose(page: &Page<'_>, list: &str, value: &str) -> anyhow::Result<()> {
    let list = page.find("combobox", list)?;
    list.call(&format!("function () {{ this.value = '{value}' }}"))?;
    press(page, "Cari")
}

fn codes(page: &Page<'_>) -> anyhow::Result<Vec<String>> {
    texts(page, ".stations tbody th small")
}

#[test]
fn devices_are_found_by_what_is_wrong_with_them() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[("op", "operator", VILLAGE)])?;
    let _device = desk.device(COUNTED)?;
    let page = signed_in(&browser, &desk.collector, "op", Screen::DESKTOP)?;
    follow(&page, "Perangkat")?;
    assert_eq!(codes(&page)?.len(), 9, "of her village: {:?}", codes(&page)?);
    choose(&page, "Hanya", "never-seen")?;
    // What was seen is written now and then, not at once.
    poll::until("the device to be seen", || {
        page.reload()?;
        Ok((!codes(&page)?.contains(&COUNTED.to_owned())).then_some(()))
    })?;
    assert_eq!(codes(&page)?.len(), 8, "{:?}", codes(&page)?);
    let table = file(&page, "Unduh CSV")?;
    assert!(table.lines().count() == 9 && !table.contains(COUNTED), "{table}");
    choose(&page, "Hanya", "")?;
    choose(&page, "Keadaan", "revoked")?;
    assert!(codes(&page)?.is_empty() && page.text()?.contains("Tidak ada."));
    choose(&page, "Keadaan", "")?;
    unfold(&page, "Saringan lain")?;
    page.find("textbox", "Tidak terhubung (jam)")?.write("1")?;
    press(&page, "Cari")?;
    assert!(!codes(&page)?.contains(&COUNTED.to_owned()), "it was just there");
    page.find("textbox", "Tidak terhubung (jam)")?.write("")?;
    page.press(Key::Backspace)?;
    page.find("textbox", "Kode atau nama TPS")?.write("TPS 001")?;
    press(&page, "Cari")?;
    assert_eq!(codes(&page)?, [COUNTED]);
    follow(&page, "TPS 001")?;
    let read = page.text()?;
    assert!(read.contains("Terakhir terhubung") && read.contains("Versi"), "{read}");
    page.keeps_to(&MANNERS, "desk-device-seen")?;
    Ok(())
}

#[test]
fn a_lost_device_is_revoked_and_another_gets_a_code_that_is_shown_once() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[("op", "operator", VILLAGE)])?;
    let page = signed_in(&browser, &desk.collector, "op", Screen::PHONE)?;
    page.open(&desk.url(&format!("/devices/{HELD}"))?)?;
    let reason = "Alasan (tercatat selamanya di catatan publik)";
    let mut reasons = page.find_all("textbox")?;
    reasons.retain(|at| at.name == reason);
    // Nothing goes without a reason: the browser itself says so.
    page.find("button", "Cabut perangkat")?.click()?;
    assert_eq!(page.evaluate("document.activeElement.id")?, "revoke-reason");
    reasons[0].write("hilang di <b>perahu</b>")?;
    press(&page, "Cabut perangkat")?;
    let read = page.text()?;
    assert!(read.contains("Perangkat sudah dicabut.") && read.contains("Dicabut"), "{read}");
    assert!(page.find_all("button")?.iter().all(|at| at.name != "Cabut perangkat"), "once");
    page.keeps_to(&MANNERS, "desk-device-revoked")?;
    page.find("textbox", reason)?.write("perangkat pengganti")?;
    press(&page, "Ganti: cabut dan buat kode baru")?;
    let code = string(&page, "document.getElementById('new-code').innerText")?;
    assert_eq!(code.len(), 14, "{code}");
    page.keeps_to(&MANNERS, "desk-device-code")?;
    page.open(&desk.url(&format!("/devices/{HELD}"))?)?;
    assert!(!page.text()?.contains(&code) && page.text()?.contains("Kode berlaku"));
    let dir = desk.collector.dir().to_str().expect("a path in UTF-8");
    let listed = collector::succeed(&["device", "list", dir, "--state", "code-open"])?;
    assert!(listed.contains(HELD), "{listed}");
    page.open(&desk.url("/activity/log")?)?;
    assert_eq!(heading(&page)?, "Tindakan di catatan publik");
    let log = page.text()?;
    assert!(log.contains("hilang di <b>perahu</b>") && log.contains("op of the sample"), "{log}");
    Ok(())
}
