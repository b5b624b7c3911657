//! Why a file is not taken in as a photo.

use saksi_proto::text::Phrase;

use super::{MAX_ORIGINAL, MAX_PIXELS, MAX_PROGRESSIVE_PIXELS};
use crate::words;

/// Why a file is not taken in. Nothing is kept then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeRefusal {
    /// HEIC or AVIF: what some telephones write until told otherwise.
    #[error("it is a HEIC picture")]
    Heic,
    /// Another kind of file, or a JPEG of a kind that no camera writes.
    #[error("it is no JPEG picture")]
    NotJpeg,
    /// The file ends early, or is damaged.
    #[error("it is damaged or not whole")]
    Damaged,
    /// Over [`MAX_ORIGINAL`].
    #[error("it has more than {MAX_ORIGINAL} bytes")]
    TooManyBytes,
    /// Over [`MAX_PIXELS`], or [`MAX_PROGRESSIVE_PIXELS`].
    #[error("it has more than {MAX_PIXELS} pixels ({MAX_PROGRESSIVE_PIXELS} if progressive)")]
    TooManyPixels,
}

impl IntakeRefusal {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Heic, Self::NotJpeg, Self::Damaged, Self::TooManyBytes, Self::TooManyPixels];

    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Heic => "photo-heic",
            Self::NotJpeg => "photo-not-jpeg",
            Self::Damaged => "photo-damaged",
            Self::TooManyBytes => "photo-too-many-bytes",
            Self::TooManyPixels => "photo-too-many-pixels",
        }
    }

    /// What happened and what to do.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Heic => words::PHOTO_HEIC,
            Self::NotJpeg => words::PHOTO_NOT_JPEG,
            Self::Damaged => words::PHOTO_DAMAGED,
            Self::TooManyBytes => words::PHOTO_TOO_MANY_BYTES,
            Self::TooManyPixels => words::PHOTO_TOO_MANY_PIXELS,
        }
    }
}
