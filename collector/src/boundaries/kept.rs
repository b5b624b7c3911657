//! What was imported, in the collector's home: `boundaries.json`, a line with the SHA-256 of
//! the rest, then one JSON value. It is whole or not there, and can be lost: it is imported
//! again.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::ids::RegionCode;
use serde::{Deserialize, Serialize};

use super::drawing::Drawing;
use super::layout::Layout;
use crate::home::Home;

/// What the file begins with.
const TITLE: &str = "saksi boundaries v1 ";

/// Largest file: 7,830 regions of a nation have parts, each with 24 KB of paths at most and 10
/// in the end, is 190 MB. Of provinces and regencies it is 0.3.
const MAX_FILE: u64 = 256 << 20;

/// All drawings and layouts of a collector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// By region.
    pub drawings: Vec<Drawing>,
    /// By region.
    pub layouts: Vec<Layout>,
}

/// Why what is kept cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeptFault {
    /// The file cannot be read or written.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// It is not as it was written.
    #[error("{0} is damaged; remove it, and import the boundaries again")]
    Damaged(PathBuf),
}

impl Kept {
    /// Reads what is kept; nothing, if nothing was ever imported.
    ///
    /// # Errors
    /// [`KeptFault`].
    pub fn read(home: &Home) -> Result<Self, KeptFault> {
        let path = home.boundaries();
        let size = match fs::metadata(&path) {
            Ok(file) => file.len(),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(fault) => return Err(KeptFault::File { path, fault }),
        };
        let text = if size > MAX_FILE { Ok(String::new()) } else { fs::read_to_string(&path) };
        match text {
            Ok(text) => Self::parse(&text).ok_or(KeptFault::Damaged(path)),
            Err(fault) if fault.kind() == std::io::ErrorKind::InvalidData => {
                Err(KeptFault::Damaged(path))
            }
            Err(fault) => Err(KeptFault::File { path, fault }),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (title, json) = text.split_once('\n')?;
        let digest: Digest = title.strip_prefix(TITLE)?.parse().ok()?;
        if Digest::of(json.as_bytes()) != digest {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    /// Writes it, in the place of what was kept: whole and durable, or nothing is changed.
    ///
    /// # Errors
    /// [`KeptFault::File`].
    pub fn write(&self, home: &Home) -> Result<(), KeptFault> {
        let path = home.boundaries();
        let text = format!("{TITLE}{}\n{}", self.digest(), self.to_json());
        let write = || {
            let mut file = tempfile::Builder::new()
                .prefix(".boundaries-")
                // It is of public boundaries: whoever may read what this user writes may.
                .permissions(Permissions::from_mode(0o666))
                .tempfile_in(home.path())?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|fault| fault.error)?;
            File::open(home.path())?.sync_all()
        };
        write().map_err(|fault| KeptFault::File { path: path.clone(), fault })
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drawings.is_empty() && self.layouts.is_empty()
    }

    /// Names all of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_json().as_bytes())
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts are JSON")
    }

    /// Puts a drawing in the place of the one that its region had, which is given back.
    pub fn put_drawing(&mut self, drawing: Drawing) -> Option<Drawing> {
        put(&mut self.drawings, drawing, |of| of.region)
    }

    /// Puts a layout in the place of the one that its region had, which is given back.
    pub fn put_layout(&mut self, layout: Layout) -> Option<Layout> {
        put(&mut self.layouts, layout, |of| of.region)
    }
}

fn put<T>(all: &mut Vec<T>, one: T, region: impl Fn(&T) -> RegionCode) -> Option<T> {
    match all.binary_search_by_key(&region(&one), &region) {
        Ok(at) => Some(std::mem::replace(&mut all[at], one)),
        Err(at) => {
            all.insert(at, one);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing::Shape;
    use super::*;

    fn drawing(region: &str, path: &str) -> Drawing {
        let part = format!("{region}1").parse().unwrap();
        let shape = Shape { part, path: path.to_owned(), x: 1, y: 2, room: 3 };
        let region = region.parse().unwrap();
        Drawing { region, credit: "“É”".to_owned(), width: 5, height: 6, shapes: vec![shape] }
    }

    fn kept() -> Kept {
        let mut kept = Kept::default();
        for region in ["2", "0", "1"] {
            assert_eq!(kept.put_drawing(drawing(region, "M1 2l3 4 5 6z")), None);
        }
        kept.put_layout(Layout { region: "0".parse().unwrap(), places: Vec::new() });
        kept
    }

    #[test]
    fn what_is_written_is_read_and_the_newer_takes_the_place_of_the_older() {
        let place = tempfile::tempdir().unwrap();
        let home = Home::at(place.path());
        assert_eq!(Kept::read(&home).unwrap(), Kept::default());
        let mut kept = kept();
        kept.write(&home).unwrap();
        assert_eq!(Kept::read(&home).unwrap(), kept);
        let before = kept.put_drawing(drawing("1", "M9 9l1 1 2 2z")).unwrap();
        assert_eq!(before, drawing("1", "M1 2l3 4 5 6z"));
        kept.write(&home).unwrap();
        let read = Kept::read(&home).unwrap();
        let regions: Vec<_> = read.drawings.iter().map(|of| of.region.to_string()).collect();
        assert_eq!((regions, read), (["0", "1", "2"].map(str::to_owned).into(), kept));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn whatever_is_damaged_is_not_taken() {
        let place = tempfile::tempdir().unwrap();
        let home = Home::at(place.path());
        kept().write(&home).unwrap();
        let whole = fs::read(home.boundaries()).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(home.boundaries(), &flipped).unwrap();
            let fault = Kept::read(&home).unwrap_err().to_string();
            assert!(fault.contains("is damaged; remove it, and import"), "{at}: {fault}");
            fs::write(home.boundaries(), &whole[..at]).unwrap();
            assert!(matches!(Kept::read(&home), Err(KeptFault::Damaged(_))), "cut at {at}");
        }
    }
}
