//! The map of a region's parts, of boundaries that were imported: hand-made ones on the static
//! site, and the country's own, where they are there.

use std::path::Path;

use anyhow::Context as _;
use saksi_tests::browser::{Browser, Key, Manners, Media, Page, Screen};
use saksi_tests::collector::succeed;
use saksi_tests::{patchwork, public_data};
use serde_json::Value;

use super::nation::Nation;
use super::night::{self, Night};

const SCREENS: [(&str, Screen); 2] = [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)];

/// As every other page, with the static site's script among the requests.
const MANNERS: Manners = Manners { bytes: 50_000, requests: 4 };

/// The village's district, and what the map is thanked for.
const DISTRICT: &str = "region-ppwp/820701.html";
const CREDIT: &str = "Somebody <b>kind</b>, CC BY 4.0";

/// Imports a patchwork of all villages of the district but the last.
fn import(home: &Path) -> anyhow::Result<()> {
    let regions = std::fs::read_to_string(home.join("election/regions.csv"))?;
    let villages = regions.lines().filter(|line| line.contains(",820701,"));
    let mut codes: Vec<_> = villages.filter_map(|line| line.split(',').next()).collect();
    codes.pop().context("villages")?;
    // As the ministry writes them.
    let dotted = |code: &&str| format!("{}.{}", &code[..6], &code[6..]);
    let codes: Vec<_> = codes.iter().map(dotted).collect();
    let file = home.join("../patches.json");
    std::fs::write(&file, patchwork::topojson(&codes).to_string())?;
    let (home, file) = (home.to_str().context("a path")?, file.to_str().context("a path")?);
    let credit = ["--code", "KODE", "--credit", CREDIT];
    let said = succeed(&[&["boundaries", "import", home, file], &credit[..]].concat())?;
    assert!(said.contains("24 of 25 parts have an outline"), "{said}");
    Ok(())
}

/// What each part of the map says.
fn areas(page: &Page<'_>) -> anyhow::Result<Vec<String>> {
    let names = "[...document.querySelectorAll('.map a')].map(link => link.ariaLabel)";
    Ok(serde_json::from_value(page.evaluate(names)?)?)
}

#[test]
fn the_map_of_a_district_leads_to_its_villages_without_a_script() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::with_site_and(import)?;
    let mut faults = Vec::new();
    for (on, screen) in SCREENS {
        let page = browser.visitor(screen)?;
        page.scripts(false)?;
        for language in ["id", "en"] {
            page.open(&night.page(&format!("/site/{language}/{DISTRICT}"))?)?;
            let areas = areas(&page)?;
            assert_eq!(areas.len(), 24, "{areas:?}");
            let thin = if language == "id" { "Belum mewakili." } else { "Not yet representative." };
            assert!(areas.iter().all(|words| words.ends_with(thin)), "{areas:?}");
            // The one without an outline is a tile beside it.
            let beside = page.evaluate("document.querySelectorAll('.grid a').length")?;
            assert_eq!(beside, 1, "one tile");
            assert!(page.text()?.contains(CREDIT), "{}", page.text()?);
            let circles = page.evaluate("document.querySelectorAll('.map circle').length")?;
            assert_eq!(circles, 1, "the speck is marked");
            let picture = format!("map-district-{language}-{on}");
            let kept = [page.keeps_to(&MANNERS, &picture), page.keeps_to_in_the_dark(&picture)];
            faults.extend(kept.into_iter().filter_map(|kept| Some(kept.err()?.to_string())));
        }
        let name = areas(&page)?.into_iter().find(|words| words.starts_with("Gotalamo"));
        let name = name.context("the village that reports")?;
        let link = page.walk_to("link", &name)?;
        let width =
            "function () { return getComputedStyle(this.querySelector('path')).strokeWidth }";
        assert_eq!(link.call(width)?, "5px", "the focus is seen on the shape itself");
        page.picture(&format!("map-focus-{on}"))?;
        page.follow(|| page.press(Key::Enter))?;
        let there = format!("/site/en/region-ppwp/{}.html", night::VILLAGE);
        assert!(page.url()?.ends_with(&there), "{}", page.url()?);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

#[test]
fn the_map_is_on_the_page_that_is_made_when_asked_and_on_paper() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::with_site_and(import)?;
    let page = browser.visitor(Screen::PHONE)?;
    page.scripts(false)?;
    // In an order that the static site has no file of.
    page.open(&night.page("/region/820701?lang=en&sort=valid&order=desc")?)?;
    assert_eq!(areas(&page)?.len(), 24);
    page.keeps_to(&MANNERS, "map-live-phone")?;
    let name = areas(&page)?.into_iter().next_back().context("the speck")?;
    page.follow(|| page.find("link", &name)?.click())?;
    assert!(page.url()?.contains("/region"), "{}", page.url()?);
    page.open(&night.page("/region/820701?lang=en&sort=valid&order=desc")?)?;
    page.screen(Screen::PAPER)?;
    page.media(Media::Print)?;
    assert_eq!(page.sticks_out()?, 0, "it fits the paper");
    page.picture("map-print")?;
    // Where nothing was imported there are tiles.
    page.open(&night.page("/region/8207?lang=en&sort=valid&order=desc")?)?;
    assert_eq!(areas(&page)?.len(), 0);
    Ok(())
}

/// Whether all of the map is seen at once.
const WHOLE: &str =
    "(at => at.scrollWidth <= at.clientWidth)(document.querySelector('.map').parentElement)";

/// Regions, how many of their parts have an outline, and whether they are wide.
const PLACES: [(&str, usize, bool); 5] =
    [("0", 34, true), ("35", 37, true), ("21", 7, false), ("31", 5, false), ("62", 14, false)];

#[test]
fn the_country_and_its_provinces_keep_to_our_manners() -> anyhow::Result<()> {
    let Some(data) = public_data::directory() else { return Ok(()) };
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let nation = Nation::of(&data)?;
    let mut faults = Vec::new();
    for (on, screen) in SCREENS {
        let page = browser.visitor(screen)?;
        page.scripts(false)?;
        for (code, least, is_wide) in PLACES {
            page.open(&nation.page(&format!("/region/{code}?lang=id"))?)?;
            let areas = areas(&page)?;
            assert_eq!(areas.len(), least, "{code}: {areas:?}");
            let picture = format!("map-{code}-{on}");
            let kept = [page.keeps_to(&MANNERS, &picture), page.keeps_to_in_the_dark(&picture)];
            faults.extend(kept.into_iter().filter_map(|kept| Some(kept.err()?.to_string())));
            let is_whole = page.evaluate(WHOLE)? == true;
            assert_eq!(is_whole, on == "desk" || !is_wide, "{code} on a {on}");
            let (_, bytes) = page.traffic()?.cost();
            eprintln!("region {code} on a {on}: {bytes} bytes with style and icon");
        }
        let page_of_the_country: Value =
            page.evaluate("document.querySelectorAll('.grid a').length")?;
        assert_eq!(page_of_the_country, 0, "a province that is all there");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}
