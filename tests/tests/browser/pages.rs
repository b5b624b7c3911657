//! Every page of the collector keeps to our manners: in both languages, on a phone and on
//! a desk, with scripts off.

use saksi_tests::browser::{Browser, Manners, Screen};

use super::night::{self, Night};

/// Loads on 2G in two seconds, and asks for the page, its style and its icon.
const MANNERS: Manners = Manners { bytes: 50_000, requests: 3 };

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
                let mut kept = vec![page.keeps_to(&MANNERS, &picture)];
                // Colours are the same in all languages.
                if language == "id" {
                    kept.push(page.keeps_to_in_the_dark(&picture));
                }
                let told = kept.into_iter().filter_map(Result::err);
                faults.extend(told.map(|fault| fault.to_string()));
                let cut = page.evaluate(CUT)?;
                if cut == true {
                    faults.push(format!("{picture}: a table is wider than its place"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}
