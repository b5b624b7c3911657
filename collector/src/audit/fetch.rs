//! The public files of a log over HTTP: several connections at a time, bounded sizes and
//! times, into a directory that is laid out as the log is.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::fault::{AuditFault, Lie, LieKind};
use super::progress::Progress;
use super::source::{Wanted, missing};

/// Connections at a time: a tile takes one round trip, and 8,000 of a million entries at
/// 100 ms each take 100 s over eight.
const CONNECTIONS: usize = 8;

/// How often a file is asked for when the network or the server fails.
const ATTEMPTS: u32 = 3;

/// Pause before it is asked for again.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest silence of a server.
const SILENCE: Duration = Duration::from_secs(30);

/// Longest time for one file: 256 MiB at 450 kB/s.
const PATIENCE: Duration = Duration::from_secs(600);

/// A log's address.
pub struct Remote {
    base: String,
    agent: Agent,
}

/// What became of one attempt.
enum Attempt {
    Done,
    Absent,
    /// It may go better the next time.
    Failed(String),
    /// It will not.
    Refused(String),
}

impl Remote {
    /// The log below an address, `https://host/path` or `http://…`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::WebPki)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(3)
            .timeout_connect(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .timeout_global(Some(PATIENCE))
            .user_agent("saksi-collector audit")
            .max_idle_connections_per_host(CONNECTIONS);
        Self { base: url.trim_end_matches('/').to_owned(), agent: config.build().new_agent() }
    }

    /// Fetches files into a directory.
    ///
    /// # Errors
    /// One that must be there is not, or could not be fetched, or not be written.
    pub fn bring(
        &self,
        wanted: impl Iterator<Item = Wanted> + Send,
        into: &Path,
        progress: &Progress,
    ) -> Result<(), AuditFault> {
        let (wanted, stop) = (Mutex::new(wanted), AtomicBool::new(false));
        let next = || wanted.lock().ok().and_then(|mut wanted| wanted.next());
        let work = || {
            while let Some(wanted) = next() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                self.get_one(&wanted, into).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
                progress.advance(1);
            }
            Ok(())
        };
        thread::scope(|scope| {
            let working: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(work)).collect();
            let done = working.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            // All of them end before the first fault is told.
            done.collect::<Vec<_>>().into_iter().collect()
        })
    }

    fn get_one(&self, wanted: &Wanted, into: &Path) -> Result<(), AuditFault> {
        if self.get(&wanted.name, wanted.limit, into)? {
            return Ok(());
        }
        let instead = wanted.instead.as_ref();
        let found = instead.map(|instead| self.get(instead, wanted.limit, into)).transpose()?;
        if wanted.required && found != Some(true) {
            return Err(missing(&wanted.name).into());
        }
        Ok(())
    }

    /// Fetches one file; says whether it is there.
    fn get(&self, name: &str, limit: u64, into: &Path) -> Result<bool, AuditFault> {
        let url = format!("{}/{name}", self.base);
        let path = into.join(name);
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            match self.attempt(&url, limit, &path)? {
                Attempt::Done if oversize(&path, limit)? => {
                    let words = format!("more than the {limit} bytes that it can have");
                    return Err(Lie::of_file(LieKind::Oversize, name, words).into());
                }
                Attempt::Done => return Ok(true),
                Attempt::Absent => return Ok(false),
                Attempt::Failed(words) => last = words,
                Attempt::Refused(words) => return Err(AuditFault::Fetch { url, words }),
            }
        }
        Err(AuditFault::Fetch { url, words: last })
    }

    fn attempt(&self, url: &str, limit: u64, path: &Path) -> Result<Attempt, AuditFault> {
        let mut response = match self.agent.get(url).call() {
            Ok(response) => response,
            Err(fault) => return Ok(Attempt::Failed(fault.to_string())),
        };
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(Attempt::Absent),
            status @ (408 | 429 | 500..) => {
                return Ok(Attempt::Failed(format!("the server answers {status}")));
            }
            status => return Ok(Attempt::Refused(format!("the server answers {status}"))),
        }
        let unwritten = |fault| AuditFault::File { path: path.to_owned(), fault };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(unwritten)?;
        }
        let mut file = File::create(path).map_err(unwritten)?;
        // Counted behind the decompressor, so that a small answer cannot fill the disk.
        let mut body = response.body_mut().as_reader().take(limit + 1);
        loop {
            let mut piece = Vec::with_capacity(64 * 1024);
            match (&mut body).take(64 * 1024).read_to_end(&mut piece) {
                Ok(0) => return Ok(Attempt::Done),
                Ok(_) => io::Write::write_all(&mut file, &piece).map_err(unwritten)?,
                Err(fault) => {
                    // Half a file would be taken for a damaged one.
                    fs::remove_file(path).map_err(unwritten)?;
                    return Ok(Attempt::Failed(fault.to_string()));
                }
            }
        }
    }
}

fn oversize(path: &Path, limit: u64) -> Result<bool, AuditFault> {
    let size = fs::metadata(path).map(|metadata| metadata.len());
    let path = path.to_owned();
    size.map(|size| size > limit).map_err(|fault| AuditFault::File { path, fault })
}
