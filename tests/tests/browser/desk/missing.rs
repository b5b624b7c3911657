//! *Belum masuk*: from the country to those who are still awaited, with their devices.

use saksi_tests::browser::{Browser, Page, Screen};
use saksi_tests::poll;

use super::{Desk, MANNERS, SRI, file, follow, heading, press, signed_in, texts};
use crate::night::{COUNTED, HELD, VILLAGE};

/// Stations of the sample.
const STATIONS: usize = 230;

/// The codes of the stations on the page.
fn codes(page: &Page<'_>) -> anyhow::Result<Vec<String>> {
    texts(page, ".stations tbody th small")
}

/// The row of a station, in one line.
fn row(page: &Page<'_>, code: &str) -> anyhow::Result<String> {
    let rows = texts(page, ".stations tbody tr")?;
    let row = rows.into_iter().find(|row| row.contains(code));
    Ok(row.unwrap_or_default().replace(['\n', '\t'], " "))
}

#[test]
fn who_is_awaited_is_found_by_region_and_by_name_with_when_the_device_was_there()
-> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI])?;
    // It has sent one form of three.
    let _device = desk.device(COUNTED)?;
    for (name, screen) in super::SCREENS {
        let page = signed_in(&browser, &desk.collector, "sri", screen)?;
        page.open(&desk.url("/missing")?)?;
        assert!(page.text()?.contains("689 dari 690 formulir belum masuk"));
        for part in ["Maluku Utara", "Pulau Morotai", "Morotai Selatan", "Gotalamo"] {
            follow(&page, part)?;
            assert!(heading(&page)?.ends_with(part), "{}", heading(&page)?);
        }
        assert!(page.text()?.contains("26 dari 27 formulir belum masuk"), "{}", page.text()?);
        // What was seen is written now and then, not at once.
        let heard = poll::until("the device to be seen", || {
            page.reload()?;
            Ok(Some(row(&page, COUNTED)?).filter(|row| row.contains("yang lalu")))
        })?;
        assert!(!heard.contains("ppwp") && heard.contains("dpd"), "{heard}");
        assert!(heard.contains(" menit yang lalu"), "last seen: {heard}");
        let silent = row(&page, HELD)?;
        assert!(silent.contains("belum pernah terhubung") && silent.contains("ppwp"), "{silent}");
        page.keeps_to(&MANNERS, &format!("desk-missing-village-{name}"))?;

        // Of one contest, the station has reported.
        page.find("combobox", "Jenis pemilihan")?.call("function () { this.value = 'ppwp' }")?;
        press(&page, "Cari")?;
        assert!(page.text()?.contains("8 dari 9 formulir belum masuk"), "{}", page.text()?);
        assert!(!codes(&page)?.contains(&COUNTED.to_owned()) && codes(&page)?.len() == 8);
        follow(&page, "Morotai Selatan")?;
        assert!(heading(&page)?.ends_with("Morotai Selatan"));
    }
    Ok(())
}

#[test]
fn every_station_is_on_one_page_of_the_list_and_in_its_file() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI])?;
    let page = signed_in(&browser, &desk.collector, "sri", Screen::DESKTOP)?;
    page.open(&desk.url("/missing")?)?;
    let table = file(&page, "Unduh CSV")?;
    let mut listed = Vec::new();
    loop {
        let on_page = codes(&page)?;
        assert!((1..=50).contains(&on_page.len()), "{}", on_page.len());
        listed.extend(on_page);
        if page.find_all("link")?.iter().all(|link| link.name != "Berikutnya") {
            break;
        }
        follow(&page, "Berikutnya")?;
    }
    let in_file: Vec<_> = table.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(listed, in_file, "the same in the same order");
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), STATIONS, "each once");

    page.open(&desk.url("/missing")?)?;
    page.find("textbox", "Kode atau nama TPS")?.write(VILLAGE)?;
    press(&page, "Cari")?;
    assert_eq!(codes(&page)?.len(), 9, "{:?}", codes(&page)?);
    let table = file(&page, "Unduh CSV")?;
    assert_eq!(table.lines().count(), 10, "the file is of what is shown: {table}");
    page.find("textbox", "Kode atau nama TPS")?.write("tps 00")?;
    press(&page, "Cari")?;
    assert!(codes(&page)?.len() == 50 && texts(&page, ".stations tbody th")?[0].contains("TPS 00"));
    page.find("textbox", "Kode atau nama TPS")?.write("<b>tidak ada</b>")?;
    press(&page, "Cari")?;
    assert!(codes(&page)?.is_empty() && page.text()?.contains("Tidak ada."));
    page.keeps_to(&MANNERS, "desk-missing-none")?;
    Ok(())
}
