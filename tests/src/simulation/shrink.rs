//! Makes a failing list short: parts are taken out for as long as the rest still fails
//! in the same way, then numbers are made small.

use super::op::{Op, Place};
use super::{Failure, play};

/// Most runs for one list: about half a minute.
const RUNS: usize = 600;

struct Shrinking {
    seed: u64,
    oracle: &'static str,
    runs: usize,
    shortest: Failure,
}

/// The shortest list found that fails by the same oracle.
#[must_use]
pub fn shrink(failure: Failure) -> Failure {
    let (seed, oracle) = (failure.seed, failure.violation.oracle);
    let mut shrinking = Shrinking { seed, oracle, runs: 0, shortest: failure };
    loop {
        let before = shrinking.shortest.ops.clone();
        shrinking.take_out();
        shrinking.make_small();
        if shrinking.shortest.ops == before || shrinking.runs >= RUNS {
            return shrinking.shortest;
        }
    }
}

impl Shrinking {
    fn take_out(&mut self) {
        let mut size = self.shortest.ops.len().div_ceil(2);
        loop {
            let mut from = 0;
            while from < self.shortest.ops.len() {
                let mut ops = self.shortest.ops.clone();
                ops.drain(from..(from + size).min(ops.len()));
                if !self.still_fails(ops) {
                    from += size;
                }
            }
            if size == 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    fn make_small(&mut self) {
        for at in 0..self.shortest.ops.len() {
            for smaller in smaller(self.shortest.ops.get(at).copied()) {
                let mut ops = self.shortest.ops.clone();
                ops[at] = smaller;
                self.still_fails(ops);
            }
        }
    }

    /// Whether a list fails by the same oracle; it is the shortest then.
    fn still_fails(&mut self, ops: Vec<Op>) -> bool {
        if self.runs >= RUNS || ops == self.shortest.ops {
            return false;
        }
        self.runs += 1;
        match play(self.seed, &ops, false) {
            Err(failure) if failure.violation.oracle == self.oracle => {
                self.shortest = *failure;
                true
            }
            _ => false,
        }
    }
}

/// Simpler operations of the same kind.
fn smaller(op: Option<Op>) -> Vec<Op> {
    match op {
        Some(Op::Enter { device, contest, .. }) => {
            vec![Op::Enter { device, contest, sound: true, spoilt: 0 }]
        }
        Some(Op::Correct { device, contest, .. }) => {
            vec![Op::Correct { device, contest, sound: true, spoilt: 0 }]
        }
        Some(Op::TornWrite { place, .. }) => vec![Op::TornWrite { place, after: 0, keep: 0 }],
        Some(Op::KillInWrite { place, .. }) => vec![Op::KillInWrite { place, after: 0 }],
        Some(Op::FailSync { place, fault, .. }) => vec![Op::FailSync { place, after: 0, fault }],
        Some(Op::CutPower { place, .. }) => vec![Op::CutPower { place, keep: 0 }, gentler(place)],
        Some(Op::Advance { ms }) => {
            let rounds = [1_000, 10_000, 60_000, 600_000, 3_600_000];
            rounds.into_iter().filter(|round| *round < ms).map(|ms| Op::Advance { ms }).collect()
        }
        _ => Vec::new(),
    }
}

/// A killed process in the place of a power cut.
fn gentler(place: Place) -> Op {
    match place {
        Place::Agent(device) => Op::CrashAgent { device },
        Place::Collector => Op::CrashCollector,
    }
}
