//! A night by its seed: which operations, in which order.

use saksi_proto::ruling::Amended;

use super::country::{CONTESTS, DEVICES, STATIONS, TWIN};
use super::op::{FORGERIES, Op, Place, SyncFault, Verdict};

/// Operations of one night: enough for every station to report, be corrected and fail
/// in between.
const OPS: std::ops::RangeInclusive<usize> = 50..=120;

/// Makes one operation of its kind.
type Make = fn(&mut fastrand::Rng) -> Op;

/// What happens in every night, with its weight.
const ALWAYS: [(u32, Make); 7] = [
    (20, |random| {
        let (contest, sound, spoilt) = form(random);
        Op::Enter { device: random.usize(..TWIN), contest, sound, spoilt }
    }),
    (10, |random| {
        let (contest, sound, spoilt) = form(random);
        Op::Correct { device: device(random), contest, sound, spoilt }
    }),
    (3, |random| {
        let (contest, sound, spoilt) = form(random);
        Op::Dispute { contest, sound, spoilt }
    }),
    (10, |random| {
        let (device, contest) = (device(random), random.usize(..CONTESTS.len()));
        Op::Rule { device, contest, verdict: verdict(random) }
    }),
    (2, |random| Op::Stray { device: device(random) }),
    (25, |random| Op::Advance { ms: time(random) }),
    (6, |random| Op::MendLink { device: device(random) }),
];

/// What happens in half of the nights each, so that faults do not always hide behind
/// one another.
const SOMETIMES: [(u32, Make); 17] = [
    (3, |random| Op::Resubmit { device: device(random) }),
    (2, |random| Op::Revoke { device: device(random) }),
    (3, |random| Op::Reinstate { device: device(random) }),
    (4, |random| Op::Amend { station: random.usize(..STATIONS), change: amended(random) }),
    (4, |random| Op::Ask { device: device(random), contest: random.usize(..CONTESTS.len()) }),
    (4, |random| Op::Forge { forgery: FORGERIES[random.usize(..FORGERIES.len())] }),
    (4, |random| Op::CutLink { device: device(random), silent: random.bool() }),
    (4, |random| Op::LoseRequest { device: device(random) }),
    (4, |random| Op::LoseReply { device: device(random) }),
    (2, |random| Op::Deceive { device: device(random) }),
    (4, |random| Op::CrashAgent { device: device(random) }),
    (4, |_| Op::CrashCollector),
    (4, |random| Op::CutPower { place: place(random), keep: random.u8(..3) }),
    (5, |random| {
        let (place, after) = (place(random), random.u8(..8));
        Op::TornWrite { place, after, keep: random.u8(..3) }
    }),
    (5, |random| Op::KillInWrite { place: place(random), after: random.u8(..8) }),
    (5, |random| {
        let (place, after) = (place(random), random.u8(..8));
        Op::FailSync { place, after, fault: fault(random) }
    }),
    (2, |random| Op::SetClock { device: device(random), hours: hours(random) }),
];

/// The list of a seed. The same seed gives the same list for ever.
#[must_use]
pub fn ops(seed: u64) -> Vec<Op> {
    // Another stream than the world's own chance, which has the same seed.
    let mut random = fastrand::Rng::with_seed(seed ^ 0x5a4b_5349_0000_0000);
    let sometimes = SOMETIMES.into_iter().filter(|_| random.bool());
    let kinds: Vec<_> = ALWAYS.into_iter().chain(sometimes).collect();
    let many = random.usize(OPS);
    (0..many).map(|_| op(&kinds, &mut random)).collect()
}

fn op(kinds: &[(u32, Make)], random: &mut fastrand::Rng) -> Op {
    let all: u32 = kinds.iter().map(|(weight, _)| weight).sum();
    let mut left = random.u32(..all);
    for (weight, make) in kinds {
        match left.checked_sub(*weight) {
            None => return make(random),
            Some(rest) => left = rest,
        }
    }
    Op::Advance { ms: 0 }
}

fn device(random: &mut fastrand::Rng) -> usize {
    random.usize(..DEVICES)
}

/// Contest, whether the form adds up, spoilt ballots.
fn form(random: &mut fastrand::Rng) -> (usize, bool, u8) {
    (random.usize(..CONTESTS.len()), random.u8(..4) > 0, random.u8(..9))
}

/// As often the collector as any device.
fn place(random: &mut fastrand::Rng) -> Place {
    if random.bool() { Place::Collector } else { Place::Agent(random.usize(..DEVICES)) }
}

fn verdict(random: &mut fastrand::Rng) -> Verdict {
    use Verdict::{First, Last, Reject, Withdraw};
    [First, First, Last, Last, Reject, Withdraw][random.usize(..6)]
}

fn amended(random: &mut fastrand::Rng) -> Amended {
    let voters = Amended::Registered(random.u32(..5));
    [voters, Amended::Unopened, Amended::Opened][random.usize(..3)]
}

fn fault(random: &mut fastrand::Rng) -> SyncFault {
    [SyncFault::Lost, SyncFault::Cached, SyncFault::Done][random.usize(..3)]
}

/// To 1970 (in 2023), ten years ahead, an hour back, and right again.
fn hours(random: &mut fastrand::Rng) -> i64 {
    [-473_000, 87_600, -1, 0][random.usize(..4)]
}

/// From the gaps between messages to an outage of two days.
fn time(random: &mut fastrand::Rng) -> u64 {
    match random.u8(..40) {
        0..16 => random.u64(1..1_000),
        16..30 => random.u64(1_000..10_000),
        30..36 => random.u64(10_000..120_000),
        36..39 => random.u64(120_000..3_600_000),
        _ => random.u64(3_600_000..48 * 3_600_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_generated_and_is_in_the_table() {
        let ops: Vec<_> = (0..100).flat_map(ops).collect();
        let names: std::collections::BTreeSet<_> = ops.iter().map(Op::name).collect();
        assert_eq!(names, Op::NAMES.into());
    }

    #[test]
    fn the_same_seed_is_the_same_list() {
        assert_eq!(ops(7), ops(7));
        assert_ne!(ops(7), ops(8));
    }
}
