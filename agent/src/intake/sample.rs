//! Pictures for tests: a sheet with writing, and the ways in which a camera spoils it.

use jpeg_encoder::{ColorType, Encoder};

use super::raster::Raster;

/// A picture of what a function gives for each column, row and channel.
pub(super) fn picture(
    width: usize,
    height: usize,
    channels: usize,
    of: impl Fn(usize, usize, usize) -> u8,
) -> Raster {
    let mut samples = Vec::with_capacity(width * height * channels);
    for y in 0..height {
        for x in 0..width {
            samples.extend((0..channels).map(|channel| of(x, y, channel)));
        }
    }
    Raster { width, height, channels, samples }
}

/// Digits 0 to 9, five rows of three pixels each, the first row in the highest bits.
const DIGITS: [u16; 10] =
    [0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717];

/// Side of a pixel of a digit: five of them are 20 pixels, on a sheet of A4 (297 mm) with a
/// long side of 1,200 pixels digits of 5 mm.
const STROKE: usize = 4;

/// A grey sheet full of digits, with a margin that lies on a darker table.
pub(super) fn sheet(width: usize, height: usize) -> Raster {
    let (paper, ink, table) = (220, 40, 90);
    picture(width, height, 1, |x, y, _| {
        let margin = width / 20;
        if x < margin || y < margin || x + margin > width || y + margin > height {
            return table;
        }
        let (column, row) = (x / STROKE, y / STROKE);
        // A digit has five columns and eight rows to itself.
        let (across, down) = (column % 5, row % 8);
        let digit = DIGITS[(column / 5 * 7 + row / 8 * 3) % 10];
        let bit = 14_usize.checked_sub(down * 3 + across).filter(|_| across < 3);
        if bit.is_some_and(|bit| digit >> bit & 1 == 1) { ink } else { paper }
    })
}

/// Each sample changed by itself.
pub(super) fn each(picture: &Raster, change: impl Fn(u8) -> u8) -> Raster {
    let samples = picture.samples.iter().map(|sample| change(*sample)).collect();
    Raster { samples, ..picture.clone() }
}

/// Moved while it was taken: the mean over so many pixels across and down.
pub(super) fn moved(picture: &Raster, across: usize, down: usize) -> Raster {
    let Raster { width, height, .. } = *picture;
    let at = |x: usize, y: usize| {
        u32::from(picture.samples[y.min(height - 1) * width + x.min(width - 1)])
    };
    self::picture(width, height, 1, |x, y, _| {
        let places = (0..down).flat_map(|dy| (0..across).map(move |dx| (x + dx, y + dy)));
        let sum: u32 = places.map(|(x, y)| at(x, y)).sum();
        u8::try_from(sum / u32::try_from(across * down).unwrap()).unwrap()
    })
}

/// Out of focus: three means one after the other are nearly a Gaussian; its σ is half of
/// their length.
pub(super) fn out_of_focus(picture: &Raster, length: usize) -> Raster {
    (0..3).fold(picture.clone(), |blurred, _| moved(&moved(&blurred, length, 1), 1, length))
}

/// With the noise of a sensor in little light: evenly spread, so far from what is seen.
pub(super) fn noisy(picture: &Raster, far: i32) -> Raster {
    let mut state = 1_u32;
    let samples = picture.samples.iter().map(|sample| {
        // Numbers that look random: Knuth's constants.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let off = i32::try_from(state >> 16).unwrap() % (2 * far + 1) - far;
        u8::try_from((i32::from(*sample) + off).clamp(0, 255)).unwrap()
    });
    Raster { samples: samples.collect(), ..picture.clone() }
}

/// A JPEG of a picture as it is, at the best quality.
pub(super) fn jpeg(picture: &Raster) -> Vec<u8> {
    jpeg_with(picture, |_| {})
}

/// A JPEG whose writer is told something first.
pub(super) fn jpeg_with(
    picture: &Raster,
    tell: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 100);
    tell(&mut encoder);
    let colours = match picture.channels {
        1 => ColorType::Luma,
        3 => ColorType::Rgb,
        _ => ColorType::Cmyk,
    };
    let (width, height) = (picture.width.try_into().unwrap(), picture.height.try_into().unwrap());
    encoder.encode(&picture.samples, width, height, colours).unwrap();
    jpeg
}

/// EXIF as a telephone writes it: the orientation, and where the picture was taken.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    // The directory of the place begins at byte 38 of the TIFF data.
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0]);
    exif.extend([0, 2, 0, 1, 0, 2, 0, 0, 0, 2]);
    exif.extend(*b"S\0\0\0");
    exif.extend([0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 68, 0, 0, 0, 0]);
    exif.extend([0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 55, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, 1]);
    exif
}
