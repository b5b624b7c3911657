//! One bit of a public log is flipped, somewhere, and put back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fastrand::Rng;
use saksi_proto::tile::TileName;

/// Flips in each file of the log.
const FLIPS: usize = 2;

/// A bit of a file.
#[derive(Debug)]
pub(crate) struct Flip {
    file: PathBuf,
    byte: usize,
    bit: u8,
}

impl Flip {
    fn turn(&self) {
        let mut bytes = fs::read(&self.file).unwrap();
        bytes[self.byte] ^= 1 << self.bit;
        fs::write(&self.file, bytes).unwrap();
    }
}

/// Some bits of the checkpoint over so many entries, and of all files that it needs.
pub(crate) fn flips(dir: &Path, size: u64) -> Vec<Flip> {
    let mut random = Rng::with_seed(11);
    let needed = TileName::all(0, size).map(|name| name.to_string());
    let files = needed.chain(["checkpoint".to_owned()]).map(|name| dir.join(name));
    let flips = files.flat_map(|file| {
        let bytes = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
        let flip =
            |_| Flip { file: file.clone(), byte: random.usize(..bytes), bit: random.u8(..8) };
        (0..FLIPS).map(flip).collect::<Vec<_>>()
    });
    flips.collect()
}

/// Flips one bit after the other; whoever looks must say each time that it is wrong, and
/// at the end that it is right again.
pub(crate) fn each_flip_is_found(flips: &[Flip], look: impl Fn() -> Output) {
    assert!(flips.len() > 10, "a log of several files");
    for flip in flips {
        flip.turn();
        let looked = look();
        assert_eq!(looked.status.code(), Some(1), "{flip:?}: {looked:?}");
        flip.turn();
    }
    let looked = look();
    assert!(looked.status.success(), "put back: {looked:?}");
}
