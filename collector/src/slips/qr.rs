//! A text as a QR code, drawn as SVG.

use std::fmt::Write as _;

use qrcodegen::{DataTooLong, QrCode, QrCodeEcc};

/// Light modules around the code (ISO/IEC 18004).
const QUIET: i32 = 4;

/// Draws a text. Error correction of at least 15 %, more where it costs no size: slips
/// are folded and get wet.
///
/// # Errors
/// If it is longer than any code holds, 3,391 characters.
pub(crate) fn draw(text: &str) -> Result<String, DataTooLong> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)?;
    let size = code.size();
    let whole = size + 2 * QUIET;
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let from = x;
            // Outside of the code all is light.
            while code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                let (left, top, width) = (from + QUIET, y + QUIET, x - from);
                write!(path, "M{left} {top}h{width}v1h-{width}z").expect("a String takes all");
            }
            x += 1;
        }
    }
    Ok(format!(
        r##"<svg viewBox="0 0 {whole} {whole}" shape-rendering="crispEdges" role="img" aria-label="QR"><path fill="#fff" d="M0 0h{whole}v{whole}h-{whole}z"/><path d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Draws the SVG's path on a raster, eight pixels a module, and reads it with
    /// somebody else's reader.
    pub(crate) fn read(svg: &str) -> String {
        let whole: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let path = between(svg, "<path d=\"", "\"");
        let mut dark = vec![false; whole * whole];
        for run in path.split_terminator('z') {
            let (x, rest) = run.trim_start_matches('M').split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (width, _) = rest.split_once('v').unwrap();
            let number = |text: &str| text.parse::<usize>().unwrap();
            let from = number(y) * whole + number(x);
            dark[from..from + number(width)].fill(true);
        }
        let pixel = |x: usize, y: usize| if dark[y / 8 * whole + x / 8] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(whole * 8, whole * 8, pixel);
        let found = image.detect_grids();
        assert_eq!(found.len(), 1);
        found[0].decode().unwrap().1
    }

    fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
        text.split_once(before).unwrap().1.split_once(after).unwrap().0
    }

    #[test]
    fn what_is_drawn_is_read_by_another_reader() {
        for text in [
            "SAKSI:COLLECTOR.EXAMPLE:7443/0FB6-VM48-6Q0W-MFRJ-HK7A-SMF4/EDGP-PWV9-44GF",
            "SAKSI:[2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:FFFF]:65535/0FB6-VM48-6Q0W-MFRJ-HK7A-SMF4/EDGP-PWV9-44GF",
        ] {
            assert_eq!(read(&draw(text).unwrap()), text);
        }
    }

    #[test]
    fn a_slip_is_a_small_code() {
        let text = "SAKSI:COLLECTOR.EXAMPLE:7443/0FB6-VM48-6Q0W-MFRJ-HK7A-SMF4/EDGP-PWV9-44GF";
        let svg = draw(text).unwrap();
        // Version 4, 33 modules and the quiet zone: 0.76 mm each on 31 mm.
        assert!(svg.contains("viewBox=\"0 0 41 41\""), "{svg}");
    }
}
