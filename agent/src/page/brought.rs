//! A file that a browser posts, on its way to the disk as it comes: no more of it is in
//! memory than one piece.
//!
//! Nothing is written of what strangers post, and what is too much is read to its end and
//! thrown away: a connection that is cut would tell the officer nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap};

use super::asked::Asked;
use super::parts::{Malformed, Parts, Piece};
use crate::durable::UNFINISHED;

/// Most fields beside the file, and most bytes of one.
const MAX_FIELDS: usize = 8;
const MAX_FIELD: usize = 256;

/// What became of the file.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is not of our own page, or none was chosen.
    Nothing,
    /// It is here.
    Whole(Temporary),
    /// It is longer than it may be.
    TooLarge,
    /// It did not come to its end.
    NotWhole,
    /// It could not be written.
    Fault(io::Error),
}

/// A file that goes when nobody needs it any more; after a power cut at the next start.
#[derive(Debug)]
pub(super) struct Temporary(PathBuf);

impl Temporary {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // One that stays is removed at the next start.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Whether files are posted here, and not fields alone.
pub(super) fn has_files(headers: &HeaderMap) -> bool {
    kind(headers).starts_with("multipart/form-data")
}

fn kind(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// Reads what is posted to its end: the fields into `asked`, the first file, of `most` bytes,
/// beside the files of `place`. `may` says who may post.
pub(super) async fn read(
    asked: &mut Asked,
    (headers, mut body): (&HeaderMap, Incoming),
    (place, most): (&Path, u64),
    may: impl Fn(&Asked) -> bool,
) -> Taken {
    // Whether our own page has posted it is seen with the fields.
    let looks = Asked { is_post: false, ..asked.clone() };
    let mut taking = Taking { place, most, file: Arriving::None, field: None };
    let read = match Parts::of(kind(headers)) {
        Some(mut parts) if may(&looks) => taking.read(asked, &mut parts, &mut body, may).await,
        _ => Err(Malformed),
    };
    // To its end, so that the answer is read.
    while let Ok(Some(_)) = next(&mut body).await {}
    match (taking.file, read) {
        (Arriving::TooLarge, _) => Taken::TooLarge,
        (Arriving::Fault(fault), _) => Taken::Fault(fault),
        (Arriving::Here(..), Err(Malformed)) => Taken::NotWhole,
        (Arriving::Here(_, _, 0) | Arriving::None, _) => Taken::Nothing,
        (Arriving::Here(temporary, _, _), Ok(())) => Taken::Whole(temporary),
    }
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
    loop {
        match body.frame().await.transpose()?.map(hyper::body::Frame::into_data) {
            Some(Ok(bytes)) => return Ok(Some(bytes)),
            // Trailers say nothing to us.
            Some(Err(_)) => {}
            None => return Ok(None),
        }
    }
}

enum Arriving {
    None,
    /// So many bytes of it.
    Here(Temporary, File, u64),
    TooLarge,
    Fault(io::Error),
}

struct Taking<'a> {
    place: &'a Path,
    most: u64,
    file: Arriving,
    /// The field that is coming.
    field: Option<(String, Vec<u8>)>,
}

impl Taking<'_> {
    async fn read(
        &mut self,
        asked: &mut Asked,
        parts: &mut Parts,
        body: &mut Incoming,
        may: impl Fn(&Asked) -> bool,
    ) -> Result<(), Malformed> {
        while let Some(bytes) = next(body).await.map_err(|_| Malformed)? {
            parts.put(&bytes);
            while let Some(piece) = parts.next()? {
                match piece {
                    // Of several the first; and none before the word that lets it in.
                    Piece::Begins { is_file: true, .. } => match self.file {
                        Arriving::None if may(asked) => self.file = begun(self.place),
                        _ => return Err(Malformed),
                    },
                    Piece::Begins { name, .. } => self.field = Some((name, Vec::new())),
                    Piece::Bytes(bytes) => self.more(&bytes),
                    Piece::Ends => {
                        let field = self.field.take().filter(|_| asked.posted.len() < MAX_FIELDS);
                        let text = |text: Vec<u8>| String::from_utf8_lossy(&text).into_owned();
                        asked.posted.extend(field.map(|(name, value)| (name, text(value))));
                    }
                }
            }
        }
        if parts.is_whole() { Ok(()) } else { Err(Malformed) }
    }

    fn more(&mut self, bytes: &[u8]) {
        if let Some((_, text)) = &mut self.field {
            if text.len() + bytes.len() <= MAX_FIELD {
                text.extend(bytes);
            }
        } else if let Arriving::Here(_, file, size) = &mut self.file {
            *size += bytes.len() as u64;
            if *size > self.most {
                self.file = Arriving::TooLarge;
            } else if let Err(fault) = file.write_all(bytes) {
                self.file = Arriving::Fault(fault);
            }
        }
    }
}

fn begun(place: &Path) -> Arriving {
    // Without randomness two at a time would be in each other's way, and are refused.
    let number = getrandom::u64().unwrap_or(0);
    let temporary = Temporary(place.join(format!("brought-{number:016x}.{UNFINISHED}")));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary.path());
    file.map_or_else(Arriving::Fault, |file| Arriving::Here(temporary, file, 0))
}
