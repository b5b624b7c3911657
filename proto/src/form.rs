//! A filled tally form: what the officers of a polling station sign.

use serde::{Deserialize, Serialize};

use crate::count::Count;
use crate::digest::Digest;
use crate::ids::{ContestCode, Phase, StationCode};

/// Most photos named by one form: three pages of a large form, each twice, and two.
pub const MAX_PHOTOS: usize = 8;

/// Longest explanation or reason, in bytes of UTF-8: about six lines by hand.
pub const MAX_REMARK: usize = 480;

/// A filled tally form, as it is signed.
///
/// The numbers stand in the order of [`crate::fields::Fields`]; the
/// election's digest fixes which that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallyForm {
    /// Digest of the election definition it was filled under.
    pub election: Digest,
    /// Rehearsal or official: the two can never meet in one sum.
    pub phase: Phase,
    /// The station it speaks for.
    pub station: StationCode,
    /// The contest it reports.
    pub contest: ContestCode,
    /// 1 for the first, one more for each correction.
    pub revision: u32,
    /// Digest of the sealed form that this one corrects; the first has none.
    pub supersedes: Option<Digest>,
    /// The device's clock when it was sealed: milliseconds since 1970, UTC. It may
    /// be wrong, and is shown beside the time of arrival.
    pub device_ms: u64,
    /// The numbers on the paper.
    pub counts: Vec<Count>,
    /// What the officers say of its findings.
    pub explanation: Option<String>,
    /// Why it corrects the one before.
    pub reason: Option<String>,
    /// SHA-256 of each photo of the paper, in the order of its pages.
    pub photos: Vec<Digest>,
}

/// A form that cannot be what a device sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// The first revision supersedes nothing, every later one does.
    #[error("revision {revision} {supersedes} an earlier form")]
    Revision {
        /// The revision it claims.
        revision: u32,
        /// `names` or `does not name`.
        supersedes: &'static str,
    },
    /// More than [`MAX_PHOTOS`].
    #[error("{0} photos; at most {MAX_PHOTOS} are possible")]
    Photos(usize),
    /// An explanation or a reason longer than [`MAX_REMARK`].
    #[error("an explanation or reason of {0} bytes; at most {MAX_REMARK} are possible")]
    Remark(usize),
}

impl TallyForm {
    /// Checks what must hold of any form, whatever the election.
    ///
    /// # Errors
    /// [`FormFault`], by its first cause.
    pub fn check(&self) -> Result<(), FormFault> {
        let Self { revision, .. } = *self;
        match (revision, self.supersedes) {
            (0 | 1, Some(_)) => return Err(FormFault::Revision { revision, supersedes: "names" }),
            (0 | 2.., None) => {
                return Err(FormFault::Revision { revision, supersedes: "does not name" });
            }
            _ => {}
        }
        if self.photos.len() > MAX_PHOTOS {
            return Err(FormFault::Photos(self.photos.len()));
        }
        let remarks = [&self.explanation, &self.reason];
        let longest = remarks.iter().filter_map(|remark| remark.as_ref().map(String::len)).max();
        match longest {
            Some(length) if length > MAX_REMARK => Err(FormFault::Remark(length)),
            _ => Ok(()),
        }
    }
}
