//! A dispute is ruled on by two people at the desk while the public page follows; publication
//! is paused and goes on. On a phone and on a desktop, in a real browser.

use std::path::Path;

use saksi_tests::binaries::repository;
use saksi_tests::browser::{Browser, Manners, Page, Screen};
use saksi_tests::clerk;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::picture::Picture;
use saksi_tests::poll;

use super::desk::{SCREENS, received, signed_in};
use super::night::{DISPUTED, VILLAGE, papers};

/// A page, its style, its script and its icon; and two photos of 400 KB at most.
const MANNERS: Manners = Manners { bytes: 900_000, requests: 6 };

/// A collector with a desk, and two devices that contradict each other, each with a photo.
fn evening(place: &Path) -> anyhow::Result<(Collector, Vec<AgentProcess>)> {
    let pack = repository().join("deploy/elections/indonesia-2024");
    let definition = saksi_collector::pack::read(&pack)?;
    let mut collector = Collector::make_without_devices(place, &pack)?;
    collector.issue(&["--region", VILLAGE])?;
    clerk::open_desk(&collector)?;
    for (name, role) in
        [("ani", "operator"), ("budi", "operator"), ("sri", "admin"), ("tuti", "admin")]
    {
        clerk::account(&collector, name, role, None)?;
    }
    collector.start(None)?;
    let mut devices = Vec::new();
    for (name, seed, by) in [("one", 3, 4), ("other", 4, 40)] {
        let photo = place.join(format!("{name}.jpg"));
        std::fs::write(&photo, Picture::sheet().moved(by).jpeg())?;
        let mut device = AgentProcess::init(&place.join(name), &collector.bundle_path(DISPUTED))?;
        let paper = papers(&definition, DISPUTED, seed)?.remove(0);
        let photo = photo.to_str().expect("a path in UTF-8");
        device.submit(
            &paper.to_json(),
            &["--explain", "Disalin seperti tertulis.", "--photo", photo],
        )?;
        device.run(&collector.address()?)?;
        received(&device, &paper.contest)?;
        devices.push(device);
    }
    let photos = collector.dir().join(format!("photos/station-{DISPUTED}"));
    poll::until("both photos", || {
        let files = std::fs::read_dir(&photos).into_iter().flatten().flatten();
        let whole = files.filter(|file| file.path().extension().is_none());
        Ok((whole.count() == 2).then_some(()))
    })?;
    Ok((collector, devices))
}

/// The page as it is, on both screens, by day; and on the last by night.
fn keeps_to(page: &Page<'_>, picture: &str) -> anyhow::Result<()> {
    for (name, screen) in SCREENS {
        page.screen(screen)?;
        page.reload()?;
        page.keeps_to(&MANNERS, &format!("staff-{picture}-{name}"))?;
    }
    page.keeps_to_in_the_dark(&format!("staff-{picture}-desk"))
}

/// Writes a reason, reads the act back, and goes on.
fn act(page: &Page<'_>, reason: &str, buttons: [&str; 2], picture: &str) -> anyhow::Result<()> {
    page.find("textbox", "Alasan")?.write(reason)?;
    page.follow(|| page.find("button", buttons[0])?.click())?;
    assert!(page.text()?.contains(reason), "it is read back");
    page.keeps_to(&MANNERS, &format!("staff-{picture}-read-back"))?;
    page.follow(|| page.find("button", buttons[1])?.click())
}

fn confirm(page: &Page<'_>, collector: &Collector, picture: &str) -> anyhow::Result<()> {
    page.open(&format!("{}/proposals", collector.staff()?))?;
    keeps_to(page, &format!("proposals-{picture}"))?;
    let waits = page
        .find_all("link")?
        .into_iter()
        .find(|link| link.name.contains("hitung") || link.name.contains("Hentikan publikasi"));
    let waits = waits.expect("a proposal");
    page.follow(|| waits.click())?;
    keeps_to(page, &format!("proposal-{picture}"))?;
    page.find("textbox", "Keterangan (boleh kosong; umum membacanya)")?.write("saya setuju")?;
    page.follow(|| page.find("button", "Konfirmasi")?.click())?;
    assert!(page.text()?.contains("Tercatat dalam log"), "{}", page.text()?);
    page.keeps_to(&MANNERS, &format!("staff-proposal-{picture}-done"))
}

#[test]
fn a_dispute_is_ruled_on_by_two_while_the_public_page_follows() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let place = tempfile::tempdir()?;
    let (collector, _devices) = evening(place.path())?;
    let watcher = browser.visitor(Screen::PHONE)?;
    let public = format!("{}/station/{DISPUTED}?lang=id", collector.web()?);
    watcher.open(&public)?;
    let by = "ani of the sample; budi of the sample";
    assert!(!watcher.text()?.contains(by));

    let ani = signed_in(&browser, &collector, "ani", Screen::DESKTOP)?;
    let desk = collector.staff()?;
    for (kind, picture) in [("disputed", "queue"), ("held", "queue-empty")] {
        ani.open(&format!("{desk}/queue?kind={kind}"))?;
        keeps_to(&ani, picture)?;
    }
    let case = format!("{desk}/case/{DISPUTED}/ppwp");
    ani.open(&case)?;
    ani.until("both photos", "[...document.images].length === 2")?;
    keeps_to(&ani, "case")?;
    ani.find("radio", "Hitung formulir 2 seperti tertulis")?.click()?;
    act(&ani, "sesuai dengan foto", ["Lanjut ke pembacaan ulang", "Usulkan"], "ruling")?;
    assert!(ani.text()?.contains("Orang kedua mengonfirmasinya"), "{}", ani.text()?);
    watcher.reload()?;
    assert!(!watcher.text()?.contains(by), "one alone changes nothing");

    let budi = signed_in(&browser, &collector, "budi", Screen::PHONE)?;
    confirm(&budi, &collector, "ruling")?;
    watcher.reload()?;
    let seen = watcher.text()?;
    assert!(seen.contains(by) && seen.contains("sesuai dengan foto / saya setuju"), "{seen}");
    ani.open(&case)?;
    keeps_to(&ani, "case-ruled")?;
    ani.screen(Screen::PHONE)?;
    ani.reload()?;
    let large = ani.find_all("link")?.into_iter().find(|link| link.name.starts_with("Foto 1"));
    ani.follow(|| large.expect("a photo").click())?;
    assert_eq!(ani.evaluate("document.contentType")?, "image/jpeg");
    Ok(())
}

#[test]
fn a_pause_is_seen_on_the_public_page_until_it_is_over() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let place = tempfile::tempdir()?;
    let (collector, _devices) = evening(place.path())?;
    let watcher = browser.visitor(Screen::PHONE)?;
    watcher.open(&format!("{}/region/0?lang=id", collector.web()?))?;
    let reason = "server dipindah";
    let address = format!("{}/publication", collector.staff()?);
    let sri = signed_in(&browser, &collector, "sri", Screen::DESKTOP)?;
    sri.open(&address)?;
    keeps_to(&sri, "publication")?;
    act(&sri, reason, ["Hentikan sementara", "Usulkan"], "pause")?;
    watcher.reload()?;
    assert!(!watcher.text()?.contains(reason), "one alone changes nothing");
    let tuti = signed_in(&browser, &collector, "tuti", Screen::PHONE)?;
    confirm(&tuti, &collector, "pause")?;
    watcher.reload()?;
    assert!(watcher.text()?.contains(reason), "{}", watcher.text()?);
    tuti.open(&address)?;
    keeps_to(&tuti, "publication-paused")?;
    act(&tuti, "sudah selesai", ["Lanjutkan publikasi", "Catat sekarang"], "resume")?;
    watcher.reload()?;
    assert!(!watcher.text()?.contains(reason), "{}", watcher.text()?);
    Ok(())
}
