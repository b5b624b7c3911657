//! Asking one witness for its cosignature (C2SP `tlog-witness`), over HTTP, blocking.

use std::io::Read as _;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use saksi_proto::checkpoint::{Checkpoint, parse_size};
use saksi_proto::cosignature::{WitnessKey, cosignatures};
use saksi_proto::witnessing::{AddCheckpoint, MAX_PROOF_LINES, SIZE_TYPE};
use ureq::Agent;
use ureq::tls::{TlsConfig, TlsProvider};

use super::Proofs;

/// Longest answer that is read, in bytes: signatures of 16 keys of 160 bytes each, as the
/// specification wants of a note, and room.
const MAX_ANSWER: u64 = 4_096;

/// Longest words of a witness that are repeated, in characters.
const MAX_WORDS: usize = 100;

/// What is given to an answer beyond the time allowed, to come from its thread.
const GRACE: Duration = Duration::from_secs(1);

/// Where a witness is reached; connections to it stay open.
pub(super) struct Door {
    agent: Agent,
    url: String,
}

/// What is asked of all witnesses.
pub(super) struct Question<'a> {
    pub(super) checkpoint: &'a Checkpoint,
    /// The checkpoint, signed by the log.
    pub(super) note: &'a str,
    pub(super) proofs: Proofs<'a>,
    /// When the time allowed is over.
    pub(super) until: Instant,
}

/// A cosignature that was verified.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// By the witness's clock, in seconds since 1970, UTC.
    pub(super) time: u64,
    /// The signature line, without its line end.
    pub(super) line: String,
}

/// Why there is no cosignature.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// No answer, or none that can be used.
    #[error("{0}")]
    Silent(String),
    /// It does not want to: it does not know this log, say.
    #[error("{0}")]
    Refused(String),
    /// It has cosigned another log under this log's name.
    #[error("{0}")]
    OtherLog(String),
}

/// What a witness says to one request.
enum Said {
    Lines(String),
    Size(u64),
}

/// The door at a submission prefix.
pub(super) fn door(url: &str) -> Door {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_response_header_size(16 << 10)
        .user_agent(concat!("saksi-collector/", env!("CARGO_PKG_VERSION")));
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    Door { agent: config.build().new_agent(), url }
}

/// Asks all of these at once, each with the size that it is thought to have cosigned last;
/// who names another one is asked once more. Gives each one's lines, by its number.
///
/// Proofs are made on this thread, while the others wait for answers.
pub(super) fn ask_all(
    asked: &[(usize, &Door, u64)],
    question: &Question<'_>,
) -> Vec<(usize, Result<String, Trouble>)> {
    let newest = question.checkpoint.size;
    let mut answers = Vec::new();
    thread::scope(|scope| {
        let (told, hears) = mpsc::channel();
        let mut asking = Vec::new();
        let mut post = |at: usize, old: u64| {
            let (door, told, until) = (asked[at].1, told.clone(), question.until);
            match question.request(old) {
                // This thread hears until all have told it, or their time is over.
                Ok(request) => asking.push(scope.spawn(move || {
                    drop(told.send((at, door.post(&request, until))));
                })),
                Err(trouble) => drop(told.send((at, Err(trouble)))),
            }
        };
        // It may have cosigned a log that was longer: it says so itself.
        (0..asked.len()).for_each(|at| post(at, asked[at].2.min(newest)));
        let mut again = vec![true; asked.len()];
        while answers.len() < asked.len() {
            // A moment more than they have: then one has panicked, and tells nothing.
            let left = question.until.saturating_duration_since(Instant::now()) + GRACE;
            let Ok((at, said)) = hears.recv_timeout(left) else { break };
            let answer = match said {
                Ok(Said::Lines(lines)) => Ok(lines),
                Ok(Said::Size(larger)) if larger > newest => Err(Trouble::OtherLog(format!(
                    "it has cosigned {larger} entries, and there are {newest}"
                ))),
                Ok(Said::Size(other)) if std::mem::take(&mut again[at]) => {
                    post(at, other);
                    continue;
                }
                Ok(Said::Size(_)) => {
                    Err(Trouble::Silent("it names another size each time".to_owned()))
                }
                Err(trouble) => Err(trouble),
            };
            answers.push((asked[at].0, answer));
        }
        // One that has panicked has no answer, and stops nobody.
        asking.into_iter().for_each(|asking| drop(asking.join()));
    });
    answers
}

/// The cosignature of this witness in what it has answered.
pub(super) fn verified(witness: &WitnessKey, note: &str, lines: &str) -> Result<Asked, Trouble> {
    let text = format!("{note}{lines}");
    let found = cosignatures(&text, std::slice::from_ref(witness));
    let found = found.map_err(|fault| Trouble::Silent(format!("its answer: {fault}")))?;
    let own = found.into_iter().next();
    let own = own.ok_or_else(|| Trouble::Silent("its answer is not by its key".to_owned()))?;
    Ok(Asked { time: own.time, line: own.line })
}

impl Question<'_> {
    fn request(&self, old: u64) -> Result<AddCheckpoint, Trouble> {
        let proof = (self.proofs)(old);
        let proof = proof.map_err(|fault| {
            Trouble::Silent(format!("the public log gives no proof from {old}: {fault}"))
        })?;
        if proof.len() > MAX_PROOF_LINES {
            return Err(Trouble::Silent(format!("a proof of {} lines", proof.len())));
        }
        Ok(AddCheckpoint { old, proof, note: self.note.to_owned() })
    }
}

impl Door {
    fn post(&self, request: &AddCheckpoint, until: Instant) -> Result<Said, Trouble> {
        let silent = |fault: &dyn std::fmt::Display| Trouble::Silent(fault.to_string());
        let left = until.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            return Err(silent(&"it was too slow"));
        }
        let post = self.agent.post(&self.url).config().timeout_global(Some(left)).build();
        let mut response = post.send(request.to_string()).map_err(|fault| silent(&fault))?;
        let (status, kind) = (response.status().as_u16(), response.headers().get("content-type"));
        let has_size = kind.is_some_and(|kind| kind.as_bytes() == SIZE_TYPE.as_bytes());
        let mut text = Vec::new();
        let body = response.body_mut().as_reader().take(MAX_ANSWER + 1).read_to_end(&mut text);
        body.map_err(|fault| silent(&fault))?;
        if text.len() as u64 > MAX_ANSWER {
            return Err(silent(&"its answer is too long"));
        }
        let text = String::from_utf8(text).map_err(|_| silent(&"its answer is no text"))?;
        judged(status, has_size, text)
    }
}

fn judged(status: u16, has_size: bool, text: String) -> Result<Said, Trouble> {
    let shown: String =
        text.chars().take(MAX_WORDS).filter(|letter| !letter.is_control()).collect();
    let words = format!("it answers {status} ({shown})");
    match status {
        200 => Ok(Said::Lines(text)),
        409 if has_size => {
            let size = text.strip_suffix('\n').and_then(parse_size);
            size.map(Said::Size).ok_or(Trouble::Silent(words))
        }
        409 | 422 => Err(Trouble::OtherLog(words)),
        400..500 if ![408, 425, 429].contains(&status) => Err(Trouble::Refused(words)),
        _ => Err(Trouble::Silent(words)),
    }
}
