//! What stands on one field of a form, and sums of it.
//!
//! *Blank is not zero* (DOMAIN 1): a field holds a number, or nothing is written,
//! or it cannot be read. The three stay apart from the paper to the national sum.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The content of one field of a tally form.
///
/// On the wire one varint: 0 *not written*, 1 *illegible*, n + 2 the number n.
/// In JSON: `null`, `"illegible"`, the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// The field is empty on the paper.
    NotWritten,
    /// Something stands there that nobody can read.
    Illegible,
    /// A number, at most [`Count::MAX`].
    Written(u32),
}

impl Count {
    /// The largest number a field can carry, whatever its bound: any nine digits.
    /// A number beyond its line's bound is a finding, never lost.
    pub const MAX: u32 = 999_999_999;

    const MAX_AND_MORE: u32 = Self::MAX + 1;

    /// The number that stands for it on the wire.
    fn wire(self) -> u32 {
        match self {
            Count::NotWritten => 0,
            Count::Illegible => 1,
            Count::Written(number) => number + 2,
        }
    }

    /// What a number on the wire stands for.
    fn of_wire(wire: u32) -> Self {
        match wire {
            0 => Count::NotWritten,
            1 => Count::Illegible,
            shifted => Count::Written(shifted - 2),
        }
    }

    /// The number, if one is written and legible.
    #[must_use]
    pub fn number(self) -> Option<u32> {
        match self {
            Count::Written(number) => Some(number),
            Count::NotWritten | Count::Illegible => None,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::NotWritten => f.pad("–"),
            Count::Illegible => f.pad("?"),
            Count::Written(number) => number.fmt(f),
        }
    }
}

/// The word that stands for [`Count::Illegible`] in JSON.
pub const ILLEGIBLE: &str = "illegible";
/// A word that stands for [`Count::NotWritten`] in JSON, beside `null`.
pub const NOT_WRITTEN: &str = "not written";

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (serializer.is_human_readable(), self) {
            (false, count) => serializer.serialize_u32(count.wire()),
            (true, Count::NotWritten) => serializer.serialize_none(),
            (true, Count::Illegible) => serializer.serialize_str(ILLEGIBLE),
            (true, Count::Written(number)) => serializer.serialize_u32(*number),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Readable);
        }
        match Count::of_wire(u32::deserialize(deserializer)?) {
            Count::Written(Count::MAX_AND_MORE..) => {
                Err(de::Error::custom("a count above 999,999,999"))
            }
            count => Ok(count),
        }
    }
}

/// The numbers of one form, small: 35 of them take 45 bytes, as a list 280. Each is a
/// varint as on the wire, the last of its bytes the one below 128.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedCounts(Box<[u8]>);

impl EncodedCounts {
    /// Encodes them.
    #[must_use]
    pub fn new(counts: &[Count]) -> Self {
        // Most are below 126 or below 16,382.
        let mut bytes = Vec::with_capacity(2 * counts.len());
        for count in counts {
            let mut rest = count.wire();
            while rest >= 0x80 {
                bytes.push(rest.to_le_bytes()[0] | 0x80);
                rest >>= 7;
            }
            bytes.push(rest.to_le_bytes()[0]);
        }
        Self(bytes.into())
    }

    /// The numbers, in the order of the form: decoded one by one, since whoever adds up
    /// the 600 million of a nation needs no list of them for each form.
    pub fn iter(&self) -> impl Iterator<Item = Count> + Clone + '_ {
        let mut bytes = self.0.iter();
        std::iter::from_fn(move || {
            let mut byte = *bytes.next()?;
            let mut wire = u32::from(byte & 0x7f);
            let mut shift = 7;
            while byte >= 0x80 {
                byte = *bytes.next()?;
                wire |= u32::from(byte & 0x7f) << shift;
                shift += 7;
            }
            Some(Count::of_wire(wire))
        })
    }
}

struct Readable;

impl de::Visitor<'_> for Readable {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number from 0 to {}, null (nothing is written) or \"illegible\"", Count::MAX)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Count, E> {
        Ok(Count::NotWritten)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
        match u32::try_from(number) {
            Ok(number) if number <= Count::MAX => Ok(Count::Written(number)),
            _ => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
        match text {
            ILLEGIBLE => Ok(Count::Illegible),
            NOT_WRITTEN => Ok(Count::NotWritten),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}

/// The sum of one field over many forms: the total of what is written, and how
/// many forms have nothing, or nothing legible, to add to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Total of the written numbers.
    pub total: u64,
    /// Forms on which the field is empty.
    pub not_written: u32,
    /// Forms on which the field cannot be read.
    pub illegible: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_stay_apart_on_the_wire() {
        for (count, hex) in [
            (Count::NotWritten, vec![0]),
            (Count::Illegible, vec![1]),
            (Count::Written(0), vec![2]),
            (Count::Written(999), vec![0xe9, 0x07]),
        ] {
            assert_eq!(postcard::to_stdvec(&count).unwrap(), hex);
            assert_eq!(postcard::from_bytes::<Count>(&hex).unwrap(), count);
        }
        let too_much = postcard::to_stdvec(&(Count::MAX + 3)).unwrap();
        assert!(postcard::from_bytes::<Count>(&too_much).is_err());
    }

    #[test]
    fn encoded_counts_are_the_same_counts() {
        let largest = Count::Written(Count::MAX);
        let counts = [Count::Written(300), Count::NotWritten, Count::Illegible, largest];
        for counts in [&counts[..], &[]] {
            let encoded = EncodedCounts::new(counts);
            assert_eq!(encoded.iter().collect::<Vec<_>>(), counts);
        }
    }
}
