//! The same audit of a log that is somewhere else.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use saksi_proto::checkpoint::Checkpoint;

use crate::audit::fault::{AuditFault, LieKind};
use crate::audit::progress::Progress;
use crate::audit::report::Report;
use crate::audit::sample::{PublicLog, log_key, signer};
use crate::audit::source::PublicFiles;
use crate::audit::{Given, audit};

/// What a server answers for a path: a status and bytes.
type Answer = Arc<dyn Fn(&str) -> (u16, Vec<u8>) + Send + Sync>;

/// Serves on loopback until the process ends; says where.
fn serve(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            thread::spawn(move || converse(stream, &answer));
        }
    });
    format!("http://{address}/log/")
}

fn converse(stream: TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut header = String::new();
        while reader.read_line(&mut header)? > 2 {
            header.clear();
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let (status, body) = answer(path.strip_prefix("/log/").unwrap_or("-"));
        let length = body.len();
        write!(stream, "HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\n\r\n")?;
        stream.write_all(&body)?;
    }
}

fn file(dir: &Path, name: &str) -> (u16, Vec<u8>) {
    fs::read(dir.join(name)).map_or_else(|_| (404, Vec::new()), |bytes| (200, bytes))
}

fn audited(
    answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + Sync + 'static,
) -> Result<(), AuditFault> {
    let into = tempfile::tempdir().unwrap();
    let files = PublicFiles::of_address(&serve(Arc::new(answer)), into.path());
    audit(&files, &Given::default(), &Progress::silent(), &mut Report::of("there"))
}

fn lie(answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + Sync + 'static) -> (LieKind, String) {
    match audited(answer) {
        Err(AuditFault::Lie(lie)) => (lie.kind, lie.file),
        other => panic!("no lie was found: {other:?}"),
    }
}

fn published(entries: usize) -> (tempfile::TempDir, PathBuf) {
    let dir = PublicLog::long(entries).write();
    let path = dir.path().to_owned();
    (dir, path)
}

#[test]
fn a_log_elsewhere_is_audited_as_one_that_is_here() {
    let (_dir, path) = published(600);
    audited(move |name| file(&path, name)).unwrap();
    let (_dir, path) = published(600);
    let changed = lie(move |name| {
        let (status, mut bytes) = file(&path, name);
        if name == "tile/entries/001" {
            bytes[500] ^= 1;
        }
        (status, bytes)
    });
    assert_eq!(changed, (LieKind::Entry, "tile/entries/001".to_owned()));
}

#[test]
fn a_file_that_is_withheld_is_named() {
    let log = PublicLog::long(600);
    let (origin, root) = (log_key().origin, log.tree().root());
    // Whoever signs for more than there is has nobody ask for all of it.
    let boasting = Checkpoint { origin, size: 1 << 39, root }.sign(&signer());
    let (_dir, path) = published(600);
    let found = lie(move |name| match name {
        "checkpoint" => (200, boasting.clone().into_bytes()),
        name => file(&path, name),
    });
    assert_eq!(found.0, LieKind::Missing);
    for withheld in ["checkpoint", "log.vkey", "tile/0/001", "tile/entries/002.p/88"] {
        let (_dir, path) = published(600);
        let found =
            lie(move |name| if name == withheld { (404, Vec::new()) } else { file(&path, name) });
        assert_eq!(found, (LieKind::Missing, withheld.to_owned()));
    }
}

/// The partial tiles of its checkpoint have gone, the full ones are there.
#[test]
fn a_log_that_has_grown_meanwhile_is_audited_at_the_checkpoint_that_was_fetched() {
    let ((_small, before), (_large, now)) = (published(300), published(600));
    audited(move |name| {
        // No full one has taken the place of those higher up.
        let is_of_before = !name.starts_with("tile/") || name.starts_with("tile/1/");
        file(if is_of_before { &before } else { &now }, name)
    })
    .unwrap();
}

#[test]
fn totals_that_newer_ones_have_replaced_are_no_lie() {
    let ((_small, before), (_large, now)) = (published(300), published(600));
    let asked = std::sync::atomic::AtomicU32::new(0);
    let done = audited(move |name| match name {
        "totals.json" if asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 => {
            file(&before, name)
        }
        name => file(&now, name),
    });
    assert!(
        matches!(&done, Err(AuditFault::Given(words)) if words.contains("run again")),
        "{done:?}"
    );
}

#[test]
fn a_server_that_fails_or_never_ends_says_nothing_about_the_log() {
    let (_dir, path) = published(300);
    let refused = audited(move |name| match name {
        "tile/entries/000" => (403, Vec::new()),
        name => file(&path, name),
    });
    assert!(matches!(refused, Err(AuditFault::Fetch { .. })), "{refused:?}");
    let (_dir, path) = published(300);
    let endless = lie(move |name| match name {
        "tile/0/000" => (200, vec![0; 1 << 20]),
        name => file(&path, name),
    });
    assert_eq!(endless, (LieKind::Oversize, "tile/0/000".to_owned()));
}

/// A status that may pass is asked again.
#[test]
fn a_server_that_is_busy_is_asked_again() {
    let (_dir, path) = published(300);
    let busy = std::sync::atomic::AtomicBool::new(true);
    audited(move |name| {
        if name == "checkpoint" && busy.swap(false, std::sync::atomic::Ordering::Relaxed) {
            return (503, Vec::new());
        }
        file(&path, name)
    })
    .unwrap();
}
