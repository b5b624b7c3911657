//! A text as a QR code: half blocks for a terminal, or a drawing (SVG).

use std::fmt::Write as _;

use qrcodegen::{DataTooLong, QrCode, QrCodeEcc};

/// Light modules around the code (ISO/IEC 18004).
const QUIET: i32 = 4;

/// A QR code. A receipt in a log of five million entries takes 1.4 KB: 125 modules a side.
pub struct Code(QrCode);

/// The text is longer than any QR code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes; a QR code holds 2,953")]
pub struct TooLong(pub usize);

impl Code {
    /// The smallest code of a text, with as much error correction as costs no size.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn of(text: &str) -> Result<Self, TooLong> {
        let code = QrCode::encode_text(text, QrCodeEcc::Low);
        code.map(Self).map_err(|_: DataTooLong| TooLong(text.len()))
    }

    /// Modules on a side, quiet zone included: columns that a terminal must have.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.modules().len()
    }

    fn modules(&self) -> std::ops::Range<i32> {
        -QUIET..self.0.size() + QUIET
    }

    /// Two rows of modules a line; what is dark is drawn in the colour of the letters.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        // Outside of the code all is light.
        let cell = |x, y| match (self.0.get_module(x, y), self.0.get_module(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let line = |y| self.modules().map(|x| cell(x, y)).collect();
        self.modules().step_by(2).map(line).collect()
    }

    /// A drawing that needs nothing else.
    #[must_use]
    pub fn svg(&self) -> String {
        let whole = self.columns();
        let mut path = String::new();
        // A row is a line of strokes and gaps: a third of what rectangles take.
        for y in 0..self.0.size() {
            write!(path, "M{QUIET} {}.5", y + QUIET).expect("a String takes all");
            let mut x = 0;
            while x < self.0.size() {
                let is_dark = self.0.get_module(x, y);
                let from = x;
                while x < self.0.size() && self.0.get_module(x, y) == is_dark {
                    x += 1;
                }
                let width = x - from;
                match (is_dark, x == self.0.size()) {
                    (true, _) => write!(path, "h{width}"),
                    (false, false) => write!(path, "m{width} 0"),
                    (false, true) => Ok(()),
                }
                .expect("a String takes all");
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{whole}v{whole}h-{whole}z\"/>\
             <path stroke=\"#000\" d=\"{path}\"/></svg>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads dark and light modules, eight pixels each, with somebody else's reader.
    fn read(dark: &[Vec<bool>]) -> String {
        let side = dark.len();
        let pixel = |x: usize, y: usize| if dark[y / 8][x / 8] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 8, side * 8, pixel);
        let found = image.detect_grids();
        assert_eq!(found.len(), 1);
        found[0].decode().unwrap().1
    }

    fn of_lines(code: &Code) -> Vec<Vec<bool>> {
        let rows = |line: &String| {
            let half = |upper: bool| {
                let is_dark = |cell| cell == '█' || cell == if upper { '▀' } else { '▄' };
                line.chars().map(is_dark).collect::<Vec<_>>()
            };
            [half(true), half(false)]
        };
        let mut dark: Vec<_> = code.lines().iter().flat_map(rows).collect();
        dark.truncate(code.columns());
        dark
    }

    fn of_svg(code: &Code) -> Vec<Vec<bool>> {
        let svg = code.svg();
        let path = svg.rsplit_once("d=\"").unwrap().1.split_once('"').unwrap().0;
        let mut dark = vec![vec![false; code.columns()]; code.columns()];
        let number = |text: &str| text.parse::<usize>().unwrap();
        for row in path.split('M').skip(1) {
            let (start, strokes) = row.split_once(".5").unwrap();
            let (mut x, y) = (QUIET as usize, number(start.split_once(' ').unwrap().1));
            for step in strokes.split_inclusive(['h', 'm']).collect::<Vec<_>>().windows(2) {
                let width = step[1].trim_end_matches(['h', 'm']).trim_end_matches(" 0");
                let width = number(width);
                dark[y][x..x + width].fill(step[0].ends_with('h'));
                x += width;
            }
        }
        dark
    }

    #[test]
    fn another_reader_reads_a_receipt_back_byte_for_byte() {
        let short = include_str!("../../proto/golden/receipt.tlog-proof");
        // As many hashes as in a log of five million entries.
        let hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n";
        let long = short.replacen("index 5\n", &format!("index 5\n{}", hash.repeat(20)), 1);
        for text in [short, &long] {
            let code = Code::of(text).unwrap();
            assert_eq!(read(&of_lines(&code)), text);
            assert_eq!(read(&of_svg(&code)), text);
            let blank = " ".repeat(code.columns());
            assert_eq!(code.lines()[..2], [blank.clone(), blank], "the quiet zone");
        }
        assert_eq!(Code::of(&"x".repeat(2_954)).err(), Some(TooLong(2_954)));
    }
}
