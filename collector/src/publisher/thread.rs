//! When is published: soon after a commit, so often at most, and once at the end.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep_until;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{info, warn};

use super::{PublishFault, Publisher};
use crate::clock;
use crate::metrics::Metrics;

/// Longest rest after a fault: somebody has made room, and does not want to wait.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// So many times as long as writing the totals took, nothing of them is written again: a
/// nation's tables (164 MB with five contests and a million forms, `national --desk`) take a
/// tenth of the disk's time at most.
const TOTALS_SHARE: u32 = 10;

/// How often is published, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paces {
    /// The log.
    pub log: Duration,
    /// The totals.
    pub totals: Duration,
}

impl Default for Paces {
    fn default() -> Self {
        Self {
            // A dozen files and as many fsyncs: 1 to 50 ms of a second.
            log: Duration::from_secs(1),
            // People read them; devices and auditors follow the log itself.
            totals: Duration::from_secs(10),
        }
    }
}

/// Somebody who publishes, at work. It ends when this goes.
pub struct Publishing {
    last: DropGuard,
    done: oneshot::Receiver<()>,
}

/// Has a publisher work on a thread of its own, after each commit that `commits` tells of.
///
/// # Errors
/// The system's, if it has no thread left.
pub fn spawn(
    publisher: Publisher,
    paces: Paces,
    commits: watch::Receiver<u64>,
    metrics: Arc<Metrics>,
) -> std::io::Result<Publishing> {
    let (runtime, totals_due) = (Handle::current(), Instant::now());
    on_a_thread("publisher", move |last| {
        let (faults, said) = (0, None);
        Working { publisher, paces, metrics, last, totals_due, faults, said }
            .run(&runtime, commits);
    })
}

/// Has somebody publish on a thread of its own, who is told when to do so for the last time.
pub(super) fn on_a_thread(
    name: &str,
    publish: impl FnOnce(CancellationToken) + Send + 'static,
) -> std::io::Result<Publishing> {
    let last = CancellationToken::new();
    let (finished, done) = oneshot::channel::<()>();
    let told = last.clone();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        publish(told);
        drop(finished);
    })?;
    Ok(Publishing { last: last.drop_guard(), done })
}

impl Publishing {
    /// Has it publish what there is, and waits for that. After `patience` it is left to
    /// itself: its disk does not answer, and what is published is valid at any moment.
    pub async fn finish(self, patience: Duration) {
        drop(self.last);
        // The other end goes with the thread, and says nothing.
        if tokio::time::timeout(patience, self.done).await.is_err() {
            warn!("the last entries are not published yet; they will be at the next start");
        }
    }
}

struct Working {
    publisher: Publisher,
    paces: Paces,
    metrics: Arc<Metrics>,
    /// Cancelled when nothing is committed any more.
    last: CancellationToken,
    /// When totals may be published next.
    totals_due: Instant,
    /// Faults without a success between them.
    faults: u32,
    /// The fault that was said last; the same is not said again.
    said: Option<String>,
}

impl Working {
    fn run(&mut self, runtime: &Handle, mut commits: watch::Receiver<u64>) {
        loop {
            let is_last = self.last.is_cancelled();
            let begun = Instant::now();
            commits.mark_unchanged();
            let totals = is_last || begun >= self.totals_due;
            let published = self.publish(totals);
            let waits = self.judge(published, totals);
            if is_last {
                return;
            }
            let rest = begun + self.rest();
            runtime.block_on(async {
                tokio::select! {
                    () = self.last.cancelled() => {}
                    () = next(&mut commits, rest, waits) => {}
                }
            });
        }
    }

    fn publish(&mut self, totals: bool) -> Result<u64, PublishFault> {
        if !totals {
            return self.publisher.publish_log();
        }
        let position = self.publisher.copy_totals()?;
        let size = self.publisher.publish_log()?;
        let begun = Instant::now();
        let published = self.publisher.publish_totals(&position, clock::now_ms());
        let rest = (begun.elapsed() * TOTALS_SHARE).max(self.paces.totals);
        self.totals_due = Instant::now() + rest;
        published.map(|()| size)
    }

    /// Counts and says what came of it, and when it must be tried again though nothing is
    /// committed.
    fn judge(&mut self, published: Result<u64, PublishFault>, totals: bool) -> Option<Instant> {
        match published {
            Ok(size) => {
                self.metrics.published(size);
                if self.said.take().is_some() {
                    info!(size, "the log is published again");
                }
                self.faults = 0;
                // What is committed from now on wakes it; totals that rested do not.
                let totals = (!totals).then_some(self.totals_due);
                totals.into_iter().chain(self.publisher.cosigning_due()).min()
            }
            Err(fault) => {
                self.metrics.publishing_failed();
                self.faults = self.faults.saturating_add(1);
                let words = fault.to_string();
                if self.said.as_ref() != Some(&words) {
                    warn!(%fault, "the log cannot be published; forms are taken, and it is tried again");
                    self.said = Some(words);
                }
                Some(Instant::now())
            }
        }
    }

    fn rest(&self) -> Duration {
        match self.faults {
            0 => self.paces.log,
            faults => (self.paces.log * 2_u32.pow(faults.min(6))).min(LONGEST_REST),
        }
    }
}

/// Rests, and then waits for a commit, or for the moment at which something is due.
async fn next(commits: &mut watch::Receiver<u64>, rest: Instant, due: Option<Instant>) {
    sleep_until(rest.into()).await;
    let due = async {
        match due {
            Some(due) => sleep_until(due.into()).await,
            None => std::future::pending().await,
        }
    };
    let commit = async {
        if commits.changed().await.is_err() {
            // Nothing is committed any more; the end is told otherwise.
            std::future::pending().await
        }
    };
    tokio::select! {
        () = commit => {}
        () = due => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_commit_waits_for_the_pace_and_nothing_wakes_without_a_reason() {
        let (committed, mut commits) = watch::channel(0);
        let begun = Instant::now();
        let at = |seconds| (begun + Duration::from_secs(seconds)).into_std();
        committed.send_replace(1);
        committed.send_replace(2);
        next(&mut commits, at(1), None).await;
        assert_eq!(begun.elapsed().as_secs(), 1, "two commits, once a second");
        next(&mut commits, at(2), Some(at(9))).await;
        assert_eq!(begun.elapsed().as_secs(), 9, "totals that rested are due");
        let nothing = timeout(Duration::from_secs(100), next(&mut commits, at(10), None)).await;
        assert!(nothing.is_err(), "woken by nothing");
        drop(committed);
        let nothing = timeout(Duration::from_secs(100), next(&mut commits, at(10), None)).await;
        assert!(nothing.is_err(), "woken by who commits nothing any more");
    }
}
