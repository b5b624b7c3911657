//! Ways in which a file can be damaged, and every file of a directory in turn.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What befalls a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// One bit in the middle.
    Flipped,
    /// Its second half is gone.
    Cut,
    /// Nothing but zeros.
    Zeroed,
    /// Nothing at all, as a file that was never synced.
    Emptied,
}

impl Damage {
    pub(super) const ALL: [Self; 4] = [Self::Flipped, Self::Cut, Self::Zeroed, Self::Emptied];

    /// Damages a file. Whether it is another one now.
    pub(super) fn to(self, file: &Path) -> bool {
        let whole = fs::read(file).unwrap();
        let mut bytes = whole.clone();
        match self {
            Self::Flipped => {
                let middle = bytes.len() / 2;
                bytes.get_mut(middle).into_iter().for_each(|byte| *byte ^= 1);
            }
            Self::Cut => bytes.truncate(bytes.len() / 2),
            Self::Zeroed => bytes.fill(0),
            Self::Emptied => bytes.clear(),
        }
        // Written in place: its mode is no part of this.
        fs::write(file, &bytes).unwrap();
        bytes != whole
    }
}

/// Every file below a directory, by its path in it, in their order.
pub(super) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path().strip_prefix(directory).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Puts a directory back as it was.
pub(super) fn put_back(template: &Path, directory: &Path) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    let copied = Command::new("cp").arg("-a").args([template, directory]).status().unwrap();
    assert!(copied.success());
}
