//! The door: a socket in the collector's directory through which the command line
//! reaches a running collector. One JSON line asks, one answers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use saksi_proto::entry::Enrolment;
use saksi_proto::ids::StationCode;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream as AsyncUnixStream};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use crate::ledger::Ledger;
use crate::sequencer::Work;
use crate::serve::stage_enrolments;

/// Longest request: 100,000 enrolments of 200 bytes.
const MAX_REQUEST: u64 = 20 * 1024 * 1024;

/// Time for one request and its answer; nobody may keep the door.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the command line can ask of a running collector.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Put these enrolments into the log.
    Enrol {
        /// The enrolments.
        enrolments: Vec<Enrolment>,
        /// Also for stations that have a device already.
        replace: bool,
    },
}

/// What it answers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// They are in the log.
    Enrolled,
    /// Nothing was done: these stations have a device already.
    HaveDevices(Vec<StationCode>),
    /// Nothing is known to be done.
    Failed(String),
}

/// Stations among `enrolments` that have a device already, unless replacing was asked for.
#[must_use]
pub fn already_enrolled(
    ledger: &Ledger,
    enrolments: &[Enrolment],
    replace: bool,
) -> Vec<StationCode> {
    let has_device = |station: &StationCode| {
        let position = ledger.election.definition.station(*station);
        !replace && position.is_some_and(|station| ledger.roster.key(station).is_some())
    };
    enrolments.iter().map(|enrolment| enrolment.station).filter(has_device).collect()
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
pub async fn attend(
    listener: UnixListener,
    ledger: Arc<RwLock<Ledger>>,
    sequencer: mpsc::Sender<Work>,
) {
    loop {
        let answered = match listener.accept().await {
            Ok((stream, _)) => {
                let answer = answer(stream, &ledger, &sequencer);
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

async fn answer(
    stream: AsyncUnixStream,
    ledger: &RwLock<Ledger>,
    sequencer: &mpsc::Sender<Work>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(read.take(MAX_REQUEST)).read_line(&mut line).await?;
    let reply = match serde_json::from_str(&line) {
        Ok(Request::Enrol { enrolments, replace }) => {
            enrol(enrolments, replace, ledger, sequencer).await
        }
        Err(fault) => Reply::Failed(format!("not a request: {fault}")),
    };
    let mut line = serde_json::to_string(&reply)?;
    line.push('\n');
    write.write_all(line.as_bytes()).await
}

async fn enrol(
    enrolments: Vec<Enrolment>,
    replace: bool,
    ledger: &RwLock<Ledger>,
    sequencer: &mpsc::Sender<Work>,
) -> Reply {
    let have = {
        let ledger = ledger.read().expect("only a stopped sequencer poisons it");
        already_enrolled(&ledger, &enrolments, replace)
    };
    if !have.is_empty() {
        return Reply::HaveDevices(have);
    }
    let election =
        Arc::clone(&ledger.read().expect("only a stopped sequencer poisons it").election);
    let staged = match stage_enrolments(&election, enrolments) {
        Ok(staged) => staged,
        Err(fault) => return Reply::Failed(fault.to_string()),
    };
    let (answer, answered) = oneshot::channel();
    let sent = sequencer.send(Work::Enrol { staged, answer }).await;
    match (sent, answered.await) {
        (Ok(()), Ok(())) => Reply::Enrolled,
        _ => Reply::Failed("the collector is being stopped".to_owned()),
    }
}
