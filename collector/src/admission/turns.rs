//! Turns: a station has one batch at the admission desks at a time, over however many
//! connections. A device that sends at full speed fills one place of the queue, not all
//! of them; its other batches wait in its own connections, and everyone else is served
//! as if it were quiet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use saksi_proto::ids::StationCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The stations that have a batch at the desks or on the way there; never more than
/// there are connections. Shared by all sessions.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<FxHashMap<StationCode, Arc<Semaphore>>>>);

/// A station's turn; over when it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    station: StationCode,
    /// Given back before anyone asks whether the station is still wanted.
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for the station's turn, in the order of asking.
    pub async fn take(&self, station: StationCode) -> Turn {
        let turn = Arc::clone(self.lock().entry(station).or_insert_with(one));
        let mut taken = Turn { turns: self.clone(), station, permit: None };
        // A semaphore that is never closed always gives one in the end.
        taken.permit = turn.acquire_owned().await.ok();
        taken
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<StationCode, Arc<Semaphore>>> {
        // Nothing can panic under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn one() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(1))
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut stations = self.turns.lock();
        // Whoever waits or has a turn holds it too.
        if stations.get(&self.station).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            stations.remove(&self.station);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn a_station_has_one_turn_at_a_time_and_leaves_nothing_behind() {
        let turns = Turns::default();
        let [one, two] = ["1001", "1002"].map(|code| code.parse().unwrap());
        let context = &mut Context::from_waker(Waker::noop());
        let Poll::Ready(first) = pin!(turns.take(one)).poll(context) else { panic!("free") };
        {
            let mut second = pin!(turns.take(one));
            assert!(second.as_mut().poll(context).is_pending());
            assert!(pin!(turns.take(two)).poll(context).is_ready(), "others are not concerned");
            drop(first);
            assert!(second.as_mut().poll(context).is_ready());
        }
        let waiting_in_vain = {
            let held = pin!(turns.take(one)).poll(context);
            assert!(pin!(turns.take(one)).poll(context).is_pending());
            held
        };
        drop(waiting_in_vain);
        assert!(turns.lock().is_empty());
    }
}
