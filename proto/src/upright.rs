//! Which way up a photo is, and turning it so: for devices that write photos anew, and for the
//! centre, which makes those small that devices keep as they are.

/// What EXIF calls the orientation: how the stored rows and columns lie in the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation(u8);

/// EXIF's tag of the orientation, in the first directory.
const ORIENTATION: u16 = 0x0112;

/// Most entries that are looked at: cameras write a dozen.
const MAX_ENTRIES: u16 = 200;

impl Orientation {
    /// As it is stored.
    pub const UPRIGHT: Self = Self(1);

    /// What the EXIF data says, from the TIFF header on; upright if it says nothing that
    /// makes sense.
    #[must_use]
    pub fn read(exif: &[u8]) -> Self {
        let tiff = match exif.get(..4) {
            Some(b"II*\0") => Tiff { bytes: exif, is_little: true },
            Some(b"MM\0*") => Tiff { bytes: exif, is_little: false },
            _ => return Self::UPRIGHT,
        };
        tiff.orientation().map_or(Self::UPRIGHT, Self)
    }

    /// The picture as the scene was: its width and height, and rows of so many samples a pixel.
    /// It is left as it is where the samples are not as many as that.
    #[must_use]
    pub fn turned(
        self,
        (width, height): (usize, usize),
        channels: usize,
        samples: Vec<u8>,
    ) -> ((usize, usize), Vec<u8>) {
        let is_whole = !samples.is_empty() && samples.len() == width * height * channels;
        if self == Self::UPRIGHT || !is_whole {
            return ((width, height), samples);
        }
        let (right, down) = (width - 1, height - 1);
        // Where the pixel at column `x`, row `y` of the new picture lies in the old one.
        let from = |x: usize, y: usize| match self.0 {
            2 => (right - x, y),
            3 => (right - x, down - y),
            4 => (x, down - y),
            5 => (y, x),
            6 => (y, down - x),
            7 => (right - y, down - x),
            8 => (right - y, x),
            _ => (x, y),
        };
        // From the fifth on width and height change places.
        let (across, along) = if self.0 >= 5 { (height, width) } else { (width, height) };
        let mut turned = Vec::with_capacity(samples.len());
        for y in 0..along {
            for x in 0..across {
                let (column, row) = from(x, y);
                let at = (row * width + column) * channels;
                turned.extend_from_slice(&samples[at..at + channels]);
            }
        }
        ((across, along), turned)
    }
}

/// A TIFF file, of which nothing is believed.
struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl Tiff<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn orientation(&self) -> Option<u8> {
        let directory = usize::try_from(self.long(4)?).ok()?;
        let entries = self.short(directory)?.min(MAX_ENTRIES);
        // An entry is its tag, its type, how many values, and the value: 12 bytes.
        let entry = |at: u16| directory.checked_add(2 + 12 * usize::from(at));
        let at = (0..entries).filter_map(entry).find(|at| self.short(*at) == Some(ORIENTATION))?;
        let value = u8::try_from(self.short(at.checked_add(8)?)?).ok()?;
        (1..=8).contains(&value).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_orientation_is_turned_as_exif_means_it() {
        // EXIF 2.32, 4.6.4 A: what row 0 and column 0 of the stored picture are in the scene.
        let cases: [(u8, usize, [u8; 6]); 8] = [
            (1, 2, [1, 2, 3, 4, 5, 6]),
            (2, 2, [2, 1, 4, 3, 6, 5]),
            (3, 2, [6, 5, 4, 3, 2, 1]),
            (4, 2, [5, 6, 3, 4, 1, 2]),
            (5, 3, [1, 3, 5, 2, 4, 6]),
            (6, 3, [5, 3, 1, 6, 4, 2]),
            (7, 3, [6, 4, 2, 5, 3, 1]),
            (8, 3, [2, 4, 6, 1, 3, 5]),
        ];
        for (orientation, width, samples) in cases {
            // Stored as 1 2 above 3 4 above 5 6, in colours that are alike.
            let colours = |samples: &[u8]| samples.iter().flat_map(|it| [*it, 9]).collect();
            let stored: Vec<u8> = colours(&[1, 2, 3, 4, 5, 6]);
            let turned = Orientation(orientation).turned((2, 3), 2, stored);
            let expected = ((width, 6 / width), colours(&samples));
            assert_eq!(turned, expected, "{orientation}");
        }
    }

    #[test]
    fn samples_that_are_no_picture_of_that_size_are_left_as_they_are() {
        for (size, samples) in [((0, 0), vec![]), ((2, 2), vec![1, 2, 3]), ((0, 4), vec![1])] {
            assert_eq!(Orientation(6).turned(size, 1, samples.clone()), (size, samples));
        }
    }

    #[test]
    fn exif_that_makes_no_sense_says_nothing() {
        let good = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert_eq!(Orientation::read(good), Orientation(6));
        for end in 0..good.len() {
            let expected = if end < 20 { 1 } else { 6 };
            assert_eq!(Orientation::read(&good[..end]), Orientation(expected), "{end} bytes");
        }
        for (at, byte) in [(0, b'X'), (4, 0xFF), (7, 0xFF), (18, 0), (18, 9), (19, 1)] {
            let mut bad = good.to_vec();
            bad[at] = byte;
            assert_eq!(Orientation::read(&bad), Orientation::UPRIGHT, "byte {at}");
        }
    }
}
