//! Word from the centre on the station's page and on that of watchers: it keeps to our
//! manners, and leads the officer to the field.

use std::path::Path;

use saksi_tests::binaries::repository;
use saksi_tests::browser::{Browser, Manners, Screen};
use saksi_tests::collector::{self, Collector};
use saksi_tests::device::AgentProcess;
use saksi_tests::poll;

use super::night::{HELD, VILLAGE, papers};

/// Style, script and icon besides.
const MANNERS: Manners = Manners { bytes: 60_000, requests: 4 };

/// A collector of the Indonesian sample with a device that has sent its five forms, the
/// first of which breaks a hard rule.
fn evening(place: &Path) -> anyhow::Result<(Collector, AgentProcess)> {
    let pack = repository().join("deploy/elections/indonesia-2024");
    let definition = saksi_collector::pack::read(&pack)?;
    let mut collector = Collector::make_without_devices(place, &pack)?;
    collector.issue(&["--region", VILLAGE])?;
    collector.start(None)?;
    let mut agent = AgentProcess::init(&place.join("agent"), &collector.bundle_path(HELD))?;
    let mut papers = papers(&definition, HELD, 2)?;
    let wrong = papers[0].number("V.A") + 7;
    papers[0].set("V.A", wrong);
    for paper in &papers {
        agent.submit(&paper.to_json(), &["--explain", "Disalin seperti tertulis."])?;
    }
    agent.run(&collector.address()?)?;
    papers.iter().try_for_each(|paper| agent.received(&paper.contest).map(drop))?;
    Ok((collector, agent))
}

#[test]
fn an_officer_is_led_from_the_question_to_the_field() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let place = tempfile::tempdir()?;
    let (collector, agent) = evening(place.path())?;
    let dir = collector.dir().to_str().expect("a path in UTF-8");
    let ask = ["question", "ask", dir, HELD, "--contest", "dpd", "--lines", "V.B,I.B.4"];
    let text = "Di foto V.B tampak 15, di formulir 5. Mohon dilihat lagi.";
    let why = ["--text", text, "--by", "Sri Wahyuni", "--reason", "foto formulir"];
    collector::succeed(&[&ask[..], &why].concat())?;
    let reject = ["ruling", "reject", dir, HELD, "--contest", "ppwp", "--by", "Sri Wahyuni"];
    let page = browser.visitor(Screen::PHONE)?;
    page.let_in(agent.succeed(&["page"])?.trim())?;
    page.follow(|| page.find("button", "Tanya pusat sekarang")?.click())?;
    page.until("the question", "document.body?.innerText.includes('V.B tampak 15')")?;
    for (name, screen) in [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)] {
        page.screen(screen)?;
        page.reload()?;
        page.keeps_to(&MANNERS, &format!("officer-asked-home-{name}"))?;
    }
    let base = page.url()?;
    for of in ["dpd", "ppwp"] {
        for (name, screen) in [("desk", Screen::DESKTOP), ("phone", Screen::PHONE)] {
            page.screen(screen)?;
            page.open(&format!("{base}c/{of}"))?;
            page.keeps_to(&MANNERS, &format!("officer-asked-{of}-{name}"))?;
            page.keeps_to_in_the_dark(&format!("officer-asked-{of}-{name}"))?;
        }
    }
    page.open(&format!("{base}c/dpd"))?;
    page.follow(|| page.find("button", "Koreksi V.B")?.click())?;
    assert!(page.url()?.ends_with("#f-V.B"), "{}", page.url()?);
    page.open(&format!("{base}c/dpd"))?;
    page.keeps_to(&MANNERS, "officer-asked-begun-phone")?;

    collector::succeed(
        &[&reject[..], &["--reason", "V.A tidak sama dengan jumlah suara"]].concat(),
    )?;
    page.open(&base)?;
    page.follow(|| page.find("button", "Tanya pusat sekarang")?.click())?;
    page.until("the ruling", "document.body?.innerText.includes('tidak dihitung')")?;
    poll::until("the end of the look", || {
        page.reload()?;
        Ok((page.evaluate("document.body.dataset.moving === undefined")? == true).then_some(()))
    })?;
    page.keeps_to(&MANNERS, "officer-ruled-home-phone")?;
    page.open(&format!("{base}c/ppwp"))?;
    page.keeps_to(&MANNERS, "officer-ruled-ppwp-phone")?;

    page.open(&format!("{}/station/{HELD}?lang=id", collector.web()?))?;
    page.keeps_to(&Manners { bytes: 50_000, requests: 3 }, "station-asked-phone")?;
    Ok(())
}
