//! A publication, signed; and the pointer to the newest, which also says why there is none
//! newer.

use std::fmt::Write as _;

use ed25519_dalek::{Signer as _, SigningKey};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use saksi_proto::note;
use serde::{Deserialize, Serialize};

/// The first line of what is signed. No checkpoint begins so, for an origin has no spaces: a
/// signature over the one is never one over the other.
const TITLE: &str = "saksi site v1";

/// Where publications lie, each under the size of its log.
const VERSIONS: &str = "versions";

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// Entries that it was folded from, and the root over them.
    pub(super) size: u64,
    pub(super) root: Digest,
    /// SHA-256 of the file of the whole region's numbers.
    pub(super) numbers: Digest,
    /// The publication before, and the SHA-256 of its note.
    pub(super) previous: Option<(u64, Digest)>,
    /// When it was made, milliseconds since 1970, UTC.
    pub(super) at_ms: u64,
    /// By contest: stations counted, stations expected, votes of all who stand.
    pub(super) contests: Vec<(ContestCode, u32, u32, u64)>,
}

impl Version {
    /// Its file, below the root of the site.
    pub(super) fn file(size: u64) -> String {
        format!("{VERSIONS}/{size}")
    }

    /// A publication of this program's, from its note. Nobody's signature is looked at: whoever
    /// asks knows the note by its hash, or wrote it.
    pub(super) fn parse(note: &str) -> Option<Self> {
        let body = note.split_once("\n\n")?.0;
        let mut lines = body.lines();
        if lines.next()? != TITLE {
            return None;
        }
        let mut after = |word: &str| lines.find_map(|line| line.strip_prefix(word));
        let (size, root) = (after("size ")?.parse().ok()?, after("root ")?.parse().ok()?);
        let numbers = after("numbers ")?.parse().ok()?;
        let previous = match after("previous ")?.split_once(' ') {
            Some((size, note)) => Some((size.parse().ok()?, note.parse().ok()?)),
            None => None,
        };
        let at_ms = after("at_ms ")?.parse().ok()?;
        let contest = |line: &str| {
            let mut words = line.strip_prefix("contest ")?.split(' ');
            let (code, counted) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some((code, counted, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        };
        let contests = lines.map(contest).collect::<Option<_>>()?;
        Some(Self { size, root, numbers, previous, at_ms, contests })
    }

    /// The signed note (C2SP `signed-note`).
    pub(super) fn sign(&self, origin: &str, key: &SigningKey) -> String {
        let Self { size, root, numbers, previous, at_ms, contests } = self;
        let mut body = format!("{TITLE}\n{origin}\nsize {size}\nroot {root}\nnumbers {numbers}\n");
        let line = match previous {
            Some((size, note)) => format!("previous {size} {note}\n"),
            None => "previous none\n".to_owned(),
        };
        body.push_str(&line);
        writeln!(body, "at_ms {at_ms}").expect("writing to a String cannot fail");
        for (contest, counted, expected, votes) in contests {
            writeln!(body, "contest {contest} {counted} {expected} {votes}")
                .expect("writing to a String cannot fail");
        }
        let log_key = LogKey { origin: origin.to_owned(), key: key.verifying_key() };
        let signature = key.sign(body.as_bytes()).to_bytes();
        format!("{body}\n{}", note::format_signature(origin, log_key.id(), &signature))
    }
}

/// `current.json`: which publication is the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Current {
    pub(super) format: u8,
    pub(super) origin: String,
    /// Entries that it was folded from.
    pub(super) size: u64,
    pub(super) root: Digest,
    /// Arrival of the last form among them.
    pub(super) last_form_ms: Option<u64>,
    /// When it was made.
    pub(super) at_ms: u64,
    /// Its signed note, and the SHA-256 of it.
    pub(super) version: String,
    pub(super) version_sha256: Digest,
    /// The file of the whole region's numbers, whose name is its SHA-256.
    pub(super) numbers: String,
    pub(super) numbers_sha256: Digest,
    /// Whether newer ones come.
    #[serde(flatten)]
    pub(super) state: State,
    /// When this was looked at last, and when it will be next. A reader who comes much later
    /// and finds the same has a copy that is stale.
    pub(super) checked_ms: u64,
    pub(super) next_ms: u64,
    /// What the pages were made with.
    pub(super) made_with: Digest,
}

/// Whether newer publications come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(super) enum State {
    /// They do.
    Open,
    /// Not now, by the centre's decision.
    Paused { since_ms: u64, reason: String },
    /// The numbers would go back, and no entry says why.
    Refused { since_ms: u64, reason: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_is_signed_and_is_no_checkpoint() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let log_key = LogKey { origin: "saksi.example/log".to_owned(), key: key.verifying_key() };
        let version = Version {
            size: 12,
            root: Digest([1; 32]),
            numbers: Digest([2; 32]),
            previous: Some((9, Digest([3; 32]))),
            at_ms: 77,
            contests: vec![("mayor".parse().unwrap(), 2, 3, 40)],
        };
        let note = version.sign(&log_key.origin, &key);
        let lines: Vec<_> = note.lines().collect();
        assert_eq!(lines[..3], [TITLE, "saksi.example/log", "size 12"]);
        assert_eq!(lines[6..8], ["at_ms 77", "contest mayor 2 3 40"]);
        let parsed = note::Note::parse(&note).unwrap();
        let line = parsed.by(&log_key.origin, log_key.id()).next().unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&line.signature).unwrap();
        key.verifying_key().verify_strict(parsed.body.as_bytes(), &signature).unwrap();
        log_key.open(&note).unwrap_err();
        assert_eq!(Version::parse(&note), Some(version.clone()));
        let first = Version { previous: None, ..version };
        assert_eq!(Version::parse(&first.sign("o", &key)), Some(first));
        assert_eq!(Version::parse(&note.replace(TITLE, "saksi site v2")), None);
    }
}
