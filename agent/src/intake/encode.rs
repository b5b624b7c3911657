//! From pixels to the file that is kept.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::raster::Raster;
use super::{IntakeRefusal, TARGET_BYTES};

/// Qualities that are tried, the best first, until the file is small enough; the last is
/// taken as it comes. Photos of forms, as in the table of `judge`, have 190 to 330 KB at 80;
/// with the noise of a bad lamp 500 to 560 KB, and 335 to 395 KB at 68.
const QUALITIES: [u8; 5] = [80, 68, 56, 44, 32];

/// The picture as a baseline JPEG without any metadata.
pub(super) fn encode(picture: &Raster) -> Result<Vec<u8>, IntakeRefusal> {
    let mut jpeg = Vec::new();
    for quality in QUALITIES {
        jpeg = encoded(picture, quality)?;
        if jpeg.len() <= TARGET_BYTES {
            break;
        }
    }
    Ok(jpeg)
}

fn encoded(picture: &Raster, quality: u8) -> Result<Vec<u8>, IntakeRefusal> {
    let side = |side: usize| u16::try_from(side).map_err(|_| IntakeRefusal::TooManyPixels);
    let colours = if picture.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    // Colours at half the size: the eye reads by brightness, and a third is saved.
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.set_optimized_huffman_tables(true);
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    let written = encoder.encode(&picture.samples, width, height, colours);
    // Writing into memory does not fail; a picture without pixels would.
    written.map_err(|_| IntakeRefusal::Damaged)?;
    Ok(jpeg)
}
