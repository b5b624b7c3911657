//! Checkpoints: the signed head of the log (C2SP `tlog-checkpoint`), as a signed
//! note (C2SP `signed-note`) with one Ed25519 signature by the log's key.

use std::fmt;
use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::digest::Digest;

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
        let signed = BASE64.encode([&log_key.id()[..], &signature].concat());
        format!("{body}\n— {} {signed}\n", self.origin)
    }

    fn parse_body(body: &str) -> Result<Self, CheckpointFault> {
        let malformed = CheckpointFault::Malformed;
        let mut lines = body.strip_suffix('\n').ok_or(malformed("no last line end"))?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty());
        let origin = origin.ok_or(malformed("no origin"))?.to_owned();
        let size = lines.next().ok_or(malformed("no size"))?;
        let plain = size == "0" || !size.starts_with(['0', '+']);
        let size = size.parse().ok().filter(|_| plain).ok_or(malformed("the size"))?;
        let root = lines.next().and_then(|line| BASE64.decode(line).ok());
        let root = root.and_then(|bytes| bytes.try_into().ok()).ok_or(malformed("the root"))?;
        Ok(Self { origin, size, root: Digest(root) })
    }
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
    /// The key id of `signed-note`:
    /// the first four bytes of `SHA-256(name || 0x0A || type || key)`.
    fn id(&self) -> [u8; 4] {
        let parts: [&[u8]; 3] = [self.origin.as_bytes(), &[b'\n', ED25519], self.key.as_bytes()];
        let digest = Digest::of_parts(&parts).0;
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Checks a signed checkpoint and returns what it says.
    ///
    /// # Errors
    /// [`CheckpointFault`], by its first cause.
    pub fn open(&self, note: &str) -> Result<Checkpoint, CheckpointFault> {
        if note.len() > MAX_CHECKPOINT {
            return Err(CheckpointFault::Malformed("too long"));
        }
        let end = note.rfind("\n\n").ok_or(CheckpointFault::Malformed("no signatures"))?;
        let (body, signatures) = (&note[..=end], &note[end + 2..]);
        let checkpoint = Checkpoint::parse_body(body)?;
        if checkpoint.origin != self.origin {
            let wanted = self.origin.clone();
            return Err(CheckpointFault::OtherLog { found: checkpoint.origin, wanted });
        }
        let ours = signatures.lines().filter_map(|line| self.own_signature(line));
        let verifies = |signature| self.key.verify_strict(body.as_bytes(), &signature).is_ok();
        if ours.map(verifies).next() == Some(true) {
            Ok(checkpoint)
        } else {
            Err(CheckpointFault::Unsigned)
        }
    }

    fn own_signature(&self, line: &str) -> Option<Signature> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = BASE64.decode(encoded).ok()?;
        let (id, signature) = bytes.split_at_checked(4)?;
        let own = name == self.origin && id == self.id();
        own.then(|| Signature::from_slice(signature).ok()).flatten()
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = BASE64.encode([&[ED25519], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{id}+{key}", self.origin)
    }
}

/// Why a text is not a verifier key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a log (origin+id+key): “{0}”")]
pub struct LogKeyFault(String);

impl FromStr for LogKey {
    type Err = LogKeyFault;
    fn from_str(text: &str) -> Result<Self, LogKeyFault> {
        let parse = || {
            let mut parts = text.splitn(3, '+');
            let (origin, _id, key) = (parts.next()?, parts.next()?, parts.next()?);
            let bytes = BASE64.decode(key).ok()?;
            let (&kind, key) = bytes.split_first()?;
            let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            let parsed = Self { origin: origin.to_owned(), key };
            (kind == ED25519 && parsed.to_string() == text).then_some(parsed)
        };
        parse().ok_or_else(|| LogKeyFault(text.to_owned()))
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
    fn sizes_have_one_spelling() {
        for size in ["012", "+12", "", "-1", "18446744073709551616"] {
            let body = sample().body().replace("12\n", &format!("{size}\n"));
            assert!(Checkpoint::parse_body(&body).is_err(), "{size}");
        }
    }
}
