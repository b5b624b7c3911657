//! Turns: a station has one batch at the admission desks at a time, over however many
//! connections, and so many forms a second after a first few. A device that sends at full
//! speed fills one place of the queue for a moment, not all of them; its other batches
//! wait in its own connections, and everyone else is served as if it were quiet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use saksi_proto::ids::StationCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

/// Forms that a station may send without a rest: fifty times what it has.
const AT_ONCE: u32 = 256;

/// Stations remembered before those that are rested are forgotten.
const SWEEP: usize = 1_024;

/// The stations that have a batch at the desks or on the way there, or have sent one of
/// late. Shared by all sessions.
#[derive(Debug, Clone)]
pub struct Turns {
    stations: Arc<Mutex<Stations>>,
    /// The rest after each form.
    pace: Duration,
}

#[derive(Debug)]
struct Stations {
    turns: FxHashMap<StationCode, Station>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Station {
    turn: Arc<Semaphore>,
    /// When it would have sent what it has sent, at its pace.
    paid: Instant,
}

/// A station's turn; over when it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// Given back when it is dropped.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Turns of so many forms a second for each station.
    #[must_use]
    pub fn new(forms_a_second: u32) -> Self {
        let stations = Stations { turns: FxHashMap::default(), sweep_at: SWEEP };
        let pace = Duration::from_secs(1) / forms_a_second.max(1);
        Self { stations: Arc::new(Mutex::new(stations)), pace }
    }

    /// Waits for the station's turn with so many forms, in the order of asking.
    pub async fn take(&self, station: StationCode, forms: usize) -> Turn {
        let turn = self.lock().turn_of(station);
        // A semaphore that is never closed always gives one in the end.
        let permit = turn.acquire_owned().await.ok();
        let cost = self.pace * u32::try_from(forms).unwrap_or(u32::MAX);
        let rested = self.lock().pay(station, cost);
        let rest = (rested - Instant::now()).saturating_sub(self.pace * AT_ONCE);
        // A timer ticks once a millisecond: even an end that has passed waits for the next tick.
        if !rest.is_zero() {
            sleep(rest).await;
        }
        Turn { _permit: permit }
    }

    fn lock(&self) -> MutexGuard<'_, Stations> {
        // Nothing can panic under the lock.
        self.stations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stations {
    fn turn_of(&mut self, station: StationCode) -> Arc<Semaphore> {
        if self.turns.len() >= self.sweep_at {
            let now = Instant::now();
            // Whoever waits or has a turn holds it too.
            self.turns.retain(|_, of| of.paid > now || Arc::strong_count(&of.turn) > 1);
            self.sweep_at = (2 * self.turns.len()).max(SWEEP);
        }
        Arc::clone(&self.of(station).turn)
    }

    /// When the forms before these are paid for; from then on these are due.
    fn pay(&mut self, station: StationCode, cost: Duration) -> Instant {
        let now = Instant::now();
        let of = self.of(station);
        let before = of.paid.max(now);
        of.paid = before + cost;
        before
    }

    fn of(&mut self, station: StationCode) -> &mut Station {
        self.turns
            .entry(station)
            .or_insert_with(|| Station { turn: Arc::new(Semaphore::new(1)), paid: Instant::now() })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn station(number: usize) -> StationCode {
        format!("{number:04}").parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_station_has_one_turn_at_a_time() {
        let turns = Turns::new(100);
        let context = &mut Context::from_waker(Waker::noop());
        let Poll::Ready(first) = pin!(turns.take(station(1), 1)).poll(context) else {
            panic!("free")
        };
        let mut second = pin!(turns.take(station(1), 1));
        assert!(second.as_mut().poll(context).is_pending());
        assert!(pin!(turns.take(station(2), 1)).poll(context).is_ready(), "others go on");
        drop(first);
        assert!(second.as_mut().poll(context).is_ready());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_form_waits_for_no_timer() {
        let (turns, context) = (Turns::new(100), &mut Context::from_waker(Waker::noop()));
        tokio::time::advance(Duration::from_micros(300)).await;
        assert!(pin!(turns.take(station(1), 1)).poll(context).is_ready(), "between two ticks");
    }

    #[tokio::test(start_paused = true)]
    async fn a_station_that_sends_much_is_served_at_its_pace() {
        let (turns, began) = (Turns::new(100), Instant::now());
        for _ in 0..5 {
            drop(turns.take(station(1), 64).await);
        }
        assert_eq!(began.elapsed(), Duration::ZERO, "its first {AT_ONCE} are free");
        for batch in 1..=10 {
            drop(turns.take(station(1), 64).await);
            assert_eq!(began.elapsed(), Duration::from_millis(640) * batch);
        }
        drop(turns.take(station(2), 64).await);
        assert_eq!(began.elapsed(), Duration::from_millis(6_400), "others go on");
        sleep(Duration::from_secs(60)).await;
        let rested = Instant::now();
        drop(turns.take(station(1), 64).await);
        assert_eq!(rested.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn stations_that_are_rested_are_forgotten() {
        let turns = Turns::new(100);
        let held = turns.take(station(0), 1).await;
        for number in 1..5_000 {
            drop(turns.take(station(number), 1).await);
            sleep(Duration::from_millis(10)).await;
        }
        assert!(turns.lock().turns.len() <= SWEEP);
        assert!(turns.lock().turns.contains_key(&station(0)), "it has its turn");
        drop(held);
    }
}
