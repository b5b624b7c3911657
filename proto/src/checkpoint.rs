//! Checkpoints: the signed head of the log (C2SP `tlog-checkpoint`), as a signed
//! note (C2SP `signed-note`) with an Ed25519 signature by the log's key, and any number
//! of other signatures.

use std::fmt;
use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::digest::Digest;
use crate::note::{self, Note, NoteFault, SignatureLine};

/// Signature type of Ed25519 in `signed-note`.
const ED25519: u8 = 1;

/// Longest checkpoint text accepted, in bytes: an origin of 100, a size of 20, a
/// root of 44, and room for a log signature and ten cosignatures of 160 each.
pub const MAX_CHECKPOINT: usize = 2_048;

/// The state of the log at one moment: how many entries it has, and the root of
/// the Merkle tree over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log, for all time.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root over their leaf hashes.
    pub root: Digest,
}

/// Why a text is not a checkpoint of the log one asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// Not in the form of `tlog-checkpoint` and `signed-note`.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// A checkpoint of another log.
    #[error("a checkpoint of the log “{found}”, not of “{wanted}”")]
    OtherLog {
        /// Origin on the first line.
        found: String,
        /// Origin of the key it was opened with.
        wanted: String,
    },
    /// No signature by the log's key, or one that does not verify.
    #[error("the checkpoint is not signed by the log's key")]
    Unsigned,
}

impl From<NoteFault> for CheckpointFault {
    fn from(NoteFault(what): NoteFault) -> Self {
        Self::Malformed(what)
    }
}

impl Checkpoint {
    /// The three lines that are signed.
    #[must_use]
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.0))
    }

    /// The whole signed note.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        let body = self.body();
        let log_key = LogKey { origin: self.origin.clone(), key: key.verifying_key() };
        let signature = key.sign(body.as_bytes()).to_bytes();
        format!("{body}\n{}", note::format_signature(&self.origin, log_key.id(), &signature))
    }

    /// What a note says of a log, which nobody has verified: only to find the key that
    /// opens it.
    ///
    /// # Errors
    /// [`CheckpointFault::Malformed`].
    pub fn claimed(note: &str) -> Result<Self, CheckpointFault> {
        if note.len() > MAX_CHECKPOINT {
            return Err(CheckpointFault::Malformed("too long"));
        }
        Self::parse_body(Note::parse(note)?.body)
    }

    fn parse_body(body: &str) -> Result<Self, CheckpointFault> {
        let malformed = CheckpointFault::Malformed;
        let mut lines = body.strip_suffix('\n').ok_or(malformed("no last line end"))?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty());
        let origin = origin.ok_or(malformed("no origin"))?.to_owned();
        let size = lines.next().ok_or(malformed("no size"))?;
        let size = parse_size(size).ok_or(malformed("the size"))?;
        let root = lines.next().and_then(|line| BASE64.decode(line).ok());
        let root = root.and_then(|bytes| bytes.try_into().ok()).ok_or(malformed("the root"))?;
        if lines.any(str::is_empty) {
            return Err(malformed("an empty line"));
        }
        Ok(Self { origin, size, root: Digest(root) })
    }
}

/// A size as logs and witnesses write it: in decimal, with one spelling.
#[must_use]
pub fn parse_size(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| plain)
}

/// What one must know to believe a checkpoint: the log's origin and public key.
///
/// As text it is a `vkey` of `signed-note`: `origin+keyid+base64(type, key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// Origin, which is also the key's name.
    pub origin: String,
    /// The public key.
    pub key: VerifyingKey,
}

impl LogKey {
    /// Its key id in signature lines.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        note::key_id(&self.origin, ED25519, &self.key)
    }

    /// Checks a signed checkpoint and returns what it says.
    ///
    /// # Errors
    /// [`CheckpointFault`], by its first cause.
    pub fn open(&self, note: &str) -> Result<Checkpoint, CheckpointFault> {
        if note.len() > MAX_CHECKPOINT {
            return Err(CheckpointFault::Malformed("too long"));
        }
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::parse_body(note.body)?;
        if checkpoint.origin != self.origin {
            let wanted = self.origin.clone();
            return Err(CheckpointFault::OtherLog { found: checkpoint.origin, wanted });
        }
        let mut own = note.by(&self.origin, self.id()).peekable();
        if own.peek().is_some() && own.all(|line| self.has_signed(note.body, line)) {
            Ok(checkpoint)
        } else {
            Err(CheckpointFault::Unsigned)
        }
    }

    fn has_signed(&self, body: &str, line: &SignatureLine<'_>) -> bool {
        let signature = Signature::from_slice(&line.signature);
        signature.is_ok_and(|signature| self.key.verify_strict(body.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&note::format_key(&self.origin, ED25519, &self.key))
    }
}

/// Why a text is not a verifier key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a log (origin+id+key): “{0}”")]
pub struct LogKeyFault(String);

impl FromStr for LogKey {
    type Err = LogKeyFault;
    fn from_str(text: &str) -> Result<Self, LogKeyFault> {
        let parsed = note::parse_key(text, ED25519).map(|(origin, key)| Self { origin, key });
        parsed.ok_or_else(|| LogKeyFault(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn sample() -> Checkpoint {
        Checkpoint { origin: "saksi.example/log".to_owned(), size: 12, root: Digest([9; 32]) }
    }

    #[test]
    fn golden() {
        let note = sample().sign(&key());
        let wanted = include_str!("../golden/checkpoint.txt");
        assert_eq!(note, wanted);
        let log_key: LogKey =
            include_str!("../golden/log.vkey").trim_end().parse().expect("the golden key");
        assert_eq!(log_key.open(&note), Ok(sample()));
    }

    #[test]
    fn every_changed_byte_is_found() {
        let log_key = LogKey { origin: sample().origin, key: key().verifying_key() };
        let note = sample().sign(&key()).into_bytes();
        for at in 0..note.len() {
            let mut changed = note.clone();
            changed[at] ^= 1;
            if let Ok(text) = String::from_utf8(changed) {
                assert!(log_key.open(&text).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn signatures_of_others_are_no_matter_and_a_false_one_of_its_own_is() {
        let log_key = LogKey { origin: sample().origin, key: key().verifying_key() };
        let note = sample().sign(&key());
        let body = sample().body();
        let others: String = (1..9)
            .map(|seed| {
                let other = SigningKey::from_bytes(&[seed + 10; 32]);
                Checkpoint { origin: format!("other.example/{seed}"), ..sample() }.sign(&other)
            })
            .map(|note| note.rsplit_once("\n\n").expect("a note").1.to_owned())
            .collect();
        let (_, own) = note.rsplit_once("\n\n").expect("a note");
        assert_eq!(log_key.open(&format!("{note}{others}")), Ok(sample()));
        assert_eq!(log_key.open(&format!("{body}\n{others}{own}")), Ok(sample()));
        assert_eq!(log_key.open(&format!("{body}\n{others}")), Err(CheckpointFault::Unsigned));
        let bad = note::format_signature(&log_key.origin, log_key.id(), &[0; 64]);
        assert_eq!(log_key.open(&format!("{note}{bad}")), Err(CheckpointFault::Unsigned));
        let extended = body.clone() + "an extension\n";
        assert!(Checkpoint::parse_body(&extended).is_ok());
        assert!(Checkpoint::parse_body(&(body + "\nafter an empty line\n")).is_err());
    }

    #[test]
    fn sizes_have_one_spelling() {
        for size in ["012", "+12", "", "-1", "18446744073709551616"] {
            let body = sample().body().replace("12\n", &format!("{size}\n"));
            assert!(Checkpoint::parse_body(&body).is_err(), "{size}");
        }
    }
}
