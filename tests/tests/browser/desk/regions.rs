//! A regional operator is kept out of another region, by link and by typed address, and rules
//! on nothing there.

use saksi_tests::browser::{Browser, Screen};
use serde_json::Value;

use super::{Desk, ELSEWHERE, MANNERS, follow, heading, refused, signed_in, texts};
use crate::night::{COUNTED, DISPUTED, HELD, VILLAGE};

/// Rulings on the dispute, as the public has them.
fn rulings(desk: &Desk) -> anyhow::Result<usize> {
    let shown: Value = desk.collector.get(&format!("/api/v1/stations/{DISPUTED}"))?;
    let contests = shown["contests"].as_array().into_iter().flatten();
    Ok(contests.filter_map(|of| of["rulings"].as_array()).map(Vec::len).sum())
}

#[test]
fn an_operator_of_another_region_is_kept_out_of_this_one() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut desk = Desk::closed(&[("op", "operator", ELSEWHERE), ("ani", "operator", VILLAGE)])?;
    desk.collector.configure("two_people", "[\"none\"]")?;
    desk.collector.start(None)?;
    desk.dispute(DISPUTED)?;
    desk.hold(HELD)?;
    let op = signed_in(&browser, &desk.collector, "op", Screen::PHONE)?;
    // What she can go to by links is hers.
    for tab in ["Belum masuk", "Perlu putusan", "Usulan", "Perangkat", "Kegiatan"] {
        follow(&op, tab)?;
        let read = op.text()?;
        for foreign in ["Gotalamo", VILLAGE, DISPUTED] {
            assert!(!read.contains(foreign), "{tab}: {foreign}: {read}");
        }
        op.keeps_to(&MANNERS, &format!("desk-elsewhere-{}", tab.replace(' ', "-")))?;
    }
    // Nor do numbers of the whole country stand on her first page.
    follow(&op, "Ringkasan")?;
    let disputed = "document.querySelector('[data-live=\"ppwp.disputed\"]').innerText";
    assert_eq!(op.evaluate(disputed)?, "0");
    let foreign = [
        format!("/case/{DISPUTED}/ppwp"),
        format!("/devices/{COUNTED}"),
        format!("/missing?region={VILLAGE}"),
        format!("/missing.csv?region={VILLAGE}"),
        "/missing?region=0".to_owned(),
        format!("/queue?kind=disputed&region={VILLAGE}"),
        format!("/devices?region={VILLAGE}"),
    ];
    let nowhere = refused(&op, &desk.url("/devices/nowhere")?, 404)?;
    op.picture("desk-not-here")?;
    for path in foreign {
        let read = refused(&op, &desk.url(&path)?, 404)?;
        assert_eq!(read, nowhere, "{path}: what is elsewhere looks like what is not there");
    }

    // Whoever knows how sends the ruling all the same, from a page of her own.
    op.open(&desk.url("/password")?)?;
    let ruling = format!(
        "const form = document.querySelector('main form');
         const of = {{ choice: 'reject', reason: 'saya', confirmed: 'yes' }};
         form.action = '/case/{DISPUTED}/ppwp';
         for (const [name, value] of Object.entries(of)) {{
           const field = document.createElement('input');
           Object.assign(field, {{ type: 'hidden', name, value }});
           form.append(field);
         }}
         form.noValidate = true;
         form.submit();"
    );
    op.follow(|| op.evaluate(&ruling).map(drop))?;
    assert_eq!(op.text()?, nowhere);
    assert_eq!(rulings(&desk)?, 0);

    // The same words from the region's own operator are a ruling.
    let ani = signed_in(&browser, &desk.collector, "ani", Screen::DESKTOP)?;
    follow(&ani, "Perlu putusan")?;
    assert!(heading(&ani)?.contains("Gotalamo") && texts(&ani, ".queue tbody tr")?.len() == 1);
    ani.open(&desk.url(&format!("/case/{DISPUTED}/ppwp"))?)?;
    ani.find("radio", "Jangan hitung satu pun")?.click()?;
    ani.find("textbox", "Alasan")?.write("foto kedua formulir tidak terbaca")?;
    super::press(&ani, "Lanjut ke pembacaan ulang")?;
    super::press(&ani, "Catat sekarang")?;
    assert!(ani.text()?.contains("Tercatat dalam log"), "{}", ani.text()?);
    assert_eq!(rulings(&desk)?, 1);
    Ok(())
}
