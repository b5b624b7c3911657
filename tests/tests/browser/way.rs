//! The way of a watcher from the country to the photo of a station's paper: with scripts off, by
//! touch or mouse and by keyboard alone, in both languages, on the static site as the collector
//! and as another web server gives it, and on the pages that are made when they are asked for.

use saksi_tests::browser::{Browser, Key, Manners, Page, Screen};

use super::mirror::Mirror;
use super::night::{self, Night};

/// Loads on 2G in two seconds, with the style, the icon, the script that does not run and the
/// thumbnail.
const MANNERS: Manners = Manners { bytes: 50_000, requests: 5 };

const SCREENS: [(&str, Screen); 2] = [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)];

/// From the country to a station that was counted.
const WAY: [&str; 5] = ["Maluku Utara", "Pulau Morotai", "Morotai Selatan", "Gotalamo", "TPS 001"];

/// What a photo is called in a language.
fn photo_name(language: &str) -> &'static str {
    if language == "id" { "Foto kertas, Revisi 1" } else { "Photo of the paper, Revision 1" }
}

/// How a reader chooses a link.
type Choose = fn(&Page<'_>, &str) -> anyhow::Result<()>;

fn by_pointer(page: &Page<'_>, name: &str) -> anyhow::Result<()> {
    // A part stands in its row, and may be a tile as well.
    for row in page.find_all("rowheader")? {
        for link in row.find_all("link")? {
            if link.name == name {
                return page.follow(|| link.click());
            }
        }
    }
    page.follow(|| page.find("link", name)?.click())
}

fn by_keyboard(page: &Page<'_>, name: &str) -> anyhow::Result<()> {
    page.walk_to("link", name)?;
    page.follow(|| page.press(Key::Enter))
}

/// A picture as the browser has decoded it, drawn: its size upright, and where red is, as its
/// column and row in a grid of eight by eight.
const DRAWN: &str = "(() => {
    const image = document.querySelector('img'), canvas = document.createElement('canvas');
    const { naturalWidth: width, naturalHeight: height } = image;
    canvas.width = width, canvas.height = height;
    const paper = canvas.getContext('2d');
    paper.drawImage(image, 0, 0);
    const found = [];
    for (let row = 0; row < 8; row++) for (let column = 0; column < 8; column++) {
        const at = side => (side + .5) / 8;
        const x = at(column) * width | 0, y = at(row) * height | 0;
        const [red, green] = paper.getImageData(x, y, 1, 1).data;
        if (red > 150 && green < 90) found.push([column, row]);
    }
    return JSON.stringify({ width, height, found });
})()";

const IS_DECODED: &str = "document.querySelector('img')?.complete
    && document.querySelector('img').naturalWidth > 0";

/// A sheet that a telephone has photographed lying on its side is shown upright: its mark, the
/// first corner of what is stored, is at the right.
fn shows_the_sheet(page: &Page<'_>, size: (u64, u64)) -> anyhow::Result<()> {
    page.until("a picture that is decoded", IS_DECODED)?;
    let drawn = page.evaluate(DRAWN)?;
    let drawn: serde_json::Value = serde_json::from_str(drawn.as_str().unwrap_or_default())?;
    let wanted = serde_json::json!({ "width": size.0, "height": size.1, "found": [[7, 0]] });
    assert_eq!(drawn, wanted, "{}", page.url()?);
    Ok(())
}

/// Goes down from the country's page, which is open, to the photo. `picture` names what is seen.
fn go(
    page: &Page<'_>,
    choose: Choose,
    language: &str,
    picture: &str,
) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut keeps = |step: &str| -> anyhow::Result<()> {
        assert_eq!(page.evaluate("document.documentElement.lang")?, language);
        faults.extend(page.keeps_to(&MANNERS, &format!("{picture}-{step}")).err());
        Ok(())
    };
    keeps("country")?;
    for place in WAY {
        choose(page, place)?;
    }
    page.evaluate("document.querySelector('.photos').scrollIntoView()")?;
    shows_the_sheet(page, (225, 300))?;
    keeps("station")?;
    let origin = page.evaluate("location.origin")?;
    choose(page, photo_name(language))?;
    // The browser's own page around the file, byte for byte as the device has sent it.
    shows_the_sheet(page, (1_800, 2_400))?;
    let file = Night::photo_file(0, ".jpg");
    assert!(page.url()?.ends_with(file.trim_start_matches("site/")), "{}", page.url()?);
    assert_eq!(page.evaluate("location.origin")?, origin);
    page.picture(&format!("{picture}-photo"))?;
    Ok(faults.iter().map(ToString::to_string).collect())
}

/// Goes with a pointer and by keyboard alone, in both languages, on a phone and on a desk.
fn go_each_way(
    browser: &Browser,
    on: &str,
    begin: impl Fn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for (screen_name, screen) in SCREENS {
        let page = browser.visitor(screen)?;
        page.scripts(false)?;
        for language in ["id", "en"] {
            let ways = [("pointer", by_pointer as Choose), ("keyboard", by_keyboard)];
            for (by, choose) in ways {
                page.open(&begin(language)?)?;
                let picture = format!("way-{on}-{by}-{language}-{screen_name}");
                faults.extend(go(&page, choose, language, &picture)?);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

#[test]
fn on_the_static_site_to_the_photo() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::with_site()?;
    let country = |language: &str| format!("{language}/region-ppwp/0.html");
    go_each_way(&browser, "site", |language| night.page(&format!("/site/{}", country(language))))?;
    let mirror = Mirror::of(&night.site())?;
    // The files alone, below a directory called as the collector calls it.
    go_each_way(&browser, "mirror", |language| Ok(mirror.url(&country(language))))
}

#[test]
fn on_pages_that_are_made_when_asked_for_to_the_photo() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let night = Night::new()?;
    go_each_way(&browser, "live", |language| {
        night.page(&format!("/region/0?contest=ppwp&lang={language}"))
    })?;
    let page = browser.visitor(Screen::PHONE)?;
    page.open(&night.page(&format!("/station/{}?lang=en", night::WARNED))?)?;
    let file = page.find("link", photo_name("en"))?;
    assert_eq!(file.call("function () { return this.hasAttribute('download') }")?, true);
    page.picture("station-file-phone")?;
    Ok(())
}
