//! Hands that do the same again and again while something else is done.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::anyhow;

use super::Meanwhile;
use crate::poll;

/// What a hand does, again and again.
pub(super) type Hand<'a> = Box<dyn FnMut() -> anyhow::Result<()> + Send + 'a>;

/// Whoever else wants the processor gets it first.
const LAST: i32 = 19;

/// How far the work has come.
#[derive(Default)]
struct Shift {
    over: AtomicBool,
    /// Hands that have done it once.
    begun: AtomicUsize,
    /// Times that any has done it.
    done: AtomicUsize,
}

/// Has each hand at work on a thread of its own while `meanwhile` is done; before it,
/// each has done its work once. Says how often all of them did it.
pub(super) fn at_work(hands: Vec<Hand<'_>>, meanwhile: Meanwhile<'_>) -> anyhow::Result<usize> {
    let (shift, many) = (Shift::default(), hands.len());
    thread::scope(|scope| {
        let shift = &shift;
        let hands: Vec<_> =
            hands.into_iter().map(|hand| scope.spawn(move || shift.work(hand))).collect();
        let all_begun = || Ok(shift.all_begun(many).then_some(()));
        let honest = poll::until("all hands at work", all_begun).and_then(|()| meanwhile());
        shift.over.store(true, Ordering::SeqCst);
        for hand in hands {
            hand.join().map_err(|_| anyhow!("a hand panicked"))??;
        }
        honest
    })?;
    Ok(shift.done.into_inner())
}

impl Shift {
    /// Works until it is over, or for all if it fails.
    fn work(&self, mut hand: Hand<'_>) -> anyhow::Result<()> {
        // Of this thread alone (setpriority(2), Linux): attackers have machines of their
        // own, and take nothing from the collector's.
        rustix::process::nice(LAST)?;
        let mut begun = false;
        while !begun || !self.over.load(Ordering::SeqCst) {
            if let Err(fault) = hand() {
                self.over.store(true, Ordering::SeqCst);
                return Err(fault);
            }
            self.done.fetch_add(1, Ordering::SeqCst);
            if !begun {
                self.begun.fetch_add(1, Ordering::SeqCst);
            }
            begun = true;
        }
        Ok(())
    }

    /// Whether there is nothing to wait for any more.
    fn all_begun(&self, many: usize) -> bool {
        self.begun.load(Ordering::SeqCst) == many || self.over.load(Ordering::SeqCst)
    }
}
