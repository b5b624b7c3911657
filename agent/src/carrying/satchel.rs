//! What this device carries for other stations: files in a directory of their own, and how
//! far each form has come.
//!
//! ```text
//! carried/<digest>.saksi         the sealed form, as it was taken in
//! carried/<digest>.tlog-proof    its receipt: it has arrived
//! carried/<digest>.refused       the centre's refusal: it never will
//! carried/<digest>.damaged       what was found in the place of one
//! ```
//!
//! The state of a form is which files lie beside it. One whose receipt a power cut has
//! taken goes again, and the same receipt comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};
use serde::{Deserialize, Serialize};

use super::parcel::MAX_RECEIPT;
use crate::delivery::{Failure, MAX_DETAIL};
use crate::directory::{Directory, FORM, RECEIPT};
use crate::durable;
use crate::export::MAX_FORMS;
use crate::words::shortened;

/// Most forms that one device carries: as many as the fullest file has. With the 4 KiB that
/// a small file takes, and as many for its receipt, 80 MB of the disk.
pub const MAX_CARRIED: usize = MAX_FORMS;

/// What a form and its receipt take on the disk.
pub(crate) const BYTES_EACH: u64 = 8 * 1024;

/// Ends the name of a refusal.
const REFUSED: &str = "refused";
/// Ends the name of a form's file that is not what its name says.
const DAMAGED: &str = "damaged";

/// The forms that this device carries. Owned by the desk.
pub(crate) struct Satchel {
    directory: Directory,
    log_key: LogKey,
    forms: BTreeMap<Digest, Carried>,
    /// First forms before corrections, as a correction names the one before.
    due: BTreeSet<(u32, Digest)>,
    /// Files that were damaged and set aside.
    damaged: usize,
    /// Why the last attempt brought nothing; forgotten with the process.
    last_failure: Option<Failure>,
}

/// One carried form, without its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) station: StationCode,
    pub(crate) contest: ContestCode,
    pub(crate) revision: u32,
    pub(crate) state: CarriedState,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CarriedState {
    Waiting,
    Received,
    Refused,
}

/// As it stands in the file of a refusal.
#[derive(Serialize, Deserialize)]
struct KeptRefusal {
    refusal: Refusal,
    detail: String,
}

impl Satchel {
    /// Reads what there is. A form's file that is damaged is set aside.
    pub(crate) fn open(directory: &Directory, log_key: LogKey) -> io::Result<Self> {
        let (forms, due) = (BTreeMap::new(), BTreeSet::new());
        let directory = directory.clone();
        let mut satchel = Self { directory, log_key, forms, due, damaged: 0, last_failure: None };
        let entries = match std::fs::read_dir(satchel.directory.carried()) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(satchel),
            entries => entries?,
        };
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        let ending =
            |path: &PathBuf| path.extension().and_then(|it| it.to_str()).map(str::to_owned);
        let named = |wanted: &str| -> BTreeSet<Digest> {
            let of = paths.iter().filter(|path| ending(path).as_deref() == Some(wanted));
            of.filter_map(|path| path.file_stem()?.to_str()?.parse().ok()).collect()
        };
        let (received, refused) = (named(RECEIPT), named(REFUSED));
        satchel.damaged = named(DAMAGED).len();
        for path in paths.iter().filter(|path| ending(path).as_deref() == Some(durable::UNFINISHED))
        {
            durable::remove_file(path)?;
        }
        for digest in named(FORM) {
            let state = match (received.contains(&digest), refused.contains(&digest)) {
                (true, _) => CarriedState::Received,
                (false, true) => CarriedState::Refused,
                (false, false) => CarriedState::Waiting,
            };
            match satchel.read(digest)? {
                Some(sealed) => satchel.note(&sealed, state),
                None => satchel.set_aside(digest)?,
            }
        }
        Ok(satchel)
    }

    fn path(&self, form: Digest, ending: &str) -> PathBuf {
        self.directory.carried().join(format!("{form}.{ending}"))
    }

    fn note(&mut self, sealed: &SealedForm, state: CarriedState) {
        // What does not open was never taken in.
        let Ok(form) = sealed.open() else { return };
        let (station, contest, revision) = (form.station, form.contest, form.revision);
        self.forms.insert(sealed.digest(), Carried { station, contest, revision, state });
        self.set(sealed.digest(), state);
    }

    fn set(&mut self, form: Digest, state: CarriedState) {
        let Some(carried) = self.forms.get_mut(&form) else { return };
        carried.state = state;
        let place = (carried.revision, form);
        match state {
            CarriedState::Waiting => self.due.insert(place),
            CarriedState::Received | CarriedState::Refused => self.due.remove(&place),
        };
    }

    /// Takes forms in. When this returns, they survive a power cut.
    pub(crate) fn put(&mut self, forms: &[SealedForm]) -> io::Result<()> {
        durable::create_directory(&self.directory.carried())?;
        let paths: Vec<_> = forms.iter().map(|form| self.path(form.digest(), FORM)).collect();
        let files = paths.iter().zip(forms).map(|(path, form)| (path.as_path(), form.bytes()));
        durable::write_together(&self.directory.carried(), files)?;
        forms.iter().for_each(|form| self.note(form, CarriedState::Waiting));
        Ok(())
    }

    /// A form as it was taken in; `None` if its file is not what it was.
    pub(crate) fn read(&self, form: Digest) -> io::Result<Option<SealedForm>> {
        let path = self.path(form, FORM);
        if path.metadata()?.len() > MAX_SEALED_FORM as u64 {
            return Ok(None);
        }
        let sealed = SealedForm::from_bytes(std::fs::read(path)?).ok();
        Ok(sealed.filter(|sealed| sealed.digest() == form && sealed.open().is_ok()))
    }

    /// A form's file is damaged: it is kept beside, and the form can be taken in again.
    pub(crate) fn set_aside(&mut self, form: Digest) -> io::Result<()> {
        tracing::warn!(%form, "the file of a carried form is damaged; it is set aside");
        durable::rename(&self.path(form, FORM), &self.path(form, DAMAGED))?;
        if let Some(carried) = self.forms.remove(&form) {
            self.due.remove(&(carried.revision, form));
        }
        self.damaged += 1;
        Ok(())
    }

    /// Keeps a verified receipt: the form has arrived.
    pub(crate) fn put_receipt(&mut self, form: Digest, receipt: &Receipt) -> io::Result<()> {
        let text = receipt.to_tlog_proof(form);
        durable::write_file(&self.path(form, RECEIPT), text.as_bytes())?;
        self.last_failure = None;
        self.set(form, CarriedState::Received);
        Ok(())
    }

    /// The centre refuses a form for good.
    pub(crate) fn refuse(
        &mut self,
        form: Digest,
        refusal: Refusal,
        detail: &str,
    ) -> io::Result<()> {
        let kept = KeptRefusal { refusal, detail: shortened(detail, MAX_DETAIL) };
        durable::write_file(&self.path(form, REFUSED), &serde_json::to_vec(&kept)?)?;
        self.set(form, CarriedState::Refused);
        Ok(())
    }

    /// Why the centre refuses a form, if its file can be read.
    pub(crate) fn refusal(&self, form: Digest) -> Option<Refusal> {
        let text = std::fs::read(self.path(form, REFUSED)).ok()?;
        serde_json::from_slice::<KeptRefusal>(&text).ok().map(|kept| kept.refusal)
    }

    /// A form's receipt, as a `tlog-proof` that proves it at this moment.
    pub(crate) fn receipt(&self, form: Digest) -> io::Result<Option<(String, Receipt)>> {
        let path = self.path(form, RECEIPT);
        match path.metadata() {
            Ok(file) if file.len() <= MAX_RECEIPT as u64 => {}
            _ => return Ok(None),
        }
        let text = String::from_utf8(std::fs::read(path)?).unwrap_or_default();
        let Ok((of, receipt)) = Receipt::from_tlog_proof(&text) else { return Ok(None) };
        let Some(sealed) = self.read(form)? else { return Ok(None) };
        let is_proven = of == form && receipt.verify(&sealed, &self.log_key).is_ok();
        Ok(is_proven.then_some((text, receipt)))
    }

    /// Forms whose receipt is damaged or gone go again; gives those whose receipt proves
    /// something.
    pub(crate) fn proven(&mut self) -> io::Result<Vec<Digest>> {
        let received = |(form, carried): (&Digest, &Carried)| {
            (carried.state == CarriedState::Received).then_some(*form)
        };
        let mut received: Vec<_> = self.forms.iter().filter_map(received).collect();
        let mut proven = Vec::new();
        for form in received.drain(..) {
            if self.receipt(form)?.is_some() {
                proven.push(form);
            } else {
                tracing::warn!(%form, "the receipt of a carried form is damaged; the form goes again");
                self.set(form, CarriedState::Waiting);
            }
        }
        Ok(proven)
    }

    /// Deletes a form with all that lies beside it, the form last.
    pub(crate) fn remove(&mut self, form: Digest) -> io::Result<()> {
        for ending in [FORM, RECEIPT, REFUSED] {
            match durable::remove_file(&self.path(form, ending)) {
                Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
                _ => {}
            }
        }
        if let Some(carried) = self.forms.remove(&form) {
            self.due.remove(&(carried.revision, form));
        }
        Ok(())
    }

    /// An attempt brought nothing.
    pub(crate) fn failed(&mut self, failure: Failure) {
        self.last_failure = Some(failure).filter(|_| !self.due.is_empty());
    }

    /// Why the last attempt brought nothing.
    pub(crate) fn last_failure(&self) -> Option<&Failure> {
        self.last_failure.as_ref()
    }

    /// Forms that wait, in the order in which they go.
    pub(crate) fn due(&self) -> impl Iterator<Item = Digest> {
        self.due.iter().map(|(_, form)| *form)
    }

    /// All forms.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Digest, &Carried)> {
        self.forms.iter().map(|(form, carried)| (*form, carried))
    }

    /// A form by its digest.
    pub(crate) fn form(&self, form: Digest) -> Option<&Carried> {
        self.forms.get(&form)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.forms.len()
    }

    /// Files that were damaged and set aside.
    pub(crate) fn damaged(&self) -> usize {
        self.damaged
    }
}
