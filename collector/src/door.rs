//! The door: a socket in the collector's directory through which the command line
//! reaches a running collector. One JSON line asks, one answers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream as AsyncUnixStream};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use crate::changes::{Change, ChangeFault};
use crate::sequencer::{Changed, Work};

/// Longest request: 10,000 entries of some 500 bytes of JSON are 5 MB.
const MAX_REQUEST: u64 = 20 * 1024 * 1024;

/// Time for one request and its answer; nobody may keep the door.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the command line can ask of a running collector.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Change the roster.
    Change(Change),
}

/// What it answers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// It is in the log.
    Changed(Changed),
    /// Nothing was done.
    Refused(ChangeFault),
    /// Nothing is known to be done.
    Failed(String),
}

/// Asks the collector running in a directory.
///
/// # Errors
/// If it cannot be reached or its answer makes no sense.
pub fn ask(door: &Path, request: &Request) -> std::io::Result<Reply> {
    let mut stream = UnixStream::connect(door)?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply)?;
    Ok(serde_json::from_str(&reply)?)
}

/// Opens the door. A socket left behind by a collector that was killed is replaced;
/// the directory's lock is held, so no other collector is behind it.
///
/// # Errors
/// If the socket cannot be made.
pub fn open(door: &Path) -> std::io::Result<UnixListener> {
    if door.exists() {
        std::fs::remove_file(door)?;
    }
    let listener = UnixListener::bind(door)?;
    std::fs::set_permissions(door, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers requests for as long as it is polled, one after the other.
pub async fn attend(listener: UnixListener, sequencer: mpsc::Sender<Work>) {
    loop {
        let answered = match listener.accept().await {
            Ok((stream, _)) => {
                let answer = answer(stream, &sequencer);
                let answered = tokio::time::timeout(PATIENCE, answer).await;
                answered.unwrap_or_else(|late| Err(late.into()))
            }
            Err(fault) => Err(fault),
        };
        if let Err(fault) = answered {
            warn!(%fault, "a request at the door was not answered");
        }
    }
}

async fn answer(stream: AsyncUnixStream, sequencer: &mpsc::Sender<Work>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(read.take(MAX_REQUEST)).read_line(&mut line).await?;
    let reply = match serde_json::from_str(&line) {
        Ok(Request::Change(change)) => make(change, sequencer).await,
        Err(fault) => Reply::Failed(format!("not a request: {fault}")),
    };
    let mut line = serde_json::to_string(&reply)?;
    line.push('\n');
    write.write_all(line.as_bytes()).await
}

async fn make(change: Change, sequencer: &mpsc::Sender<Work>) -> Reply {
    let (answer, answered) = oneshot::channel();
    let sent = sequencer.send(Work::Change { change, answer }).await;
    match (sent, answered.await) {
        (Ok(()), Ok(Ok(changed))) => Reply::Changed(changed),
        (Ok(()), Ok(Err(fault))) => Reply::Refused(fault),
        _ => Reply::Failed("the collector is being stopped".to_owned()),
    }
}
