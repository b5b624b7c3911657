//! What happens in a directory and below, as the system tells it (inotify): a file is begun, or
//! gets its name. Whoever waits for it is woken and need not look.

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

/// A directory that is watched.
pub(super) struct Watch {
    inotify: OwnedFd,
    /// The watch of the directory itself.
    first: i32,
    /// Each directory by its watch.
    places: BTreeMap<i32, PathBuf>,
    /// Whether directories that are made below are watched too.
    is_deep: bool,
    is_over: AtomicBool,
}

impl Watch {
    /// Watches a directory from now on.
    pub(super) fn of(root: &Path) -> anyhow::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC)?;
        let first = watch(&inotify, root)?;
        let places = BTreeMap::from([(first, root.to_owned())]);
        Ok(Self { inotify, first, places, is_deep: false, is_over: AtomicBool::new(false) })
    }

    /// Watches a directory and all below it from now on.
    pub(super) fn below(root: &Path) -> anyhow::Result<Self> {
        let mut watched = Self { is_deep: true, ..Self::of(root)? };
        for dir in directories(root) {
            // One that is gone by now needs no watch.
            if let Ok(found) = watch(&watched.inotify, &dir) {
                watched.places.insert(found, dir);
            }
        }
        Ok(watched)
    }

    /// Ends [`Watch::follow`], wherever it waits.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Its removal is an event, which wakes whoever waits. A second one has none to remove.
        inotify::remove_watch(&self.inotify, self.first).unwrap_or_default();
    }

    /// Tells of each file that is begun or gets its name, until `tell` has heard enough
    /// (`false`) or somebody ends it.
    pub(super) fn follow(&self, mut tell: impl FnMut() -> bool) -> anyhow::Result<()> {
        let mut places = self.places.clone();
        let mut buffer = [MaybeUninit::uninit(); 4_096];
        let mut events = inotify::Reader::new(&self.inotify, &mut buffer);
        loop {
            let event = match events.next() {
                Err(Errno::INTR) => continue,
                event => event?,
            };
            if self.is_over.load(Ordering::SeqCst) {
                return Ok(());
            }
            let name = event.file_name().and_then(|name| name.to_str().ok());
            let (Some(dir), Some(name)) = (places.get(&event.wd()), name) else { continue };
            if event.events().contains(ReadFlags::ISDIR) {
                let dir = dir.join(name);
                let found = self.is_deep.then(|| watch(&self.inotify, &dir));
                // It may be gone again.
                if let Some(Ok(found)) = found {
                    places.insert(found, dir);
                }
            } else if !tell() {
                return Ok(());
            }
        }
    }
}

fn watch(inotify: &OwnedFd, dir: &Path) -> rustix::io::Result<i32> {
    inotify::add_watch(inotify, dir, WatchFlags::CREATE | WatchFlags::MOVED_TO)
}

/// All directories below one.
fn directories(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let below = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    below.flat_map(|path| [vec![path.clone()], directories(&path)].concat()).collect()
}
