//! What streams of live counters take while 10,000 forms a second come.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{ScopedJoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use saksi_collector::election::Election;
use saksi_proto::message::{Batch, Outcome, ToAgent, ToCollector};
use saksi_tests::clerk::Clerk;
use saksi_tests::collector::Collector;
use saksi_tests::wire::Wire;

use crate::night::{Course, Fate, Night, Order, WITHOUT_DEVICE};

/// Devices that carry the forms of others.
const CARRIERS: usize = 8;

/// Forms a second, of all carriers together: none, a few changes, many.
const RATES: [usize; 3] = [0, 100, 10_000];

/// Most forms in a batch.
const BATCH: usize = 64;

/// Streams at a time, as many as the desk has.
const STREAMS: usize = 250;

/// How long is measured.
const SPAN: Duration = Duration::from_secs(8);

/// Makes bundles for stations without a device; gives their codes.
pub(crate) fn carriers(collector: &Collector, election: &Election) -> anyhow::Result<Vec<String>> {
    let stations = election.definition.stations();
    let without = stations.iter().skip(WITHOUT_DEVICE - 1).step_by(WITHOUT_DEVICE);
    let codes: Vec<_> = without.take(CARRIERS).map(|station| station.code.to_string()).collect();
    let issued = collector.issue(&codes.iter().map(String::as_str).collect::<Vec<_>>())?;
    ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    Ok(codes)
}

/// Lets forms come after the first `forms`, without streams, with them, and streams alone;
/// prints what that takes.
pub(crate) fn measure(
    collector: &Collector,
    clerk: &Clerk,
    election: &Election,
    forms: usize,
    carriers: Vec<String>,
) -> anyhow::Result<()> {
    let night = Night::new(election, Order::ByContest, Course::Troubled);
    let comes = |at: &usize| !matches!(night.fate(*at), Fate::Missing);
    let mut next = (forms..).filter(comes);
    for (rate, streams) in RATES.into_iter().flat_map(|rate| [(rate, 0), (rate, STREAMS)]) {
        let wanted = rate * usize::try_from(SPAN.as_secs())?;
        let sealed = next.by_ref().take(wanted).map(|at| Ok(night.sealed(at)?.into_bytes()));
        let sealed = sealed.collect::<anyhow::Result<Vec<_>>>()?;
        let shares: Vec<_> = sealed.chunks(sealed.len().div_ceil(CARRIERS).max(1)).collect();
        let (stop, told) = (AtomicBool::new(false), AtomicU64::new(0));
        let usage = collector.usage()?;
        let (cpu, span, logged) = std::thread::scope(|scope| {
            let watch = || watch(clerk, &stop, &told);
            let watching: Vec<_> = (0..streams).map(|_| scope.spawn(watch)).collect();
            while told.load(Ordering::Relaxed) < streams as u64 && !watching.iter().any(is_over) {
                sleep(Duration::from_millis(10));
            }
            told.store(0, Ordering::Relaxed);
            let (begun, before) = (Instant::now(), usage.cpu_seconds()?);
            let carrying = carriers.iter().zip(shares);
            let carrying: Vec<_> = carrying
                .map(|(code, share)| scope.spawn(move || carry(collector, code, share, rate)))
                .collect();
            let logged = carrying.into_iter().map(ended).sum::<anyhow::Result<usize>>();
            sleep(SPAN.saturating_sub(begun.elapsed()));
            let measured = (usage.cpu_seconds()? - before, begun.elapsed());
            stop.store(true, Ordering::Relaxed);
            watching.into_iter().try_for_each(ended)?;
            anyhow::Ok((measured.0, measured.1, logged?))
        })?;
        let seconds = span.as_secs_f64();
        println!(
            "{streams} streams told {:.0} times a second, {:.0} forms a second: {:.2} % of a core",
            told.load(Ordering::Relaxed) as f64 / seconds,
            logged as f64 / seconds,
            cpu / seconds * 100.0
        );
    }
    Ok(())
}

fn is_over<T>(thread: &ScopedJoinHandle<'_, T>) -> bool {
    thread.is_finished()
}

fn ended<T>(thread: ScopedJoinHandle<'_, anyhow::Result<T>>) -> anyhow::Result<T> {
    thread.join().map_err(|_| anyhow!("a thread panicked"))?
}

/// Looks at the counters, and counts how often they change.
fn watch(clerk: &Clerk, stop: &AtomicBool, told: &AtomicU64) -> anyhow::Result<()> {
    let mut stream = clerk.stream("/live")?;
    // What says nothing for long ends with the clerk's patience.
    while !stop.load(Ordering::Relaxed) {
        match stream.event() {
            Ok(Some(_)) => told.fetch_add(1, Ordering::Relaxed),
            Ok(None) | Err(_) => break,
        };
    }
    Ok(())
}

/// Sends these forms as another station's device would carry them, at its share of the pace.
fn carry(
    collector: &Collector,
    code: &str,
    forms: &[Vec<u8>],
    rate: usize,
) -> anyhow::Result<usize> {
    let bundle = collector.bundle(code)?;
    let mut wire = Wire::begin(&collector.address()?, &bundle)?;
    // One at least, so that few come evenly.
    let batch = (rate / RATES[1] / CARRIERS).clamp(1, BATCH);
    let between = Duration::from_secs(1) * u32::try_from(batch * CARRIERS)? / u32::try_from(rate)?;
    let (mut due, mut logged) = (Instant::now(), 0);
    for (number, forms) in (0..).zip(forms.chunks(batch)) {
        sleep(due.saturating_duration_since(Instant::now()));
        due += between;
        let batch = Batch { number, known: 0, forms: forms.to_vec() };
        let answer = wire.ask(&ToCollector::Carry(batch))?.context("an answer")?;
        let ToAgent::Outcomes(outcomes) = answer else { anyhow::bail!("{answer:?}") };
        let is_logged = |outcome: &&Outcome| matches!(outcome, Outcome::Logged(_));
        logged += outcomes.outcomes.iter().filter(is_logged).count();
    }
    Ok(logged)
}
