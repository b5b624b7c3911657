//! How long somebody with a cheap phone looks at nothing: a page that is opened for the first
//! time, in a processor that is slowed down.

use anyhow::Context as _;
use serde_json::json;

use super::{Network, Page};

/// How many times slower than this machine the browser's processor is.
pub const SLOWER: u32 = 6;

/// Each figure is the middle of so many.
const LOOKS: usize = 5;

/// On which networks it is measured.
pub const NETWORKS: [(&str, Network); 2] =
    [("loopback", Network::Normal), ("2G", Network::SecondGeneration)];

const PAINT: &str = "new Promise(resolve => new PerformanceObserver(list => {
    const paint = list.getEntriesByName('first-contentful-paint')[0];
    if (paint) resolve(paint.startTime);
}).observe({ type: 'paint', buffered: true }))";

const LOADED: &str = "performance.getEntriesByType('navigation')[0].loadEventStart";

/// Milliseconds from the request on, by the browser's own clock.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Until the first text is on the screen.
    pub first_ms: f64,
    /// Until all that belongs to the page is there.
    pub all_ms: f64,
}

impl Page<'_> {
    /// Has the browser's processor be [`SLOWER`] from now on.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn slow_down(&self) -> anyhow::Result<()> {
        self.call("Emulation.setCPUThrottlingRate", &json!({ "rate": SLOWER })).map(drop)
    }

    /// When a page is seen. Style and script are fetched each time, as when the page is opened
    /// for the first time.
    ///
    /// # Errors
    /// If nothing comes from there.
    pub fn seen(&self, url: &str) -> anyhow::Result<Seen> {
        let look = |_| {
            self.open(url)?;
            let first_ms = self.evaluate(PAINT)?.as_f64().context("a time")?;
            let all_ms = self.evaluate(LOADED)?.as_f64().context("a time")?;
            anyhow::Ok((first_ms, all_ms))
        };
        let looks = (0..LOOKS).map(look).collect::<anyhow::Result<Vec<_>>>()?;
        let (first, all): (Vec<_>, Vec<_>) = looks.into_iter().unzip();
        Ok(Seen { first_ms: middle(first), all_ms: middle(all) })
    }
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
