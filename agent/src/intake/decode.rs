//! From a file to pixels: what kind it is and how large, before anything is decoded.

use jpeg_decoder::{CodingProcess, Decoder, Error, ImageInfo, PixelFormat};
use saksi_proto::upright::Orientation;

use super::raster::Raster;
use super::{IntakeRefusal, MAX_PIXELS, MAX_PROGRESSIVE_PIXELS};

/// A picture is decoded at the smallest of 1, ½, ¼ and ⅛ that leaves a long side of so
/// many pixels. Less than is kept (2,000): one of 3,400 to 4,000 pixels, or of twice that,
/// loses up to 15 % of the long side that it could have kept, and takes a quarter of the
/// memory. So the largest picture in memory has less than 3,400 × 3,400 pixels.
const DECODED_SIDE: u16 = 1_700;

/// Most pixels that a byte of a JPEG can stand for: a block of 8 × 8 takes a bit at least.
const PIXELS_A_BYTE: u64 = 8 * 64;

/// What begins a file of the family of HEIC: the length of a box, and its name.
const BOX: &[u8] = b"ftyp";

/// The pixels, and which way up they are.
pub(super) fn decode(original: &[u8]) -> Result<(Raster, Orientation), IntakeRefusal> {
    if !original.starts_with(&[0xFF, 0xD8]) {
        let is_heic = original.get(4..8) == Some(BOX);
        return Err(if is_heic { IntakeRefusal::Heic } else { IntakeRefusal::NotJpeg });
    }
    let mut decoder = Decoder::new(original);
    decoder.read_info().map_err(|fault| refusal(&fault))?;
    let found = decoder.info().ok_or(IntakeRefusal::Damaged)?;
    check(found)?;
    if pixels(found) > PIXELS_A_BYTE * original.len() as u64 {
        return Err(IntakeRefusal::Damaged);
    }
    let (width, height) =
        decoder.scale(DECODED_SIDE, DECODED_SIDE).map_err(|fault| refusal(&fault))?;
    let samples = decoder.decode().map_err(|fault| refusal(&fault))?;
    let exif = decoder.exif_data();
    let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::read);
    let (width, height) = (usize::from(width), usize::from(height));
    let (channels, samples) = match found.pixel_format {
        PixelFormat::L8 => (1, samples),
        PixelFormat::RGB24 => (3, samples),
        PixelFormat::CMYK32 => (3, samples.chunks_exact(4).flat_map(without_ink).collect()),
        PixelFormat::L16 => return Err(IntakeRefusal::NotJpeg),
    };
    if samples.is_empty() || samples.len() != width * height * channels {
        return Err(IntakeRefusal::Damaged);
    }
    Ok((Raster { width, height, channels, samples }, orientation))
}

/// Whether a picture of this kind and size is decoded at all.
fn check(found: ImageInfo) -> Result<(), IntakeRefusal> {
    let most = match found.coding_process {
        CodingProcess::DctSequential => MAX_PIXELS,
        CodingProcess::DctProgressive => MAX_PROGRESSIVE_PIXELS,
        // For X-rays; no camera writes it.
        CodingProcess::Lossless => return Err(IntakeRefusal::NotJpeg),
    };
    if pixels(found) > most {
        return Err(IntakeRefusal::TooManyPixels);
    }
    Ok(())
}

fn pixels(found: ImageInfo) -> u64 {
    u64::from(found.width) * u64::from(found.height)
}

/// Printers' colours as a screen shows them.
fn without_ink(pixel: &[u8]) -> [u8; 3] {
    let light = |at: usize| u32::from(255 - pixel[at]);
    [0, 1, 2].map(|at| (light(at) * light(3) / 255).to_le_bytes()[0])
}

fn refusal(fault: &Error) -> IntakeRefusal {
    match fault {
        Error::Unsupported(_) => IntakeRefusal::NotJpeg,
        _ => IntakeRefusal::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::LONG_SIDE;

    #[test]
    fn nothing_that_is_decoded_is_larger_than_is_said() {
        let of = |width, height, coding_process| ImageInfo {
            width,
            height,
            pixel_format: PixelFormat::RGB24,
            coding_process,
        };
        let sequential = CodingProcess::DctSequential;
        assert_eq!(check(of(9_280, 6_944, sequential)), Ok(()));
        assert_eq!(check(of(9_420, 6_944, sequential)), Err(IntakeRefusal::TooManyPixels));
        assert_eq!(check(of(65_535, 65_535, sequential)), Err(IntakeRefusal::TooManyPixels));
        let progressive = CodingProcess::DctProgressive;
        assert_eq!(check(of(4_608, 3_456, progressive)), Ok(()));
        assert_eq!(check(of(4_700, 3_456, progressive)), Err(IntakeRefusal::TooManyPixels));
        assert!(usize::from(DECODED_SIDE) < LONG_SIDE);
    }
}
