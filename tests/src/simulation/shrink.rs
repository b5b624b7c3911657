//! Makes a failing list short: parts are taken out for as long as the rest still fails
//! in the same way, then numbers are made small.

use super::op::{Op, Place};
use super::{Failure, play};

/// Most runs for one list: about half a minute.
const RUNS: usize = 600;

struct Shrinking<P> {
    play: P,
    runs: usize,
    shortest: Failure,
}

/// The shortest list found that fails by the same oracle.
#[must_use]
pub fn shrink(failure: Failure) -> Failure {
    let seed = failure.seed;
    shrink_by(failure, |ops| play(seed, ops, false).err().map(|failure| *failure))
}

fn shrink_by(failure: Failure, play: impl FnMut(&[Op]) -> Option<Failure>) -> Failure {
    let mut shrinking = Shrinking { play, runs: 0, shortest: failure };
    loop {
        let before = shrinking.shortest.ops.clone();
        shrinking.take_out();
        shrinking.make_small();
        if shrinking.shortest.ops == before || shrinking.runs >= RUNS {
            return shrinking.shortest;
        }
    }
}

impl<P: FnMut(&[Op]) -> Option<Failure>> Shrinking<P> {
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
        let oracle = self.shortest.violation.oracle;
        let failure = (self.play)(&ops).filter(|failure| failure.violation.oracle == oracle);
        let fails = failure.is_some();
        self.shortest = failure.unwrap_or_else(|| self.shortest.clone());
        fails
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

#[cfg(test)]
mod tests {
    use super::super::generate;
    use super::super::oracle::Violation;
    use super::*;

    /// Fails if a device's link is cut some time before the collector's power is.
    fn failure(ops: &[Op]) -> Option<Failure> {
        let cut = ops.iter().position(|op| matches!(op, Op::CutLink { .. }))?;
        let end = |op: &Op| matches!(op, Op::CutPower { place: Place::Collector, .. });
        let end = ops.iter().skip(cut).position(end)?;
        let violation = Violation { oracle: "an example", words: String::new() };
        let ops = ops[..=cut + end].to_vec();
        Some(Failure { seed: 0, ops, at_the_end: false, violation })
    }

    #[test]
    fn what_does_not_matter_is_taken_out_and_the_rest_stays_in_order() {
        let lists = (0..200).map(generate::ops);
        let failures: Vec<_> = lists.filter_map(|ops| failure(&ops)).collect();
        assert!(failures.len() > 10);
        for long in failures {
            let short = shrink_by(long, failure).ops;
            assert!(matches!(short[..], [Op::CutLink { .. }, Op::CutPower { keep: 0, .. }]));
        }
    }
}
