//! The file in which sealed forms are carried by hand where there is no network.
//!
//! ```text
//! "saksi forms v1\n"
//! for each form: its length in four bytes, big end first, and the sealed form
//! SHA-256 of everything above
//! ```

use saksi_proto::digest::Digest;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};

pub(crate) const HEADER: &[u8] = b"saksi forms v1\n";
pub(crate) const LENGTH: usize = 4;
pub(crate) const DIGEST: usize = 32;

/// Most forms in one file: a polling place of some hundred stations, corrections
/// and all.
pub const MAX_FORMS: usize = 10_000;

/// Longest file, in bytes: as many forms of the largest size with their lengths.
pub const MAX_EXPORT: usize = HEADER.len() + MAX_FORMS * (LENGTH + MAX_SEALED_FORM) + DIGEST;

/// Why a file is not one of carried forms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// Does not begin as such a file.
    #[error("not a file of sealed forms")]
    OtherFile,
    /// The digest at the end is not that of the file.
    #[error("the file is damaged or incomplete")]
    Damaged,
    /// More than [`MAX_FORMS`].
    #[error("more than {MAX_FORMS} forms, or {MAX_EXPORT} bytes")]
    TooLarge,
    /// A length that no form has.
    #[error("form {0} has an impossible length")]
    Length(usize),
}

/// Puts sealed forms into one file.
///
/// # Errors
/// [`ExportFault::TooLarge`].
pub fn write(forms: &[SealedForm]) -> Result<Vec<u8>, ExportFault> {
    if forms.len() > MAX_FORMS {
        return Err(ExportFault::TooLarge);
    }
    let mut file = HEADER.to_vec();
    for form in forms {
        let length = u32::try_from(form.bytes().len()).map_err(|_| ExportFault::TooLarge)?;
        file.extend(length.to_be_bytes());
        file.extend(form.bytes());
    }
    file.extend(Digest::of(&file).0);
    Ok(file)
}

/// Takes the forms out of a file, each as it stands there: unopened and unverified.
///
/// # Errors
/// [`ExportFault`], by its first cause.
pub fn read(file: &[u8]) -> Result<Vec<Vec<u8>>, ExportFault> {
    if file.len() > MAX_EXPORT {
        return Err(ExportFault::TooLarge);
    }
    if !file.starts_with(HEADER) {
        return Err(ExportFault::OtherFile);
    }
    let (content, digest) = file.split_last_chunk::<DIGEST>().ok_or(ExportFault::Damaged)?;
    if content.len() < HEADER.len() || Digest::of(content).0 != *digest {
        return Err(ExportFault::Damaged);
    }
    forms(&content[HEADER.len()..])
}

fn forms(mut rest: &[u8]) -> Result<Vec<Vec<u8>>, ExportFault> {
    let mut forms = Vec::new();
    while !rest.is_empty() {
        let fault = ExportFault::Length(forms.len() + 1);
        let (length, after) = rest.split_first_chunk::<LENGTH>().ok_or(fault.clone())?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > MAX_SEALED_FORM || length > after.len() {
            return Err(fault);
        }
        let (form, after) = after.split_at(length);
        forms.push(form.to_vec());
        rest = after;
    }
    if forms.len() > MAX_FORMS { Err(ExportFault::TooLarge) } else { Ok(forms) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sealed_form;

    #[test]
    fn forms_come_back_byte_for_byte() {
        let forms = [sealed_form(1), sealed_form(2)];
        let bytes: Vec<_> = forms.iter().map(|form| form.bytes().to_vec()).collect();
        assert_eq!(read(&write(&forms).unwrap()), Ok(bytes));
        assert_eq!(read(&write(&[]).unwrap()), Ok(Vec::new()));
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_found() {
        let file = write(&[sealed_form(1)]).unwrap();
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            assert!(read(&damaged).is_err(), "byte {at}");
            assert!(read(&file[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_refused_even_with_a_right_digest() {
        let mut file = [HEADER, &u32::MAX.to_be_bytes(), b"abc"].concat();
        file.extend(Digest::of(&file).0);
        assert_eq!(read(&file), Err(ExportFault::Length(1)));
    }
}
