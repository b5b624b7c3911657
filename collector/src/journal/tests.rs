//! The file alone: what stands in it after faults, and what it refuses.

use super::*;

fn entries(journal: &Journal, size: u64) -> Result<Vec<Vec<u8>>, JournalFault> {
    let mut found = Vec::new();
    journal.for_each_entry(size, |bytes| {
        found.push(bytes.to_vec());
        Ok::<_, JournalFault>(())
    })?;
    Ok(found)
}

#[test]
fn what_was_appended_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut journal = Journal::create(&path).unwrap();
    journal.append(0, &[b"a"], "one").unwrap();
    journal.append(1, &[b"b", b"c"], "three").unwrap();
    drop(journal);
    let journal = Journal::open(&path).unwrap();
    assert_eq!(entries(&journal, 3).unwrap(), [b"a", b"b", b"c"]);
    let head = Head { size: 3, checkpoint: "three".to_owned(), entries: 3 };
    assert_eq!(journal.head().unwrap(), Some(head));
    assert_eq!(journal.checkpoint_over(0).unwrap(), Some((1, "one".to_owned())));
    assert_eq!(journal.checkpoint_over(1).unwrap(), Some((3, "three".to_owned())));
    assert_eq!(journal.checkpoint_over(3).unwrap(), None);
}

#[test]
fn what_a_killed_process_left_unconfirmed_is_written_again_before_it_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let (killed, again) = (dir.path().join("killed.db"), dir.path().join("again.db"));
    let mut journal = Journal::create(&killed).unwrap();
    journal.append(0, &[b"a"], "one").unwrap();
    let wal = |path: &Path| path.with_extension("db-wal");
    // Its files as a kill leaves them: nobody has closed them.
    std::fs::copy(&killed, &again).unwrap();
    std::fs::copy(wal(&killed), wal(&again)).unwrap();
    let journal = Journal::open(&again).unwrap();
    assert_eq!(entries(&journal, 1).unwrap(), [b"a"]);
    assert_eq!(wal(&again).metadata().unwrap().len(), 0, "all is in the file itself");
}

#[test]
fn a_journal_without_its_wal_is_not_opened_and_says_what_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (path, cut) = (dir.path().join("journal.db"), dir.path().join("cut.db"));
    let mut journal = Journal::create(&path).unwrap();
    journal.append(0, &[b"a"], "one").unwrap();
    drop(journal);
    let mut journal = Journal::open(&path).unwrap();
    journal.append(1, &[b"b", b"c"], "three").unwrap();
    // As a copy that somebody made of the one file.
    std::fs::copy(&path, &cut).unwrap();
    std::fs::copy(acknowledged::path(&path), acknowledged::path(&cut)).unwrap();
    for opened in [Journal::open(&cut), Journal::open_to_read(&cut)] {
        let short = opened.err().expect("it is short").to_string();
        assert!(short.contains("has 1, but 3 were acknowledged"), "{short}");
    }
    std::fs::copy(path.with_extension("db-wal"), cut.with_extension("db-wal")).unwrap();
    assert_eq!(entries(&Journal::open(&cut).unwrap(), 3).unwrap(), [b"a", b"b", b"c"]);
}

#[test]
fn an_index_is_never_written_twice_and_a_failed_append_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(&dir.path().join("journal.db")).unwrap();
    journal.append(0, &[b"a", b"b"], "two").unwrap();
    assert!(journal.append(1, &[b"x", b"y"], "three").is_err());
    assert_eq!(entries(&journal, 2).unwrap(), [b"a", b"b"]);
    let head = Head { size: 2, checkpoint: "two".to_owned(), entries: 2 };
    assert_eq!(journal.head().unwrap(), Some(head));
}

#[test]
fn gaps_and_strangers_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(&dir.path().join("journal.db")).unwrap();
    journal.append(0, &[b"a"], "one").unwrap();
    assert!(matches!(entries(&journal, 2), Err(JournalFault::Gap { expected: 1, found: 2 })));
    journal.connection.execute("UPDATE entry SET position = 4", []).unwrap();
    let gap = entries(&journal, 5);
    assert!(matches!(gap, Err(JournalFault::Gap { expected: 0, found: 4 })));
    let other = dir.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(matches!(Journal::open(&other), Err(JournalFault::NotAJournal { .. })));
    assert!(Journal::open(&dir.path().join("none.db")).is_err());
}
