//! Kills a collector in the middle of a publication: when so many files have been begun or have
//! got their names.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};

use super::News;
use super::watch::Watch;

/// A kill that is due.
pub(super) struct Killer {
    watch: Arc<Watch>,
    waiting: JoinHandle<anyhow::Result<()>>,
}

/// A directory that is watched already, for a process that is not there yet.
pub(super) struct Ambush(Arc<Watch>);

impl Ambush {
    /// Counts what happens in a directory from now on.
    pub(super) fn in_the(public: &Path) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Watch::below(public)?)))
    }

    /// Kills this process at the `nth` event, or when it is told to, and says so. Whoever is
    /// told waits for the process: until then its id is nobody else's.
    pub(super) fn on(self, process: u32, nth: usize, news: Sender<News>) -> Killer {
        let watch = Arc::clone(&self.0);
        let waiting = std::thread::spawn(move || {
            let mut events = 0;
            self.0.follow(|| {
                events += 1;
                events < nth
            })?;
            let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
            kill_process(pid.expect("a process has an id"), Signal::KILL)?;
            // Nobody listens after a test that failed.
            drop(news.send(News::Killed { events }));
            anyhow::Ok(())
        });
        Killer { watch, waiting }
    }
}

impl Killer {
    /// Has it kill now.
    pub(super) fn now(&self) {
        self.watch.end();
    }

    /// Waits until it has killed.
    pub(super) fn done(self) {
        self.waiting.join().expect("the killer").expect("a process to kill");
    }
}
