//! Any value encodes, and decodes to itself.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use saksi_fuzz::{pack, values};
use saksi_proto::codec::{decode, encode};
use saksi_proto::entry::Entry;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::{decode_message, encode_message};
use saksi_proto::seal::SealedForm;

fn check(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    match u.int_in_range(0..=3)? {
        0 => {
            let form = values::form(u)?;
            assert_eq!(decode(&encode(&form)).as_ref(), Ok(&form));
            if let Ok(sealed) = SealedForm::seal(&form, &pack::key(pack::STATIONS[0])) {
                let arrived = SealedForm::from_bytes(sealed.bytes().to_vec());
                assert_eq!(arrived.as_ref(), Ok(&sealed));
                assert_eq!(sealed.open(), Ok(form), "a device can open what it seals");
            }
        }
        1 => {
            let message = values::to_collector(u)?;
            let payload = encode_message(&message);
            let mut frames = Frames::default();
            if let Ok(framed) = frame(&payload) {
                frames.receive(&framed);
                assert_eq!(frames.next_frame(), Ok(Some(payload.clone())));
            }
            assert_eq!(decode_message(&payload), Ok(message));
        }
        2 => {
            let message = values::to_agent(u)?;
            assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
        _ => {
            let entry = values::entry(u)?;
            assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    match check(&mut Unstructured::new(bytes)) {
        Ok(()) => Corpus::Keep,
        Err(_) => Corpus::Reject,
    }
});
