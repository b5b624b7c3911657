//! Why a device has no identity, or not this one.

use std::io;
use std::path::PathBuf;

use saksi_proto::bundle::BUNDLE_FORMAT;
use saksi_proto::checkpoint::LogKeyFault;
use saksi_proto::codec::DecodeFault;
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::slice::SliceFault;

/// Why a device has no identity, or not this one.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFault {
    /// Nothing was set up in this directory.
    #[error("{0} does not exist; set the device up with `saksi-agent enrol` or `saksi-agent init`")]
    Missing(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {fault}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the file system said.
        fault: io::Error,
    },
    /// Others than the owner can read the private key.
    #[error("{path} can be read by others (mode {mode:o}); run `chmod 600` on it")]
    ReadableByOthers {
        /// The file with the key.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The directory belongs to another device already.
    #[error("{path} already holds another identity, for station {station}")]
    Another {
        /// The directory.
        path: PathBuf,
        /// The station it speaks for.
        station: StationCode,
    },
    /// Not a bundle.
    #[error("not a bundle: {0}")]
    Json(#[from] serde_json::Error),
    /// The identity of a device that was set up is damaged.
    #[error(
        "{path} is damaged ({fault}); set the device up again with its bundle: `saksi-agent init \
         --bundle FILE`, or with a new code: `saksi-agent enrol`. Its forms stay"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<IdentityFault>,
    },
    /// A bundle of another version.
    #[error("a bundle of format {0}; this agent reads format {BUNDLE_FORMAT}")]
    Format(u16),
    /// The device's part of the election does not decode.
    #[error("the device's part of the election: {0}")]
    Slice(#[from] DecodeFault),
    /// The device's part of the election is not of this election.
    #[error(transparent)]
    OtherElection(#[from] SliceFault),
    /// The bundle and the election name different stations.
    #[error("the papers are for station {bundle}, their part of the election for {slice}")]
    OtherStation {
        /// In the bundle.
        bundle: StationCode,
        /// In the election's part.
        slice: StationCode,
    },
    /// A contest whose form cannot be laid out.
    #[error("contest {contest}: {fault}")]
    Layout {
        /// The contest.
        contest: ContestCode,
        /// The first thing wrong with it.
        fault: String,
    },
    /// The log's key is not one.
    #[error(transparent)]
    LogKey(#[from] LogKeyFault),
    /// The policy of the log's witnesses cannot be used.
    #[error("the policy of the log's witnesses: {0}")]
    Witnesses(String),
    /// The papers end before they were issued.
    #[error("the papers were issued after their end")]
    Times,
    /// Papers that are to take the place of others have something else than those.
    #[error("the new papers have {0}")]
    OtherPapers(&'static str),
    /// A private key or certificate that cannot be used.
    #[error("the device's {0}")]
    Credential(&'static str),
}
