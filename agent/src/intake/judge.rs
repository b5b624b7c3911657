//! Whether a picture of a form can be read: too small, too dark, too bright, blurred.

use saksi_proto::text::Phrase;
use serde::{Deserialize, Serialize};

use super::raster::Raster;
use crate::words;

/// What may make a photo hard to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// Few pixels.
    Small,
    /// Little light.
    Dark,
    /// So much light that the writing is gone.
    Overexposed,
    /// No sharp edges: out of focus, or moved. Or nothing is written on what it shows.
    Blurred,
}

/// Shortest long side, in pixels, at which printed digits of 2 mm on a sheet of A3
/// (420 mm) are 6 pixels high.
const SMALL: usize = 1_200;

/// The picture is judged with this long side: noise of the sensor is averaged away, and
/// what is lost at this size is nearly lost at the size that is kept.
const JUDGED: usize = 1_000;

/// Side of the squares that are looked at, in pixels.
const TILE: usize = 32;

/// A square has something on it if its brightness has this variance at least: a standard
/// deviation of 12 of 255.
const CONTRAST: f64 = 144.0;

/// Fewer squares with something on them say nothing.
const FEWEST: usize = 8;

/// Sharpness below which a picture is blurred. Figures of two of the KPU's sheets (600 × 900
/// mm and A4), drawn as a camera of 12 megapixels sees them, with its noise:
///
/// | picture | sharpness |
/// |---|---|
/// | sharp; dim; noisy; scanned; half of the frame | 0.69 to 2.5 |
/// | blurred, σ 1 pixel of what is kept: small print just readable | 0.52 to 0.62 |
/// | σ 2: small print gone, large digits readable | 0.07 to 0.12 |
/// | moved by 7 pixels / by 15: digits gone | 0.07 / 0.02 |
/// | σ 3 / σ 4.5, noisy or not | 0.02 / 0.01 |
const BLURRED: f64 = 0.18;

/// Brightness of the brightest twentieth below which a picture is dark. The sheets above at
/// a fifth of the light: 49; at half of it, still readable: 100.
const DARK: u8 = 80;

/// A picture whose middle brightness is this or more is mostly white: scanned, or too bright.
const WHITE: u8 = 250;

/// Then the darkest pixel of a square with something on it (of all squares, the median)
/// shows whether ink is black (42 to 61 scanned, 81 at twice the light) or washed out (128
/// to 149 at four times the light, where thin lines are gone).
const WASHED_OUT: u8 = 110;

/// Across, down, and both diagonals.
const DIRECTIONS: usize = 4;

impl Warning {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Small, Self::Dark, Self::Overexposed, Self::Blurred];

    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Small => "photo-small",
            Self::Dark => "photo-dark",
            Self::Overexposed => "photo-overexposed",
            Self::Blurred => "photo-blurred",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Small => words::PHOTO_SMALL,
            Self::Dark => words::PHOTO_DARK,
            Self::Overexposed => words::PHOTO_OVEREXPOSED,
            Self::Blurred => words::PHOTO_BLURRED,
        }
    }
}

/// What may make the picture hard to read, the plainest first.
pub(super) fn judge(picture: &Raster) -> Vec<Warning> {
    let is_small = picture.width.max(picture.height) < SMALL;
    let seen = picture.luma().within(JUDGED);
    let squares = squares(&seen);
    let is_dark = brightness(&seen, 95) < DARK;
    let is_white = brightness(&seen, 50) >= WHITE;
    let found = [
        (Warning::Small, is_small),
        (Warning::Dark, is_dark),
        (Warning::Overexposed, is_white && darkest(&squares) > WASHED_OUT),
        // In the dark nothing is known of it.
        (Warning::Blurred, !is_dark && sharpness(&squares) < BLURRED),
    ];
    found.into_iter().filter(|(_, is_so)| *is_so).map(|(warning, _)| warning).collect()
}

/// So many hundredths of the pixels are not brighter than this.
fn brightness(seen: &Raster, hundredths: usize) -> u8 {
    let mut pixels = [0_usize; 256];
    for sample in &seen.samples {
        pixels[usize::from(*sample)] += 1;
    }
    let wanted = seen.samples.len() * hundredths / 100;
    let mut so_far = 0;
    let reaches = |(level, count): (u8, usize)| {
        so_far += count;
        (so_far > wanted).then_some(level)
    };
    (0..=255).zip(pixels).find_map(reaches).unwrap_or(u8::MAX)
}

/// A part of the picture.
struct Square {
    /// Variance of its brightness.
    contrast: f64,
    /// Variance of the second difference of its brightness in each direction: large where
    /// an edge across that direction is sharp.
    edges: [f64; DIRECTIONS],
    darkest: u8,
}

impl Square {
    fn has_something(&self) -> bool {
        self.contrast >= CONTRAST
    }
}

/// All of the picture's squares, without a margin of one pixel and what is left over.
fn squares(seen: &Raster) -> Vec<Square> {
    let places = |side: usize| (1..side.saturating_sub(TILE)).step_by(TILE);
    places(seen.height).flat_map(|y| places(seen.width).map(move |x| square(seen, x, y))).collect()
}

fn square(seen: &Raster, left: usize, top: usize) -> Square {
    let at = |place: usize| i32::from(seen.samples[place]);
    // From a pixel to its neighbours before and behind it, in each direction.
    let steps: [usize; DIRECTIONS] = [1, seen.width, seen.width + 1, seen.width - 1];
    let mut brightness = Spread::default();
    let mut edges: [Spread; DIRECTIONS] = Default::default();
    let mut darkest = u8::MAX;
    for y in top..top + TILE {
        for place in y * seen.width + left..y * seen.width + left + TILE {
            let here = at(place);
            brightness.add(here);
            darkest = darkest.min(seen.samples[place]);
            for (edge, step) in edges.iter_mut().zip(steps) {
                edge.add(at(place - step) + at(place + step) - 2 * here);
            }
        }
    }
    let edges = edges.map(|edge| edge.variance());
    Square { contrast: brightness.variance(), edges, darkest }
}

/// How sharp a picture is. In each square with something on it: how strong edges are for
/// its contrast, so that neither pale ink nor a dim lamp counts as blur. Of all squares: the
/// upper quartile, so that the table beside the paper does not count. Of the four directions:
/// the least, for a hand that moves blurs one direction and leaves another. What the tenth
/// part of all squares with the least edges has is noise, and is taken off. 0 if there is
/// nothing on it.
fn sharpness(squares: &[Square]) -> f64 {
    let of_direction = |direction: usize| {
        let noise = quantile(squares.iter().map(|square| square.edges[direction]), 10);
        let full = squares.iter().filter(|square| square.has_something());
        let sharp = full.map(|square| (square.edges[direction] - noise).max(0.0) / square.contrast);
        quantile(sharp, 75)
    };
    if squares.iter().filter(|square| square.has_something()).count() < FEWEST {
        return 0.0;
    }
    (0..DIRECTIONS).map(of_direction).fold(f64::MAX, f64::min)
}

/// The darkest pixel of the squares with something on them, the median; white if there are
/// none.
fn darkest(squares: &[Square]) -> u8 {
    let full = squares.iter().filter(|square| square.has_something());
    let mut darkest: Vec<u8> = full.map(|square| square.darkest).collect();
    darkest.sort_unstable();
    darkest.get(darkest.len() / 2).copied().unwrap_or(u8::MAX)
}

/// So many hundredths of the values are not above this; 0 of none.
fn quantile(values: impl Iterator<Item = f64>, hundredths: usize) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() * hundredths / 100).copied().unwrap_or(0.0)
}

/// Sums for a variance. 1,024 squares of at most 510 stay far below 2³¹.
#[derive(Default)]
struct Spread {
    count: i32,
    sum: i32,
    squares: i32,
}

impl Spread {
    fn add(&mut self, value: i32) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        let count = f64::from(self.count.max(1));
        let mean = f64::from(self.sum) / count;
        f64::from(self.squares) / count - mean * mean
    }
}

#[cfg(test)]
pub(super) fn figures(picture: &Raster) -> String {
    let seen = picture.luma().within(JUDGED);
    let squares = squares(&seen);
    let (sharpness, darkest) = (sharpness(&squares), darkest(&squares));
    format!("sharpness {sharpness:.3}, darkest {darkest}, {}", brightness(&seen, 95))
}
