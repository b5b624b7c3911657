//! What is kept as a file of its own: sealed forms and receipts; photos are in `photos`.
//!
//! These outlive a damaged sled: the records are rebuilt from them.

use std::io;
use std::path::{Path, PathBuf};

use saksi_proto::digest::Digest;
use saksi_proto::ids::StationCode;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};

use crate::directory::{Directory, FORM};
use crate::durable;

/// Longest receipt file: a checkpoint of 2,048 bytes, 40 hashes of 45, and a head.
const MAX_RECEIPT: u64 = 8_192;

/// Ends the name of a file that is not what its name says.
pub(super) const DAMAGED: &str = "damaged";

/// Writes a sealed form's file.
pub(super) fn write_form(directory: &Directory, sealed: &SealedForm) -> io::Result<()> {
    durable::write_file(&directory.form(sealed.digest()), sealed.bytes())
}

/// Digests that the names of the form files claim.
pub(super) fn form_digests(directory: &Directory) -> io::Result<Vec<Digest>> {
    let mut digests = Vec::new();
    for entry in std::fs::read_dir(directory.forms())? {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(&format!(".{FORM}")));
        digests.extend(stem.and_then(|stem| stem.parse::<Digest>().ok()));
    }
    Ok(digests)
}

/// Reads a form's file; `None` if it is not what its name says.
pub(super) fn read_form(directory: &Directory, digest: Digest) -> io::Result<Option<SealedForm>> {
    let path = directory.form(digest);
    if path.metadata()?.len() > MAX_SEALED_FORM as u64 {
        return Ok(None);
    }
    let sealed = SealedForm::from_bytes(std::fs::read(path)?).ok();
    Ok(sealed.filter(|sealed| sealed.digest() == digest))
}

/// The station that the forms are of, by the first that reads as one.
pub(super) fn station(directory: &Directory) -> io::Result<Option<StationCode>> {
    for digest in form_digests(directory)? {
        let form = read_form(directory, digest)?.and_then(|sealed| sealed.open().ok());
        if let Some(form) = form {
            return Ok(Some(form.station));
        }
    }
    Ok(None)
}

/// Renames a form's file that is damaged, so that it is seen and not read again.
pub(super) fn set_form_aside(directory: &Directory, digest: Digest) -> io::Result<()> {
    let path = directory.form(digest);
    durable::rename(&path, &path.with_extension(format!("{FORM}.{DAMAGED}")))
}

/// Form files that were damaged, in the order of their names.
pub(super) fn damaged_forms(directory: &Directory) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory.forms())?.map(|entry| Ok(entry?.path()));
    let mut damaged = entries.collect::<io::Result<Vec<_>>>()?;
    damaged.retain(|path| path.extension().is_some_and(|ending| ending == DAMAGED));
    damaged.sort_unstable();
    Ok(damaged)
}

/// Writes a receipt that was verified.
pub(super) fn write_receipt(
    directory: &Directory,
    form: Digest,
    receipt: &Receipt,
) -> io::Result<()> {
    durable::write_file(&directory.receipt(form), receipt.to_tlog_proof(form).as_bytes())
}

/// Reads a form's receipt, if there is one that reads as one. It is not verified.
pub(super) fn read_receipt(directory: &Directory, form: Digest) -> io::Result<Option<Receipt>> {
    let path = directory.receipt(form);
    match path.metadata() {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
        Ok(metadata) if metadata.len() > MAX_RECEIPT => return Ok(None),
        Ok(_) => {}
    }
    let text = String::from_utf8(std::fs::read(path)?).ok();
    let parsed = text.and_then(|text| Receipt::from_tlog_proof(&text).ok());
    Ok(parsed.filter(|(of, _)| *of == form).map(|(_, receipt)| receipt))
}

/// Removes files for good; one that is gone already is gone.
pub(super) fn remove_all(paths: &[PathBuf]) -> io::Result<()> {
    for path in paths {
        match durable::remove_file(path) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}

/// Removes what a crash left unfinished.
pub(super) fn remove_unfinished(directory: &Directory) -> io::Result<()> {
    for of in [
        directory.path().to_owned(),
        directory.forms(),
        directory.receipts(),
        directory.photos(),
        directory.drafts(),
    ] {
        for entry in std::fs::read_dir(of)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == durable::UNFINISHED) {
                remove(&path)?;
            }
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    tracing::info!(path = %path.display(), "removing a file that was never finished");
    durable::remove_file(path)
}
