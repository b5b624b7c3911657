//! What leaves this device as a file: its own forms with those it carries on for others, and
//! the receipts of those.

use std::io::{self, Write};
use std::path::Path;

use saksi_proto::seal::SealedForm;
use saksi_proto::text::{self as words, Language};

use super::parcel::write_receipts;
use super::satchel::Satchel;
use crate::desk::{Desk, Disposable, Exported, Retained, Trouble, TroubleKind};
use crate::durable;
use crate::store::StoreFault;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

impl Desk {
    /// Every sealed form of this station, and those of others that wait here: a device
    /// without a link hands on what it was given.
    ///
    /// # Errors
    /// [`StoreFault`] if one cannot be read.
    pub(crate) fn to_be_carried(&self) -> Result<Vec<SealedForm>, StoreFault> {
        let mut forms = self.all_sealed()?;
        let satchel = self.satchel();
        for form in satchel.due() {
            forms.extend(satchel.read(form)?);
        }
        Ok(forms)
    }

    /// Writes the receipts of all carried forms; gives how many.
    ///
    /// # Errors
    /// Any fault of the file system.
    pub(crate) fn write_receipts(&self, out: impl Write) -> io::Result<usize> {
        let mut satchel = self.satchel();
        let proven = satchel.proven()?;
        let satchel: &Satchel = &satchel;
        let text = |form| match satchel.receipt(form) {
            Ok(Some((text, _))) => Some(Ok(text)),
            Ok(None) => None,
            Err(fault) => Some(Err(fault)),
        };
        write_receipts(out, proven.into_iter().filter_map(text))
    }

    pub(crate) fn export_receipts(
        &self,
        out: &Path,
        language: Language,
    ) -> Result<Exported, Trouble> {
        let mut forms = 0;
        let written = durable::write_with(out, |file| {
            forms = self.write_receipts(io::BufWriter::new(file))?;
            Ok(())
        });
        let size = written.and_then(|()| out.metadata());
        let bytes = size.map_err(|fault| {
            let (kind, path) = (TroubleKind::File, out.display());
            Trouble::new(kind, words::TROUBLE_FILE, language, &[&path, &fault])
        })?;
        let bytes = usize::try_from(bytes.len()).unwrap_or(usize::MAX);
        Ok(Exported { file: out.to_owned(), forms, bytes })
    }

    /// Deletes carried forms, or counts them: those that are proven to have arrived, so long
    /// ago or, when the election is over, at all. The rest stays.
    pub(crate) fn dispose_of_carried(
        &self,
        what: &Disposable,
        retained: &mut Retained,
        is_confirmed: bool,
    ) -> io::Result<()> {
        let mut satchel = self.satchel();
        let mut disposable = Vec::new();
        let proven = satchel.proven()?;
        retained.unanswered += satchel.len() - proven.len();
        for form in proven {
            let arrived_ms = satchel.receipt(form)?.map_or(u64::MAX, |(_, it)| it.arrived_ms);
            let age = self.clock().now_ms().saturating_sub(arrived_ms);
            match what {
                Disposable::Closed(_) => disposable.push(form),
                Disposable::OlderThanDays(days)
                    if age >= u64::from(*days).saturating_mul(DAY_MS) =>
                {
                    disposable.push(form);
                }
                Disposable::OlderThanDays(_) => retained.kept += 1,
            }
        }
        retained.forms += disposable.len();
        retained.bytes += disposable.len() as u64 * super::satchel::BYTES_EACH;
        if is_confirmed {
            disposable.into_iter().try_for_each(|form| satchel.remove(form))?;
        }
        Ok(())
    }
}
