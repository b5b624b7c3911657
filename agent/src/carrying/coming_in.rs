//! A file that was carried here: other stations' forms, or receipts of this one's.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use saksi_proto::digest::Digest;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_proto::text::Language;
use serde::{Deserialize, Serialize};

use super::parcel::{Goods, Parcel, ParcelFault};
use super::satchel::{BYTES_EACH, MAX_CARRIED};
use super::text;
use crate::carried::{CarriedVerdict, look_at};
use crate::delivery::Answer as Answered;
use crate::desk::{Desk, Trouble, TroubleKind};
use crate::evidence;
use crate::forward::outbox::Keep as _;
use crate::seen::Seen;
use crate::store::StoreFault;

/// Forms that are written in one step: 1 MB in memory.
const AT_ONCE: usize = 256;

/// What came of taking a file in. What is counted as taken survives a power cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The file.
    pub file: PathBuf,
    /// Forms that this device carries from now on.
    pub forms: usize,
    /// Forms that it had already, its own among them.
    pub known: usize,
    /// Receipts of this station's forms, verified and kept.
    pub receipts: usize,
    /// Receipts of carried forms, verified and kept.
    pub carried_receipts: usize,
    /// Forms of another election or phase.
    pub other_election: usize,
    /// Forms in this station's name that this device has not signed.
    pub not_sealed_here: usize,
    /// What is neither a form nor a receipt.
    pub damaged: usize,
    /// Receipts that do not prove their form.
    pub unproven: usize,
    /// Receipts of forms that are not here.
    pub unknown: usize,
}

impl Imported {
    /// Whether all of it was good.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.other_election + self.not_sealed_here + self.damaged + self.unproven == 0
    }

    /// What the operator reads, line by line.
    #[must_use]
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |phrase, values: &[&dyn std::fmt::Display]| {
            lines.push(crate::words::fill(phrase, language, values));
        };
        let has_forms = self.forms + self.known > 0;
        if has_forms {
            say(text::TAKEN_FORMS, &[&self.forms, &self.known]);
        }
        if self.forms > 0 {
            say(text::TAKEN_NEXT, &[]);
        }
        if self.receipts + self.carried_receipts > 0 || !has_forms {
            say(text::TAKEN_RECEIPTS, &[&self.receipts, &self.carried_receipts]);
        }
        let left = [
            (self.other_election, text::LEFT_OTHER_ELECTION),
            (self.not_sealed_here, text::LEFT_NOT_SEALED_HERE),
            (self.damaged, text::LEFT_DAMAGED),
            (self.unproven, text::LEFT_UNPROVEN),
            (self.unknown, text::LEFT_UNKNOWN),
        ];
        left.iter().filter(|(number, _)| *number > 0).for_each(|(number, of)| say(*of, &[number]));
        lines
    }
}

/// Why a file is not taken in, or not to its end.
enum Stopped {
    Parcel(ParcelFault),
    Store(StoreFault),
    TooMany { carried: usize },
}

impl From<ParcelFault> for Stopped {
    fn from(fault: ParcelFault) -> Self {
        Stopped::Parcel(fault)
    }
}

impl From<StoreFault> for Stopped {
    fn from(fault: StoreFault) -> Self {
        Stopped::Store(fault)
    }
}

impl From<io::Error> for Stopped {
    fn from(fault: io::Error) -> Self {
        Stopped::Store(fault.into())
    }
}

impl Desk {
    /// Takes a carried file in, `shown` to people by this name. The same file again changes
    /// nothing, and one that was interrupted goes on.
    ///
    /// # Errors
    /// [`Trouble`]; nothing was taken in of a file that is damaged or does not fit. If the
    /// disk fails in the middle, what was taken in until then is.
    pub(crate) fn import(
        &self,
        file: &Path,
        shown: &Path,
        language: Language,
    ) -> Result<Imported, Trouble> {
        let imported = self.take_in(file).map_err(|stopped| match stopped {
            Stopped::Store(fault) => Trouble::of_store(&fault, language),
            Stopped::Parcel(fault) => {
                let kind = match fault {
                    ParcelFault::File(_) => TroubleKind::File,
                    ParcelFault::TooLarge => TroubleKind::OverLimit,
                    _ => TroubleKind::Carried,
                };
                let values: [&dyn std::fmt::Display; 2] =
                    [&shown.display(), &fault.sentence(language)];
                Trouble::new(kind, text::NOT_TAKEN, language, &values)
            }
            Stopped::TooMany { carried } => {
                let values: [&dyn std::fmt::Display; 2] = [&carried, &MAX_CARRIED];
                Trouble::new(TroubleKind::OverLimit, text::TOO_MANY, language, &values)
            }
        })?;
        self.bell().notify_one();
        tracing::info!(forms = imported.forms, receipts = imported.receipts, "a file was taken in");
        Ok(Imported { file: shown.to_owned(), ..imported })
    }

    fn take_in(&self, file: &Path) -> Result<Imported, Stopped> {
        let mut parcel = Parcel::open(file)?;
        let mut imported = Imported::default();
        match parcel.goods() {
            Goods::Forms => self.take_forms(&mut parcel, &mut imported)?,
            Goods::Receipts => {
                while let Some(piece) = parcel.next_piece()? {
                    self.take_receipt(piece, &mut imported)?;
                }
            }
        }
        Ok(imported)
    }

    fn take_forms(&self, parcel: &mut Parcel, imported: &mut Imported) -> Result<(), Stopped> {
        let carried = self.satchel().len();
        // As if all were new: whoever is so near the bound should send first.
        if carried + parcel.pieces() > MAX_CARRIED {
            return Err(Stopped::TooMany { carried });
        }
        self.store().check_room_for(parcel.pieces() as u64 * BYTES_EACH)?;
        let (mut some, mut in_hand) = (Vec::new(), BTreeSet::new());
        while let Some(piece) = parcel.next_piece()? {
            let Some(sealed) = self.is_to_be_carried(piece, &in_hand, imported) else { continue };
            in_hand.insert(sealed.digest());
            some.push(sealed);
            if some.len() == AT_ONCE {
                imported.forms += self.put_carried(&mut some)?;
                in_hand.clear();
            }
        }
        // Also without a new one: those that a killed process has left may not be synced.
        imported.forms += self.put_carried(&mut some)?;
        Ok(())
    }

    fn put_carried(&self, some: &mut Vec<SealedForm>) -> Result<usize, Stopped> {
        self.satchel().put(some)?;
        Ok(some.drain(..).count())
    }

    /// The form, if it is a good one that is not here yet.
    fn is_to_be_carried(
        &self,
        piece: Vec<u8>,
        in_hand: &BTreeSet<Digest>,
        imported: &mut Imported,
    ) -> Option<SealedForm> {
        let looked = look_at(piece.clone(), self.identity());
        let left = match looked.verdict {
            CarriedVerdict::Damaged => &mut imported.damaged,
            CarriedVerdict::OtherElection => &mut imported.other_election,
            CarriedVerdict::NotSealedHere => &mut imported.not_sealed_here,
            CarriedVerdict::SealedHere | CarriedVerdict::OtherStation => {
                let is_own = self.store().ledger().form(looked.digest).is_some();
                let is_here = is_own || self.satchel().form(looked.digest).is_some();
                if !is_here && !in_hand.contains(&looked.digest) {
                    return SealedForm::from_bytes(piece).ok();
                }
                &mut imported.known
            }
        };
        *left += 1;
        None
    }

    fn take_receipt(&self, piece: Vec<u8>, imported: &mut Imported) -> Result<(), Stopped> {
        let text = String::from_utf8(piece).unwrap_or_default();
        let Ok((form, receipt)) = Receipt::from_tlog_proof(&text) else {
            imported.damaged += 1;
            return Ok(());
        };
        let is_own = self.store().ledger().form(form).is_some();
        let sealed = if is_own {
            Some(self.store().sealed(form)?)
        } else if self.satchel().form(form).is_some() {
            self.satchel().read(form)?
        } else {
            imported.unknown += 1;
            return Ok(());
        };
        let proven =
            sealed.filter(|sealed| receipt.verify(sealed, self.identity().log_key()).is_ok());
        if proven.is_none() || !self.is_of_the_log_seen(&receipt)? {
            imported.unproven += 1;
        } else if is_own {
            self.keep_own_receipt(form, &receipt)?;
            imported.receipts += 1;
        } else {
            self.satchel().put_receipt(form, &receipt)?;
            imported.carried_receipts += 1;
        }
        Ok(())
    }

    /// In the order of the forwarder: the receipt first, then what it changes.
    fn keep_own_receipt(&self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault> {
        let mut store = self.store();
        store.put_receipt(form, receipt)?;
        let (index, arrived_ms) = (receipt.index, receipt.arrived_ms);
        let answer = Answered::Receipt { index, arrived_ms, standing: None };
        let Some(known) = store.ledger().form(form) else { return Ok(()) };
        let answered = known.delivery.clone().answered(answer, self.clock().now_ms());
        store.change(vec![(form, answered)])
    }

    /// Whether a carried receipt can be of the log that this device has seen. Of one size
    /// they have one root, or there are two logs; whether two sizes belong together only a
    /// collector can show, and does when the form is sent again.
    fn is_of_the_log_seen(&self, receipt: &Receipt) -> Result<bool, StoreFault> {
        let Some(seen) = self.store().seen()? else { return Ok(true) };
        let Ok(other) = Seen::of(&receipt.checkpoint, self.identity().log_key()) else {
            return Ok(false);
        };
        let is_same = seen.checkpoint.root == other.checkpoint.root;
        if is_same || seen.entries() != other.entries() {
            return Ok(true);
        }
        tracing::error!("a carried receipt is of another log than this device has seen");
        evidence::keep(self.directory(), &seen, &other)?;
        Ok(false)
    }
}
