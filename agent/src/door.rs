//! The local door: how the CLI asks the running daemon, which holds the store.
//!
//! A Unix socket in the agent's directory, for its owner only. One line of JSON
//! asks, one line of JSON answers. The socket is reached through the directory's
//! file descriptor, so that a path longer than the 108 bytes of `sun_path` works.

use std::fs::{File, Permissions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use crate::desk::{Answer, Desk, Envelope};
use crate::directory::Directory;
use crate::entry::MAX_ENTRY;

/// Longest question: a form of [`MAX_ENTRY`] bytes, each escaped to at most six, and
/// its photos' paths.
const MAX_QUESTION: u64 = 6 * MAX_ENTRY as u64 + 64 * 1024;

/// Longest answer: `show` of ten contests of 1,000 lines of 150 bytes, and findings.
const MAX_ANSWER: u64 = 8 << 20;

/// Most questions at a time; more wait in the socket's queue.
const MAX_VISITORS: usize = 8;

/// For a question to be asked, and for its answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// For an answer: commits on a slow card, behind some others.
const ANSWER: Duration = Duration::from_secs(60);

/// Why the daemon cannot be asked, though it is there.
#[derive(Debug, thiserror::Error)]
pub enum DoorFault {
    /// The connection failed.
    #[error("the running agent does not answer: {0}")]
    Stream(#[from] io::Error),
    /// The answer cannot be understood.
    #[error("the running agent's answer cannot be understood: {0}")]
    Json(#[from] serde_json::Error),
}

/// The daemon's side of the door. Taken away when dropped.
pub(crate) struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Opens the door. The caller holds the store, so a socket that is there already
    /// is a dead one and is replaced.
    pub(crate) fn open(directory: &Directory) -> io::Result<Self> {
        let path = directory.path().join("door");
        match std::fs::remove_file(&path) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            Ok(()) | Err(_) => {}
        }
        let listener = StdListener::bind(Way::to(directory)?.socket())?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener: UnixListener::from_std(listener)?, path })
    }

    /// Answers until the store has failed.
    pub(crate) async fn serve(&self, desk: &Arc<Desk>) {
        let mut visitors = JoinSet::new();
        loop {
            tokio::select! {
                visitor = self.listener.accept(), if visitors.len() < MAX_VISITORS => match visitor {
                    Ok((visitor, _)) => {
                        visitors.spawn(attended(visitor, Arc::clone(desk)));
                    }
                    Err(fault) => {
                        tracing::warn!(%fault, "the door does not open for now");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                },
                Some(_) = visitors.join_next() => {
                    if !desk.store().is_whole() {
                        return;
                    }
                }
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Err(fault) = std::fs::remove_file(&self.path) {
            tracing::debug!(%fault, "the door was gone already");
        }
    }
}

async fn attended(visitor: UnixStream, desk: Arc<Desk>) {
    if let Err(fault) = attend(visitor, &desk).await {
        tracing::warn!(%fault, "a question at the door was not answered");
    }
}

async fn attend(visitor: UnixStream, desk: &Desk) -> io::Result<()> {
    let (question, mut answers) = visitor.into_split();
    let mut question = tokio::io::BufReader::new(question.take(MAX_QUESTION));
    let mut line = String::new();
    tokio::time::timeout(PATIENCE, question.read_line(&mut line)).await??;
    let envelope: Envelope = serde_json::from_str(&line)?;
    let mut answer = serde_json::to_vec(&desk.execute(envelope))?;
    answer.push(b'\n');
    tokio::time::timeout(PATIENCE, answers.write_all(&answer)).await?
}

/// Asks the running daemon; `None` if none is running.
///
/// # Errors
/// [`DoorFault`] if a daemon is there and its answer is not.
pub fn ask(directory: &Directory, envelope: &Envelope) -> Result<Option<Answer>, DoorFault> {
    let way = match Way::to(directory) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        way => way?,
    };
    let mut door = match StdStream::connect(way.socket()) {
        Err(fault) if is_nobody(&fault) => return Ok(None),
        door => door?,
    };
    door.set_write_timeout(Some(PATIENCE))?;
    door.set_read_timeout(Some(ANSWER))?;
    let mut question = serde_json::to_vec(envelope)?;
    question.push(b'\n');
    door.write_all(&question)?;
    let mut line = String::new();
    BufReader::new(door.take(MAX_ANSWER)).read_line(&mut line)?;
    Ok(Some(serde_json::from_str(&line)?))
}

fn is_nobody(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// A short way to the socket, however long the directory's path is.
struct Way {
    directory: File,
}

impl Way {
    fn to(directory: &Directory) -> io::Result<Self> {
        Ok(Self { directory: File::open(directory.path())? })
    }

    fn socket(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/door", self.directory.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests;
