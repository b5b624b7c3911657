//! Bytes in and out: postcard with nothing left over.
//!
//! Every encoding in this crate goes through here, so that a byte too many, an
//! unknown variant or a shape that does not fit is refused in one place.

use serde::{Serialize, de::DeserializeOwned};

/// Why bytes are not what they claim to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// Longer than this kind of thing may be; nothing was decoded.
    #[error("{size} bytes, where at most {limit} are allowed")]
    Oversize {
        /// Bytes received or announced.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Made by a version of the protocol that this side does not speak.
    #[error("version {found}, where {known} is spoken")]
    UnknownVersion {
        /// The version that the bytes name.
        found: u8,
        /// The version this side speaks.
        known: u8,
    },
    /// Not an encoding of the expected shape.
    #[error("bytes that do not decode: {0}")]
    Malformed(String),
    /// A valid encoding with bytes after it.
    #[error("{0} bytes left over after the end")]
    Leftover(usize),
}

/// Encodes a value. Our own values always encode: they have no maps of unknown
/// length and no foreign serializers.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("our own values encode")
}

/// Decodes all of `bytes`.
///
/// # Errors
/// [`DecodeFault::Malformed`] or [`DecodeFault::Leftover`].
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeFault> {
    let (value, rest) = postcard::take_from_bytes(bytes)
        .map_err(|fault| DecodeFault::Malformed(fault.to_string()))?;
    match rest.len() {
        0 => Ok(value),
        left => Err(DecodeFault::Leftover(left)),
    }
}

/// Takes the version byte off the front of `bytes`.
///
/// # Errors
/// [`DecodeFault::Malformed`] where nothing stands, [`DecodeFault::UnknownVersion`].
pub fn after_version(bytes: &[u8], known: u8) -> Result<&[u8], DecodeFault> {
    match bytes.split_first() {
        None => Err(DecodeFault::Malformed("nothing to decode".to_owned())),
        Some((&found, _)) if found != known => Err(DecodeFault::UnknownVersion { found, known }),
        Some((_, rest)) => Ok(rest),
    }
}
