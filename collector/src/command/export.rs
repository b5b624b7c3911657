//! `export`.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use saksi_collector::clock;
use saksi_collector::export::at::{self, At, AtFault};
use saksi_collector::export::content::{Export, Wanted};
use saksi_collector::export::{ExportFault, Format, write};
use saksi_collector::home::Home;
use saksi_proto::checkpoint::{MAX_CHECKPOINT, parse_size};

use super::journal::with_way_out;
use crate::cli;

/// Bytes that are written together: a nation's export has gigabytes.
const BUFFER: usize = 256 * 1024;

pub(crate) fn run(arguments: &cli::Export) -> anyhow::Result<()> {
    let home = Home::existing(&arguments.dir)?;
    let at = arguments.at.as_deref().map_or(Ok(At::Newest), read_at)?;
    let folded = at::open(&home, &at).map_err(|fault| match fault {
        AtFault::Serve(fault) => with_way_out(fault, home.path()),
        fault => fault.into(),
    })?;
    let wanted = Wanted {
        region: arguments.region,
        contest: arguments.contest,
        stations: arguments.stations,
        date: arguments.date,
        issuer: arguments.issuer.clone(),
        elected: arguments.elected.clone(),
        now_ms: clock::now_ms(),
    };
    let export = Export::new(&folded, &wanted)?;
    match &arguments.out {
        Some(path) => to_file(&export, arguments.format, path),
        None => to_standard_output(&export, arguments.format),
    }
}

/// A size in digits, or else a file.
fn read_at(text: &str) -> anyhow::Result<At> {
    if let Some(size) = parse_size(text) {
        return Ok(At::Size(size));
    }
    let path = Path::new(text);
    let long = || format!("--at {text}: neither the size of a checkpoint nor a file with one");
    let size = std::fs::metadata(path).with_context(long)?.len();
    ensure!(size <= MAX_CHECKPOINT as u64, "{text} has {size} bytes, and is no checkpoint");
    Ok(At::Checkpoint(std::fs::read_to_string(path).with_context(long)?))
}

/// The file appears, or takes the place of an older one, when it is whole and durable.
fn to_file(export: &Export<'_>, format: Format, path: &Path) -> anyhow::Result<()> {
    // The parent of a bare name is empty, and means here.
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = dir.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let named = || path.display().to_string();
    let partial = tempfile::Builder::new()
        .prefix(".saksi-export-")
        // Whoever may read what this user writes may read it: it is of public numbers.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(&dir)
        .with_context(named)?;
    let mut out = BufWriter::with_capacity(BUFFER, partial);
    write(export, format, &mut out)?;
    let partial = out.into_inner().map_err(io::IntoInnerError::into_error).with_context(named)?;
    partial.as_file().sync_all().with_context(named)?;
    partial.persist(path).map_err(|fault| fault.error).with_context(named)?;
    File::open(&dir).and_then(|dir| dir.sync_all()).with_context(named)
}

/// Who hangs up early, as `head` does, has seen enough.
fn to_standard_output(export: &Export<'_>, format: Format) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    let written = write(export, format, &mut out);
    match written.and_then(|()| Ok(out.flush()?)) {
        Err(ExportFault::Write(fault)) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
