//! A reader who follows the site all night: whatever `current.json` ever named is read whole, and
//! the notes that it does not name any more stay what they were.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use anyhow::{Context as _, ensure};
use saksi_proto::checkpoint::LogKey;

use super::News;
use super::bulk::Tables;
use super::published::{self, Pointer, Version};
use super::sums;
use super::watch::Watch;
use crate::source::Source;

/// The reader at work.
pub(super) struct Follower {
    watch: Arc<Watch>,
    reading: JoinHandle<()>,
}

/// What it has read.
struct Reader {
    source: Source,
    key: LogKey,
    pointer: Option<Pointer>,
    tables: Option<Tables>,
    versions: BTreeMap<u64, Version>,
    news: Sender<News>,
}

impl Follower {
    /// Follows the site below a public directory.
    pub(super) fn of(public: &Path, key: LogKey, news: Sender<News>) -> anyhow::Result<Self> {
        let watch = Arc::new(Watch::of(&public.join("site"))?);
        let source = Source::Directory(public.to_owned());
        let versions = BTreeMap::new();
        let mut reader = Reader { source, key, pointer: None, tables: None, versions, news };
        let events = Arc::clone(&watch);
        let reading = std::thread::spawn(move || {
            let mut read = reader.look();
            if read.is_ok() {
                let followed = events.follow(|| {
                    read = reader.look();
                    read.is_ok()
                });
                read = read.and(followed);
            }
            if let Err(fault) = read {
                // Nobody listens after a test that failed.
                drop(reader.news.send(News::Fault(fault)));
            }
        });
        Ok(Self { watch, reading })
    }

    /// Waits until it has gone.
    pub(super) fn end(self) {
        self.watch.end();
        self.reading.join().expect("the reader");
    }
}

impl Reader {
    fn look(&mut self) -> anyhow::Result<()> {
        // What they name is published before.
        let tables = Tables::newest(&self.source)?;
        let Some(pointer) = published::pointer(&self.source)? else {
            ensure!(self.pointer.is_none(), "the pointer has vanished");
            return Ok(());
        };
        if self.pointer.as_ref() != Some(&pointer) {
            self.follow(&pointer)?;
            self.pointer = Some(pointer);
        }
        if let Some(tables) = tables.filter(|tables| self.tables.as_ref() != Some(tables)) {
            self.compare(&tables)?;
            self.tables = Some(tables);
        }
        Ok(())
    }

    fn follow(&mut self, pointer: &Pointer) -> anyhow::Result<()> {
        let before = self.pointer.as_ref();
        ensure!(before.is_none_or(|before| before.size <= pointer.size), "back to {pointer:?}");
        let newest = Version::named(&self.source, &self.key, pointer)?;
        let mut fresh = vec![newest];
        // None is skipped: each names the one before.
        while let Some((size, sha256)) = fresh.last().and_then(|last| last.previous.clone()) {
            if let Some(known) = self.versions.get(&size) {
                ensure!(known.sha256 == sha256, "version {size} was another");
                break;
            }
            fresh.push(Version::of(&self.source, &self.key, size, &sha256)?);
        }
        for version in fresh.into_iter().rev() {
            let size = version.size;
            let known = self.versions.insert(size, version.clone());
            match known {
                Some(known) => {
                    ensure!(known.sha256 == version.sha256, "version {size} was another")
                }
                None => self.tell(News::Version(Box::new(version))),
            }
        }
        self.are_as_they_were()?;
        let (state, reason) = (pointer.state.clone(), pointer.reason.clone());
        let said = before_said(self.pointer.as_ref());
        if said != Some((&state, &reason)) {
            self.tell(News::State { size: pointer.size, state, reason });
        }
        Ok(())
    }

    /// Every note that was ever named.
    fn are_as_they_were(&self) -> anyhow::Result<()> {
        self.versions.values().try_for_each(|known| {
            published::read(&self.source, &format!("versions/{}", known.size), &known.sha256)
                .map(drop)
        })
    }

    /// The tables of all stations say what the version of their size says.
    fn compare(&self, tables: &Tables) -> anyhow::Result<()> {
        let version = self.versions.get(&tables.size).context("tables of a version")?;
        ensure!(version.root == tables.root, "{tables:?}");
        let found = tables.stations(&self.source)?;
        ensure!(found == sums::stations(version)?, "tables of {} stations differ", tables.size);
        self.tell(News::Tables { size: tables.size, stations: found });
        Ok(())
    }

    fn tell(&self, news: News) {
        // Nobody listens after a test that failed.
        drop(self.news.send(news));
    }
}

fn before_said(pointer: Option<&Pointer>) -> Option<(&String, &Option<String>)> {
    pointer.map(|pointer| (&pointer.state, &pointer.reason))
}
