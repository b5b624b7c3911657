//! Every page of the desk keeps to our manners: in both languages, on a phone and on a laptop,
//! by day and by night.

use saksi_tests::browser::{Browser, Page};
use saksi_tests::clerk::Clerk;
use saksi_tests::device::AgentProcess;

use super::{Desk, MANNERS, SCREENS, SRI, follow, outside, press, signed_in, string, unfold};
use crate::night::{COUNTED, DISPUTED, HELD, VILLAGE, WARNED};

/// Whether a table has to be moved sideways to be read.
const CUT: &str = "[...document.querySelectorAll('.scroll, .wide')]
    .some(at => at.scrollWidth > at.clientWidth)";

/// The table of numbers side by side has a column for each form of a case.
const MAY_BE_CUT: &str = "case-disputed";

/// A name and an address, for who is signed in.
fn pages() -> Vec<(&'static str, String)> {
    let pages = [
        ("home", "/"),
        ("missing", "/missing"),
        ("missing-village", "/missing?region=8207012001"),
        ("queue-held", "/queue?kind=held"),
        ("queue-disputed", "/queue?kind=disputed"),
        ("case-disputed", "/case/8207012001003/ppwp"),
        ("case-held", "/case/8207012001002/ppwp"),
        ("case-counted", "/case/8207012001001/ppwp"),
        ("proposals", "/proposals"),
        ("proposal", "/proposals/1"),
        ("publication", "/publication"),
        ("devices", "/devices"),
        ("devices-village", "/devices?region=8207012001"),
        ("device", "/devices/8207012001001"),
        ("device-revoked", "/devices/8207012001005"),
        ("activity", "/activity"),
        ("activity-log", "/activity/log"),
        ("accounts", "/accounts"),
        ("password", "/password"),
    ];
    pages.map(|(name, path)| (name, path.to_owned())).into()
}

/// A desk after some hours: something of everything.
fn busy() -> anyhow::Result<(Desk, AgentProcess)> {
    let op = ("dewi", "operator", VILLAGE);
    let desk = Desk::open(&[SRI, ("tuti", "admin", ""), op, ("au", "auditor", "82")])?;
    desk.dispute(DISPUTED)?;
    desk.hold(HELD)?;
    let device = desk.device(COUNTED)?;
    let sri = Clerk::signed_in(&desk.collector, "sri")?;
    let lost = format!("/devices/{WARNED}");
    sri.post(&lost, &format!("{lost}/revoke"), &[("reason", "jatuh ke laut di depan Daruba")])?;
    sri.post("/accounts", "/walls/add", &[("name", "aula besar"), ("region", "")])?;
    let reason = "server dipindah ke gedung lain";
    let pause = [("choice", "pause"), ("reason", reason), ("confirmed", "yes")];
    assert_eq!(sri.post("/publication", "/publication", &pause)?.status, 303);
    let case = format!("/case/{HELD}/ppwp");
    let asked = [
        ("choice", "ask"),
        ("line", "V.A"),
        ("text", "Angka ini 7 atau 1?"),
        ("reason", "foto tidak jelas"),
        ("confirmed", "yes"),
    ];
    assert_eq!(sri.post(&case, &case, &asked)?.status, 303);
    Ok((desk, device))
}

/// Looks at a page as it is, and gives what is wrong with it.
fn look(page: &Page<'_>, name: &str, picture: &str) -> anyhow::Result<Vec<String>> {
    let mut kept = vec![page.keeps_to(&MANNERS, picture)];
    // Colours are the same in all languages.
    if picture.contains("-id-") {
        kept.push(page.keeps_to_in_the_dark(picture));
    }
    let mut faults: Vec<_> =
        kept.into_iter().filter_map(|kept| Some(kept.err()?.to_string())).collect();
    if name != MAY_BE_CUT && page.evaluate(CUT)? == true {
        faults.push(format!("{picture}: a table is wider than its place"));
    }
    Ok(faults)
}

#[test]
fn every_page_of_the_desk_keeps_to_our_manners() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let (desk, _device) = busy()?;
    let mut faults = Vec::new();
    for (on, screen) in SCREENS {
        let page = signed_in(&browser, &desk.collector, "sri", screen)?;
        for language in ["id", "en"] {
            page.open(&desk.url(&format!("/language/{language}?back=/"))?)?;
            for (name, path) in pages() {
                page.open(&desk.url(&path)?)?;
                assert_eq!(page.evaluate("document.documentElement.lang")?, language);
                faults.extend(look(&page, name, &format!("desk-{name}-{language}-{on}"))?);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

#[test]
fn what_is_read_back_or_shown_once_keeps_to_our_manners_too() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let (desk, _device) = busy()?;
    let mut faults = Vec::new();
    for (on, screen) in SCREENS {
        let page = signed_in(&browser, &desk.collector, "sri", screen)?;
        page.open(&desk.url(&format!("/case/{HELD}/ppwp"))?)?;
        page.find("radio", "Jangan hitung satu pun")?.click()?;
        page.find("textbox", "Alasan")?.write("angka V.A tidak sama dengan fotonya")?;
        press(&page, "Lanjut ke pembacaan ulang")?;
        faults.extend(look(&page, "read-back", &format!("desk-read-back-id-{on}"))?);
        page.open(&desk.url("/accounts")?)?;
        unfold(&page, "Ubah dewi")?;
        press(&page, "Kata sandi baru dewi")?;
        faults.extend(look(&page, "made", &format!("desk-made-id-{on}"))?);
        page.find("textbox", "Nama, misalnya tempatnya")?.write("aula")?;
        press(&page, "Buat tautan")?;
        let link = string(&page, "document.getElementById('made').innerText")?;
        let wall = outside(&browser, screen)?;
        wall.open(&link)?;
        faults.extend(look(&wall, "wall", &format!("desk-wall-id-{on}"))?);
        follow(&wall, "English")?;
        assert_eq!(wall.url()?, link, "the wall stays what it is");
        wall.reload()?;
        faults.extend(look(&wall, "wall", &format!("desk-wall-en-{on}"))?);
        wall.open(&desk.url("/sign-in")?)?;
        faults.extend(look(&wall, "sign-in", &format!("desk-sign-in-en-{on}"))?);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}
