//! Rehearsal forms and their receipts, as files.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use saksi_proto::digest::Digest;
use saksi_proto::entry::Kind;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;

use super::{RehearsalFault, Rehearsed};
use crate::directory::{Directory, FORM, RECEIPT};
use crate::durable;
use crate::identity::Identity;

/// Most forms that are looked at; a collector takes fewer from one device.
const MAX_FORMS: usize = 64;

/// Longest file read: receipts of at most 8,192 bytes, forms of 3,584.
const MAX_FILE: u64 = 8_192;

fn form_path(directory: &Directory, form: Digest) -> PathBuf {
    directory.rehearsal().join(format!("{form}.{FORM}"))
}

fn receipt_path(directory: &Directory, form: Digest) -> PathBuf {
    directory.rehearsal().join(format!("{form}.{RECEIPT}"))
}

fn fault_of(path: &Path) -> impl Fn(io::Error) -> RehearsalFault {
    move |fault| RehearsalFault::File { path: path.to_owned(), fault }
}

/// Keeps a form before it is sent.
pub(super) fn keep_form(directory: &Directory, sealed: &SealedForm) -> Result<(), RehearsalFault> {
    let path = form_path(directory, sealed.digest());
    let made = durable::create_directory(&directory.rehearsal());
    let kept = made.and_then(|()| durable::write_file(&path, sealed.bytes()));
    kept.map_err(fault_of(&path))
}

/// Keeps a receipt that was verified.
pub(super) fn keep_receipt(
    directory: &Directory,
    form: Digest,
    receipt: &Receipt,
) -> Result<(), RehearsalFault> {
    let path = receipt_path(directory, form);
    let text = receipt.to_tlog_proof(form);
    durable::write_file(&path, text.as_bytes()).map_err(fault_of(&path))
}

/// Removes a form that was refused.
pub(super) fn forget(directory: &Directory, form: Digest) -> Result<(), RehearsalFault> {
    let path = form_path(directory, form);
    durable::remove_file(&path).map_err(fault_of(&path))
}

/// A form of this device and this election that has no proven receipt.
pub(super) fn unanswered(
    directory: &Directory,
    identity: &Identity,
) -> Result<Option<SealedForm>, RehearsalFault> {
    let forms = own_forms(directory, identity).map_err(fault_of(&directory.rehearsal()))?;
    Ok(forms.into_iter().find(|sealed| receipt(directory, identity, sealed).is_none()))
}

/// The forms of this device whose receipt verifies.
pub(super) fn proven(directory: &Directory, identity: &Identity) -> Vec<Rehearsed> {
    let forms = own_forms(directory, identity).unwrap_or_default();
    let proven = forms.iter().filter_map(|sealed| {
        let Receipt { index, arrived_ms, .. } = receipt(directory, identity, sealed)?;
        Some(Rehearsed { form: sealed.digest(), index, arrived_ms })
    });
    proven.collect()
}

fn receipt(directory: &Directory, identity: &Identity, of: &SealedForm) -> Option<Receipt> {
    let bytes = read(&receipt_path(directory, of.digest())).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (form, receipt) = Receipt::from_tlog_proof(&text).ok()?;
    let is_proven =
        form == of.digest() && receipt.verify_as(Kind::Rehearsal, of, identity.log_key()).is_ok();
    is_proven.then_some(receipt)
}

fn own_forms(directory: &Directory, identity: &Identity) -> io::Result<Vec<SealedForm>> {
    let entries = match std::fs::read_dir(directory.rehearsal()) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let forms = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == FORM));
    let key = identity.key().verifying_key();
    let is_own = |sealed: &SealedForm| {
        let election = sealed.open().map(|form| form.election);
        sealed.is_signed_by(&key) && election == Ok(identity.election().digest)
    };
    let forms =
        forms.take(MAX_FORMS).filter_map(|path| SealedForm::from_bytes(read(path).ok()?).ok());
    Ok(forms.filter(is_own).collect())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= MAX_FILE { Ok(bytes) } else { Err(io::ErrorKind::FileTooLarge.into()) }
}
