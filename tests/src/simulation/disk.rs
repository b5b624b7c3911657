//! A disk that loses power: what an fsync has confirmed stays, of the rest a part.

use super::op::SyncFault;

/// What goes wrong next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// The power goes, and so many unconfirmed records stay.
    Power {
        /// How many.
        keep: u8,
    },
    /// The process is killed: what it wrote is there, and not durable.
    Kill,
    /// The next fsync fails.
    Sync(SyncFault),
}

/// Why a step of a disk did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DiskFault {
    /// The power is gone.
    #[error("the power is gone")]
    Power,
    /// The process was killed; nobody reads this.
    #[error("the process was killed")]
    Killed,
    /// An fsync failed.
    #[error("fsync: input/output error")]
    Sync,
}

/// The machine around one or two disks: its power, and what goes wrong next.
#[derive(Debug, Default)]
pub struct Machine {
    planned: Option<(u8, Mishap)>,
    /// The process was killed or lost its power during a step; nothing works any more.
    halted: Option<Mishap>,
    /// Planned mishaps that have happened.
    pub mishaps: Vec<Mishap>,
}

impl Machine {
    /// Lets something go wrong after so many more steps.
    pub fn plan(&mut self, after: u8, mishap: Mishap) {
        self.planned = Some((after, mishap));
    }

    /// Nothing goes wrong any more.
    pub fn calm(&mut self) {
        self.planned = None;
    }

    /// Whether the process has ended during a step.
    #[must_use]
    pub fn has_halted(&self) -> bool {
        self.halted.is_some()
    }

    /// The next process can begin. If the power went, so many unconfirmed records stay.
    pub fn resume(&mut self) -> Option<u8> {
        match self.halted.take() {
            Some(Mishap::Power { keep }) => Some(keep),
            Some(Mishap::Kill | Mishap::Sync(_)) | None => None,
        }
    }

    /// One step of a disk. A failing fsync waits for the first fsync.
    fn step(&mut self, is_sync: bool) -> Result<(), Mishap> {
        if let Some(mishap) = self.halted {
            return Err(mishap);
        }
        match &mut self.planned {
            None => Ok(()),
            Some((0, Mishap::Sync(_))) if !is_sync => Ok(()),
            Some((0, mishap)) => {
                let mishap = *mishap;
                self.planned = None;
                self.mishaps.push(mishap);
                self.halted = match mishap {
                    Mishap::Power { .. } | Mishap::Kill => Some(mishap),
                    Mishap::Sync(_) => None,
                };
                Err(mishap)
            }
            Some((after, _)) => {
                *after -= 1;
                Ok(())
            }
        }
    }
}

impl From<Mishap> for DiskFault {
    fn from(mishap: Mishap) -> Self {
        match mishap {
            Mishap::Power { .. } => DiskFault::Power,
            Mishap::Kill => DiskFault::Killed,
            Mishap::Sync(_) => DiskFault::Sync,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// On the disk.
    Durable,
    /// In the kernel's memory; the next fsync writes it.
    Written,
    /// In the kernel's memory, and the kernel believes that it is on the disk: an
    /// fsync of it has failed.
    Forgotten,
}

/// Records in the order in which they were written.
#[derive(Debug)]
pub struct Disk<R> {
    records: Vec<(R, Kept)>,
    /// Whether it is one file that is read up to its first damage. Otherwise each
    /// record is a file of its own.
    is_one_file: bool,
}

impl<R> Disk<R> {
    /// One file, appended to.
    #[must_use]
    pub fn one_file() -> Self {
        Self { records: Vec::new(), is_one_file: true }
    }

    /// Many files.
    #[must_use]
    pub fn many_files() -> Self {
        Self { records: Vec::new(), is_one_file: false }
    }

    /// Writes a record. It can be read from now on, and is not yet durable.
    ///
    /// # Errors
    /// [`DiskFault::Power`].
    pub fn write(&mut self, machine: &mut Machine, record: R) -> Result<(), DiskFault> {
        let done = machine.step(false);
        // Whoever writes when the end comes does not know how far it came.
        self.records.push((record, Kept::Written));
        Ok(done?)
    }

    /// Makes everything durable that was written since the last time.
    ///
    /// # Errors
    /// [`DiskFault`]; only the mishap knows what is on the disk then.
    pub fn sync(&mut self, machine: &mut Machine) -> Result<(), DiskFault> {
        let done = machine.step(true);
        let written = self.records.iter_mut().filter(|(_, kept)| *kept == Kept::Written);
        match done {
            Err(Mishap::Power { .. } | Mishap::Kill) => {}
            Ok(()) | Err(Mishap::Sync(SyncFault::Done)) => {
                written.for_each(|(_, kept)| *kept = Kept::Durable);
            }
            Err(Mishap::Sync(SyncFault::Cached)) => {
                written.for_each(|(_, kept)| *kept = Kept::Forgotten);
            }
            Err(Mishap::Sync(SyncFault::Lost)) => {
                self.records.retain(|(_, kept)| *kept != Kept::Written);
            }
        }
        Ok(done?)
    }

    /// Writes everything that can be read once more, elsewhere, and makes it durable.
    ///
    /// # Errors
    /// [`DiskFault`]; nothing has changed then.
    pub fn write_again(&mut self, machine: &mut Machine) -> Result<(), DiskFault> {
        machine.step(false)?;
        machine.step(true)?;
        self.records.iter_mut().for_each(|(_, kept)| *kept = Kept::Durable);
        Ok(())
    }

    /// Removes what `is_it` says, for good.
    ///
    /// # Errors
    /// [`DiskFault`]; it is still there then.
    pub fn remove(
        &mut self,
        machine: &mut Machine,
        is_it: impl Fn(&R) -> bool,
    ) -> Result<(), DiskFault> {
        machine.step(true)?;
        self.records.retain(|(record, _)| !is_it(record));
        Ok(())
    }

    /// What a process reads.
    pub fn visible(&self) -> impl Iterator<Item = &R> {
        self.records.iter().map(|(record, _)| record)
    }

    /// What is there for certain if the power goes now.
    pub fn certain(&self) -> impl Iterator<Item = &R> {
        let durable = |kept: &Kept| *kept == Kept::Durable;
        let whole =
            self.records.iter().take_while(move |(_, kept)| !self.is_one_file || durable(kept));
        whole.filter(move |(_, kept)| durable(kept)).map(|(record, _)| record)
    }

    /// The power went: `keep` records that are not durable stay. Returns how many are
    /// lost. One file is lost from its first gap on.
    pub fn lose(&mut self, keep: u8) -> usize {
        let before = self.records.len();
        let mut left = keep;
        let mut intact = true;
        self.records.retain(|(_, kept)| {
            let stays = *kept == Kept::Durable || left > 0;
            left = if *kept == Kept::Durable { left } else { left.saturating_sub(1) };
            intact &= stays || !self.is_one_file;
            stays && intact
        });
        self.records.iter_mut().for_each(|(_, kept)| *kept = Kept::Durable);
        before - self.records.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(disk: &Disk<u8>) -> Vec<u8> {
        disk.visible().copied().collect()
    }

    #[test]
    fn what_an_fsync_confirmed_stays() {
        for keep in 0..3 {
            let (mut disk, mut machine) = (Disk::one_file(), Machine::default());
            disk.write(&mut machine, 1).unwrap();
            disk.sync(&mut machine).unwrap();
            disk.write(&mut machine, 2).unwrap();
            disk.write(&mut machine, 3).unwrap();
            assert_eq!(disk.certain().copied().collect::<Vec<_>>(), [1]);
            assert_eq!(disk.lose(keep), 2 - usize::from(keep));
            assert_eq!(read(&disk), &[1, 2, 3][..=usize::from(keep)]);
        }
    }

    #[test]
    fn a_gap_ends_one_file_and_no_other() {
        for (mut disk, left) in [(Disk::one_file(), vec![]), (Disk::many_files(), vec![2])] {
            let mut machine = Machine::default();
            machine.plan(0, Mishap::Sync(SyncFault::Cached));
            disk.write(&mut machine, 1).unwrap();
            assert_eq!(disk.sync(&mut machine), Err(DiskFault::Sync));
            disk.write(&mut machine, 2).unwrap();
            disk.sync(&mut machine).unwrap();
            assert_eq!(read(&disk), [1, 2]);
            disk.lose(0);
            assert_eq!(read(&disk), left);
        }
    }

    #[test]
    fn an_fsync_fails_in_three_ways() {
        for (fault, certain) in [(SyncFault::Lost, vec![]), (SyncFault::Done, vec![1])] {
            let (mut disk, mut machine) = (Disk::one_file(), Machine::default());
            machine.plan(0, Mishap::Sync(fault));
            disk.write(&mut machine, 1).unwrap();
            assert_eq!(disk.sync(&mut machine), Err(DiskFault::Sync));
            assert_eq!(disk.certain().copied().collect::<Vec<_>>(), certain);
            assert_eq!(read(&disk), certain);
        }
    }
}
