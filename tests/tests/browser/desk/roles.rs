//! A viewer and an auditor see what their roles give them, and are offered nothing to press.

use saksi_tests::browser::{Browser, Page, Screen};

use super::{Desk, SRI, follow, refused, signed_in, texts};
use crate::night::{COUNTED, DISPUTED};

/// Pages that the account is offered.
fn tabs(page: &Page<'_>) -> anyhow::Result<Vec<String>> {
    texts(page, "nav.tabs a")
}

#[test]
fn a_viewer_and_an_auditor_see_what_they_may_and_change_nothing() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI, ("vi", "viewer", ""), ("au", "auditor", "")])?;
    desk.dispute(DISPUTED)?;
    let sri = signed_in(&browser, &desk.collector, "sri", Screen::DESKTOP)?;
    assert!(tabs(&sri)?.contains(&"Akun".to_owned()));
    sri.open(&desk.url(&format!("/case/{DISPUTED}/ppwp"))?)?;
    assert!(texts(&sri, "section.decide h2")?.contains(&"Putuskan".to_owned()));
    for (name, sees_others) in [("vi", false), ("au", true)] {
        let page = signed_in(&browser, &desk.collector, name, Screen::PHONE)?;
        assert!(!tabs(&page)?.contains(&"Akun".to_owned()), "{name}: {:?}", tabs(&page)?);
        let case = format!("/case/{DISPUTED}/ppwp");
        for path in [&case, &format!("/devices/{COUNTED}"), "/publication", "/proposals"] {
            page.open(&desk.url(path)?)?;
            let buttons = page.find_all("button")?;
            let offered: Vec<_> = buttons.iter().map(|at| at.name.as_str()).collect();
            assert_eq!(offered, ["Keluar"], "{name} {path}");
            assert!(page.find_all("radio")?.is_empty(), "{name} {path}");
        }
        page.open(&desk.url(&case)?)?;
        assert!(page.text()?.contains("Angka berdampingan"), "{name} reads the case");
        let read = refused(&page, &desk.url("/accounts")?, 403)?;
        assert!(read.contains("Akun ini tidak berhak melakukan itu."), "{name}: {read}");
        page.picture(&format!("desk-forbidden-{name}"))?;

        page.open(&desk.url("/activity")?)?;
        let acts = texts(&page, "tbody tr")?.join("\n");
        assert!(acts.contains(&format!("{name} of the sample")), "{name}: {acts}");
        assert_eq!(acts.contains("sri of the sample"), sees_others, "{name}: {acts}");
        // Asked by name, too.
        page.open(&desk.url("/activity?account=sri")?)?;
        let acts = texts(&page, "tbody tr")?.join("\n");
        assert_eq!(acts.contains("sri of the sample"), sees_others, "{name}: {acts}");
    }
    // What may be read is offered where it is: the tab of a page that all may open.
    follow(&sri, "Kegiatan")?;
    assert!(texts(&sri, "tbody tr")?.join("\n").contains("au of the sample"));
    Ok(())
}
