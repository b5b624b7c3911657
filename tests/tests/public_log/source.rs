//! Where a log is read from, and what a reader checks.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::tile::{self, TILE_WIDTH, TileName};
use saksi_tests::poll;
use saksi_tests::scene::Scene;

/// A place that has the log.
pub(crate) enum Source {
    /// The public directory.
    Directory(PathBuf),
    /// The collector's web address.
    Web(String),
}

/// A log that was read whole and is what its key has signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) size: u64,
    pub(crate) root: Digest,
    pub(crate) entries: Vec<Vec<u8>>,
}

impl Source {
    pub(crate) fn directory(scene: &Scene) -> Self {
        Self::Directory(scene.collector.dir().join("public"))
    }

    pub(crate) fn web(scene: &Scene) -> Self {
        Self::Web(scene.collector.web().unwrap().to_owned())
    }

    /// A file, if it is there.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Directory(root) => match fs::read(root.join(path)) {
                Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
                read => Ok(Some(read?)),
            },
            Self::Web(address) => match ureq::get(format!("{address}/{path}")).call() {
                Err(ureq::Error::StatusCode(404)) => Ok(None),
                answer => Ok(Some(answer?.body_mut().read_to_vec()?)),
            },
        }
    }

    /// Reads the log up to its checkpoint and checks all of it; `None` if no checkpoint
    /// is there.
    pub(crate) fn read(&self, key: &LogKey) -> anyhow::Result<Option<Log>> {
        let Some(note) = self.get("checkpoint")? else { return Ok(None) };
        let checkpoint = key.open(&String::from_utf8(note)?)?;
        let (size, root) = (checkpoint.size, checkpoint.root);
        let mut entries = Vec::new();
        for name in TileName::of_level(None, 0, size) {
            let (bundle, width) = self.tile(name)?;
            let found = tile::entries(&bundle, width)?;
            entries.extend(found[..usize::from(name.width)].iter().map(|entry| entry.to_vec()));
        }
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        ensure!(leaves.iter().copied().collect::<Tree>().root() == root, "another root");
        for name in TileName::of_level(Some(0), 0, size) {
            let first = usize::try_from(name.index * TILE_WIDTH)?;
            let wanted = &leaves[first..first + usize::from(name.width)];
            let wanted: Vec<u8> = wanted.iter().flat_map(|leaf| leaf.0).collect();
            let (hashes, _) = self.tile(name)?;
            ensure!(hashes.starts_with(&wanted), "{name} is another");
        }
        Ok(Some(Log { size, root, entries }))
    }

    /// A tile, or the full one in its place, and how wide it is.
    fn tile(&self, name: TileName) -> anyhow::Result<(Vec<u8>, usize)> {
        if let Some(bytes) = self.get(&name.to_string())? {
            return Ok((bytes, name.width.into()));
        }
        let full = self.get(&name.full().to_string())?;
        Ok((full.with_context(|| format!("{name} is missing"))?, 256))
    }

    /// Waits until so many entries are published, and gives the log.
    pub(crate) fn wait_for(&self, key: &LogKey, size: u64) -> Log {
        let has_all = || Ok(self.read(key)?.filter(|log| log.size >= size));
        poll::until("the published log", has_all).unwrap()
    }
}
