//! Receipts that lead to a cosigned checkpoint: so that a device need not believe the log
//! alone.
//!
//! A form's first receipt leads to the checkpoint of its commit, which nobody but the log
//! has signed. Some seconds later a larger one is published with cosignatures
//! ([`crate::cosignature`]). A device asks for receipts of its logged forms that lead there,
//! verifies them as it did the first, and keeps them instead.

use serde::{Deserialize, Serialize};

use crate::codec::few;
use crate::digest::Digest;
use crate::links::Link;
use crate::message::MAX_BATCH;
use crate::receipt::MAX_PROOF;

/// A question for receipts that lead to a cosigned checkpoint. At most 2,060 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptsWanted {
    /// Entries of the newest checkpoint of the log that the device has verified; 0: none.
    pub known: u64,
    /// Digests of at most [`MAX_BATCH`] forms of the device's station that have a receipt.
    #[serde(deserialize_with = "few::<_, _, MAX_BATCH>")]
    pub forms: Vec<Digest>,
}

/// What the collector has for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cosigned {
    /// Here they are.
    Receipts(Box<CosignedReceipts>),
    /// None yet, or it has no witnesses.
    NotYet {
        /// Ask again after this many milliseconds, and not before.
        after_ms: u32,
    },
}

/// Receipts that lead to one cosigned checkpoint.
///
/// It fits into a frame of [`crate::frame::MAX_FRAME`], 262,144 bytes: a checkpoint of
/// 2,048, one link of 41 hashes of 32, and 64 receipts of 40 hashes with 22 bytes for index,
/// time and lengths are 86,700.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CosignedReceipts {
    /// The checkpoint, with its cosignatures: at most
    /// [`crate::checkpoint::MAX_CHECKPOINT`] bytes.
    pub checkpoint: String,
    /// The proof that it and the one that the device knows are of one log that only grew
    /// ([`crate::links`]); none, where the sizes are equal or nothing is known.
    #[serde(deserialize_with = "few::<_, _, 1>")]
    pub links: Vec<Link>,
    /// One for each form of the question, in its order; none for a form that is not in the
    /// log, or not under that checkpoint yet.
    #[serde(deserialize_with = "few::<_, _, MAX_BATCH>")]
    pub receipts: Vec<Option<Place>>,
}

/// Where a form is in the log, and the proof of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Entry of the log.
    pub index: u64,
    /// Time of arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// Inclusion proof.
    #[serde(deserialize_with = "few::<_, _, MAX_PROOF>")]
    pub proof: Vec<Digest>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::MAX_CHECKPOINT;
    use crate::codec::{decode, encode};
    use crate::frame::MAX_FRAME;
    use crate::links::MAX_LINK;
    use crate::message::{ToAgent, ToCollector, decode_message, encode_message};
    use crate::seal::tests::hex;

    fn place(hashes: usize) -> Place {
        Place { index: u64::MAX, arrived_ms: u64::MAX, proof: vec![Digest([6; 32]); hashes] }
    }

    fn longest() -> CosignedReceipts {
        CosignedReceipts {
            checkpoint: "c".repeat(MAX_CHECKPOINT),
            links: vec![Link(vec![Digest([5; 32]); MAX_LINK])],
            receipts: vec![Some(place(MAX_PROOF)); MAX_BATCH],
        }
    }

    #[test]
    fn the_longest_question_and_answer_have_the_size_that_is_said() {
        let wanted = ReceiptsWanted { known: u64::MAX, forms: vec![Digest([3; 32]); MAX_BATCH] };
        assert_eq!(encode_message(&ToCollector::Witnessed(wanted)).len(), 2_061);
        let answer = ToAgent::Witnessed(Cosigned::Receipts(Box::new(longest())));
        let bytes = encode_message(&answer).len();
        assert_eq!(bytes, 86_696);
        assert!(bytes < MAX_FRAME);
        assert_eq!(decode_message(&encode_message(&answer)), Ok(answer));
    }

    #[test]
    fn what_is_too_long_is_found_too_long_and_takes_no_memory() {
        let wanted = ReceiptsWanted { known: 1, forms: vec![Digest([3; 32]); 3_000] };
        let decoded: ReceiptsWanted = decode(&encode(&wanted)).unwrap();
        assert_eq!((decoded.forms.len(), decoded.forms.capacity()), (65, 65));
        let long = CosignedReceipts {
            links: vec![Link::default(); 3_000],
            receipts: vec![None; 3_000],
            ..longest()
        };
        let decoded: CosignedReceipts = decode(&encode(&long)).unwrap();
        assert_eq!((decoded.links.len(), decoded.receipts.len()), (2, 65));
        let decoded: Place = decode(&encode(&place(3_000))).unwrap();
        assert_eq!(decoded.proof.len(), MAX_PROOF + 1);
    }

    #[test]
    fn golden() {
        let wanted = ReceiptsWanted { known: 300, forms: vec![Digest([3; 32])] };
        let receipts = CosignedReceipts {
            checkpoint: "checkpoint\n".to_owned(),
            links: vec![Link(vec![Digest([5; 32])])],
            receipts: vec![Some(Place { index: 12, arrived_ms: 2_000, ..place(1) }), None],
        };
        let lines = [
            hex(&encode_message(&ToCollector::Witnessed(wanted))),
            hex(&encode_message(&ToAgent::Witnessed(Cosigned::Receipts(Box::new(receipts))))),
            hex(&encode_message(&ToAgent::Witnessed(Cosigned::NotYet { after_ms: 500 }))),
        ];
        assert_eq!(lines.join("\n") + "\n", include_str!("../golden/witnessed-messages.hex"));
    }
}
