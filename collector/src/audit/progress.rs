//! How far a long command is, for whoever waits: one line that is written over on a
//! terminal, a line every few seconds elsewhere.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Whom it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listener {
    Nobody,
    Terminal,
    File,
}

/// How far the work is. Any thread may say that some is done.
pub struct Progress {
    listener: Listener,
    done: AtomicU64,
    step: Mutex<Step>,
}

struct Step {
    name: &'static str,
    all: u64,
    told: Instant,
}

impl Progress {
    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self::to(Listener::Nobody)
    }

    /// Tells standard error.
    #[must_use]
    pub fn on_standard_error() -> Self {
        Self::to(if stderr().is_terminal() { Listener::Terminal } else { Listener::File })
    }

    fn to(listener: Listener) -> Self {
        let step = Mutex::new(Step { name: "", all: 0, told: Instant::now() });
        Self { listener, done: AtomicU64::new(0), step }
    }

    /// A step of so many parts begins.
    pub fn begin(&self, name: &'static str, all: u64) {
        self.done.store(0, Ordering::Relaxed);
        if let Ok(mut step) = self.step.lock() {
            (step.name, step.all) = (name, all);
        }
    }

    /// So many more parts are done.
    pub fn advance(&self, parts: u64) {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        let pause = match self.listener {
            Listener::Nobody => return,
            Listener::Terminal => Duration::from_millis(200),
            Listener::File => Duration::from_secs(5),
        };
        // Whoever else is telling it says nearly the same.
        if let Ok(mut step) = self.step.try_lock()
            && step.told.elapsed() >= pause
        {
            step.told = Instant::now();
            self.tell(&format!("{}: {done} of {}", step.name, step.all));
        }
    }

    fn tell(&self, words: &str) {
        let mut out = stderr().lock();
        // Nobody can be told that nobody can be told.
        drop(match self.listener {
            Listener::Terminal => write!(out, "\r{words:<60}").and_then(|()| out.flush()),
            _ => writeln!(out, "{words}"),
        });
    }

    /// Nothing more is done: clears the line of a terminal.
    pub fn end(&self) {
        if self.listener == Listener::Terminal {
            drop(write!(stderr(), "\r{:<60}\r", ""));
        }
    }
}
