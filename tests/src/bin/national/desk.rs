//! What the desk for staff takes over a whole country: its pages and files, as somebody who has
//! signed in asks a real collector for them, over TLS.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use saksi_collector::election::Election;
use saksi_collector::home::Home;
use saksi_collector::staff::order::Order;
use saksi_tests::clerk::{self, Clerk};
use saksi_tests::collector::Collector;
use saksi_tests::usage::Usage;

use crate::{live, looks, night, recount};

/// Processor time that a page is asked for again and again, in seconds: forty of the hundredths
/// that Linux counts in.
const LONG_ENOUGH: f64 = 0.4;

/// Most times that a page is asked for.
const MOST: u32 = 400;

/// Sign-ins that are measured.
const SIGN_INS: u32 = 40;

/// A page of the last stations begins behind so many.
const BEFORE_LAST: usize = 30;

/// Asks the desk of a log with so many entries, and prints what that takes.
pub(crate) fn measure(collector: &mut Collector, entries: u64, forms: usize) -> anyhow::Result<()> {
    let home = Home::existing(collector.dir())?;
    let (log, ledger) = night::open(&home)?;
    drop(log);
    let election = Arc::clone(&ledger.election);
    looks::measure(&home, ledger)?;
    clerk::open_desk(collector)?;
    clerk::account(collector, "sri", "admin", None)?;
    clerk::account(collector, "made", "auditor", None)?;
    let carriers = live::carriers(collector, &election)?;
    // As many forms of one carrier as come in the whole country.
    collector.take_forms_without_end()?;
    collector.start(None)?;
    let published = recount::published(&home.public(), entries + carriers.len() as u64)?;
    let tables = recount::bytes_below(&home.public().join("totals"))?;
    println!("published in {published:.0} s, {} MB of tables of totals", tables >> 20);

    let desk = Asked { clerk: Clerk::signed_in(collector, "sri")?, usage: collector.usage()? };
    println!("{:>9} {:>9} {:>6}  page", "ms of CPU", "bytes", "asked");
    for (what, path) in pages(&election, &desk.clerk, forms)? {
        desk.page(&what, &path)?;
    }
    let auditor = Asked { clerk: Clerk::signed_in(collector, "made")?, usage: desk.usage };
    auditor.page("activity of everybody", "/activity")?;
    auditor.page("acts in the log, the newest 20,000 entries", "/activity/log")?;
    auditor.sign_in("made")?;
    desk.print_memory("pages")?;
    for (what, path) in [
        ("Belum masuk, all", "/missing.csv"),
        ("Belum masuk, of the president", "/missing.csv?contest=ppwp"),
        ("held, all", "/queue.csv?kind=held"),
        ("disputed, all", "/queue.csv?kind=disputed"),
        ("devices, all", "/devices.csv"),
    ] {
        desk.file(what, path)?;
    }
    live::measure(collector, &desk.clerk, &election, forms, carriers)?;
    desk.print_memory("streams")?;
    collector.stop().map(drop)
}

/// Somebody at the desk, and the process that answers.
struct Asked {
    clerk: Clerk,
    usage: Usage,
}

impl Asked {
    fn page(&self, what: &str, path: &str) -> anyhow::Result<()> {
        // What is made once is not of this page.
        let bytes = self.clerk.html(path)?.len();
        let begun = self.usage.cpu_seconds()?;
        let (mut asked, mut taken) = (0, 0.0);
        while taken < LONG_ENOUGH && asked < MOST {
            self.clerk.html(path)?;
            asked += 1;
            taken = self.usage.cpu_seconds()? - begun;
        }
        let each = taken * 1_000.0 / f64::from(asked);
        println!("{each:9.2} {bytes:9} {asked:6}  {what}");
        Ok(())
    }

    /// Signs in again and again; the oldest sessions end.
    fn sign_in(mut self, name: &str) -> anyhow::Result<()> {
        let begun = self.usage.cpu_seconds()?;
        for _ in 0..SIGN_INS {
            let answer = self.clerk.sign_in(name, clerk::PASSWORD)?;
            ensure!(answer.status == 303, "{} {}", answer.status, answer.html);
        }
        let each = (self.usage.cpu_seconds()? - begun) * 1_000.0 / f64::from(SIGN_INS);
        println!("{each:9.2} {:9} {SIGN_INS:6}  a sign-in", "");
        Ok(())
    }

    fn file(&self, what: &str, path: &str) -> anyhow::Result<()> {
        let (before, begun) = (self.usage.resident_bytes()?, self.usage.cpu_seconds()?);
        let (bytes, lines) = self.clerk.size_of_file(path)?;
        let taken = self.usage.cpu_seconds()? - begun;
        let after = self.usage.resident_bytes()?;
        println!(
            "{what} as CSV: {lines} lines, {:.1} MB, {taken:.2} s of processor; {} MB resident \
             before, {} after",
            bytes as f64 / 1e6,
            before >> 20,
            after >> 20
        );
        Ok(())
    }

    fn print_memory(&self, after: &str) -> anyhow::Result<()> {
        let (now, peak) = (self.usage.resident_bytes()?, self.usage.peak_bytes()?);
        println!("after the {after}: {} MB resident, {} MB at most", now >> 20, peak >> 20);
        Ok(())
    }
}

/// The pages, in words and by their addresses.
fn pages(
    election: &Election,
    clerk: &Clerk,
    forms: usize,
) -> anyhow::Result<Vec<(String, String)>> {
    let definition = &election.definition;
    let order = Order::of(definition);
    let stations = definition.stations();
    let all = order.stations(0..stations.len());
    let last = &stations[all[all.len() - BEFORE_LAST] as usize];
    let (code, village) = (last.code, last.region);
    let cursor = format!("{village}~{code}~ppwp");
    let late = night::arrival_ms(forms - forms / 100);
    let mut pages = vec![
        ("overview", "/".to_owned()),
        ("Belum masuk, first page", "/missing".to_owned()),
        ("… of the president", "/missing?contest=ppwp".to_owned()),
        ("… last page", format!("/missing?contest=ppwp&after={code}")),
        ("… of a province", "/missing?contest=ppwp&region=32".to_owned()),
        ("… searched by a village's code", format!("/missing?q={village}")),
        ("… searched for what is nowhere", "/missing?q=nowhere".to_owned()),
        ("held, first page", "/queue?kind=held".to_owned()),
        ("… last page", format!("/queue?kind=held&at={cursor}")),
        ("… of a province", "/queue?kind=held&region=32".to_owned()),
        ("… by a rule", "/queue?kind=held&rule=A5".to_owned()),
        ("… longest waiting first", "/queue?kind=held&order=oldest".to_owned()),
        ("… in a province", "/queue?kind=held&order=oldest&region=32".to_owned()),
        ("… last page", format!("/queue?kind=held&order=oldest&at={late}~ppwp~{code}")),
        ("… searched for what is nowhere", "/queue?kind=held&q=nowhere".to_owned()),
        ("disputed, first page", "/queue?kind=disputed".to_owned()),
        ("… longest waiting first", "/queue?kind=disputed&order=oldest".to_owned()),
        ("… last page", format!("/queue?kind=disputed&at={cursor}")),
        ("devices, first page", "/devices".to_owned()),
        ("… last page", format!("/devices?after={code}")),
        ("… of a province without a device", "/devices?region=32&state=no-code".to_owned()),
        ("… searched by a village's code", format!("/devices?q={village}")),
        ("… searched for what is nowhere", "/devices?q=nowhere".to_owned()),
        ("… revoked, of which there are none", "/devices?state=revoked".to_owned()),
        ("… never there, of 100,000 that were", "/devices?only=never-seen".to_owned()),
        ("a device", format!("/devices/{code}")),
        ("one's own activity", "/activity".to_owned()),
    ];
    for (what, kind) in [("a case that is held", "held"), ("a case that is disputed", "disputed")] {
        let queue = clerk.html(&format!("/queue?kind={kind}"))?;
        let (_, link) = queue.split_once("href=\"/case/").context("a case in the queue")?;
        let (link, _) = link.split_once('"').context("the end of a link")?;
        pages.push((what, format!("/case/{link}")));
    }
    Ok(pages.into_iter().map(|(what, path)| (what.to_owned(), path)).collect())
}
