//! Answers compressed for browsers that take it (gzip, RFC 1952): what is read over a slow
//! line is there sooner, at a cost in processor that is kept small.
//!
//! The style stands in every page and is more than half of many, so it is compressed once,
//! and its compressed bytes are put between those of what stands before and behind it:
//!
//! ```text
//! head ‖ deflate(before), flushed ‖ deflate(style), flushed ‖ deflate(behind) ‖ CRC, length
//! ```
//!
//! A full flush ends at a byte, and nothing behind it refers to what is before it; so pieces
//! that were compressed apart are one stream (RFC 1951, 3.2.4; RFC 1952 wants one CRC of all).

use std::sync::LazyLock;

use flate2::{Compress, CompressError, Compression, Crc, FlushCompress, Status};

use super::shell::{SCRIPT, STYLE};

/// Deflate, no name, no time, of an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// For what is compressed at each request: a sheet of 31 KB in 0.1 ms, as long as making it
/// takes (`footprint --only packing`).
const QUICK: u32 = 4;

/// For what is compressed once.
const BEST: u32 = 9;

/// The style stands in the page's head, behind a title.
const STYLE_WITHIN: usize = 2_048;

/// What never changes, compressed when it is first asked for.
struct Fixed {
    deflated: Vec<u8>,
    crc: Crc,
}

static STYLE_FIXED: LazyLock<Option<Fixed>> = LazyLock::new(|| {
    let mut deflated = Vec::new();
    let mut compress = Compress::new(Compression::new(BEST), false);
    put(&mut compress, STYLE.as_bytes(), FlushCompress::Full, &mut deflated).ok()?;
    Some(Fixed { deflated, crc: crc(STYLE.as_bytes()) })
});

static SCRIPT_PACKED: LazyLock<Option<Vec<u8>>> =
    LazyLock::new(|| gzip(SCRIPT.as_bytes(), BEST).ok());

/// The script as it is sent to who takes it compressed. None only without memory for it.
pub(super) fn script() -> Option<&'static [u8]> {
    SCRIPT_PACKED.as_deref()
}

/// A page or a drawing, compressed. None only if compression fails; then it goes as it is.
pub(super) fn packed(body: &[u8]) -> Option<Vec<u8>> {
    gzip(body, QUICK).ok()
}

fn gzip(body: &[u8], level: u32) -> Result<Vec<u8>, CompressError> {
    let mut compress = Compress::new(Compression::new(level), false);
    let mut out = Vec::with_capacity(body.len() / 4 + HEAD.len());
    out.extend(HEAD);
    let mut sum = Crc::new();
    let mut rest = body;
    if let (Some(place), Some(style)) = (style_in(body), &*STYLE_FIXED) {
        let (before, behind) = (&body[..place], &body[place + STYLE.len()..]);
        put(&mut compress, before, FlushCompress::Full, &mut out)?;
        out.extend(&style.deflated);
        sum.update(before);
        sum.combine(&style.crc);
        rest = behind;
    }
    put(&mut compress, rest, FlushCompress::Finish, &mut out)?;
    sum.update(rest);
    out.extend(sum.sum().to_le_bytes());
    // The length modulo 2³², as the format has it.
    out.extend(sum.amount().to_le_bytes());
    Ok(out)
}

/// Where the style begins in a page, if it is one with it.
fn style_in(body: &[u8]) -> Option<usize> {
    let tag = b"<style>";
    let head = &body[..body.len().min(STYLE_WITHIN)];
    let place = head.windows(tag.len()).position(|window| window == tag)? + tag.len();
    body[place..].starts_with(STYLE.as_bytes()).then_some(place)
}

/// Puts bytes through and out to the flush's end.
fn put(
    compress: &mut Compress,
    bytes: &[u8],
    flush: FlushCompress,
    out: &mut Vec<u8>,
) -> Result<(), CompressError> {
    let begun = compress.total_in();
    loop {
        let taken = usize::try_from(compress.total_in() - begun).unwrap_or(bytes.len());
        // At once for a page; a flush that finds no room goes on in the next round.
        out.reserve(bytes.len() / 3 + 64);
        let status = compress.compress_vec(&bytes[taken..], out, flush)?;
        let is_all_in = compress.total_in() - begun == bytes.len() as u64;
        if status == Status::StreamEnd || (is_all_in && out.len() < out.capacity()) {
            return Ok(());
        }
    }
}

fn crc(bytes: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    /// Read by the strict reader: one stream, its CRC and length right, and nothing behind.
    fn unpacked(packed: &[u8]) -> String {
        let mut read = String::new();
        let mut decoder = GzDecoder::new(packed);
        decoder.read_to_string(&mut read).unwrap();
        assert!(decoder.into_inner().is_empty());
        read
    }

    fn page(behind: &str) -> String {
        format!("<!DOCTYPE html><title>TPS 001</title><style>{}</style>{behind}", *STYLE)
    }

    #[test]
    fn a_page_comes_back_whole_with_the_style_that_was_compressed_once() {
        // Of what stands before and in the style, too: nothing may refer to the wrong place.
        let paragraph = "<p>TPS 001: delapan ratus delapan puluh delapan, --paper: #fff;";
        for times in [0, 1, 7, 100, 3_000] {
            let page = page(&paragraph.repeat(times));
            let packed = packed(page.as_bytes()).unwrap();
            assert_eq!(unpacked(&packed), page, "{times} times");
            assert!(
                packed
                    .windows(200)
                    .any(|window| window == &STYLE_FIXED.as_ref().unwrap().deflated[100..300])
            );
        }
    }

    #[test]
    fn what_has_no_style_or_another_comes_back_whole_too() {
        let far = format!("{}{}", "x".repeat(STYLE_WITHIN), page(""));
        let changed = page("").replace("#fff", "#eee");
        let noise: String = (0..20_000_u32)
            .map(|at| {
                char::from(b'!' + u8::try_from(at.wrapping_mul(2_654_435_761) >> 26).unwrap())
            })
            .collect();
        for body in ["", "<svg/>", "<style>", &far, &changed, &noise, &SCRIPT] {
            assert_eq!(unpacked(&packed(body.as_bytes()).unwrap()), *body);
        }
        assert_eq!(unpacked(script().unwrap()), *SCRIPT);
        assert!(script().unwrap().len() * 2 < SCRIPT.len());
    }
}
