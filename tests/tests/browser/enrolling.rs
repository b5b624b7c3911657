//! Enrolment in a real browser: the slip, the station, and the rehearsal.

use saksi_tests::browser::{Browser, Manners, Screen};
use saksi_tests::collector::{self, Collector};
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya;
use saksi_tests::scene::free_address;

use super::carrying::address;

const MANNERS: Manners = Manners { bytes: 60_000, requests: 5 };

#[test]
fn an_officer_enrols_a_telephone_and_rehearses() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    for (at, (name, screen)) in
        [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)].into_iter().enumerate()
    {
        let place = tempfile::tempdir()?;
        let mut centre = Collector::make_without_devices(place.path(), &kenya::pack())?;
        let config = centre.dir().join("collector.toml");
        let (devices, pages) = (free_address()?, free_address()?);
        let text = std::fs::read_to_string(&config)?;
        std::fs::write(&config, text.replace("127.0.0.1:7443", &devices.to_string()))?;
        centre.start(Some((devices, pages)))?;
        let (station, slips) = (kenya::stations()?[at].code.clone(), place.path().join("slips"));
        let (dir, out) = (centre.dir().display().to_string(), slips.display().to_string());
        collector::succeed(&["device", "codes", &dir, &station, "--out", &out])?;
        let row = csv::Reader::from_path(slips.join("codes.csv"))?.records().next();
        let slip = row.transpose()?.map(|row| row[5].to_owned()).unwrap_or_default();
        let mut agent = AgentProcess::not_set_up(&place.path().join("agent"));
        agent.run(&centre.address()?)?;
        let page = browser.visitor(screen)?;
        page.let_in(&address(&agent)?)?;
        page.keeps_to(&MANNERS, &format!("agent-enrol-{name}"))?;
        page.keeps_to_in_the_dark(&format!("agent-enrol-{name}"))?;
        page.find("textbox", "Kode pendaftaran")?.write("AAAA-BBBB-CCCC")?;
        page.follow(|| page.find("button", "Tanyakan ke pusat")?.click())?;
        page.picture(&format!("agent-enrol-mistyped-{name}"))?;
        page.find("textbox", "Teks kode QR pada lembar")?.write(&slip)?;
        page.follow(|| page.find("button", "Tanyakan ke pusat")?.click())?;
        assert!(page.text()?.contains(&station), "{}", page.text()?);
        page.keeps_to(&MANNERS, &format!("agent-enrol-confirm-{name}"))?;
        page.follow(|| page.find("button", "Ya, ini TPS kami")?.click())?;
        page.until("the enrolled device", "location.pathname === '/enrolled'")?;
        page.keeps_to(&MANNERS, &format!("agent-enrolled-{name}"))?;
        page.follow(|| page.find("button", "Send a rehearsal form")?.click())?;
        page.until(
            "the rehearsal's receipt",
            "document.body.innerText.includes('Rehearsed: entry')",
        )?;
    }
    Ok(())
}
