//! Journals with one thing wrong; and the journals that backups are tried on.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use saksi_proto::SigningKey;

use super::*;
use crate::acknowledged::EndFault;
use crate::journal::JournalFault;
use crate::log::{Log, LogSigner};
use crate::reading::Staged;
use crate::sample::{self, arrival, form, sealed};

/// What SQLite writes at once.
const PAGE: usize = 4_096;
/// Forms in one commit.
const COMMIT: u32 = 10;

pub(crate) fn signer() -> LogSigner {
    LogSigner { origin: "test/log".to_owned(), key: SigningKey::from_bytes(&[9; 32]) }
}

pub(crate) fn provenance() -> Provenance {
    Provenance::new(Arc::new(sample::election()), signer().log_key())
}

/// A log with its manifest and no form.
pub(crate) fn begin(path: &Path) -> Log {
    let election = sample::election();
    let manifest = Staged::of(&election, &sample::manifest(&election, "")).unwrap();
    Log::begin(Journal::create(path).unwrap(), signer(), manifest).unwrap()
}

/// Appends the `nth` ten forms in one commit: entries `10 n + 1` to `10 n + 10`.
pub(crate) fn append(log: &mut Log, nth: u32) {
    let votes = (nth * COMMIT..).take(COMMIT as usize);
    let election = sample::election();
    let entries = votes.map(|votes| arrival(&sealed(&form("1001", [votes, 0, votes]))));
    let staged: Vec<_> = entries.map(|entry| Staged::of(&election, &entry).unwrap()).collect();
    log.append(&staged).unwrap();
}

/// A log with its manifest and 200 forms: 21 checkpoints, over 1, 11, … 201 entries.
pub(crate) fn journal_in(dir: &Path) -> PathBuf {
    let path = dir.join("journal.db");
    let mut log = begin(&path);
    (0..20).for_each(|nth| append(&mut log, nth));
    path
}

pub(crate) fn found(path: &Path) -> Result<Holdings, LogFault> {
    inspect(&Journal::open_to_read(path)?, &provenance())
}

fn change(path: &Path, statement: &str) {
    let database = rusqlite::Connection::open(path).unwrap();
    assert_eq!(database.execute(statement, []).unwrap(), 1, "{statement}");
}

/// Overwrites a page with zeros, as a torn write may leave it.
pub(crate) fn tear(path: &Path, page: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.write_all_at(&[0; PAGE], (page - 1) * PAGE as u64).unwrap();
}

fn pages(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len() / PAGE as u64
}

#[test]
fn a_sound_journal_says_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut log = begin(&path);
    append(&mut log, 0);
    let root = log.root();
    let last_form_ms = Some(4);
    let wanted = Holdings { entries: 11, forms: 10, checkpoints: 2, root, last_form_ms };
    assert_eq!(found(&path).unwrap(), wanted, "with the log still open");
    drop(log);
    assert_eq!(found(&path).unwrap(), wanted);
}

#[test]
fn a_flipped_bit_of_an_entry_is_found_between_two_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let entry = Journal::open_to_read(&path).unwrap().entry(57).unwrap().unwrap();
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(entry.len()).position(|window| window == entry).unwrap();
    // Inside the form's signature: the entry still decodes, and the page is in order.
    let flipped = bytes[at + 20] ^ 1;
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[flipped], at as u64 + 20).unwrap();
    let fault = found(&path).unwrap_err();
    assert!(matches!(fault, LogFault::OtherRoot { first: 51, size: 61, .. }), "{fault}");
    assert!(fault.to_string().contains("of the entries 51 to 60 are"), "{fault}");
}

#[test]
fn an_entry_that_is_damaged_or_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    change(&path, "UPDATE entry SET bytes = x'02' WHERE position = 57");
    assert!(matches!(found(&path), Err(LogFault::Entry { index: 57, .. })));
    change(&path, "DELETE FROM entry WHERE position = 57");
    let gap = found(&path);
    let wanted = JournalFault::Gap { expected: 57, found: 58 }.to_string();
    assert_eq!(gap.unwrap_err().to_string(), wanted);
}

#[test]
fn a_checkpoint_that_the_log_did_not_sign_is_named() {
    for size in [1, 61, 201] {
        let dir = tempfile::tempdir().unwrap();
        let path = journal_in(dir.path());
        // Ten characters before its end stands the signature.
        let note = "substr(note, 1, length(note) - 10) \
                    || CASE substr(note, -10, 1) WHEN 'A' THEN 'B' ELSE 'A' END \
                    || substr(note, -9)";
        change(&path, &format!("UPDATE checkpoint SET note = {note} WHERE size = {size}"));
        let fault = found(&path).unwrap_err();
        // The last one is also noted beside the journal.
        let last = matches!(
            fault,
            LogFault::Journal(JournalFault::End(EndFault::Other { size: 201, .. }))
        );
        let earlier = matches!(fault, LogFault::Checkpoint { size: found, .. } if found == size);
        assert!(if size == 201 { last } else { earlier }, "{size}: {fault}");
    }
}

#[test]
fn a_checkpoint_in_the_place_of_another_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let other = "(SELECT note FROM checkpoint WHERE size = 51)";
    change(&path, &format!("UPDATE checkpoint SET note = {other} WHERE size = 61"));
    assert!(matches!(found(&path), Err(LogFault::OtherSize { size: 61, signed: 51 })));
}

#[test]
fn every_torn_page_is_found_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let whole = fs::read(&path).unwrap();
    assert!(pages(&path) > 8, "entries and checkpoints fill some pages");
    for page in 1..=pages(&path) {
        fs::write(&path, &whole).unwrap();
        tear(&path, page);
        let fault = found(&path).unwrap_err().to_string();
        // Without its first page, the file is no database.
        let place = if page == 1 { "not a database" } else { &format!("page {page}:") };
        assert!(fault.contains(place), "page {page}: {fault}");
    }
}

#[test]
fn a_page_that_no_entry_is_on_is_checked_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let stray = pages(&path) + 1;
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[7; PAGE], (stray - 1) * PAGE as u64).unwrap();
    // SQLite's header counts its pages, in four bytes from byte 28 on.
    file.write_all_at(&u32::try_from(stray).unwrap().to_be_bytes(), 28).unwrap();
    let fault = found(&path).unwrap_err();
    assert!(matches!(fault, LogFault::Journal(JournalFault::Pages(_))), "{fault}");
    assert!(fault.to_string().contains(&format!("Page {stray}")), "{fault}");
}

#[test]
fn a_start_names_the_entry_and_the_page_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let entry = Journal::open_to_read(&path).unwrap().entry(100).unwrap().unwrap();
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(entry.len()).position(|window| window == entry).unwrap();
    let page = (at / PAGE) as u64 + 1;
    tear(&path, page);
    let mut ledger = Ledger::new(Arc::new(sample::election()));
    let opened = Log::open(Journal::open(&path).unwrap(), signer(), &mut ledger);
    let fault = opened.err().unwrap().to_string();
    let index = fault.strip_prefix("entry ").and_then(|rest| rest.split(' ').next());
    let index: u64 = index.and_then(|index| index.parse().ok()).unwrap();
    assert!((50..=100).contains(&index), "{fault}");
    assert!(fault.starts_with(&format!("entry {index} cannot be read:")), "{fault}");
    assert!(fault.contains(&format!("page {page}:")), "{fault}");
}

#[test]
fn a_file_that_was_cut_off_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let whole = fs::read(&path).unwrap();
    for length in [0, 100, whole.len() / 2, whole.len() - PAGE, whole.len() - PAGE / 2] {
        fs::write(&path, &whole[..length]).unwrap();
        let fault = found(&path).unwrap_err();
        assert!(matches!(fault, LogFault::Journal(_)), "{length}: {fault}");
    }
}

#[test]
fn a_journal_of_another_log_or_election_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = journal_in(dir.path());
    let other = LogSigner { key: SigningKey::from_bytes(&[8; 32]), ..signer() };
    let other = Provenance::new(Arc::new(sample::election()), other.log_key());
    let journal = Journal::open_to_read(&path).unwrap();
    assert!(matches!(inspect(&journal, &other), Err(LogFault::LastCheckpoint { .. })));
}
