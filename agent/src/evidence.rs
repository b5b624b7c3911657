//! Two checkpoints of one log that do not fit together, both signed by its key, kept as a
//! file. Of one size with two roots they prove by themselves that there are two logs; of
//! two sizes whoever runs the log has to show the proof that joins them, and cannot.

use std::io;
use std::path::PathBuf;

use saksi_proto::digest::Digest;

use crate::directory::Directory;
use crate::durable;
use crate::seen::Seen;

/// Most files that are kept: the first ones say all that later ones would.
const MAX_KEPT: usize = 16;

/// Ends the name of such a file.
const ENDING: &str = "notes";

/// Keeps two checkpoints. Two that are there already are kept once.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn keep(directory: &Directory, one: &Seen, other: &Seen) -> io::Result<()> {
    let text = format!(
        "Two checkpoints of one log that do not fit together; both are signed by its key.\n\
         \n--- {} entries\n{}\n--- {} entries\n{}",
        one.entries(),
        one.note,
        other.entries(),
        other.note
    );
    let name = Digest::of(text.as_bytes()).short();
    let path = directory.evidence().join(format!("{name}.{ENDING}"));
    if path.exists() || kept(directory)?.len() >= MAX_KEPT {
        return Ok(());
    }
    durable::create_directory(&directory.evidence())?;
    durable::write_file(&path, text.as_bytes())
}

/// The files that are kept, in the order of their names.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn kept(directory: &Directory) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory.evidence()) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let is_ours = |path: &PathBuf| path.extension().is_some_and(|ending| ending == ENDING);
    let mut paths: Vec<_> = paths.into_iter().filter(is_ours).collect();
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use saksi_proto::SigningKey;
    use saksi_proto::checkpoint::Checkpoint;

    use super::*;

    fn seen(size: u64, root: u8) -> Seen {
        let root = Digest([root; 32]);
        let checkpoint = Checkpoint { origin: "test/log".to_owned(), size, root };
        Seen { note: checkpoint.sign(&SigningKey::from_bytes(&[7; 32])), checkpoint }
    }

    #[test]
    fn both_notes_are_kept_word_for_word_once_and_not_without_end() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path());
        assert!(kept(&directory).unwrap().is_empty());
        for _ in 0..2 {
            keep(&directory, &seen(5, 1), &seen(5, 2)).unwrap();
        }
        let files = kept(&directory).unwrap();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(&files[0]).unwrap();
        assert!(text.contains(&seen(5, 1).note) && text.contains(&seen(5, 2).note), "{text}");
        for root in 10..40 {
            keep(&directory, &seen(5, 1), &seen(5, root)).unwrap();
        }
        assert_eq!(kept(&directory).unwrap().len(), MAX_KEPT);
        assert!(files[0].exists());
    }
}
