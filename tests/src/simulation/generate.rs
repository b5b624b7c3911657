//! A night by its seed: which operations, in which order.

use super::country::{CONTESTS, DEVICES, TWIN};
use super::op::{FORGERIES, Op, Place, SyncFault};

/// Operations of one night: enough for every station to report, be corrected and fail
/// in between.
const OPS: std::ops::RangeInclusive<usize> = 40..=90;

/// The list of a seed. The same seed gives the same list for ever.
#[must_use]
pub fn ops(seed: u64) -> Vec<Op> {
    // Another stream than the world's own chance, which has the same seed.
    let mut random = fastrand::Rng::with_seed(seed ^ 0x5a4b_5349_0000_0000);
    let many = random.usize(OPS);
    (0..many).map(|_| op(&mut random)).collect()
}

fn op(random: &mut fastrand::Rng) -> Op {
    let device = random.usize(..DEVICES);
    let contest = random.usize(..CONTESTS.len());
    let (sound, spoilt) = (random.u8(..4) > 0, random.u8(..9));
    let (after, keep) = (random.u8(..6), random.u8(..3));
    match random.u8(..100) {
        0..20 => Op::Enter { device: random.usize(..TWIN), contest, sound, spoilt },
        20..30 => Op::Correct { device, contest, sound, spoilt },
        30..33 => Op::Dispute { contest, sound, spoilt },
        33..35 => Op::Stray { device },
        35..38 => Op::Resubmit { device },
        38..42 => Op::Forge { forgery: FORGERIES[random.usize(..FORGERIES.len())] },
        42..46 => Op::CutLink { device, silent: random.bool() },
        46..52 => Op::MendLink { device },
        52..55 => Op::LoseRequest { device },
        55..59 => Op::LoseReply { device },
        59..60 => Op::Deceive { device },
        60..62 => Op::CrashAgent { device },
        62..65 => Op::CrashCollector,
        65..68 => Op::CutPower { place: place(random), keep },
        68..71 => Op::TornWrite { place: place(random), after, keep },
        71..73 => Op::KillInWrite { place: place(random), after },
        73..76 => Op::FailSync { place: place(random), after, fault: fault(random) },
        76..77 => Op::SetClock { device, hours: hours(random) },
        _ => Op::Advance { ms: time(random) },
    }
}

/// As often the collector as any device.
fn place(random: &mut fastrand::Rng) -> Place {
    if random.bool() { Place::Collector } else { Place::Agent(random.usize(..DEVICES)) }
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
