//! Photos as a telephone writes them: a sheet of digits, held sideways, with the place
//! where it was taken.

use jpeg_encoder::{ColorType, Encoder};

/// Digits 0 to 9, five rows of three pixels each, the first row in the highest bits.
const DIGITS: [u16; 10] =
    [0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717];

/// Side of a pixel of a digit.
const STROKE: usize = 5;

/// The place in the EXIF data, as text, so that a search finds it anywhere.
pub const PLACE: &[u8] = b"6 55 12 South 107 36 East";

/// A picture in colour.
#[derive(Debug, Clone)]
pub struct Picture {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Red, green and blue of each.
    pub samples: Vec<u8>,
}

impl Picture {
    /// A grey sheet with rows of digits and a red mark in its first corner; 2,400 × 1,800.
    #[must_use]
    pub fn sheet() -> Self {
        Self::of(2_400, 1_800, |x, y| {
            if x < 300 && y < 300 {
                return [200, 30, 30];
            }
            let (across, down) = (x / STROKE % 5, y / STROKE % 8);
            if !(y / STROKE / 8).is_multiple_of(3) {
                return [220; 3];
            }
            let digit = DIGITS[(x / STROKE / 5 * 7 + y / STROKE / 8 * 3) % 10];
            let bit = 14_usize.checked_sub(down * 3 + across).filter(|_| across < 3);
            if bit.is_some_and(|bit| digit >> bit & 1 == 1) { [40; 3] } else { [220; 3] }
        })
    }

    /// A sheet that was moved by so many pixels while it was photographed.
    #[must_use]
    pub fn moved(&self, by: usize) -> Self {
        // Sums from the left make the mean of a stretch one difference.
        let mut sums = vec![[0_u32; 3]; (self.width + 1) * self.height];
        for y in 0..self.height {
            for x in 0..self.width {
                let (before, pixel) = (sums[y * (self.width + 1) + x], self.at(x, y));
                sums[y * (self.width + 1) + x + 1] =
                    [0, 1, 2].map(|colour| before[colour] + u32::from(pixel[colour]));
            }
        }
        Self::of(self.width, self.height, |x, y| {
            let row = &sums[y * (self.width + 1)..];
            let end = (x + by).min(self.width);
            let start = end - by.min(end);
            let count = u32::try_from(end - start).expect("a picture of less than 65,536");
            [0, 1, 2].map(|colour| {
                let mean = (row[end][colour] - row[start][colour]) / count.max(1);
                u8::try_from(mean).expect("a mean of bytes is a byte")
            })
        })
    }

    fn of(width: usize, height: usize, colour: impl Fn(usize, usize) -> [u8; 3]) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = pixels.flat_map(|(x, y)| colour(x, y)).collect();
        Self { width, height, samples }
    }

    /// The file of a camera that was held so that its right side was up: EXIF says to turn
    /// the picture by a quarter to the right, and where it was taken.
    #[must_use]
    pub fn jpeg(&self) -> Vec<u8> {
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, 90);
        encoder.add_app_segment(1, &exif()).expect("a segment of less than 64 KiB");
        let side = |side: usize| u16::try_from(side).expect("a picture of less than 65,536");
        let (width, height) = (side(self.width), side(self.height));
        encoder.encode(&self.samples, width, height, ColorType::Rgb).expect("into memory");
        jpeg
    }

    /// What a file shows.
    ///
    /// # Errors
    /// If it is no JPEG in colour.
    pub fn read(jpeg: &[u8]) -> anyhow::Result<Self> {
        let mut decoder = jpeg_decoder::Decoder::new(jpeg);
        let samples = decoder.decode()?;
        let found = decoder.info().ok_or_else(|| anyhow::anyhow!("no picture"))?;
        let (width, height) = (found.width.into(), found.height.into());
        anyhow::ensure!(samples.len() == width * height * 3, "a picture in colour");
        Ok(Self { width, height, samples })
    }

    /// The colour of a pixel.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [0, 1, 2].map(|colour| self.samples[at + colour])
    }
}

/// One directory: the orientation, and a text that is a place.
fn exif() -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    let length = u8::try_from(PLACE.len()).expect("a short place");
    exif.extend([0x1B, 0x88, 2, 0, length, 0, 0, 0, 38, 0, 0, 0]);
    exif.extend([0; 4]);
    exif.extend(PLACE);
    exif
}
