//! Room on the disk: new forms are refused before it runs out, and a reserve is
//! given up so that the store still opens and sends when it has.

use std::fs::File;
use std::io;

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use crate::directory::Directory;
use crate::durable;

/// Bytes that must stay free after a form is stored. sled takes its log in segments
/// of 512 KiB, one for the form and one for the answer to it; a form and a receipt
/// file take 8 KiB.
pub(super) const SPARE: u64 = 1 << 20;

/// Size of the file that is given up when less than [`SPARE`] is free.
const RESERVE: u64 = 1 << 20;

/// Whether `needed` more bytes leave [`SPARE`] free. Where the reserve was given up,
/// its room is for opening and sending, not for new forms.
pub(super) fn has_room(directory: &Directory, needed: u64) -> io::Result<bool> {
    let given_up = if has_reserve(directory) { 0 } else { RESERVE };
    Ok(free(directory)? >= needed.saturating_add(SPARE).saturating_add(given_up))
}

/// Gives up the reserve if the disk is full, and takes it again once there is room.
pub(super) fn balance_reserve(directory: &Directory) -> io::Result<()> {
    let path = directory.reserve();
    let free = free(directory)?;
    if free < SPARE && path.exists() {
        tracing::warn!(free, "the disk is full; the reserve is given up");
        return durable::remove_file(&path);
    }
    if free >= SPARE + 2 * RESERVE && !has_reserve(directory) {
        let file = File::create(&path)?;
        // Some file systems cannot reserve; then there is no reserve.
        if let Err(fault) = fallocate(&file, FallocateFlags::empty(), 0, RESERVE) {
            tracing::debug!(%fault, "no room can be reserved here");
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether the reserve is there, and whole.
pub(super) fn has_reserve(directory: &Directory) -> bool {
    directory.reserve().metadata().is_ok_and(|reserve| reserve.len() == RESERVE)
}

/// Bytes that are free.
pub(super) fn free(directory: &Directory) -> io::Result<u64> {
    let disk = statvfs(directory.path())?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_known_before() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path());
        assert!(!has_room(&directory, u64::MAX).unwrap());
        assert!(!has_room(&directory, free(&directory).unwrap()).unwrap());
    }
}
