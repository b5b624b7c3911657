//! Photos on the wire: offered by hash, sent in chunks, resumed where the collector says.
//!
//! ```text
//! agent                          collector
//! Offer(photo of a form) ──────►
//!                        ◄──────  Photo(Wanted from byte n)
//! Chunk(at n)            ──────►
//!                        ◄──────  Photo(Wanted from byte n + chunk)
//! …
//! Chunk(the last)        ──────►
//!                        ◄──────  Photo(Whole), or Photo(StartOver)
//! ```
//!
//! A photo is wanted once a form in the log of the device's own station names it. One
//! question is under way at a time, so between two chunks there is room for a form.
//! Nothing of this is needed again after a cut: the next offer says where to go on.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::message::Later;
use crate::text::{self, Phrase};

/// Largest photo, in bytes: a 12-megapixel JPEG of good quality is 3 to 6 MB.
pub const MAX_PHOTO: u32 = 8 << 20;

/// Shortest chunk but the last, in bytes. At 64 kbit/s (2G), 8 KB/s, it takes half a
/// second, and so long at most a form waits for it. Around it lie 90 bytes of frame, TLS
/// and answer: 2 %.
pub const MIN_CHUNK: u32 = 4 * 1024;

/// Longest chunk, in bytes: with its head one record of TLS, two at most. For links that
/// take it in a fraction of a second.
pub const MAX_CHUNK: u32 = 16 * 1024;

/// A photo that the device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoOffer {
    /// A sealed form of the device's station that names it and is in the log.
    pub form: Digest,
    /// SHA-256 of the photo.
    pub photo: Digest,
    /// Its size in bytes.
    pub size: u32,
}

/// A part of the photo that was offered last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoChunk {
    /// Where it begins: what the last answer wanted.
    pub at: u32,
    /// At most [`MAX_CHUNK`] bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// What the collector says to an offer and to each chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhotoAnswer {
    /// It has all of it, and its hash is right.
    Whole,
    /// The rest is wanted.
    Wanted {
        /// From this byte on.
        next: u32,
        /// So many bytes survive a power cut at the collector.
        durable: u32,
    },
    /// What came is not what the hash says. Nothing of it is kept.
    StartOver,
    /// It is not taken.
    Refused(PhotoRefusal),
    /// Not now. It stays due.
    Later {
        /// Come back after this many milliseconds.
        after_ms: u32,
        /// Why.
        why: Later,
    },
}

/// Why a photo is not taken. Variants are only ever added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhotoRefusal {
    /// The form is not in the log, not of this station, or does not name the photo.
    UnnamedPhoto,
    /// Longer than the collector takes.
    PhotoTooLarge,
    /// The collector has as many photos of the station as it takes.
    TooManyPhotos,
}

impl PhotoRefusal {
    /// All of them, for documentation and tests.
    pub const ALL: [PhotoRefusal; 3] =
        [PhotoRefusal::UnnamedPhoto, PhotoRefusal::PhotoTooLarge, PhotoRefusal::TooManyPhotos];

    /// The stable code, for logs, metrics and people on the telephone.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PhotoRefusal::UnnamedPhoto => "unnamed-photo",
            PhotoRefusal::PhotoTooLarge => "photo-too-large",
            PhotoRefusal::TooManyPhotos => "too-many-photos",
        }
    }

    /// What the operator reads.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            PhotoRefusal::UnnamedPhoto => text::REFUSED_UNNAMED_PHOTO,
            PhotoRefusal::PhotoTooLarge => text::REFUSED_PHOTO_TOO_LARGE,
            PhotoRefusal::TooManyPhotos => text::REFUSED_TOO_MANY_PHOTOS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{ToAgent, ToCollector, decode_message, encode_message};
    use crate::seal::tests::hex;

    fn from_agent() -> [ToCollector; 3] {
        let offer = PhotoOffer { form: Digest([3; 32]), photo: Digest([5; 32]), size: 300_000 };
        let chunk = PhotoChunk { at: 4_096, bytes: vec![0xff, 0xd8, 0xff] };
        [ToCollector::Ping, ToCollector::Offer(offer), ToCollector::Chunk(chunk)]
    }

    fn from_collector() -> [ToAgent; 8] {
        let refused = PhotoRefusal::ALL.map(PhotoAnswer::Refused).map(ToAgent::Photo);
        let answers = [
            PhotoAnswer::Whole,
            PhotoAnswer::Wanted { next: 69_632, durable: 65_536 },
            PhotoAnswer::StartOver,
            PhotoAnswer::Later { after_ms: 60_000, why: Later::NoRoom },
        ];
        let [whole, wanted, start_over, later] = answers.map(ToAgent::Photo);
        let [unnamed, too_large, too_many] = refused;
        [ToAgent::Pong, whole, wanted, start_over, later, unnamed, too_large, too_many]
    }

    #[test]
    fn golden() {
        let agent = from_agent().map(|message| hex(&encode_message(&message)));
        let collector = from_collector().map(|message| hex(&encode_message(&message)));
        let lines = [&agent[..], &collector].concat().join("\n") + "\n";
        assert_eq!(lines, include_str!("../golden/photo-messages.hex"));
        for message in from_agent() {
            assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
        for message in from_collector() {
            assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
    }

    #[test]
    fn codes_are_stable_and_all_are_listed() {
        for (position, refusal) in PhotoRefusal::ALL.iter().enumerate() {
            assert_eq!(postcard::to_stdvec(refusal).unwrap(), [u8::try_from(position).unwrap()]);
            let phrase = refusal.phrase();
            assert!(!phrase.id.is_empty() && !phrase.en.is_empty());
        }
        let next = [u8::try_from(PhotoRefusal::ALL.len()).unwrap()];
        assert!(postcard::from_bytes::<PhotoRefusal>(&next).is_err(), "one is missing in ALL");
    }

    #[test]
    fn the_longest_chunk_costs_little_more_than_its_bytes() {
        let bytes = vec![0xff; MAX_CHUNK as usize];
        let chunk = ToCollector::Chunk(PhotoChunk { at: MAX_PHOTO, bytes });
        assert!(encode_message(&chunk).len() <= MAX_CHUNK as usize + 9);
    }
}
