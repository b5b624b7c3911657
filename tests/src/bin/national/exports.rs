//! What exports of a whole country take, and of one province, in each format.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use saksi_collector::home::Home;
use saksi_collector::journal::Journal;
use saksi_collector::storage::Storage as _;
use saksi_tests::binaries;
use saksi_tests::usage::Usage;

/// Bytes that are read at a time.
const PIECE: usize = 256 * 1024;

/// Bytes between two looks at what the process takes.
const BETWEEN: u64 = 4 << 20;

/// What is exported: in words, and as the command has it.
const EXPORTS: [(&str, &str); 14] = [
    ("CSV of the provinces, president", "csv --contest ppwp"),
    ("CSV of all stations, president", "csv --contest ppwp --stations"),
    ("CSV of all stations, 18 parties of 10", "csv --contest dpr --stations"),
    ("NIST JSON of the provinces, all contests", "nist-json"),
    ("NIST JSON of all stations, president", "nist-json --contest ppwp --stations"),
    ("NIST XML of all stations, president", "nist-xml --contest ppwp --stations"),
    ("EML 510 of the provinces, all contests", "eml-510"),
    ("EML 510 of all stations, president", "eml-510 --contest ppwp --stations"),
    ("CSV of a province's stations, president", "csv --contest ppwp --stations --region 32"),
    (
        "NIST JSON of a province's stations, president",
        "nist-json --contest ppwp --stations --region 32",
    ),
    (
        "NIST XML of a province's stations, president",
        "nist-xml --contest ppwp --stations --region 32",
    ),
    (
        "EML 510 of a province's stations, president",
        "eml-510 --contest ppwp --stations --region 32",
    ),
    ("NIST JSON of a province's stations, all contests", "nist-json --stations --region 51"),
    ("EML 510 of a province's stations, all contests", "eml-510 --stations --region 51"),
];

/// Exports a log of so many entries, and prints what that takes.
pub(crate) fn measure(home: &Path, entries: u64) -> anyhow::Result<()> {
    println!("{:>8} {:>8} {:>8} {:>4}  export", "s of CPU", "MB", "MB of it", "code");
    for (what, arguments) in EXPORTS {
        export(home, what, arguments)?;
    }
    let journal = Journal::open_to_read(&Home::existing(home)?.journal())?;
    let (size, _) = journal.checkpoint_over(entries / 2)?.context("an older checkpoint")?;
    drop(journal);
    let then = format!("csv --contest ppwp --stations --at {size}");
    export(home, &format!("CSV of all stations, president, at entry {size}"), &then)
}

/// Exports to a pipe; prints processor time, the most resident memory, and what was written.
fn export(home: &Path, what: &str, arguments: &str) -> anyhow::Result<()> {
    let before = Usage::of_ended_children()?;
    let mut process = Command::new(binaries::path("saksi-collector")?)
        .arg("export")
        .arg(home)
        .args(["--date", "2024-02-14", "--format"])
        .args(arguments.split(' '))
        .stdout(Stdio::piped())
        .spawn()?;
    let usage = Usage::of(process.id());
    let mut out = process.stdout.take().context("a piped output")?;
    let (mut bytes, mut looked, mut peak, mut piece) = (0, 0, 0, vec![0; PIECE]);
    loop {
        let read = out.read(&mut piece)? as u64;
        // The end of what is written comes before the end of the process.
        if bytes == 0 || read == 0 || bytes >= looked + BETWEEN {
            peak = usage.peak_bytes().unwrap_or(peak);
            looked = bytes;
        }
        bytes += read;
        if read == 0 {
            break;
        }
    }
    let code = process.wait()?.code();
    let cpu = Usage::of_ended_children()? - before;
    ensure!(code.is_some(), "{what} was killed");
    println!(
        "{cpu:8.1} {:8} {:8.1} {:4}  {what}",
        peak >> 20,
        bytes as f64 / 1e6,
        code.unwrap_or(-1)
    );
    Ok(())
}
