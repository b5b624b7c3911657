//! What a device says after the TLS handshake, as the session target reads it: a list of
//! words, each a byte of its kind, two of its length, and so many bytes.
//!
//! The kinds put together what chance would not: the length of a frame, the digest of the
//! election, a signature.

use saksi_proto::codec::decode;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::frame::frame;
use saksi_proto::message::{Batch, Hello, ToCollector, encode_message};
use saksi_proto::seal::SealedForm;

use crate::pack;

/// Something that the device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word<'a> {
    /// These bytes, as they are.
    Bytes(&'a [u8]),
    /// The payload of a frame.
    Framed(&'a [u8]),
    /// A form in postcard, which is sealed and submitted; what is none, is submitted so.
    Form(&'a [u8]),
    /// A right greeting.
    Hello,
}

const KINDS: u8 = 4;

impl<'a> Word<'a> {
    /// All words of an input. Any bytes are words.
    #[must_use]
    pub fn all(mut input: &'a [u8]) -> Vec<Self> {
        let mut words = Vec::new();
        while let Some((&[kind, high, low], rest)) = input.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
            let (bytes, rest) = rest.split_at(length);
            words.push(match kind % KINDS {
                0 => Word::Bytes(bytes),
                1 => Word::Framed(bytes),
                2 => Word::Form(bytes),
                _ => Word::Hello,
            });
            input = rest;
        }
        words
    }

    /// The word as a part of an input.
    ///
    /// # Panics
    /// If it is longer than 65,535 bytes.
    #[must_use]
    pub fn to_input(self) -> Vec<u8> {
        let (kind, bytes): (u8, &[u8]) = match self {
            Word::Bytes(bytes) => (0, bytes),
            Word::Framed(bytes) => (1, bytes),
            Word::Form(bytes) => (2, bytes),
            Word::Hello => (3, &[]),
        };
        let length = u16::try_from(bytes.len()).expect("a short word").to_be_bytes();
        [&[kind], &length[..], bytes].concat()
    }

    /// What goes over the wire.
    ///
    /// # Panics
    /// Never: a word is shorter than a frame.
    #[must_use]
    pub fn said(self, election: Digest) -> Vec<u8> {
        let message = match self {
            Word::Bytes(bytes) => return bytes.to_vec(),
            Word::Framed(payload) => payload.to_vec(),
            Word::Form(bytes) => {
                let forms = vec![sealed(bytes).unwrap_or_else(|| bytes.to_vec())];
                encode_message(&ToCollector::Submit(Batch { number: 1, known: 0, forms }))
            }
            Word::Hello => {
                let agent = "fuzz".to_owned();
                encode_message(&ToCollector::Hello(Hello { election, agent, device_ms: 1 }))
            }
        };
        frame(&message).expect("shorter than a frame")
    }
}

fn sealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let form: TallyForm = decode(bytes).ok()?;
    let sealed = SealedForm::seal(&form, &pack::key(pack::STATIONS[0])).ok()?;
    Some(sealed.into_bytes())
}
