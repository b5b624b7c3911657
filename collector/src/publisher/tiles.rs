//! Bundles, tiles and the checkpoint over them. The order is always bundles and tiles →
//! their names durable → checkpoint → what it no longer needs removed, so that whatever
//! stops it leaves the checkpoint of before, with all that it needs.

use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::merkle::leaf_hash;
use saksi_proto::tile::{TILE_LEVELS, TileName, push_entry};

use super::directory::Directory;
use super::disk::Disk;
use super::edge::{Edge, partial, tile_bytes};
use super::{CHECKPOINT, PublishFault};
use crate::storage::Storage;

/// Publishes the entries from the end of `edge` up to `checkpoint`, whose signed text
/// `note` gives once its tiles are there. Gives the new edge.
///
/// Memory: one bundle, of 256 entries; 0.9 MB if they are all as long as they can be.
pub(super) fn publish<D: Disk>(
    directory: &mut Directory<D>,
    storage: &impl Storage,
    edge: &Edge,
    checkpoint: &Checkpoint,
    note: impl FnOnce(&D) -> String,
) -> Result<Edge, PublishFault> {
    let (from, size) = (edge.size(), checkpoint.size);
    let grown = write_tiles(directory, storage, edge, size)?;
    if grown.root() != checkpoint.root {
        let (found, signed) = (grown.root(), checkpoint.root);
        return Err(PublishFault::OtherRoot { size, found, signed });
    }
    directory.settle()?;
    // Tiles and bundles are durable, and the checkpoint that needs them is not published:
    // here witnesses are asked for their signatures over it.
    let note = note(&directory.disk);
    directory.put(CHECKPOINT, note.as_bytes())?;
    directory.settle()?;
    remove_outgrown(directory, from, size)?;
    Ok(grown)
}

fn write_tiles<D: Disk>(
    directory: &mut Directory<D>,
    storage: &impl Storage,
    edge: &Edge,
    size: u64,
) -> Result<Edge, PublishFault> {
    let from = edge.size();
    let mut edge = edge.clone();
    for name in TileName::of_level(None, from, size) {
        let first = name.index * 256;
        let (mut index, mut bundle, mut leaves) = (first, Vec::new(), Vec::new());
        storage.for_each_entry_of(first..first + u64::from(name.width), |entry| {
            push_entry(&mut bundle, entry);
            if index >= from {
                leaves.push(leaf_hash(entry));
            }
            index += 1;
            Ok::<_, PublishFault>(())
        })?;
        directory.put(&name.to_string(), &bundle)?;
        for leaf in leaves {
            edge.push(leaf, |name, hashes| directory.put(&name.to_string(), &tile_bytes(hashes)))?;
        }
    }
    for (name, hashes) in edge.tiles() {
        let before = partial(name.level.unwrap_or(0), from);
        if name != before {
            directory.put(&name.to_string(), &tile_bytes(hashes))?;
        }
    }
    Ok(edge)
}

/// Removes the partial tiles and bundles that have become full: who asks for one is told
/// that it is not there and takes the full one, as the specification has it.
fn remove_outgrown<D: Disk>(
    directory: &mut Directory<D>,
    from: u64,
    size: u64,
) -> Result<(), PublishFault> {
    let levels = (0..TILE_LEVELS).map(|level| (Some(level), level)).chain([(None, 0)]);
    for (level, height) in levels {
        let (before, now) = (partial(height, from), partial(height, size));
        if before.width > 0 && now.index > before.index {
            directory.remove(&partials(TileName { level, ..before }))?;
        }
    }
    Ok(())
}

/// The directory of the partial tiles in the place of a tile.
pub(super) fn partials(name: TileName) -> String {
    format!("{}.p", name.full())
}
