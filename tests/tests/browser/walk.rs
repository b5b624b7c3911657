//! What watchers do: go down to a station by keyboard, sort, change the language, get lost,
//! print.

use saksi_tests::browser::{Browser, Key, Media, Page, Screen};

use super::night::{self, Night};

/// Chooses a link by keyboard alone.
fn choose(page: &Page<'_>, link: &str) -> anyhow::Result<()> {
    page.walk_to("link", link)?;
    page.follow(|| page.press(Key::Enter))
}

fn heading(page: &Page<'_>) -> anyhow::Result<String> {
    Ok(page.evaluate("document.querySelector('h1').innerText")?.as_str().unwrap_or("").to_owned())
}

#[test]
fn by_keyboard_from_the_country_to_a_station_and_back() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::new()?;
    let page = browser.visitor(Screen::DESKTOP)?;
    page.scripts(false)?;
    page.open(&night.page("/")?)?;
    page.press(Key::Tab)?;
    assert_eq!(page.focused()?.name, "Langsung ke isi", "the first thing leads past the rest");
    for region in ["Maluku Utara", "Pulau Morotai", "Morotai Selatan", "Gotalamo", "TPS 001"] {
        choose(&page, region)?;
        assert!(heading(&page)?.contains(region), "{region}: {}", heading(&page)?);
    }
    assert!(page.url()?.ends_with(&format!("/station/{}", night::COUNTED)), "{}", page.url()?);
    choose(&page, "English")?;
    assert!(page.text()?.contains("Time of arrival at the centre"));
    choose(&page, "Gotalamo")?;
    assert!(page.url()?.contains("lang=en"), "the language stays: {}", page.url()?);
    choose(&page, "TPS 003")?;
    assert!(page.text()?.contains("It has forms that differ"));
    Ok(())
}

/// The first cell of each row of the table of parts.
fn parts(page: &Page<'_>) -> anyhow::Result<Vec<String>> {
    let first = "[...document.querySelectorAll('.parts tbody th a')].map(link => link.innerText)";
    Ok(serde_json::from_value(page.evaluate(first)?)?)
}

#[test]
fn headings_sort_the_parts_and_say_so() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::new()?;
    for screen in [Screen::PHONE, Screen::DESKTOP] {
        let page = browser.visitor(screen)?;
        page.scripts(false)?;
        page.open(&night.page("/region/820701?lang=en")?)?;
        page.follow(|| page.find("link", "Region")?.click())?;
        assert_eq!(parts(&page)?.first().map(String::as_str), Some("Aha"));
        page.follow(|| page.find("link", "Held")?.click())?;
        assert_eq!(parts(&page)?.first().map(String::as_str), Some("Gotalamo"));
        assert!(page.url()?.ends_with("#parts"), "{}", page.url()?);
        let sorted = "document.querySelector('.parts [aria-sort]').ariaSort";
        assert_eq!(page.evaluate(sorted)?, "descending");
        page.follow(|| page.find("link", "Held")?.click())?;
        assert_eq!(parts(&page)?.last().map(String::as_str), Some("Gotalamo"));
        assert_eq!(page.evaluate(sorted)?, "ascending");
    }
    Ok(())
}

#[test]
fn whoever_is_lost_is_led_back() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::new()?;
    let page = browser.visitor(Screen::PHONE)?;
    for path in [
        "/nowhere",
        "/region/99",
        "/station/99",
        "/region/0?contest=none",
        "/site/id/station/99.html",
    ] {
        page.open(&night.page(path)?)?;
        // That nothing is there stands in the console too.
        let complaints = page.complaints()?;
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].contains("404"), "{complaints:?}");
        assert_eq!(page.axe()?, [""; 0]);
        page.picture(&format!("lost{}", path.replace(['/', '?', '='], "-")))?;
        page.follow(|| page.find("link", "Kembali ke hasil seluruh wilayah")?.click())?;
        assert_eq!(page.complaints()?, [""; 0]);
        assert!(heading(&page)?.contains("Indonesia"));
    }
    Ok(())
}

#[test]
fn paper_gets_the_numbers_without_what_only_a_screen_needs() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::new()?;
    let page = browser.visitor(Screen::PAPER)?;
    page.open(&night.page(&format!("/station/{}", night::COUNTED))?)?;
    assert!(page.text()?.contains("English"));
    page.media(Media::Print)?;
    let paper = page.text()?;
    assert!(!paper.contains("English") && paper.contains("GLADI"), "{paper}");
    page.picture("station-paper")?;
    Ok(())
}
