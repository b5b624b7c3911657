//! A file that is carried by hand, read piece by piece: no more than one form or receipt is
//! in memory.
//!
//! Forms travel one way ([`crate::export`]), receipts the other, in the same shape:
//!
//! ```text
//! "saksi receipts v1\n"
//! for each receipt: its length in four bytes, big end first, and the tlog-proof
//! SHA-256 of everything above
//! ```

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use saksi_proto::digest::Digesting;
use saksi_proto::seal::MAX_SEALED_FORM;
use saksi_proto::text::Language;

use super::text;
use crate::export::{DIGEST, HEADER, LENGTH, MAX_FORMS};
use crate::words::fill;

const RECEIPTS: &[u8] = b"saksi receipts v1\n";

/// Longest receipt: a checkpoint of 2,048 bytes, 40 hashes of 45, and a head.
pub(crate) const MAX_RECEIPT: usize = 8_192;

/// What a file has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goods {
    /// Sealed forms.
    Forms,
    /// Receipts.
    Receipts,
}

/// Why a file is none that can be taken in.
#[derive(Debug, thiserror::Error)]
pub enum ParcelFault {
    /// It does not begin as one.
    #[error("not a file of sealed forms or receipts")]
    OtherFile,
    /// The digest at the end is not that of the file.
    #[error("the file is damaged or incomplete")]
    Damaged,
    /// More than [`MAX_FORMS`].
    #[error("more than {MAX_FORMS} forms or receipts")]
    TooLarge,
    /// A length that nothing in such a file has.
    #[error("part {0} has an impossible length")]
    Length(usize),
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl ParcelFault {
    /// What the operator reads, as a part of a sentence.
    pub(crate) fn sentence(&self, language: Language) -> String {
        let (phrase, value) = match self {
            ParcelFault::OtherFile => (text::OTHER_FILE, 0),
            ParcelFault::Damaged => (text::DAMAGED, 0),
            ParcelFault::TooLarge => (text::TOO_LARGE, MAX_FORMS),
            ParcelFault::Length(part) => (text::LENGTH, *part),
            ParcelFault::File(fault) => return fault.to_string(),
        };
        fill(phrase, language, &[&value])
    }
}

impl Goods {
    fn header(self) -> &'static [u8] {
        match self {
            Goods::Forms => HEADER,
            Goods::Receipts => RECEIPTS,
        }
    }

    fn longest(self) -> usize {
        match self {
            Goods::Forms => MAX_SEALED_FORM,
            Goods::Receipts => MAX_RECEIPT,
        }
    }
}

/// A file whose digest is right.
pub(crate) struct Parcel {
    file: BufReader<File>,
    goods: Goods,
    /// How many pieces are in it.
    pieces: usize,
    /// How many were taken out.
    taken: usize,
}

impl Parcel {
    /// Reads a file once to its end, and goes back to its first piece.
    pub(crate) fn open(path: &Path) -> Result<Self, ParcelFault> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut parcel =
            Self { file: BufReader::new(file), goods: Goods::Forms, pieces: 0, taken: 0 };
        parcel.goods = parcel.kind()?;
        let goods = parcel.goods;
        let most = goods.header().len() + MAX_FORMS * (LENGTH + goods.longest()) + DIGEST;
        if size > most as u64 {
            return Err(ParcelFault::TooLarge);
        }
        let least = (goods.header().len() + DIGEST) as u64;
        let content = size.checked_sub(least).ok_or(ParcelFault::Damaged)?;
        parcel.pieces = parcel.examine(content)?;
        parcel.file.seek(SeekFrom::Start(goods.header().len() as u64))?;
        Ok(parcel)
    }

    fn kind(&mut self) -> Result<Goods, ParcelFault> {
        for goods in [Goods::Forms, Goods::Receipts] {
            self.file.seek(SeekFrom::Start(0))?;
            let mut begins = Vec::new();
            self.file.by_ref().take(goods.header().len() as u64).read_to_end(&mut begins)?;
            if begins == goods.header() {
                return Ok(goods);
            }
        }
        Err(ParcelFault::OtherFile)
    }

    /// Goes over `content` bytes of pieces; gives how many they are.
    fn examine(&mut self, content: u64) -> Result<usize, ParcelFault> {
        let mut digesting = Digesting::default();
        digesting.take(self.goods.header());
        // What is wrong with the whole is said first: a damaged length is damage.
        let (mut left, mut pieces, mut wrong) = (content, 0, None);
        let mut buffer = vec![0; self.goods.longest()];
        while left > 0 {
            let mut take = |into: &mut [u8], left: &mut u64| -> Result<(), ParcelFault> {
                *left = left.checked_sub(into.len() as u64).ok_or(ParcelFault::Damaged)?;
                self.file.read_exact(into).map_err(cut)?;
                digesting.take(into);
                Ok(())
            };
            let mut length = [0; LENGTH];
            if wrong.is_none() && left >= LENGTH as u64 {
                take(&mut length, &mut left)?;
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                if length <= buffer.len() && length as u64 <= left {
                    pieces += 1;
                    take(&mut buffer[..length], &mut left)?;
                    continue;
                }
            }
            wrong = wrong.or(Some(pieces + 1));
            let some = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            take(&mut buffer[..some], &mut left)?;
        }
        let mut digest = [0; DIGEST];
        self.file.read_exact(&mut digest).map_err(cut)?;
        if digesting.digest().0 != digest {
            return Err(ParcelFault::Damaged);
        }
        match wrong {
            Some(part) => Err(ParcelFault::Length(part)),
            None if pieces > MAX_FORMS => Err(ParcelFault::TooLarge),
            None => Ok(pieces),
        }
    }

    /// What is in it.
    pub(crate) fn goods(&self) -> Goods {
        self.goods
    }

    /// How many pieces.
    pub(crate) fn pieces(&self) -> usize {
        self.pieces
    }

    /// The next piece as it stands there, unopened and unverified; `None` after the last.
    pub(crate) fn next_piece(&mut self) -> Result<Option<Vec<u8>>, ParcelFault> {
        if self.taken == self.pieces {
            return Ok(None);
        }
        self.taken += 1;
        let mut length = [0; LENGTH];
        self.file.read_exact(&mut length).map_err(cut)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        // The file may have changed since it was gone over.
        if length > self.goods.longest() {
            return Err(ParcelFault::Damaged);
        }
        let mut piece = vec![0; length];
        self.file.read_exact(&mut piece).map_err(cut)?;
        Ok(Some(piece))
    }
}

fn cut(fault: io::Error) -> ParcelFault {
    match fault.kind() {
        io::ErrorKind::UnexpectedEof => ParcelFault::Damaged,
        _ => ParcelFault::File(fault),
    }
}

/// Writes receipts, one after the other, and gives how many there were.
pub(crate) fn write_receipts(
    mut out: impl Write,
    receipts: impl Iterator<Item = io::Result<String>>,
) -> io::Result<usize> {
    let (mut digesting, mut pieces) = (Digesting::default(), 0);
    let mut put = |bytes: &[u8]| {
        digesting.take(bytes);
        out.write_all(bytes)
    };
    put(RECEIPTS)?;
    for receipt in receipts {
        let receipt = receipt?;
        let length = u32::try_from(receipt.len()).map_err(io::Error::other)?;
        put(&length.to_be_bytes())?;
        put(receipt.as_bytes())?;
        pieces += 1;
    }
    out.write_all(&digesting.digest().0)?;
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export;
    use crate::testing::sealed_form;

    fn opened(bytes: &[u8]) -> Result<Parcel, ParcelFault> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("parcel");
        std::fs::write(&path, bytes).unwrap();
        Parcel::open(&path)
    }

    fn pieces(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut parcel = opened(bytes).unwrap();
        let mut pieces = Vec::new();
        while let Some(piece) = parcel.next_piece().unwrap() {
            pieces.push(piece);
        }
        assert_eq!(parcel.pieces(), pieces.len());
        pieces
    }

    fn receipts(of: &[&str]) -> Vec<u8> {
        let mut file = Vec::new();
        let receipts = of.iter().map(|receipt| Ok((*receipt).to_owned()));
        assert_eq!(write_receipts(&mut file, receipts).unwrap(), of.len());
        file
    }

    #[test]
    fn forms_and_receipts_come_out_byte_for_byte() {
        let forms = [sealed_form(1), sealed_form(2)];
        let bytes: Vec<_> = forms.iter().map(|form| form.bytes().to_vec()).collect();
        assert_eq!(pieces(&export::write(&forms).unwrap()), bytes);
        assert_eq!(pieces(&receipts(&["one", "another"])), [b"one".to_vec(), b"another".to_vec()]);
        assert_eq!(pieces(&receipts(&[])), Vec::<Vec<u8>>::new());
        let goods = opened(&receipts(&[])).unwrap().goods();
        assert_eq!(goods, Goods::Receipts);
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_found() {
        for file in [export::write(&[sealed_form(1)]).unwrap(), receipts(&["a receipt"])] {
            for at in 0..file.len() {
                let mut damaged = file.clone();
                damaged[at] ^= 1;
                assert!(opened(&damaged).is_err(), "byte {at}");
                assert!(opened(&file[..at]).is_err(), "cut at {at}");
            }
            assert!(opened(&[&file[..], b"more"].concat()).is_err());
        }
    }

    #[test]
    fn one_more_than_are_taken_is_too_many() {
        let of = |number| opened(&receipts(&vec!["x"; number]));
        assert_eq!(of(MAX_FORMS).unwrap().pieces(), MAX_FORMS);
        assert!(matches!(of(MAX_FORMS + 1), Err(ParcelFault::TooLarge)));
    }

    #[test]
    fn an_impossible_length_is_named_where_the_digest_is_right() {
        let with = |content: &[u8]| {
            let mut file = [HEADER, content].concat();
            let digest = saksi_proto::digest::Digest::of(&file);
            file.extend(digest.0);
            opened(&file).map(|_| ()).unwrap_err().to_string()
        };
        assert_eq!(
            with(&[&u32::MAX.to_be_bytes()[..], b"abc"].concat()),
            "part 1 has an impossible length"
        );
        assert_eq!(with(&[0, 0, 0, 0, 7]), "part 2 has an impossible length");
    }
}
