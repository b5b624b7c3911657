//! Where a publisher goes on: at the checkpoint that is published, if that and its tiles
//! are of this log; else at the beginning.

use std::collections::BTreeSet;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::tile::{MAX_BUNDLE, TileName};

use super::directory::Directory;
use super::disk::Disk;
use super::edge::{Edge, partial, tile_hashes};
use super::tiles::partials;
use super::{CHECKPOINT, PublishFault, TILES, TOTALS, TOTALS_FILE};
use crate::storage::Storage;

/// Why everything is written again. In words, for whoever reads the collector's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rewritten {
    #[error("there is no checkpoint")]
    NoCheckpoint,
    #[error("its checkpoint is damaged or of another log: {0}")]
    Checkpoint(String),
    #[error(
        "it has {published} entries, and the journal {journal}: the journal was restored to an \
         earlier state. Whoever has seen the entries that are gone will say so"
    )]
    Ahead { published: u64, journal: u64 },
    #[error("its first {0} entries are not those of the journal")]
    OtherEntries(u64),
    #[error("{0} is missing or damaged")]
    Tile(String),
}

/// The published edge, and why it is at the beginning, if something was published before.
pub(super) fn begin<D: Disk>(
    directory: &mut Directory<D>,
    storage: &impl Storage,
    key: &LogKey,
) -> Result<(Edge, Option<Rewritten>), PublishFault> {
    match continued(directory, storage, key)? {
        Ok(edge) => {
            // A process that was killed may have left names that only the kernel's memory
            // has, and partial tiles beside their full ones.
            directory.put(CHECKPOINT, &directory.read(CHECKPOINT)?.unwrap_or_default())?;
            directory.settle()?;
            sweep(directory, edge.size())?;
            Ok((edge, None))
        }
        Err(why) => {
            let first_time = why == Rewritten::NoCheckpoint && files(directory, TILES)?.is_empty();
            clear(directory)?;
            Ok((Edge::default(), (!first_time).then_some(why)))
        }
    }
}

fn continued<D: Disk>(
    directory: &Directory<D>,
    storage: &impl Storage,
    key: &LogKey,
) -> Result<Result<Edge, Rewritten>, PublishFault> {
    let Some(note) = directory.read(CHECKPOINT)? else { return Ok(Err(Rewritten::NoCheckpoint)) };
    let opened = match key.open(&String::from_utf8_lossy(&note)) {
        Ok(opened) => opened,
        Err(fault) => return Ok(Err(Rewritten::Checkpoint(fault.to_string()))),
    };
    let published = opened.size;
    let journal = storage.head()?.map_or(0, |head| head.size);
    if published > journal {
        return Ok(Err(Rewritten::Ahead { published, journal }));
    }
    let own = storage.checkpoint_over(published.saturating_sub(1))?;
    let own = own.and_then(|(_, note)| key.open(&note).ok());
    if own.as_ref() != Some(&opened) {
        return Ok(Err(Rewritten::OtherEntries(published)));
    }
    let there: BTreeSet<_> = files(directory, TILES)?.into_iter().collect();
    let missing = TileName::all(0, published).find(|name| !there.contains(&name.to_string()));
    if let Some(missing) = missing {
        return Ok(Err(Rewritten::Tile(missing.to_string())));
    }
    read_edge(directory, published)?.map_or_else(
        |damaged| Ok(Err(damaged)),
        |edge| {
            let same = edge.root() == opened.root;
            Ok(if same { Ok(edge) } else { Err(Rewritten::Tile("a partial tile".to_owned())) })
        },
    )
}

fn read_edge<D: Disk>(
    directory: &Directory<D>,
    size: u64,
) -> Result<Result<Edge, Rewritten>, PublishFault> {
    let mut fault = None;
    let edge = Edge::read(size, |name| {
        let path = name.to_string();
        let bytes = directory.read(&path).unwrap_or_else(|read| {
            fault = Some(read);
            None
        });
        let bytes = bytes.filter(|bytes| bytes.len() <= MAX_BUNDLE);
        let hashes = bytes.and_then(|bytes| tile_hashes(&bytes, name.width));
        hashes.ok_or(Rewritten::Tile(path))
    });
    fault.map_or(Ok(edge), Err)
}

/// Removes the published log, the checkpoint first: from then on nothing is published, not
/// something that contradicts itself.
fn clear<D: Disk>(directory: &mut Directory<D>) -> Result<(), PublishFault> {
    for (first, rest) in [(CHECKPOINT, TILES), (TOTALS_FILE, TOTALS)] {
        directory.remove(first)?;
        directory.settle()?;
        directory.remove(rest)?;
        directory.settle()?;
    }
    Ok(())
}

/// Removes partial tiles that a process has left behind when it ended before it could.
fn sweep<D: Disk>(directory: &mut Directory<D>, size: u64) -> Result<(), PublishFault> {
    let names = files(directory, TILES)?;
    let names = names.iter().filter_map(|path| TileName::from_path(path));
    // What a publication that was cut off has filled is not full before its checkpoint.
    let is_outgrown = |name: &TileName| {
        !name.is_full() && name.index < partial(name.level.unwrap_or(0), size).index
    };
    let outgrown: BTreeSet<_> = names.filter(is_outgrown).map(partials).collect();
    outgrown.iter().try_for_each(|dir| directory.remove(dir))
}

fn files<D: Disk>(directory: &Directory<D>, dir: &str) -> Result<Vec<String>, PublishFault> {
    directory.disk.files(dir).map_err(PublishFault::file(dir))
}
