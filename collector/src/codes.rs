//! Codes: fresh ones, and what stands for a code in the log.
//!
//! The log keeps no code but its tag, an HMAC with a secret of the collector's own: who
//! reads the log, and everybody may, can try no code against it.

use std::fmt::Write as _;
use std::path::PathBuf;

use aws_lc_rs::hmac;
use saksi_proto::entry::CodeTag;
use saksi_proto::slip::{CODE_BYTES, Code};

use crate::home::Home;
use crate::secret::{self, SecretFault};

/// The key of all tags, `keys/codes.key`: 32 random bytes in hex. Without it no code that
/// was given out is known again.
pub struct CodeKey(hmac::Key);

/// Bytes of the key.
const KEY: usize = 32;

/// Why codes cannot be told apart.
#[derive(Debug, thiserror::Error)]
pub enum CodeKeyFault {
    /// The file cannot be read or written.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// It is not there. Another one would know no code that was given out.
    #[error("{0} is missing; put it back from your backup of the keys")]
    Missing(PathBuf),
    /// It holds something else.
    #[error("{0} is damaged; put it back from your backup of the keys")]
    Damaged(PathBuf),
}

impl CodeKey {
    /// Reads the key of a collector.
    ///
    /// # Errors
    /// [`CodeKeyFault`].
    pub fn of(home: &Home) -> Result<Self, CodeKeyFault> {
        let path = home.key("codes.key");
        if !path.exists() {
            return Err(CodeKeyFault::Missing(path));
        }
        let text = secret::read_secret(&path)?;
        let bytes = from_hex(text.trim_end()).ok_or(CodeKeyFault::Damaged(path))?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// Makes the key of a new collector.
    ///
    /// # Errors
    /// [`SecretFault`], also if there is one.
    pub fn make(home: &Home) -> Result<(), SecretFault> {
        let mut bytes = [0; KEY];
        getrandom::fill(&mut bytes).map_err(SecretFault::Random)?;
        let mut text = String::new();
        for byte in bytes {
            write!(text, "{byte:02x}").expect("a String takes all");
        }
        text.push('\n');
        secret::write_secret(&home.key("codes.key"), &text)
    }

    /// What stands for a code in the log.
    #[must_use]
    pub fn tag(&self, code: &Code) -> CodeTag {
        let tag = hmac::sign(&self.0, code.to_string().as_bytes());
        CodeTag(*tag.as_ref().first_chunk().expect("32 bytes of SHA-256"))
    }
}

/// A code that nobody has seen yet.
///
/// # Errors
/// [`SecretFault::Random`].
pub fn fresh() -> Result<Code, SecretFault> {
    let mut random = [0; CODE_BYTES];
    getrandom::fill(&mut random).map_err(SecretFault::Random)?;
    Ok(Code::new(random))
}

fn from_hex(text: &str) -> Option<[u8; KEY]> {
    if text.len() != 2 * KEY || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; KEY];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_tag_is_an_hmac_that_others_compute_too() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        fs::create_dir(dir.path().join("keys")).unwrap();
        secret::write_secret(&home.key("codes.key"), &"0b".repeat(32)).unwrap();
        let code = Code::new(*b"saksi!!");
        // printf %s CODE | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b…
        assert_eq!(CodeKey::of(&home).unwrap().tag(&code).0, TAG, "{code}");
    }

    const TAG: [u8; 16] = [
        0x09, 0x76, 0x9e, 0x38, 0x0c, 0xa2, 0x2f, 0xe0, 0x65, 0xd3, 0x95, 0x13, 0xdd, 0xe2, 0xfc,
        0x9e,
    ];

    #[test]
    fn a_key_that_is_lost_or_damaged_is_not_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        fs::create_dir(dir.path().join("keys")).unwrap();
        assert!(matches!(CodeKey::of(&home), Err(CodeKeyFault::Missing(_))));
        CodeKey::make(&home).unwrap();
        let code = fresh().unwrap();
        let tag = CodeKey::of(&home).unwrap().tag(&code);
        assert_eq!(CodeKey::of(&home).unwrap().tag(&code), tag);
        assert_ne!(CodeKey::of(&home).unwrap().tag(&fresh().unwrap()), tag);
        fs::write(home.key("codes.key"), "torn").unwrap();
        assert!(matches!(CodeKey::of(&home), Err(CodeKeyFault::Damaged(_))));
    }
}
