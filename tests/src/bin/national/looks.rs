//! How long the desk keeps the sequencer from the ledger: the looks of its lists, one by one,
//! as they are made under the ledger's lock.

use std::ops::Range;
use std::time::{Duration, Instant};

use saksi_collector::home::Home;
use saksi_collector::ledger::Ledger;
use saksi_collector::presence::{self, Presence};
use saksi_collector::staff::order::Order;
use saksi_collector::staff::unheard::{Wanted as Unheard, reported, unheard};
use saksi_collector::view::case::case;
use saksi_collector::view::devices::devices;
use saksi_collector::view::waiting::{Wanted, waiting, waiting_counts};
use saksi_proto::definition::RegionIndex;

/// Stations that the list of devices looks at in one piece.
const PIECE: usize = 500;

/// Times that each look is made; the shortest counts, for other processes take their turn too.
const TIMES: usize = 3;

/// Days that a certificate lasts.
const DAYS: u16 = 730;

/// Notes that every device was there, and prints how long each kind of look takes.
pub(crate) fn measure(home: &Home, ledger: Ledger) -> anyhow::Result<()> {
    let definition = &ledger.election.definition;
    let order = Order::of(definition);
    let all = 0..definition.stations().len();
    let every: Vec<_> = (0..definition.contests().len()).collect();
    println!("a look at the ledger, in µs: half take at most, 99 of 100 take at most, looks");

    let nowhere =
        |contests: &[usize]| Unheard { contests: contests.to_vec(), search: "nowhere".to_owned() };
    walk("Belum masuk, 2,000 steps, searched for what is nowhere", &all, |at| {
        unheard(&ledger, &order, at..all.end, &nowhere(&every), 50).1
    });
    walk("… of the president", &all, |at| {
        unheard(&ledger, &order, at..all.end, &nowhere(&[0]), 50).1
    });
    let of_president = Unheard { contests: vec![0], search: String::new() };
    walk("… a page of 50", &all, |at| unheard(&ledger, &order, at..all.end, &of_president, 50).1);
    let (whole, parts) = (definition.whole(), definition.children(definition.whole()));
    again("… its sums of all provinces", || {
        parts.iter().map(|part| reported(&ledger, &every, *part).missing).sum::<u64>()
    });
    look_at_queue(&ledger, whole, parts);
    look_at_devices(home, &ledger, &order, &all)
}

fn look_at_queue(ledger: &Ledger, whole: RegionIndex, parts: &[RegionIndex]) {
    let wanted = Wanted::all(whole);
    let nowhere = Wanted { search: Some("nowhere".to_owned()), ..wanted.clone() };
    for (what, wanted) in [
        ("held and disputed, a page of 50", &wanted),
        ("… 2,000 look-ups, searched for what is nowhere", &nowhere),
    ] {
        let (mut after, mut times) = (None, Vec::new());
        loop {
            let (took, found) = shortest(|| waiting(ledger, wanted, after, 50));
            times.push(took);
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        print(what, times);
    }
    again("… its sums of all provinces", || {
        let counts = parts.iter().map(|part| waiting_counts(ledger, *part, None));
        counts.map(|counts| counts.held).sum::<u64>()
    });
    let definition = &ledger.election.definition;
    let rows = waiting(ledger, &wanted, None, 500).rows;
    let cases = rows.iter().filter_map(|row| {
        let (contest, station) =
            (definition.contest(row.contest)?, definition.station(row.station)?);
        Some(shortest(|| case(ledger, contest, station)).0)
    });
    print("a case", cases.collect());
}

fn look_at_devices(
    home: &Home,
    ledger: &Ledger,
    order: &Order,
    all: &Range<usize>,
) -> anyhow::Result<()> {
    let keys: Vec<_> =
        order.stations(all.clone()).iter().filter_map(|of| ledger.roster.key(*of)).collect();
    let seen = Presence::open(&home.presence())?;
    keys.iter().for_each(|key| seen.seen(*key, "0.1.0", 1_000, 1_000));
    // Dropping it writes them.
    drop(seen);
    let (mut at, mut times, mut read) = (0, Vec::new(), Vec::new());
    while at < all.end {
        let next = (at + PIECE).min(all.end);
        let stations = order.stations(at..next);
        let keys: Vec<_> = stations.iter().filter_map(|of| ledger.roster.key(*of)).collect();
        let (took, sightings) = shortest(|| presence::read_of(&home.presence(), &keys));
        read.push(took);
        let sightings = sightings?;
        let look = || devices(ledger, &sightings, stations.iter().copied(), DAYS, 2_000);
        times.push(shortest(look).0);
        at = next;
    }
    print("devices, 500 stations", times);
    print("… what is noted of them, without the lock", read);
    Ok(())
}

/// Makes look after look, until the last station was looked at.
fn walk(what: &str, all: &Range<usize>, look: impl Fn(usize) -> usize) {
    let (mut at, mut times) = (all.start, Vec::new());
    while at < all.end {
        let (took, next) = shortest(|| look(at));
        times.push(took);
        at = next;
    }
    print(what, times);
}

/// Does it [`TIMES`] times; gives the shortest time, and what came of it.
fn shortest<T>(work: impl Fn() -> T) -> (Duration, T) {
    let timed = || {
        let begun = Instant::now();
        let made = work();
        (begun.elapsed(), made)
    };
    let first = timed();
    (1..TIMES).fold(first, |best, _| {
        let next = timed();
        if next.0 < best.0 { next } else { best }
    })
}

/// Makes the same look a hundred times.
fn again(what: &str, look: impl Fn() -> u64) {
    let time = |_| shortest(|| std::hint::black_box(look())).0;
    print(what, (0..100).map(time).collect());
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |hundredth: usize| times.get(times.len() * hundredth / 100);
    let micros = |time: Option<&Duration>| time.map_or(0, Duration::as_micros);
    println!("{:9} {:9} {:6}  {what}", micros(at(50)), micros(at(99)), times.len());
}
