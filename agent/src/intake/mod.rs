//! What happens to a photo between the camera and the store. Bytes in, bytes out.
//!
//! ```text
//! bytes ─► format and size ─► pixels ─► smaller ─► upright ─► judged ─► JPEG
//!          (`decode`)                   (`raster`) (`raster`)  (`judge`)  (`encode`)
//! ```
//!
//! The photo that is kept is written anew from its pixels, always, also if it was small
//! and upright already. So nothing of the file but its pixels can be in it: no place, no
//! time, no name of the camera, no comment, no thumbnail, nothing behind the picture's end.
//!
//! How to use it, for the command line and for a page alike: [`take_in`] the bytes that the
//! camera wrote, on a thread that may be busy for a while (see its figures); show the
//! warnings ([`Warning::phrase`]) and [`TakenIn::digest`] before anything is sealed; keep
//! [`TakenIn::jpeg`] as it is, durably, under that digest. A refusal ([`IntakeRefusal`])
//! keeps nothing and says what to do.
//!
//! What it takes, measured with the program as devices get it, on one core, and the whole
//! process with the store open (an empty one takes 6 MB):
//!
//! | picture | processor | memory |
//! |---|---|---|
//! | 12 megapixels, 2 to 5 MB | 0.15 to 0.24 s | 33 to 37 MB |
//! | 50 megapixels, 7 MB | 0.3 s | 39 MB |
//! | 64 megapixels, colours at full size, 18 MB | 0.5 s | 49 MB |
//! | 12 megapixels, progressive | 0.24 s | 55 MB |
//! | the most memory of a plain one: 3,398 × 2,998, colours at full size | 0.3 s | 68 MB |
//! | the most of all: 16 megapixels, progressive, colours at full size | 0.7 s | 129 MB |

mod decode;
mod encode;
mod judge;
mod raster;
mod refusal;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use saksi_proto::digest::Digest;

pub use judge::Warning;
pub use refusal::IntakeRefusal;

/// Largest file that is taken in, in bytes: a JPEG of 50 megapixels is 12 to 25 MB.
pub const MAX_ORIGINAL: usize = 32 << 20;

/// Most pixels: phones write pictures of 12 to 50 megapixels, the largest sensors that
/// write every pixel 9,280 × 6,944 (64.4 million). They are decoded at ½, ¼ or ⅛ of their
/// size, so the picture never lies in memory whole.
pub const MAX_PIXELS: u64 = 65_000_000;

/// Most pixels of a progressive JPEG, whose coefficients all lie in memory: two bytes for
/// each of 1.5 (or 3) values a pixel, 48 (or 96) MB. Cameras do not write such, programs do.
pub const MAX_PROGRESSIVE_PIXELS: u64 = 16_000_000;

/// Longest side of what is kept, in pixels. The KPU's large sheet (600 × 900 mm) has 2.2 of
/// them a millimetre then and one of A4 6.7. By eye the smallest print of the large one can
/// be read at 2,000 and at 1,600, and hardly at 1,200; a hand's digits are several times as
/// large. It leaves room for a crooked sheet that fills two thirds of the picture.
pub const LONG_SIDE: usize = 2_000;

/// What is kept has so many bytes at most, in all but the busiest pictures: 50 s at
/// 64 kbit/s.
pub const TARGET_BYTES: usize = 400_000;

/// A photo as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The file: a baseline JPEG without metadata.
    pub jpeg: Vec<u8>,
    /// Its SHA-256.
    pub digest: Digest,
    /// Width in pixels, upright.
    pub width: usize,
    /// Height in pixels, upright.
    pub height: usize,
    /// What may make it hard to read. Nothing is refused for it.
    pub warnings: Vec<Warning>,
}

/// Makes a photo small, upright and free of all but its pixels, and judges it. The same
/// bytes give the same photo.
///
/// # Errors
/// [`IntakeRefusal`] if this is no picture that can be taken in.
pub fn take_in(original: &[u8]) -> Result<TakenIn, IntakeRefusal> {
    if original.len() > MAX_ORIGINAL {
        return Err(IntakeRefusal::TooManyBytes);
    }
    let (picture, orientation) = decode::decode(original)?;
    let picture = picture.within(LONG_SIDE).turned(orientation);
    let warnings = judge::judge(&picture);
    let jpeg = encode::encode(&picture)?;
    let digest = Digest::of(&jpeg);
    Ok(TakenIn { jpeg, digest, width: picture.width, height: picture.height, warnings })
}
