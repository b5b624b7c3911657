//! A disk in memory that stops at any step, and loses power: then what was not synced, and
//! names whose directory was not, are gone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::rc::Rc;

use crate::publisher::disk::Disk;

/// What a step that fails has done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing, or half of it.
    Undone,
    /// All; it is reported as failed.
    Done,
}

/// What is written under one name or more.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    bytes: Vec<u8>,
    is_synced: Cell<bool>,
}

impl Written {
    fn new(bytes: &[u8], is_synced: bool) -> Rc<Self> {
        Rc::new(Self { bytes: bytes.to_vec(), is_synced: Cell::new(is_synced) })
    }

    fn copied(&self) -> Rc<Self> {
        Self::new(&self.bytes, self.is_synced.get())
    }

    fn after_power_cut(&self) -> Rc<Self> {
        Self::new(if self.is_synced.get() { &self.bytes } else { &[] }, true)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names {
    files: BTreeMap<String, Rc<Written>>,
    dirs: BTreeSet<String>,
}

#[derive(Default)]
struct Memory {
    /// What a process sees.
    visible: Names,
    /// What a power cut leaves.
    durable: Names,
    /// What happens elsewhere before a step.
    meanwhile: Option<(usize, Box<dyn FnOnce()>)>,
    /// Steps until all of them fail, and how the first does.
    left: Option<(usize, Failure)>,
    steps: usize,
    /// Room that is left, where it is not endless.
    free: Option<u64>,
}

/// Its copies are the same disk.
#[derive(Clone, Default)]
pub(super) struct MemoryDisk(Rc<RefCell<Memory>>);

impl MemoryDisk {
    /// Fails in step `at` from now on and in all after it.
    pub(super) fn fail_at(&self, at: usize, failure: Failure) {
        let mut memory = self.0.borrow_mut();
        (memory.left, memory.steps) = (Some((at, failure)), 0);
    }

    /// Has so much room from now on.
    pub(super) fn leave(&self, free: u64) {
        self.0.borrow_mut().free = Some(free);
    }

    /// Does something before step `at` from now on.
    pub(super) fn before_step(&self, at: usize, act: impl FnOnce() + 'static) {
        let mut memory = self.0.borrow_mut();
        memory.meanwhile = Some((at, Box::new(act)));
        memory.steps = 0;
    }

    /// Works again. Gives the steps that were asked for since it was told to fail.
    pub(super) fn work(&self) -> usize {
        let mut memory = self.0.borrow_mut();
        memory.left = None;
        std::mem::take(&mut memory.steps)
    }

    /// A copy of it as it is after a power cut.
    pub(super) fn after_power_cut(&self) -> Self {
        let mut names = self.0.borrow().durable.clone();
        // A name in a directory that is gone is gone with it.
        let has_all =
            |path: &str, dirs: &BTreeSet<String>| above(path).all(|dir| dirs.contains(dir));
        let dirs = names.dirs.clone();
        names.dirs.retain(|dir| has_all(dir, &dirs));
        names.files.retain(|file, _| has_all(file, &dirs));
        names.files.values_mut().for_each(|written| *written = written.after_power_cut());
        let memory = Memory { visible: names.clone(), durable: names, ..Memory::default() };
        Self(Rc::new(RefCell::new(memory)))
    }

    /// A copy of it as another process sees it.
    pub(super) fn after_kill(&self) -> Self {
        let memory = self.0.borrow();
        let mut copies = BTreeMap::new();
        let mut copied = |names: &Names| {
            let mut names = names.clone();
            for written in names.files.values_mut() {
                let copy = copies.entry(Rc::as_ptr(written)).or_insert_with(|| written.copied());
                *written = Rc::clone(copy);
            }
            names
        };
        let (visible, durable) = (copied(&memory.visible), copied(&memory.durable));
        Self(Rc::new(RefCell::new(Memory { visible, durable, ..Memory::default() })))
    }

    /// Changes a file behind everybody's back.
    pub(super) fn damage(&self, path: &str, bytes: Option<&[u8]>) {
        let files = &mut self.0.borrow_mut().visible.files;
        match bytes {
            Some(bytes) => drop(files.insert(path.to_owned(), Written::new(bytes, true))),
            None => assert!(files.remove(path).is_some(), "{path} is there"),
        }
    }

    fn step(
        &self,
        half: impl FnOnce(&mut Memory),
        all: impl FnOnce(&mut Memory),
    ) -> io::Result<()> {
        let steps = self.0.borrow().steps + 1;
        let due = self.0.borrow_mut().meanwhile.take_if(|(at, _)| *at == steps);
        due.into_iter().for_each(|(_, act)| act());
        let memory = &mut *self.0.borrow_mut();
        memory.steps = steps;
        let fault = || Err(io::Error::other("the disk has stopped"));
        match memory.left.as_mut() {
            None => {}
            Some((0, _)) => return fault(),
            Some((left @ 1, failure)) => {
                *left = 0;
                if *failure == Failure::Done {
                    all(memory);
                } else {
                    half(memory);
                }
                return fault();
            }
            Some((left, _)) => *left -= 1,
        }
        all(memory);
        Ok(())
    }
}

fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn is_in(path: &str, dir: &str) -> bool {
    path.rsplit_once('/').map_or("", |(parent, _)| parent) == dir
}

fn is_below(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

impl Disk for MemoryDisk {
    fn make_dirs(&self, dir: &str) -> io::Result<()> {
        let made: Vec<_> = above(dir).chain([dir]).map(str::to_owned).collect();
        self.step(|_| {}, |memory| memory.visible.dirs.extend(made))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let write = |memory: &mut Memory, bytes: &[u8]| {
            memory.visible.files.insert(path.to_owned(), Written::new(bytes, false));
        };
        self.step(|memory| write(memory, &bytes[..bytes.len() / 2]), |memory| write(memory, bytes))
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        let sync = |path: &String| {
            self.step(|_| {}, |memory| memory.visible.files[path].is_synced.set(true))
        };
        paths.iter().try_for_each(sync)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let rename = |memory: &mut Memory| {
            let written = memory.visible.files.remove(from).expect(from);
            memory.visible.files.insert(to.to_owned(), written);
        };
        self.step(|_| {}, rename)
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let link = |memory: &mut Memory| {
            let written = Rc::clone(&memory.visible.files[from]);
            memory.visible.files.insert(to.to_owned(), written);
        };
        self.step(|_| {}, link)
    }

    fn adopt(&self, from: &Path, to: &str) -> io::Result<()> {
        self.write(to, &std::fs::read(from)?)
    }

    fn has(&self, path: &str) -> io::Result<bool> {
        Ok(self.0.borrow().visible.files.contains_key(path))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let sync = |memory: &mut Memory| {
            let Memory { visible, durable, .. } = memory;
            assert!(dir.is_empty() || visible.dirs.contains(dir), "{dir} is synced and not there");
            durable.files.retain(|path, _| !is_in(path, dir));
            durable.dirs.retain(|path| !is_in(path, dir));
            let files = visible.files.iter().filter(|(path, _)| is_in(path, dir));
            durable.files.extend(files.map(|(path, written)| (path.clone(), Rc::clone(written))));
            durable.dirs.extend(visible.dirs.iter().filter(|path| is_in(path, dir)).cloned());
        };
        self.step(|_| {}, sync)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let remove = |memory: &mut Memory, all: bool| {
            let is_of = |found: &str| found == path || is_below(found, path);
            let names = memory.visible.files.keys().filter(|found| is_of(found));
            let names: Vec<_> = names.cloned().collect();
            let some = if all { names.len() } else { names.len() / 2 };
            names[..some].iter().for_each(|name| drop(memory.visible.files.remove(name)));
            if all {
                memory.visible.dirs.retain(|dir| !is_of(dir));
            }
        };
        self.step(|memory| remove(memory, false), |memory| remove(memory, true))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.borrow().visible.files.get(path).map(|written| written.bytes.clone()))
    }

    fn files(&self, dir: &str) -> io::Result<Vec<String>> {
        let memory = self.0.borrow();
        let below = memory.visible.files.keys().filter(|path| is_below(path, dir));
        Ok(below.cloned().collect())
    }

    fn free(&self) -> io::Result<u64> {
        Ok(self.0.borrow().free.unwrap_or(u64::MAX))
    }
}
