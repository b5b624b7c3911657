//! The desk for staff, as staff see it: at home with a phone, at the centre with a laptop, on
//! a wall. The Indonesian sample with a device for each station of one village.

mod accounts;
mod activity;
mod devices;
mod entrance;
mod keyboard;
mod live;
mod missing;
mod pages;
mod regions;
mod roles;

use anyhow::{Context as _, ensure};
use saksi_proto::definition::Definition;
use saksi_tests::binaries::repository;
use saksi_tests::browser::{Browser, Manners, Page, Screen};
use saksi_tests::clerk::{self, PASSWORD};
use saksi_tests::collector::Collector;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::paper::Paper;
use saksi_tests::poll;
use serde_json::json;
use tempfile::TempDir;

use super::night::{VILLAGE, papers};

/// Loads on 2G in two seconds, as the watchers' pages do: the page, its style, its icon, and
/// where numbers change by themselves a script and their stream.
pub(crate) const MANNERS: Manners = Manners { bytes: 50_000, requests: 5 };

/// What everybody of the staff looks at.
pub(crate) const SCREENS: [(&str, Screen); 2] =
    [("phone", Screen::PHONE), ("desk", Screen::DESKTOP)];

/// The village beside that with devices.
pub(crate) const ELSEWHERE: &str = "8207012002";

/// An account: its name, role and region. The whole, if that is empty.
pub(crate) type Account = (&'static str, &'static str, &'static str);

/// The admin of the whole.
pub(crate) const SRI: Account = ("sri", "admin", "");

/// A collector with a desk. It is stopped before its place goes.
pub(crate) struct Desk {
    pub(crate) collector: Collector,
    definition: Definition,
    place: TempDir,
}

impl Desk {
    /// A desk with these accounts, its collector not started.
    pub(crate) fn closed(accounts: &[Account]) -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        let pack = repository().join("deploy/elections/indonesia-2024");
        let definition = saksi_collector::pack::read(&pack)?;
        let collector = Collector::make_without_devices(place.path(), &pack)?;
        let issued = collector.issue(&["--region", VILLAGE])?;
        ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
        clerk::open_desk(&collector)?;
        for (name, role, region) in accounts {
            let region = Some(*region).filter(|region| !region.is_empty());
            clerk::account(&collector, name, role, region)?;
        }
        Ok(Self { collector, definition, place })
    }

    /// The same, its collector serving.
    pub(crate) fn open(accounts: &[Account]) -> anyhow::Result<Self> {
        let mut desk = Self::closed(accounts)?;
        desk.collector.start(None)?;
        Ok(desk)
    }

    /// Address of a page of the desk.
    pub(crate) fn url(&self, path: &str) -> anyhow::Result<String> {
        Ok(format!("{}{path}", self.collector.staff()?))
    }

    /// The president's form of a station, plausible; another one for another seed.
    pub(crate) fn paper(&self, station: &str, seed: u64) -> anyhow::Result<Paper> {
        Ok(papers(&self.definition, station, seed)?.remove(0))
    }

    /// Another device of a station delivers this form, and goes.
    pub(crate) fn deliver(&self, name: &str, station: &str, paper: &Paper) -> anyhow::Result<()> {
        let place = self.place.path().join(format!("{station}-{name}"));
        let agent = device::open(&place, &self.collector.bundle(station)?)?;
        device::submit(&agent, &paper.to_json().to_string(), Some("Disalin seperti tertulis."))?;
        let delivered = device::deliver(&agent, &self.collector.address()?)?;
        ensure!(delivered.received == 1, "{station}: {delivered:?}");
        Ok(())
    }

    /// Two forms of a station contradict each other.
    pub(crate) fn dispute(&self, station: &str) -> anyhow::Result<()> {
        [("one", 3), ("other", 4)]
            .iter()
            .try_for_each(|(name, seed)| self.deliver(name, station, &self.paper(station, *seed)?))
    }

    /// A form of a station breaks a rule.
    pub(crate) fn hold(&self, station: &str) -> anyhow::Result<()> {
        let mut paper = self.paper(station, 2)?;
        paper.set("V.A", paper.number("V.A") + 7);
        self.deliver("one", station, &paper)
    }

    /// A device of a station, a process of its own, sends the president's form and stays.
    pub(crate) fn device(&self, station: &str) -> anyhow::Result<AgentProcess> {
        let bundle = self.collector.bundle_path(station);
        let mut agent = AgentProcess::init(&self.place.path().join(station), &bundle)?;
        let paper = self.paper(station, 1)?;
        let stored = agent.submit(&paper.to_json(), &[])?;
        ensure!(stored.status.success(), "{stored:?}");
        agent.run(&self.collector.address()?)?;
        received(&agent, &paper.contest)?;
        Ok(agent)
    }
}

/// Waits until the receipt of a form is on its device. While the device starts it has its store
/// and does not answer yet, which on a busy machine is no failure.
pub(crate) fn received(agent: &AgentProcess, contest: &str) -> anyhow::Result<()> {
    poll::until("a receipt", || {
        let delivery = agent.delivery(contest).unwrap_or_default();
        Ok((delivery["state"] == "received" && delivery["due"] == false).then_some(()))
    })
}

/// Somebody who has not signed in. The desk's certificate signs itself.
pub(crate) fn outside(browser: &Browser, screen: Screen) -> anyhow::Result<Page<'_>> {
    let page = browser.visitor(screen)?;
    page.call("Security.setIgnoreCertificateErrors", &json!({ "ignore": true }))?;
    Ok(page)
}

/// Somebody who has signed in, on the first page.
pub(crate) fn signed_in<'b>(
    browser: &'b Browser,
    desk: &Collector,
    name: &str,
    screen: Screen,
) -> anyhow::Result<Page<'b>> {
    let page = outside(browser, screen)?;
    page.open(&format!("{}/sign-in", desk.staff()?))?;
    sign_in(&page, name, PASSWORD)?;
    ensure!(heading(&page)? == "Ringkasan", "{name}: {}", page.text()?);
    Ok(page)
}

/// Fills the sheet of the sign-in, and sends it.
pub(crate) fn sign_in(page: &Page<'_>, name: &str, password: &str) -> anyhow::Result<()> {
    page.find("textbox", "Nama akun")?.write(name)?;
    page.find("textbox", "Kata sandi")?.write(password)?;
    press(page, "Masuk")
}

/// Presses a button that leads to another document.
pub(crate) fn press(page: &Page<'_>, button: &str) -> anyhow::Result<()> {
    page.follow(|| page.find("button", button)?.click())
}

/// Follows a link, the first of its name: pages have tabs before their own links.
pub(crate) fn follow(page: &Page<'_>, name: &str) -> anyhow::Result<()> {
    let links = page.find_all("link")?;
    let link = links.into_iter().find(|link| link.name == name);
    page.follow(|| link.with_context(|| format!("no link “{name}”"))?.click())
}

/// Opens what is folded away.
pub(crate) fn unfold(page: &Page<'_>, name: &str) -> anyhow::Result<()> {
    page.find("DisclosureTriangle", name)?.click()
}

/// The page's heading.
pub(crate) fn heading(page: &Page<'_>) -> anyhow::Result<String> {
    string(page, "document.querySelector('h1').innerText.trim()")
}

/// What an expression says.
pub(crate) fn string(page: &Page<'_>, expression: &str) -> anyhow::Result<String> {
    let said = page.evaluate(expression)?;
    Ok(said.as_str().with_context(|| format!("{expression}: {said}"))?.to_owned())
}

/// What expressions say of all that a selector finds, in the order of the page.
pub(crate) fn texts(page: &Page<'_>, selector: &str) -> anyhow::Result<Vec<String>> {
    let all = format!("[...document.querySelectorAll('{selector}')].map(at => at.innerText)");
    Ok(serde_json::from_value(page.evaluate(&all)?)?)
}

/// A file of the desk that a link of the page leads to, as the browser gets it.
pub(crate) fn file(page: &Page<'_>, link: &str) -> anyhow::Result<String> {
    let href = page.find("link", link)?.call("function () { return this.href }")?;
    let fetched = format!(
        "fetch({href}).then(answer => answer.headers.get('content-type').startsWith('text/csv')
            ? answer.text() : Promise.reject(answer.headers.get('content-type')))"
    );
    string(page, &fetched)
}

/// Opens an address that this account may not see, and gives what is read there. That it was
/// refused is the only thing that the browser complains of.
pub(crate) fn refused(page: &Page<'_>, url: &str, status: u16) -> anyhow::Result<String> {
    page.open(url)?;
    is_refused(page, status)
}

/// The page is a refusal of this status, and fit to be read; gives what it says.
pub(crate) fn is_refused(page: &Page<'_>, status: u16) -> anyhow::Result<String> {
    let mut complaints = page.complaints()?;
    // Browsers ask for an icon where a page names none.
    complaints.retain(|it| !it.contains("/favicon.ico"));
    let status = format!("status of {status}");
    let said = complaints.len() == 1 && complaints[0].contains(&status);
    ensure!(said, "{}: not {status}: {complaints:?}: {}", page.url()?, page.text()?);
    ensure!(page.axe()?.is_empty() && page.sticks_out()? <= 0, "{:?}", page.axe()?);
    page.text()
}
