//! What watchers do on the static site: go down to a station, without scripts and in both
//! languages; sort; stay while the count goes on; and learn that a page is old.

use saksi_tests::browser::{Browser, Manners, Page, Screen};

use super::mirror::{Mirror, Standing};
use super::night::{self, Night};

/// Loads on 2G in two seconds, and asks for the page, its style, its icon and its script.
const MANNERS: Manners = Manners { bytes: 50_000, requests: 4 };

/// From the country to a station that was counted.
const WAY: [&str; 5] = ["Maluku Utara", "Pulau Morotai", "Morotai Selatan", "Gotalamo", "TPS 001"];

/// The district of the village, with a part that is held.
const DISTRICT: &str = "en/region-ppwp/820701.html";

fn heading(page: &Page<'_>) -> anyhow::Result<String> {
    Ok(page.evaluate("document.querySelector('h1').innerText")?.as_str().unwrap_or("").to_owned())
}

/// Follows the link of this name in the table of parts or stations.
fn go_down(page: &Page<'_>, name: &str) -> anyhow::Result<()> {
    let links = page.find_all("rowheader")?;
    for row in links {
        for link in row.find_all("link")? {
            if link.name == name {
                return page.follow(|| link.click());
            }
        }
    }
    anyhow::bail!("no row of {name} at {}", page.url()?)
}

/// Walks all the way, and gives what is wrong with the pages.
fn walk(page: &Page<'_>, on: &str, language: &str) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (step, place) in [&["Indonesia"], &WAY[..]].concat().iter().enumerate() {
        if step > 0 {
            go_down(page, place)?;
        }
        assert!(heading(page)?.contains(place), "{place}: {}", heading(page)?);
        assert!(page.url()?.contains("/site/"), "{}", page.url()?);
        assert_eq!(page.evaluate("document.documentElement.lang")?, language);
        let (text, next) = (page.text()?, if language == "id" { "mulai " } else { "from " });
        assert!(text.contains(next), "when the next one comes: {text}");
        assert!(!text.contains("usang") && !text.contains("out of date"), "{text}");
        let picture = format!("site-{step}-{language}-{on}");
        let kept = [page.keeps_to(&MANNERS, &picture), page.keeps_to_in_the_dark(&picture)];
        faults.extend(kept.into_iter().filter_map(|kept| Some(kept.err()?.to_string())));
    }
    Ok(faults)
}

#[test]
fn without_scripts_from_the_country_to_a_station() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::with_site()?;
    let mut faults = Vec::new();
    for (on, screen) in [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)] {
        let page = browser.visitor(screen)?;
        page.scripts(false)?;
        // The addresses that people have lead there.
        page.open(&night.page("/")?)?;
        assert!(page.url()?.ends_with("/site/"), "{}", page.url()?);
        faults.extend(walk(&page, on, "id")?);
        assert!(page.text()?.contains("Waktu tiba di pusat"));
        page.open(&night.page("/region/0?lang=en")?)?;
        faults.extend(walk(&page, on, "en")?);
        page.open(&night.page(&format!("/station/{}", night::HELD))?)?;
        page.follow(|| page.find("link", "English")?.click())?;
        assert!(page.url()?.ends_with(&format!("/site/en/station/{}.html", night::HELD)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

/// The first cell of each row of the table of parts.
fn parts(page: &Page<'_>) -> anyhow::Result<Vec<String>> {
    let first = "[...document.querySelectorAll('.parts tbody th a')].map(link => link.innerText)";
    Ok(serde_json::from_value(page.evaluate(first)?)?)
}

const SORTED: &str = "document.querySelector('.parts [aria-sort]').ariaSort";

#[test]
fn parts_are_sorted_where_they_are_and_without_a_script_as_files() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::with_site()?;
    let mirror = Mirror::of(&night.site())?;
    for (on, screen) in [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)] {
        let page = browser.visitor(screen)?;
        page.open(&mirror.url(DISTRICT))?;
        let by_code = parts(&page)?;
        page.find("button", "Held")?.click()?;
        assert_eq!(parts(&page)?.first().map(String::as_str), Some("Gotalamo"));
        assert_eq!(page.evaluate(SORTED)?, "descending");
        page.find("button", "Held")?.click()?;
        assert_eq!(parts(&page)?.last().map(String::as_str), Some("Gotalamo"));
        assert_eq!(page.evaluate(SORTED)?, "ascending");
        // By a link, too, it stays where it is.
        page.find("link", "Region")?.click()?;
        assert_eq!(parts(&page)?.first().map(String::as_str), Some("Aha"));
        assert_eq!(page.url()?, mirror.url(DISTRICT));
        page.keeps_to(&MANNERS, &format!("site-sorted-{on}"))?;
        page.find("button", "Code")?.click()?;
        assert_eq!(parts(&page)?, by_code);
        page.open(&mirror.url(&format!("id/region-ppwp/{}.html", night::VILLAGE)))?;
        page.find("button", "Keadaan")?.click()?;
        let last = "[...document.querySelectorAll('.stations tbody .state')].pop().innerText";
        assert!(page.evaluate(last)?.as_str().is_some_and(|last| last.contains("Ditahan")));
        page.keeps_to(&MANNERS, &format!("site-stations-{on}"))?;

        page.scripts(false)?;
        page.open(&mirror.url(DISTRICT))?;
        assert!(page.find_all("button")?.is_empty(), "nothing that does nothing");
        page.follow(|| page.find("link", "Region")?.click())?;
        assert!(page.url()?.ends_with("/en/region-ppwp/name/820701.html#parts"), "{}", page.url()?);
        assert_eq!(parts(&page)?.first().map(String::as_str), Some("Aha"));
        page.follow(|| page.find("link", "Coverage")?.click())?;
        assert_eq!(parts(&page)?.first().map(String::as_str), Some("Gotalamo"));
        assert_eq!(page.evaluate(SORTED)?, "descending");
        go_down(&page, "Gotalamo")?;
        assert!(heading(&page)?.contains("Gotalamo"));
    }
    Ok(())
}

#[test]
fn a_page_stays_new_and_says_when_it_is_old() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut night = Night::with_site()?;
    let mirror = Mirror::of(&night.site())?;
    let page = browser.visitor(Screen::PHONE)?;
    page.open(&mirror.url(DISTRICT))?;
    page.find("button", "Held")?.click()?;
    let counted = "document.querySelector('.reached').innerText.includes";
    assert_eq!(page.evaluate(&format!("{counted}('3 of 83')"))?, true);
    page.evaluate("document.querySelector('details').open = true; window.stays = true")?;

    night.hear_the_missing()?;
    // As if the telephone had just found its network.
    let look = "dispatchEvent(new Event('online'))";
    page.until("the new number", &format!("{look}, {counted}('4 of 83')"))?;
    assert_eq!(page.evaluate("stays && document.querySelector('details').open")?, true);
    assert_eq!(page.evaluate(SORTED)?, "descending");
    assert_eq!(parts(&page)?.first().map(String::as_str), Some("Gotalamo"));
    assert_eq!(page.complaints()?, [""; 0]);
    let shown = |notice: &str| format!("{look}, {notice}.offsetHeight > 0");
    let hidden = |notice: &str| format!("{look}, {notice}.offsetHeight == 0");
    assert_eq!(page.evaluate("stale.offsetHeight + unreachable.offsetHeight")?, 0);

    night.stop()?;
    mirror.stands(Standing { date: Some("Fri, 31 Dec 2100 23:00:00 GMT"), is_gone: false });
    page.until("that it is old", &shown("stale"))?;
    assert_eq!(page.evaluate("+stale.querySelector('b').innerText > 60")?, true);
    page.keeps_to(&MANNERS, "site-stale-phone")?;
    page.keeps_to_in_the_dark("site-stale-phone")?;
    mirror.stands(Standing { date: None, is_gone: true });
    page.until("that nobody answers", &shown("unreachable"))?;
    page.picture("site-unreachable-phone")?;
    mirror.stands(Standing { date: Some("Sat, 01 Jan 2000 00:00:00 GMT"), is_gone: false });
    page.until("that somebody answers", &hidden("unreachable"))?;
    page.until("that it is not old", &hidden("stale"))?;
    Ok(())
}
