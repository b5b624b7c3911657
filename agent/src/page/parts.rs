//! What a browser posts with files in it (`multipart/form-data`, RFC 7578), read piece by
//! piece as it comes: no more of it is held than a part's head or one boundary.
//!
//! Bytes in, pieces out, without a socket. (The crates for it read ahead as far as the
//! sender is quick, and bring four others to the device.)

/// Most bytes of a part's head: a name, a file's name of 255 characters, each escaped.
const MAX_HEAD: usize = 4 * 1024;

/// Longest boundary (RFC 2046).
const MAX_BOUNDARY: usize = 70;

/// A piece of what is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A field or a file begins.
    Begins {
        /// Its name in the form.
        name: String,
        /// Whether it is a file, also if none was chosen.
        is_file: bool,
    },
    /// Bytes of it.
    Bytes(Vec<u8>),
    /// It ends.
    Ends,
}

/// This is not what a browser posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    /// Behind a boundary: another part, or the end.
    Behind,
    Head,
    Body,
    After,
}

/// The reader of one request.
#[derive(Debug)]
pub(super) struct Parts {
    /// Line break, two dashes and the boundary.
    delimiter: Vec<u8>,
    /// What has come and was not given out.
    held: Vec<u8>,
    place: Place,
}

impl Parts {
    /// A reader for this `Content-Type`; `None` if it is another kind.
    pub(super) fn of(kind: &str) -> Option<Self> {
        let rest = kind.strip_prefix("multipart/form-data")?;
        let boundary = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
        let boundary = boundary.trim_matches('"');
        if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
            return None;
        }
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        // The first boundary has no line before it.
        Some(Self { delimiter, held: b"\r\n".to_vec(), place: Place::Before })
    }

    /// More has come.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Whether the end has come.
    pub(super) fn is_whole(&self) -> bool {
        self.place == Place::After
    }

    /// The next piece; `None` until more has come.
    ///
    /// # Errors
    /// [`Malformed`]; nothing more can be read then.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, Malformed> {
        loop {
            let (place, piece) = match self.place {
                Place::Before | Place::Body => match self.until_delimiter() {
                    Ok(bytes) => return Ok(bytes.map(Piece::Bytes)),
                    Err(Delimiter) => {
                        let piece = (self.place == Place::Body).then_some(Piece::Ends);
                        (Place::Behind, piece)
                    }
                },
                Place::Behind if self.held.len() < 2 => return Ok(None),
                Place::Behind => match &self.take(2)[..] {
                    b"\r\n" => (Place::Head, None),
                    b"--" => (Place::After, None),
                    _ => return Err(Malformed),
                },
                Place::Head => match find(&self.held, b"\r\n\r\n") {
                    Some(at) if at <= MAX_HEAD => {
                        let head = self.take(at + 4);
                        (Place::Body, Some(begins(&head)?))
                    }
                    None if self.held.len() <= MAX_HEAD + 3 => return Ok(None),
                    _ => return Err(Malformed),
                },
                Place::After => {
                    self.held.clear();
                    return Ok(None);
                }
            };
            self.place = place;
            if piece.is_some() {
                return Ok(piece);
            }
        }
    }

    /// The bytes before the delimiter, so many as are certain; what stands before the first
    /// one is nobody's. [`Delimiter`] if it is there and has been taken.
    fn until_delimiter(&mut self) -> Result<Option<Vec<u8>>, Delimiter> {
        let found = find(&self.held, &self.delimiter);
        if found == Some(0) {
            self.take(self.delimiter.len());
            return Err(Delimiter);
        }
        // Its beginning may be the end of what has come.
        let certain = self.held.len().saturating_sub(self.delimiter.len() - 1);
        let bytes = self.take(found.unwrap_or(certain));
        match self.place {
            Place::Before if found.is_some() => self.until_delimiter(),
            Place::Before => Ok(None),
            _ => Ok(Some(bytes).filter(|bytes| !bytes.is_empty())),
        }
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        self.held.drain(..count).collect()
    }
}

/// The delimiter was there.
#[derive(Debug)]
struct Delimiter;

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|at| at[0] == wanted[0] && at == wanted)
}

/// Name and kind of a part, from its head.
fn begins(head: &[u8]) -> Result<Piece, Malformed> {
    let head = std::str::from_utf8(head).map_err(|_| Malformed)?;
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let line = line.ok_or(Malformed)?;
    let (_, name) = line.split_once("; name=\"").ok_or(Malformed)?;
    let (name, _) = name.split_once('"').ok_or(Malformed)?;
    Ok(Piece::Begins { name: name.to_owned(), is_file: line.contains("; filename=") })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----WebKitFormBoundaryAb1";

    /// Two fields and two files, as Chromium posts them; the bytes have false boundaries.
    fn posted() -> Vec<u8> {
        let mut posted = b"------WebKitFormBoundaryAb1\r\n\
            Content-Disposition: form-data; name=\"csrf\"\r\n\r\nword\r\n\
            ------WebKitFormBoundaryAb1\r\n\
            Content-Disposition: form-data; name=\"camera\"; filename=\"IMG \xC3\xA9.jpg\"\r\n\
            Content-Type: image/jpeg\r\n\r\n"
            .to_vec();
        posted.extend(b"\xFF\xD8\r\n------WebKitFormBoundaryAb\r\n--\r\n\r\n\0\xFF\xD9");
        posted.extend(
            b"\r\n------WebKitFormBoundaryAb1\r\n\
            content-disposition: form-data; name=\"gallery\"; filename=\"\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\r\n\
            ------WebKitFormBoundaryAb1--\r\n",
        );
        posted
    }

    /// Names, kinds and contents of the parts.
    type Read = Vec<(String, bool, Vec<u8>)>;

    fn read(pieces: &[&[u8]]) -> Result<Read, Malformed> {
        let mut parts = Parts::of(KIND).unwrap();
        let mut read = Read::new();
        for piece in pieces {
            parts.put(piece);
            while let Some(piece) = parts.next()? {
                match piece {
                    Piece::Begins { name, is_file } => read.push((name, is_file, Vec::new())),
                    Piece::Bytes(bytes) => read.last_mut().unwrap().2.extend(bytes),
                    Piece::Ends => read.last_mut().unwrap().0.push('.'),
                }
            }
            assert!(parts.held.len() <= MAX_HEAD);
        }
        if parts.is_whole() { Ok(read) } else { Err(Malformed) }
    }

    #[test]
    fn what_a_browser_posts_is_read_wherever_it_was_cut() {
        let posted = posted();
        let photo = b"\xFF\xD8\r\n------WebKitFormBoundaryAb\r\n--\r\n\r\n\0\xFF\xD9";
        let wanted = vec![
            ("csrf.".to_owned(), false, b"word".to_vec()),
            ("camera.".to_owned(), true, photo.to_vec()),
            ("gallery.".to_owned(), true, Vec::new()),
        ];
        for at in 0..posted.len() {
            let (first, second) = posted.split_at(at);
            assert_eq!(read(&[first, second]).as_ref(), Ok(&wanted), "cut at {at}");
        }
        let bytes: Vec<_> = posted.chunks(1).collect();
        assert_eq!(read(&bytes), Ok(wanted), "byte by byte");
    }

    #[test]
    fn what_ends_early_or_is_none_is_said_so() {
        let posted = posted();
        for end in 0..posted.len() - 2 {
            assert_eq!(read(&[&posted[..end]]), Err(Malformed), "ended at {end}");
        }
        let head = |head: &str| read(&[format!("------WebKitFormBoundaryAb1{head}").as_bytes()]);
        assert_eq!(head("x"), Err(Malformed));
        assert_eq!(head("\r\nContent-Type: image/jpeg\r\n\r\nx"), Err(Malformed), "no name");
        assert_eq!(head(&format!("\r\n{}", "x".repeat(MAX_HEAD + 4))), Err(Malformed), "no end");
        for kind in ["", "image/jpeg", "multipart/form-data", "multipart/form-data; boundary="] {
            assert!(Parts::of(kind).is_none(), "{kind}");
        }
        assert!(Parts::of(&format!("multipart/form-data; boundary={}", "x".repeat(71))).is_none());
        assert!(Parts::of("multipart/form-data; charset=utf-8; boundary=\"x\"").is_some());
    }
}
