//! Bytes in and out: postcard with nothing left over.
//!
//! Every encoding in this crate goes through here, so that a byte too many, an
//! unknown variant or a shape that does not fit is refused in one place.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};

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

/// Room made for an encoding at once, in bytes: most sealed forms fit.
const ROOM: usize = 512;

/// Encodes a value. Our own values always encode: they have no maps of unknown
/// length and no foreign serializers.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_extend(value, Vec::with_capacity(ROOM)).expect("our own values encode")
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

/// Reads a list that has at most `MOST` elements. Of a longer one only one more is kept, so
/// that whoever counts them finds it too long: an element may take many times the memory
/// that it takes bytes, and a frame has room for 260,000 empty ones.
pub(crate) fn few<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(Few::<T, MOST>(PhantomData))
}

struct Few<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Few<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        // Made once: a list that grows has two places for a moment.
        let claimed = elements.size_hint().unwrap_or(usize::MAX);
        let mut kept = Vec::with_capacity(claimed.min(MOST + 1));
        while let Some(element) = elements.next_element()? {
            if kept.len() <= MOST {
                kept.push(element);
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::count::Count;
    use crate::entry::Entry;
    use crate::form::TallyForm;
    use crate::message::{ToAgent, ToCollector, decode_message};
    use crate::seal::SealedForm;
    use crate::seal::tests::sample_form;
    use crate::slice::Slice;

    proptest! {
        /// Whatever comes from the network: an error, never a panic.
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            drop(decode::<TallyForm>(&bytes));
            drop(decode::<Slice>(&bytes));
            drop(Entry::decode(&bytes));
            drop(decode_message::<ToCollector>(&bytes));
            drop(decode_message::<ToAgent>(&bytes));
            if let Ok(sealed) = SealedForm::from_bytes(bytes) {
                drop(sealed.open());
            }
        }

        #[test]
        fn what_was_encoded_decodes_to_the_same(
            numbers in proptest::collection::vec(0..=Count::MAX, 0..300),
            revision in any::<u32>(),
            device_ms in any::<u64>(),
            explanation in proptest::option::of(".{0,40}"),
        ) {
            let counts = numbers.into_iter().map(|number| match number % 7 {
                0 => Count::NotWritten,
                1 => Count::Illegible,
                _ => Count::Written(number),
            });
            let counts = counts.collect();
            let form = TallyForm { revision, device_ms, counts, explanation, ..sample_form() };
            prop_assert_eq!(decode::<TallyForm>(&encode(&form)), Ok(form));
        }
    }
}
