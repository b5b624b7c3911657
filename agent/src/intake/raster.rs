//! A picture in memory, and how it is made smaller and turned.

use saksi_proto::upright::Orientation;

/// A picture: rows of samples, one (grey) or three (red, green, blue) a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raster {
    pub(super) width: usize,
    pub(super) height: usize,
    /// 1 or 3.
    pub(super) channels: usize,
    pub(super) samples: Vec<u8>,
}

/// Weights are parts of 4,096. Applied twice, to a sample of at most 255, they come to
/// 255 · 2²⁴, and with half a unit for rounding still to less than 2³².
const ONE: u32 = 1 << 12;

impl Raster {
    /// The picture with a long side of at most so many pixels; as it is if it has no more.
    pub(super) fn within(self, long_side: usize) -> Self {
        let longest = self.width.max(self.height);
        if longest <= long_side {
            return self;
        }
        let smaller = |side: usize| ((side * long_side + longest / 2) / longest).max(1);
        self.shrunk(smaller(self.width), smaller(self.height))
    }

    /// The picture as the scene was.
    pub(super) fn turned(self, orientation: Orientation) -> Self {
        let Self { width, height, channels, samples } = self;
        let ((width, height), samples) = orientation.turned((width, height), channels, samples);
        Self { width, height, channels, samples }
    }

    /// Each new pixel is the mean of the area that it covers: no detail is counted twice
    /// or left out, so thin lines grow paler and never vanish.
    fn shrunk(&self, width: usize, height: usize) -> Self {
        let (columns, rows) = (shares(self.width, width), shares(self.height, height));
        let mut samples = Vec::with_capacity(width * height * self.channels);
        let (mut narrow, mut sums) =
            (vec![0; width * self.channels], vec![0; width * self.channels]);
        for (first, weights) in rows {
            sums.fill(ONE * ONE / 2);
            for (row, weight) in (first..).zip(weights) {
                self.narrow(row, &columns, &mut narrow);
                for (sum, sample) in sums.iter_mut().zip(&narrow) {
                    *sum += sample * weight;
                }
            }
            samples.extend(sums.iter().map(|sum| (sum >> 24).to_le_bytes()[0]));
        }
        Self { width, height, channels: self.channels, samples }
    }

    /// One row, made narrower.
    fn narrow(&self, row: usize, columns: &[(usize, Vec<u32>)], into: &mut [u32]) {
        let row = &self.samples[row * self.width * self.channels..];
        for ((first, weights), pixel) in columns.iter().zip(into.chunks_exact_mut(self.channels)) {
            pixel.fill(0);
            let from = row[first * self.channels..].chunks_exact(self.channels);
            for (weight, from) in weights.iter().zip(from) {
                for (sum, sample) in pixel.iter_mut().zip(from) {
                    *sum += u32::from(*sample) * weight;
                }
            }
        }
    }

    /// How bright each pixel is.
    pub(super) fn luma(&self) -> Self {
        let samples = match self.channels {
            1 => self.samples.clone(),
            // ITU-R BT.601, in parts of 256.
            _ => self.samples.chunks_exact(3).map(brightness).collect(),
        };
        Self { width: self.width, height: self.height, channels: 1, samples }
    }
}

fn brightness(pixel: &[u8]) -> u8 {
    let weighted = pixel.iter().zip([77, 150, 29]).map(|(sample, of)| u32::from(*sample) * of);
    (weighted.sum::<u32>() >> 8).to_le_bytes()[0]
}

/// For each of `to` pixels in a row: the first of `from` pixels that it covers, and the
/// share of each. The shares of a pixel come to [`ONE`].
fn shares(from: usize, to: usize) -> Vec<(usize, Vec<u32>)> {
    // In units of 1/`to` of an old pixel, a new pixel is `from` long.
    let share = |at: usize| {
        let (begin, end) = (at * from, (at + 1) * from);
        let (first, last) = (begin / to, (end - 1) / to);
        let mut spent = 0;
        let weights = (first..=last).map(|old| {
            // Rounded up to here, so that all of them come to one.
            let upto = ((old + 1) * to).min(end) - begin;
            let upto = u32::try_from(upto * ONE as usize / from).unwrap_or(ONE);
            let weight = upto - spent;
            spent = upto;
            weight
        });
        (first, weights.collect())
    };
    (0..to).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, samples: &[u8]) -> Raster {
        let height = samples.len() / width;
        Raster { width, height, channels: 1, samples: samples.to_vec() }
    }

    #[test]
    fn a_new_pixel_is_the_mean_of_what_it_covers() {
        let picture = grey(4, &[0, 40, 80, 120, 20, 60, 100, 140]);
        assert_eq!(picture.clone().within(4), picture, "no larger, no smaller");
        assert_eq!(picture.within(2), grey(2, &[30, 110]));
        // Three to two: a new pixel covers one and a half.
        assert_eq!(grey(3, &[90, 30, 60]).shrunk(2, 1), grey(2, &[70, 50]));
    }

    #[test]
    fn white_stays_white_at_every_ratio() {
        for (from, to) in [(3_399, 2_000), (2_001, 2_000), (2_500, 333), (7, 3)] {
            assert!(shares(from, to).iter().all(|(_, of)| of.iter().sum::<u32>() == ONE));
            let white = grey(from, &vec![255; from]).shrunk(to, 1);
            assert!(white.samples.iter().all(|sample| *sample == 255));
        }
    }

    #[test]
    fn colours_stay_apart() {
        let samples = vec![255, 0, 10, 255, 0, 30];
        let picture = Raster { width: 2, height: 1, channels: 3, samples };
        assert_eq!(picture.shrunk(1, 1).samples, [255, 0, 20]);
        assert_eq!(picture.luma().samples, [77, 80]);
    }
}
