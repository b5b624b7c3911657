//! Putting a backup in the journal's place. Nothing is deleted: the journal in place
//! is set aside.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use saksi_proto::entry::Entry;

use crate::acknowledged;
use crate::backup::{
    CopyFault, copy, family, file_fault, is_there, put_in_place, sync_dir_of, with_ending,
};
use crate::home::{Home, HomeLock};
use crate::inspection::{Holdings, Provenance};
use crate::journal::{Journal, JournalFault};
use crate::storage::Storage as _;

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// What the journal holds now.
    pub holdings: Holdings,
    /// Where the journal that was in place is now.
    pub aside: Option<PathBuf>,
    /// The entries of that journal which are no longer in the log.
    pub lost: Option<Loss>,
    /// Why it is not known whether entries are lost.
    pub unread: Option<JournalFault>,
}

/// Entries that the journal in place has and the backup has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How many.
    pub entries: u64,
    /// The time in the first of them, if it can be read.
    pub since: Option<Timestamp>,
}

/// Why a backup is not put in place; the journal is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreFault {
    /// The backup cannot be opened.
    #[error("the backup {file} cannot be used: {fault}")]
    Backup {
        /// The backup.
        file: PathBuf,
        /// Why.
        fault: JournalFault,
    },
    /// The backup cannot be copied, or is not of this log.
    #[error("the backup {file} is not restored: {fault}")]
    Copy {
        /// The backup.
        file: PathBuf,
        /// Why.
        fault: CopyFault,
    },
    /// The journal in place knows more than the backup.
    #[error(
        "the backup lacks {loss}, that were acknowledged; their devices were told that \
         they are in the log, and their receipts would no longer hold. Every device that has \
         seen them will take no receipt of this log any more. Look for a newer backup; if \
         there is none: --lose-entries, and then get the lost entries back or begin a new log"
    )]
    LosesEntries {
        /// What would be lost.
        loss: Loss,
    },
    /// Setting aside or putting in place failed half-way.
    #[error("the restore stopped half-way, run it again: {0}")]
    HalfWay(CopyFault),
}

impl RestoreFault {
    /// Whether the backup itself is at fault: another one may do.
    #[must_use]
    pub fn is_of_backup(&self) -> bool {
        let unsound = matches!(self, Self::Copy { fault: CopyFault::Unsound(_), .. });
        unsound || matches!(self, Self::Backup { .. })
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.entries == 1 { "entry" } else { "entries" };
        write!(f, "{} {noun}", self.entries)?;
        self.since.map_or(Ok(()), |at| write!(f, ", since {at}"))
    }
}

/// Copies the backup `file` beside the journal, inspects the copy, and puts it in the
/// journal's place. Entries of the journal that the backup has not are given up only
/// with `lose_entries`.
///
/// # Errors
/// [`RestoreFault`].
pub fn restore(
    home: &Home,
    _lock: &HomeLock,
    file: &Path,
    provenance: &Provenance,
    lose_entries: bool,
) -> Result<Restored, RestoreFault> {
    let backup = Journal::open_copy(file)
        .map_err(|fault| RestoreFault::Backup { file: file.to_owned(), fault })?;
    let journal = home.journal();
    let partial = with_ending(&journal, ".partial");
    // What is inspected is the copy: the very bytes that will be served.
    let holdings = copy(&backup, &partial, provenance)
        .map_err(|fault| RestoreFault::Copy { file: file.to_owned(), fault })?;
    let (lost, unread) = match loss(&journal, holdings.entries) {
        Ok(lost) => (lost, None),
        Err(fault) => (None, Some(fault)),
    };
    if let Some(loss) = lost.clone().filter(|_| !lose_entries) {
        fs::remove_file(&partial).map_err(file_fault(&partial)).map_err(RestoreFault::HalfWay)?;
        return Err(RestoreFault::LosesEntries { loss });
    }
    let aside = set_aside(&journal).map_err(RestoreFault::HalfWay)?;
    put_in_place(&partial, &journal).map_err(RestoreFault::HalfWay)?;
    Ok(Restored { holdings, aside, lost, unread })
}

/// What the journal in place has beyond `kept` entries.
fn loss(journal: &Path, kept: u64) -> Result<Option<Loss>, JournalFault> {
    // What was acknowledged is lost also if the journal in place has lost it before.
    let acknowledged = acknowledged::read(journal).map_or(0, |note| note.size);
    let journal = match Journal::open_to_read(journal) {
        Err(_) if acknowledged > kept => {
            return Ok(Some(Loss { entries: acknowledged - kept, since: None }));
        }
        opened => opened?,
    };
    let head = journal.head()?;
    let entries = head.map_or(0, |head| head.entries.max(head.size)).max(acknowledged);
    if entries <= kept {
        return Ok(None);
    }
    // How many is known; a first one that is damaged does not make them fewer.
    let first = journal.entry(kept).ok().flatten();
    let first = first.and_then(|bytes| Entry::decode(&bytes).ok());
    Ok(Some(Loss { entries: entries - kept, since: first.as_ref().and_then(time_of) }))
}

fn time_of(entry: &Entry) -> Option<Timestamp> {
    let ms = match entry {
        Entry::Manifest(manifest) => manifest.at_ms,
        Entry::Enrolment(enrolment) => enrolment.at_ms,
        Entry::Form(arrival) | Entry::Rehearsal(arrival) => arrival.arrived_ms,
        Entry::Evidence(evidence) => evidence.arrival.arrived_ms,
        Entry::Code(grant) => grant.at_ms,
        Entry::Revocation(revocation) => revocation.at_ms,
        Entry::Ruling(ruling) => ruling.at_ms,
        Entry::Amendment(amendment) => amendment.at_ms,
        Entry::Pause(pause) => pause.at_ms,
        Entry::Question(question) => question.at_ms,
    };
    Timestamp::from_millisecond(ms.try_into().ok()?).ok()
}

/// Renames a journal, with what SQLite keeps beside it, to the first free
/// `journal.db.aside-<n>`.
fn set_aside(journal: &Path) -> Result<Option<PathBuf>, CopyFault> {
    if !family(journal).iter().any(|path| is_there(path)) {
        return Ok(None);
    }
    let mut asides = (1..).map(|n: u64| with_ending(journal, &format!(".aside-{n}")));
    let free = asides.find(|aside| !family(aside).iter().any(|path| is_there(path)));
    let aside = free.expect("names do not end");
    // The journal first: without it a collector does not start, and what a power cut
    // here leaves beside it is set aside by the next try.
    for (from, to) in family(journal).into_iter().zip(family(&aside)) {
        if is_there(&from) {
            fs::rename(&from, &to).map_err(file_fault(&from))?;
        }
    }
    // A WAL that came back would be read as a part of the new journal.
    sync_dir_of(journal)?;
    Ok(Some(aside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::back_up;
    use crate::inspection::tests::{append, begin, found, journal_in, provenance, tear};

    /// A journal of 31 entries, the first 11 of which are in a backup.
    fn behind(dir: &Path) -> (Home, PathBuf) {
        let (home, file) = (Home::at(dir), dir.join("backup.db"));
        let mut log = begin(&home.journal());
        append(&mut log, 0);
        back_up(&home.journal(), &file, &provenance()).unwrap();
        append(&mut log, 1);
        append(&mut log, 2);
        (home, file)
    }

    fn run(home: &Home, file: &Path, lose_entries: bool) -> Result<Restored, RestoreFault> {
        restore(home, &home.lock().unwrap(), file, &provenance(), lose_entries)
    }

    #[test]
    fn entries_are_given_up_only_when_told_and_the_journal_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let (home, file) = behind(dir.path());
        let refused = run(&home, &file, false).unwrap_err();
        let since = Some(Timestamp::from_millisecond(4).unwrap());
        let wanted = Loss { entries: 20, since };
        assert!(matches!(&refused, RestoreFault::LosesEntries { loss } if *loss == wanted));
        assert!(refused.to_string().contains("20 entries, since 1970-01-01T00:00:00.004Z"));
        assert_eq!(found(&home.journal()).unwrap().entries, 31, "as it was");
        assert!(!is_there(&with_ending(&home.journal(), ".partial")));

        let restored = run(&home, &file, true).unwrap();
        assert_eq!((restored.holdings.entries, restored.lost), (11, Some(wanted)));
        assert_eq!(found(&home.journal()).unwrap(), restored.holdings);
        let aside = restored.aside.unwrap();
        assert_eq!(aside, dir.path().join("journal.db.aside-1"));
        assert_eq!(found(&aside).unwrap().entries, 31);

        let back = run(&home, &aside, false).unwrap();
        assert_eq!((back.holdings.entries, back.lost), (31, None));
        assert_eq!(back.aside.unwrap(), dir.path().join("journal.db.aside-2"));
    }

    #[test]
    fn a_torn_journal_is_replaced_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        let file = dir.path().join("backup.db");
        let path = journal_in(dir.path());
        let whole = back_up(&path, &file, &provenance()).unwrap();
        tear(&path, 5);
        let torn = fs::read(&path).unwrap();
        let restored = run(&home, &file, false).unwrap();
        assert_eq!((&restored.holdings, &found(&path).unwrap()), (&whole, &whole));
        assert_eq!(fs::read(restored.aside.unwrap()).unwrap(), torn);
        // Without its first page nobody knows what it held.
        tear(&path, 1);
        let restored = run(&home, &file, false).unwrap();
        assert!(restored.lost.is_none() && restored.unread.is_some());
    }

    #[test]
    fn what_lies_beside_a_journal_that_is_gone_never_meets_the_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        let file = dir.path().join("backup.db");
        let path = home.journal();
        let mut log = begin(&path);
        let whole = back_up(&path, &file, &provenance()).unwrap();
        append(&mut log, 0);
        // A power cut between the two renames of a restore leaves the WAL alone.
        let wal = with_ending(&path, "-wal");
        let left = fs::read(&wal).unwrap();
        drop(log);
        fs::remove_file(&path).unwrap();
        fs::write(&wal, &left).unwrap();
        // The note beside it knows what the WAL alone does not give back.
        let refused = run(&home, &file, false).unwrap_err();
        let lost = Loss { entries: 10, since: None };
        assert!(
            matches!(&refused, RestoreFault::LosesEntries { loss } if *loss == lost),
            "{refused}"
        );
        let restored = run(&home, &file, true).unwrap();
        assert_eq!(restored.lost, Some(lost));
        assert_eq!(found(&path).unwrap(), whole);
        let aside = with_ending(&restored.aside.unwrap(), "-wal");
        assert_eq!(fs::read(aside).unwrap(), left);
    }

    #[test]
    fn a_backup_that_is_damaged_or_no_backup_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        let file = dir.path().join("backup.db");
        let path = journal_in(dir.path());
        let whole = back_up(&path, &file, &provenance()).unwrap();
        tear(&file, 5);
        let refused = run(&home, &file, true).unwrap_err();
        assert!(refused.is_of_backup() && refused.to_string().contains("page 5:"), "{refused}");
        fs::write(&file, "a letter").unwrap();
        assert!(run(&home, &file, true).unwrap_err().is_of_backup());
        assert!(run(&home, &dir.path().join("none"), true).unwrap_err().is_of_backup());
        assert_eq!(found(&path).unwrap(), whole);
        assert!(!is_there(&with_ending(&path, ".aside-1")));
        assert!(!is_there(&with_ending(&path, ".partial")));
    }
}
