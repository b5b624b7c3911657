//! Every page of the collector keeps to our manners: in both languages, on a phone and on
//! a desk, with scripts off.

use std::path::Path;

use saksi_tests::browser::{Browser, Manners, Media, Page, Screen};

use super::night::{self, Night};

/// Loads on 2G in two seconds, and asks for the page, its style, its icon and two thumbnails.
const MANNERS: Manners = Manners { bytes: 50_000, requests: 5 };

/// The same with the site's script.
const SITE_MANNERS: Manners = Manners { requests: 6, ..MANNERS };

const SCREENS: [(&str, Screen); 2] = [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)];

/// Whether a table has to be moved sideways to be read.
const CUT: &str =
    "[...document.querySelectorAll('.scroll')].some(at => at.scrollWidth > at.clientWidth)";

/// A name and an address, without the language.
fn pages() -> Vec<(&'static str, String)> {
    let region = |code: &str, contest: &str| format!("/region/{code}?contest={contest}");
    let station = |code: &str| format!("/station/{code}?");
    vec![
        ("country", region("0", "ppwp")),
        ("country-parties", region("0", "dpr")),
        ("district-sorted", region("820701", "ppwp") + "&sort=coverage&order=desc"),
        ("village", region(night::VILLAGE, "ppwp")),
        ("silent-village", region("8207012002", "ppwp")),
        ("station-counted", station(night::COUNTED)),
        ("station-held", station(night::HELD)),
        ("station-disputed", station(night::DISPUTED)),
        ("station-corrected", station(night::CORRECTED)),
        ("station-warned", station(night::WARNED)),
        ("station-missing", station(night::MISSING)),
    ]
}

/// Looks at a page as it is, and gives what is wrong with it.
fn look(
    page: &Page<'_>,
    manners: &Manners,
    language: &str,
    picture: &str,
) -> anyhow::Result<Vec<String>> {
    let mut kept = vec![page.keeps_to(manners, picture)];
    // Colours are the same in all languages.
    if language == "id" {
        kept.push(page.keeps_to_in_the_dark(picture));
    }
    let told = kept.into_iter().filter_map(Result::err);
    let mut faults: Vec<_> = told.map(|fault| fault.to_string()).collect();
    if page.evaluate(CUT)? == true {
        faults.push(format!("{picture}: a table is wider than its place"));
    }
    Ok(faults)
}

#[test]
fn every_page_keeps_to_our_manners() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::new()?;
    let mut faults = Vec::new();
    for (name, screen) in SCREENS {
        let page = browser.visitor(screen)?;
        page.scripts(false)?;
        for language in ["id", "en"] {
            for (of, path) in pages() {
                page.open(&night.page(&format!("{path}&lang={language}"))?)?;
                assert_eq!(page.evaluate("document.documentElement.lang")?, language);
                let picture = format!("{of}-{language}-{name}");
                faults.extend(look(&page, &MANNERS, language, &picture)?);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

/// A name and a file of each kind of page that the static site has, in a language.
fn files(site: &Path, language: &str) -> Vec<(String, String)> {
    let mut files = vec![("index".to_owned(), "index.html".to_owned())];
    let mut add = |name: &str, file: &str| {
        files.push((name.to_owned(), format!("{language}/{file}.html")));
    };
    add("country", "region-ppwp/0");
    add("country-parties", "region-dpr/0");
    add("by-name", "region-ppwp/name/820701");
    add("by-coverage", "region-ppwp/coverage/820701");
    add("village", &format!("region-ppwp/{}", night::VILLAGE));
    add("silent-village", "region-ppwp/8207012002");
    for (name, code) in [
        ("counted", night::COUNTED),
        ("held", night::HELD),
        ("disputed", night::DISPUTED),
        ("corrected", night::CORRECTED),
        ("warned", night::WARNED),
    ] {
        add(&format!("station-{name}"), &format!("station/{code}"));
    }
    for kind in ["held", "disputed", "corrected", "missing"] {
        add(&format!("list-{kind}"), &format!("list-ppwp-{kind}/820701"));
    }
    add("list-missing-country", "list-ppwp-missing/0");
    for (name, file) in
        [("publications", "publications/newest"), ("publications-first", "publications/1")]
    {
        add(name, file);
    }
    for by in ["names", "codes"] {
        add(&format!("find-{by}"), &format!("find/{by}"));
        // The first page of places, if the way there has more than one step.
        let places = format!("find/{by}-0-0");
        if site.join(language).join(format!("{places}.html.gz")).exists() {
            add(&format!("find-{by}-places"), &places);
        }
    }
    files
}

#[test]
fn every_page_of_the_site_keeps_to_our_manners() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::with_site()?;
    let mut faults = Vec::new();
    for (name, screen) in SCREENS {
        let page = browser.visitor(screen)?;
        for language in ["id", "en"] {
            for (of, file) in files(&night.site(), language) {
                page.open(&night.page(&format!("/site/{file}"))?)?;
                let picture = format!("site-{of}-{language}-{name}");
                faults.extend(look(&page, &SITE_MANNERS, language, &picture)?);
            }
        }
    }
    let page = browser.visitor(Screen::PAPER)?;
    for (of, file) in files(&night.site(), "en") {
        page.open(&night.page(&format!("/site/{file}"))?)?;
        page.media(Media::Print)?;
        let paper = page.text()?;
        let is_said = of == "index" || paper.contains("REHEARSAL");
        if paper.contains("Bahasa Indonesia") || !is_said || page.sticks_out()? > 0 {
            faults.push(format!("site-{of}-paper: {paper}"));
        }
        page.picture(&format!("site-{of}-paper"))?;
        page.media(Media::Light)?;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}
