//! A photo made small, to stand beside the numbers: sheets of 2024 with 2,000 pixels and 140 to
//! 350 KB become 4 to 6 KB, in 18 to 26 ms of a debug build (`thumbnails_of_photos` below).
//!
//! Photos come from devices, and a device may send any bytes: nothing is decoded before its
//! size is known, and what is no picture, or costs more than a picture may, has no thumbnail.
//! The decoder and encoder are those with which devices make photos small. One that a device has
//! kept as it is may lie on its side: it is turned as its EXIF says, as a browser turns the photo.

use std::panic::catch_unwind;

use jpeg_decoder::{CodingProcess, Decoder, ImageInfo, PixelFormat};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use saksi_proto::upright::Orientation;

/// Longest side, in pixels: a sheet is known by it, and its columns; to read it, there is the
/// photo.
const LONG_SIDE: usize = 320;

/// It is decoded at the smallest of 1, ½, ¼ and ⅛ that leaves so many pixels.
const DECODED_SIDE: u16 = 160;

/// Enough for paper and ink.
const QUALITY: u8 = 55;

/// Most pixels of a picture, as devices have it: half a second of a processor.
const MAX_PIXELS: u64 = 65_000_000;

/// Most pixels of a progressive one, whose coefficients all lie in memory: 96 MB.
const MAX_PROGRESSIVE_PIXELS: u64 = 16_000_000;

/// Most passes over the picture. Programs write ten; 8 MiB have room for 100,000, of which
/// each visits every block: minutes. 32 are some seconds at most.
const MAX_SCANS: usize = 32;

/// Most pixels that a byte can stand for: a block of 8 × 8 takes a bit at least.
const PIXELS_A_BYTE: u64 = 8 * 64;

/// What begins a pass.
const SCAN: [u8; 2] = [0xFF, 0xDA];

/// A picture in memory: rows of samples, one (grey) or three a pixel.
struct Picture {
    width: usize,
    height: usize,
    channels: usize,
    samples: Vec<u8>,
}

/// Width and height of a thumbnail.
pub(crate) fn size(thumbnail: &[u8]) -> Option<(u16, u16)> {
    let mut decoder = Decoder::new(thumbnail);
    decoder.read_info().ok()?;
    decoder.info().map(|found| (found.width, found.height))
}

/// A small JPEG of a photo; `None` if it is no picture that is shown.
pub(super) fn thumbnail(photo: &[u8]) -> Option<Vec<u8>> {
    // A decoder that panics was given what nobody should be shown.
    catch_unwind(|| {
        let (picture, orientation) = decoded(photo)?;
        encoded(&picture.smaller().turned(orientation))
    })
    .ok()
    .flatten()
}

/// The pixels, and which way up they are.
fn decoded(photo: &[u8]) -> Option<(Picture, Orientation)> {
    // Within a pass these two bytes do not occur: this counts too many rather than too few.
    if photo.windows(2).filter(|bytes| *bytes == SCAN).count() > MAX_SCANS {
        return None;
    }
    let mut decoder = Decoder::new(photo);
    decoder.read_info().ok()?;
    let channels = channels(decoder.info()?, photo.len())?;
    let (width, height) = decoder.scale(DECODED_SIDE, DECODED_SIDE).ok()?;
    let (width, height) = (usize::from(width), usize::from(height));
    let samples = decoder.decode().ok()?;
    let is_whole = !samples.is_empty() && samples.len() == width * height * channels;
    let orientation = decoder.exif_data().map_or(Orientation::UPRIGHT, Orientation::read);
    is_whole.then_some((Picture { width, height, channels, samples }, orientation))
}

/// Samples of a pixel, if such a picture is decoded at all.
fn channels(found: ImageInfo, bytes: usize) -> Option<usize> {
    let most = match found.coding_process {
        CodingProcess::DctSequential => MAX_PIXELS,
        CodingProcess::DctProgressive => MAX_PROGRESSIVE_PIXELS,
        // For X-rays; no camera writes it.
        CodingProcess::Lossless => return None,
    };
    let pixels = u64::from(found.width) * u64::from(found.height);
    if pixels > most.min(PIXELS_A_BYTE * bytes as u64) {
        return None;
    }
    match found.pixel_format {
        PixelFormat::L8 => Some(1),
        PixelFormat::RGB24 => Some(3),
        // For printers and scanners of 16 bits; no phone writes them.
        PixelFormat::CMYK32 | PixelFormat::L16 => None,
    }
}

impl Picture {
    /// As the scene was.
    fn turned(self, orientation: Orientation) -> Self {
        let Self { width, height, channels, samples } = self;
        let ((width, height), samples) = orientation.turned((width, height), channels, samples);
        Self { width, height, channels, samples }
    }

    /// Each new pixel is the mean of a square of old ones.
    fn smaller(self) -> Self {
        let square = self.width.max(self.height).div_ceil(LONG_SIDE);
        if square < 2 {
            return self;
        }
        let Self { width: old, height, channels, samples } = &self;
        let side = |side: usize| (side / square).max(1);
        let (width, height, last) = (side(*old), side(*height), *height);
        let mut small = Vec::with_capacity(width * height * channels);
        for row in 0..height {
            let rows = row * square..((row + 1) * square).min(last);
            for column in 0..width {
                let columns = column * square..((column + 1) * square).min(*old);
                for channel in 0..*channels {
                    let at = |row: usize, column: usize| (row * old + column) * channels + channel;
                    let of =
                        rows.clone().flat_map(|row| columns.clone().map(move |it| at(row, it)));
                    let (many, sum) = of.fold((0_u32, 0_u32), |(many, sum), at| {
                        (many + 1, sum + u32::from(samples[at]))
                    });
                    small.push((sum / many).to_le_bytes()[0]);
                }
            }
        }
        Self { width, height, channels: *channels, samples: small }
    }
}

fn encoded(picture: &Picture) -> Option<Vec<u8>> {
    let side = |side: usize| u16::try_from(side).ok();
    let colours = if picture.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.set_optimized_huffman_tables(true);
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    encoder.encode(&picture.samples, width, height, colours).ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use CodingProcess::{DctProgressive, DctSequential, Lossless};

    use super::*;

    /// A picture of stripes, in colours or grey.
    fn picture(width: u16, height: u16, colours: ColorType) -> Vec<u8> {
        let channels = if colours == ColorType::Luma { 1 } else { 3 };
        let pixels = usize::from(width) * usize::from(height);
        let samples: Vec<u8> =
            (0..pixels * channels).map(|at| (at / 7 % 251).to_le_bytes()[0]).collect();
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, 80).encode(&samples, width, height, colours).unwrap();
        jpeg
    }

    fn sides(jpeg: &[u8]) -> (u16, u16) {
        let mut decoder = Decoder::new(jpeg);
        decoder.decode().unwrap();
        let found = decoder.info().unwrap();
        (found.width, found.height)
    }

    #[test]
    fn a_photo_of_any_shape_becomes_small() {
        for (width, height, small) in [
            (2_000, 1_500, (250, 188)),
            (1_500, 2_000, (188, 250)),
            (4_000, 3_000, (250, 187)),
            (1_200, 900, (300, 225)),
            (64, 48, (64, 48)),
            (6_000, 8, (250, 1)),
        ] {
            for colours in [ColorType::Luma, ColorType::Rgb] {
                let found = thumbnail(&picture(width, height, colours)).unwrap();
                assert_eq!(sides(&found), small, "{width} × {height}");
                assert!(found.len() < 40_000, "{} bytes", found.len());
            }
        }
    }

    /// The same photo with EXIF that says how it lies, as a telephone writes it.
    fn lying(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
        let exif = [&exif[..], &[orientation, 0, 0, 0]].concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn one_that_was_kept_lying_on_its_side_is_turned() {
        // Dark above, bright below, as it is stored.
        let samples: Vec<u8> = (0..64 * 48).map(|at| if at < 64 * 24 { 20 } else { 230 }).collect();
        let mut stored = Vec::new();
        Encoder::new(&mut stored, 90).encode(&samples, 64, 48, ColorType::Luma).unwrap();
        // Of the small one: whether each corner is bright, the first row's and the last row's.
        for (orientation, size, bright) in [
            (1, (64, 48), [false, false, true, true]),
            (3, (64, 48), [true, true, false, false]),
            (6, (48, 64), [true, false, true, false]),
            (8, (48, 64), [false, true, false, true]),
        ] {
            let small = thumbnail(&lying(&stored, orientation)).unwrap();
            assert_eq!(sides(&small), size, "{orientation}");
            let pixels = Decoder::new(&small[..]).decode().unwrap();
            let (right, end) = (usize::from(size.0) - 1, pixels.len() - 1);
            let corners = [0, right, end - right, end].map(|at| pixels[at] > 128);
            assert_eq!(corners, bright, "{orientation}");
        }
    }

    #[test]
    #[ignore = "prints figures of the photos (JPEG) in the directory SAKSI_PHOTOS: \
                cargo test --release -p saksi-collector thumbnails_of -- --ignored --nocapture"]
    fn thumbnails_of_photos() {
        let photos = std::env::var_os("SAKSI_PHOTOS").expect("SAKSI_PHOTOS");
        for photo in std::fs::read_dir(photos).unwrap() {
            let photo = photo.unwrap();
            let bytes = std::fs::read(photo.path()).unwrap();
            let time = |_| {
                let begun = std::time::Instant::now();
                let small = thumbnail(&bytes).expect("a photo");
                (begun.elapsed(), small.len())
            };
            // The shortest: other processes take their turn too.
            let (took, small) = (0..9).map(time).min().unwrap();
            let name = photo.file_name().display().to_string();
            println!("{name}: {} bytes to {small}, {took:?}", bytes.len());
        }
    }

    #[test]
    fn a_mean_is_of_all_that_a_pixel_covers() {
        let (width, height) = (640, 2);
        let samples = (0..width * height).map(|at| if at % 2 == 0 { 10 } else { 30 }).collect();
        let small = Picture { width, height, channels: 1, samples }.smaller();
        assert_eq!((small.width, small.height), (320, 1));
        assert!(small.samples.iter().all(|sample| *sample == 20));
    }

    #[test]
    fn what_is_no_picture_or_costs_too_much_has_none() {
        let whole = picture(400, 300, ColorType::Rgb);
        assert!(thumbnail(&whole).is_some());
        let mut larger = whole.clone();
        let frame = larger.windows(2).position(|bytes| bytes[0] == 0xFF && bytes[1] == 0xC0);
        larger[frame.unwrap() + 5..][..4].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
        let passes = [&whole[..], &SCAN.repeat(MAX_SCANS)].concat();
        let none: [&[u8]; 6] =
            [b"", b"\xFF\xD8", b"<script>", &whole[..whole.len() / 20], &larger, &passes];
        for (at, photo) in none.iter().enumerate() {
            assert_eq!(thumbnail(photo), None, "{at}");
        }
    }

    #[test]
    fn sizes_are_looked_at_before_anything_is_decoded() {
        let of = |width, height, coding_process, pixel_format| {
            channels(ImageInfo { width, height, pixel_format, coding_process }, 8 << 20)
        };
        assert_eq!(of(9_280, 6_944, DctSequential, PixelFormat::RGB24), Some(3));
        assert_eq!(of(9_420, 6_944, DctSequential, PixelFormat::RGB24), None);
        assert_eq!(of(4_608, 3_456, DctProgressive, PixelFormat::L8), Some(1));
        assert_eq!(of(4_700, 3_456, DctProgressive, PixelFormat::L8), None);
        let info = ImageInfo {
            width: 9_280,
            height: 6_944,
            pixel_format: PixelFormat::L8,
            coding_process: DctSequential,
        };
        assert_eq!(channels(info, 100 << 10), None, "more than so few bytes can stand for");
        assert_eq!(of(8, 8, Lossless, PixelFormat::L8), None);
        assert_eq!(of(8, 8, DctSequential, PixelFormat::CMYK32), None);
    }
}
