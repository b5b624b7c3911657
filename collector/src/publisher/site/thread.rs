//! When the site is published: so often at most, and once at the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::super::PublishFault;
use super::super::thread::{Publishing, on_a_thread};
use super::{Outcome, Site};
use crate::clock;
use crate::metrics::Metrics;

/// How soon it looks again whether the log is published as far as the totals go.
const SOON: Duration = Duration::from_millis(200);

/// So many times as long as it took it rests: it takes a third of a processor and of the
/// disk's time at most, and forms have the rest.
const SHARE: u32 = 2;

/// Forms go first: on Linux this is the thread's own, and that of those it starts.
const NICENESS: i32 = 10;

/// Has a site be published on a thread of its own, with so long between two publications.
///
/// # Errors
/// The system's, if it has no thread left.
pub fn spawn(site: Site, pace: Duration, metrics: Arc<Metrics>) -> std::io::Result<Publishing> {
    let runtime = Handle::current();
    on_a_thread("site", move |last| {
        if let Err(fault) = setpriority_process(None, NICENESS) {
            warn!(%fault, "the site is published with the same priority as forms are taken");
        }
        Working { site, pace, metrics, said: None }.run(&runtime, &last)
    })
}

struct Working {
    site: Site,
    pace: Duration,
    metrics: Arc<Metrics>,
    /// The fault that was said last; the same is not said again.
    said: Option<String>,
}

impl Working {
    fn run(&mut self, runtime: &Handle, last: &CancellationToken) {
        loop {
            let (is_last, begun) = (last.is_cancelled(), Instant::now());
            let now_ms = clock::now_ms();
            let pace_ms = u64::try_from(self.pace.as_millis()).unwrap_or(u64::MAX);
            let published = self.site.publish(now_ms, now_ms.saturating_add(pace_ms));
            let rest = match published {
                Ok(Outcome::Early) => SOON,
                Ok(Outcome::Published(_) | Outcome::Photos) if self.site.has_photos() => {
                    begun.elapsed() * SHARE
                }
                _ => (begun.elapsed() * SHARE).max(self.pace),
            };
            self.judge(published);
            if is_last {
                return;
            }
            runtime.block_on(async {
                drop(tokio::time::timeout(rest, last.cancelled()).await);
            });
        }
    }

    fn judge(&mut self, published: Result<Outcome, PublishFault>) {
        match published {
            Ok(outcome) => {
                match outcome {
                    Outcome::Published(size) => self.metrics.site_published(size),
                    Outcome::Refused => self.metrics.site_refused(),
                    Outcome::Early | Outcome::Paused | Outcome::Photos => {}
                }
                if self.said.take().is_some() {
                    info!("the site can be published again");
                }
            }
            Err(fault) => {
                self.metrics.site_failed();
                let words = fault.to_string();
                if self.said.as_ref() != Some(&words) {
                    warn!(%fault, "the site cannot be published; forms are taken, and it is tried again");
                    self.said = Some(words);
                }
            }
        }
    }
}
