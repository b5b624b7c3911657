//! Photos on the screen, before their form is sealed. To standard error: an answer in JSON
//! stays one.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use saksi_agent::desk::{Answer, Trouble, TroubleKind};
use saksi_agent::intake::IntakeRefusal;
use saksi_agent::taking::{Taken, TakingFault};
use saksi_agent::words;
use saksi_proto::text;

use super::Printer;

/// Bytes as people count them, never 0 KB.
fn kilobytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000)
}

impl Printer<'_> {
    /// What became of a photo, and what may make it hard to read.
    pub(crate) fn photo_taken(&self, taken: &Taken) {
        let photo = &taken.photo;
        let (kept, original) =
            (kilobytes(photo.jpeg.len() as u64), kilobytes(taken.original_size as u64));
        let values: [&dyn Display; 5] =
            [&taken.original.display(), &photo.width, &photo.height, &kept, &original];
        eprintln!("{}", self.fill(words::PHOTO_TAKEN_IN, &values));
        eprintln!("{}", self.fill(words::PHOTO_DIGEST, &[&photo.digest]));
        for warning in &photo.warnings {
            let sentence = self.say(warning.phrase());
            eprintln!("{}", self.fill(words::PHOTO_WARNING, &[&sentence, &warning.code()]));
        }
    }

    /// Says what it means to keep a file as it is. One that cannot be read is the desk's.
    pub(crate) fn photo_as_is(&self, path: &Path) {
        if let Ok(found) = path.metadata() {
            let values: [&dyn Display; 2] = [&path.display(), &kilobytes(found.len())];
            eprintln!("{}", self.fill(words::PHOTO_AS_IS, &values));
        }
    }

    /// Why a photo is not taken in.
    pub(crate) fn photo_trouble(&self, fault: &TakingFault) -> Answer {
        let (kind, sentence, details) = match fault {
            TakingFault::Refused { path, refusal } => {
                let why = self.say(refusal.phrase());
                let values: [&dyn Display; 3] = [&path.display(), &why, &refusal.code()];
                let sentence = self.fill(words::PHOTO_REFUSED, &values);
                (kind(*refusal), sentence, vec![self.say(words::PHOTO_REFUSED_HINT).to_owned()])
            }
            TakingFault::File { fault, .. } if is_full(fault.kind()) => {
                (TroubleKind::DiskFull, self.say(text::TROUBLE_DISK_FULL).to_owned(), Vec::new())
            }
            TakingFault::File { path, fault } => {
                let sentence = self.fill(text::TROUBLE_FILE, &[&path.display(), fault]);
                (TroubleKind::File, sentence, Vec::new())
            }
        };
        Answer::Trouble(Trouble { kind, sentence, details, findings: Vec::new() })
    }
}

fn kind(refusal: IntakeRefusal) -> TroubleKind {
    match refusal {
        IntakeRefusal::TooManyBytes | IntakeRefusal::TooManyPixels => TroubleKind::OverLimit,
        IntakeRefusal::Heic | IntakeRefusal::NotJpeg | IntakeRefusal::Damaged => TroubleKind::File,
    }
}

fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}
