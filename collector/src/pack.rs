//! An election definition on disk.

use std::fs;
use std::path::{Path, PathBuf};

use saksi_proto::author::mistake::Mistake;
use saksi_proto::author::{self, ELECTION_FILE, Pack, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::definition::Definition;

/// Largest file of a pack: a nation's 822,116 stations take 40 MB.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// Why a pack cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackFault {
    /// A file cannot be read.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// A file larger than 256 MiB.
    #[error("{0} is larger than 256 MiB")]
    TooLarge(PathBuf),
    /// The definition has mistakes; all of them.
    #[error("{}", listed(.0))]
    Mistakes(Vec<Mistake>),
}

fn listed(mistakes: &[Mistake]) -> String {
    let lines: String = mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
    let count = mistakes.len();
    let word = if count == 1 { "mistake" } else { "mistakes" };
    format!("{lines}{count} {word} in the election definition")
}

/// The files of a pack, as they are.
pub struct PackFiles {
    election: String,
    regions: String,
    stations: String,
}

impl PackFiles {
    /// Reads the files of a pack.
    ///
    /// # Errors
    /// [`PackFault::File`] or [`PackFault::TooLarge`].
    pub fn read(dir: &Path) -> Result<Self, PackFault> {
        let read = |name| {
            let path = dir.join(name);
            let size = fs::metadata(&path).map(|metadata| metadata.len());
            match size.and_then(|size| Ok((size, fs::read_to_string(&path)?))) {
                Ok((size, _)) if size > MAX_FILE => Err(PackFault::TooLarge(path)),
                Ok((_, text)) => Ok(text),
                Err(fault) => Err(PackFault::File { path, fault }),
            }
        };
        Ok(Self {
            election: read(ELECTION_FILE)?,
            regions: read(REGIONS_FILE)?,
            stations: read(STATIONS_FILE)?,
        })
    }

    /// Checks them.
    ///
    /// # Errors
    /// [`PackFault::Mistakes`].
    pub fn check(&self) -> Result<Definition, PackFault> {
        let Self { election, regions, stations } = self;
        author::read(Pack { election, regions, stations }).map_err(PackFault::Mistakes)
    }

    /// Writes them to a new directory.
    ///
    /// # Errors
    /// [`PackFault::File`].
    pub fn write(&self, dir: &Path) -> Result<(), PackFault> {
        let file_fault = |path: &Path| {
            let path = path.to_owned();
            |fault| PackFault::File { path, fault }
        };
        fs::create_dir_all(dir).map_err(file_fault(dir))?;
        let files = [
            (ELECTION_FILE, &self.election),
            (REGIONS_FILE, &self.regions),
            (STATIONS_FILE, &self.stations),
        ];
        for (name, text) in files {
            let path = dir.join(name);
            fs::write(&path, text).map_err(file_fault(&path))?;
        }
        Ok(())
    }
}

/// Reads and checks a pack.
///
/// # Errors
/// [`PackFault`].
pub fn read(dir: &Path) -> Result<Definition, PackFault> {
    PackFiles::read(dir)?.check()
}
