//! What an agent and a collector say to each other.
//!
//! ```text
//! agent                         collector
//! Hello            ─────────►
//!                  ◄─────────   Welcome
//! Submit(batch n)  ─────────►
//!                  ◄─────────   Outcomes(batch n)
//! …                             Farewell, whenever the collector ends it
//! ```
//!
//! Each batch says which checkpoint of the log the device has seen, and each answer proves
//! that the log has only grown since ([`crate::links`]). A device that was shown another
//! log says so, with the checkpoint that it holds.
//!
//! Before its first form a device may send rehearsal forms, and at any time it may ask for
//! new papers. How it came by its first is in [`crate::enrolment`].
//!
//! Once its forms have their receipts, a device may ask for others that lead to a checkpoint
//! which witnesses have cosigned ([`crate::witnessed`]), and what the centre has to say of its
//! forms ([`crate::notice`]).
//!
//! A device may carry the forms of others ([`ToCollector::Carry`]). It speaks for none of
//! their stations: the seal of each form does.
//!
//! Photos follow the forms that name them (see [`crate::photo`]). An agent that waits for
//! an answer may ask in between whether anybody is there, with a ping; it is answered at
//! once, whatever else is under way.
//!
//! Each message is one frame: a version byte, then postcard. Enums grow only at
//! the end. The TLS handshake names the protocol too ([`ALPN`]).

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;

use crate::bundle::Papers;
use crate::codec::{DecodeFault, after_version, decode, encode, few};
use crate::digest::Digest;
use crate::links::Link;
use crate::notice::{Look, Notices};
use crate::photo::{PhotoAnswer, PhotoChunk, PhotoOffer};
use crate::receipt::MAX_PROOF;
use crate::refusal::{Farewell, Refusal};
use crate::witnessed::{Cosigned, ReceiptsWanted};

/// Version of the messages.
pub const MESSAGE_VERSION: u8 = 1;

/// Application protocol of the TLS handshake (RFC 7301).
pub const ALPN: &[u8] = b"saksi/1";

/// Most forms in one batch. A station has five; a batch that carries the backlog
/// of others stays within one frame (see [`crate::frame::MAX_FRAME`]).
pub const MAX_BATCH: usize = 64;

/// Longest free text in a message, in bytes.
pub const MAX_DETAIL: usize = 200;

/// From the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToCollector {
    /// The first message of a session.
    Hello(Hello),
    /// Forms to be logged.
    Submit(Batch),
    /// Is anybody there?
    Ping,
    /// A photo of a form that is in the log.
    Offer(PhotoOffer),
    /// A part of the photo that was offered last.
    Chunk(PhotoChunk),
    /// Rehearsal forms: logged like others and counted nowhere. Answered with
    /// [`ToAgent::Outcomes`].
    Rehearse(Batch),
    /// New papers for the same key, please: the certificate ends, or the collectors have
    /// moved.
    Renew,
    /// The log that was shown is not the one that the device has seen. Answered with
    /// [`ToAgent::Agreed`], or with a farewell.
    Accuse(Accusation),
    /// Receipts that lead to a cosigned checkpoint, please.
    Witnessed(ReceiptsWanted),
    /// Forms of other stations, as their devices have signed them, from one that carries
    /// them to where there is a network. Each is the word of the device that signed it.
    /// Answered with [`ToAgent::Outcomes`].
    Carry(Batch),
    /// What has the centre to say of these forms? Answered with [`ToAgent::Notices`].
    Look(Look),
}

/// What a device holds against a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accusation {
    /// The newest signed checkpoint that it has verified, at most
    /// [`crate::checkpoint::MAX_CHECKPOINT`] bytes.
    pub checkpoint: String,
}

/// Who speaks. The station is in the client certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The election the device is enrolled for.
    pub election: Digest,
    /// Version of the agent, for the list of devices.
    pub agent: String,
    /// The device's clock, milliseconds since 1970, UTC.
    pub device_ms: u64,
}

/// Sealed forms, in the order in which they are to be logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Chosen by the agent and repeated in the answer.
    pub number: u32,
    /// Entries of the newest checkpoint of the log that the device has verified; 0: none.
    pub known: u64,
    /// At most [`MAX_BATCH`] sealed forms.
    #[serde(deserialize_with = "few_forms")]
    pub forms: Vec<Vec<u8>>,
}

/// Each form in one piece: byte by byte it would grow by doubling.
fn few_forms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let forms = few::<_, ByteBuf, MAX_BATCH>(deserializer)?;
    Ok(forms.into_iter().map(ByteBuf::into_vec).collect())
}

/// From the collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToAgent {
    /// Answer to [`ToCollector::Hello`].
    Welcome(Welcome),
    /// Answer to [`ToCollector::Submit`].
    Outcomes(Outcomes),
    /// The collector ends the session.
    Farewell(Farewell),
    /// Answer to [`ToCollector::Ping`].
    Pong,
    /// Answer to [`ToCollector::Offer`] and to each [`ToCollector::Chunk`].
    Photo(PhotoAnswer),
    /// Answer to [`ToCollector::Renew`].
    Renewal(Renewal),
    /// Answer to [`ToCollector::Accuse`]: the log has grown from that very checkpoint.
    Agreed,
    /// Answer to [`ToCollector::Witnessed`].
    Witnessed(Cosigned),
    /// Answer to [`ToCollector::Look`]. Not proven.
    Notices(Notices),
}

/// New papers, or when to ask again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Renewal {
    /// Here they are.
    Papers(Box<Papers>),
    /// They are to be signed elsewhere, or there is too much to do.
    Later {
        /// Ask again after this many milliseconds.
        after_ms: u32,
    },
}

/// The session may begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The collector's clock, milliseconds since 1970, UTC. A device whose clock
    /// stands before it takes it as a floor.
    pub now_ms: u64,
}

/// One answer for each form of a batch, in its order. Sent after the commit point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// The batch's number.
    pub number: u32,
    /// The signed checkpoints that the receipts below lead to.
    #[serde(deserialize_with = "few::<_, _, MAX_BATCH>")]
    pub checkpoints: Vec<String>,
    /// The proofs that the log only grew, from each size to the next: those of the
    /// checkpoints above and of the one that the device knows, each once, in their order
    /// ([`crate::links::steps`]).
    #[serde(deserialize_with = "few::<_, _, MAX_BATCH>")]
    pub links: Vec<Link>,
    /// The answers.
    #[serde(deserialize_with = "few::<_, _, MAX_BATCH>")]
    pub outcomes: Vec<Outcome>,
}

/// What became of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is in the log, for ever.
    Logged(Logged),
    /// It is refused for good.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What exactly, at most [`MAX_DETAIL`] bytes, for the protocol of the device.
        detail: String,
    },
    /// Not now. It stays due.
    Later {
        /// Come back after this many milliseconds.
        after_ms: u32,
        /// Why.
        why: Later,
    },
}

/// A receipt, its checkpoint named by position, and how the form stands at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// Entry of the log.
    pub index: u64,
    /// Time of arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// Inclusion proof.
    #[serde(deserialize_with = "few::<_, _, MAX_PROOF>")]
    pub proof: Vec<Digest>,
    /// Position in [`Outcomes::checkpoints`].
    pub checkpoint: u16,
    /// What it does to the totals. Not proven; the log's reader finds out alone.
    pub standing: Standing,
}

/// Why a form or a photo has to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Later {
    /// The queue is full.
    Busy,
    /// The collector is being stopped.
    Stopping,
    /// The disk has no room for photos; forms are taken.
    NoRoom,
}

/// What a form in the log does to the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Its numbers are in the totals.
    Counted,
    /// It breaks a hard rule; it enters no sum until a person rules on it.
    Held,
    /// There is another form for the same station and contest; neither is summed.
    Disputed,
    /// A correction has taken its place.
    Superseded,
    /// It is a rehearsal form, and in no total.
    Rehearsed,
    /// A ruling counts another form of the station, or none.
    Rejected,
}

/// Encodes a message as the payload of a frame.
#[must_use]
pub fn encode_message<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = vec![MESSAGE_VERSION];
    bytes.extend(encode(message));
    bytes
}

/// Decodes the payload of a frame.
///
/// # Errors
/// [`DecodeFault`] for an unknown version, leftovers, or what does not decode.
pub fn decode_message<T: DeserializeOwned>(payload: &[u8]) -> Result<T, DecodeFault> {
    decode(after_version(payload, MESSAGE_VERSION)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::MAX_LINK;
    use crate::notice::{Looked, Notice, QuestionNotice, RulingNotice};
    use crate::ruling::Decision;
    use crate::seal::tests::hex;

    fn from_agent() -> [ToCollector; 5] {
        let hello =
            Hello { election: Digest([3; 32]), agent: "0.1.0".to_owned(), device_ms: 1_000 };
        let batch = Batch { number: 7, known: 300, forms: vec![vec![1, 2, 3], vec![4]] };
        let accusation = Accusation { checkpoint: "checkpoint\n".to_owned() };
        let carried = Batch { number: 8, known: 0, forms: vec![vec![5, 6]] };
        let form = Looked { contest: "dpr".parse().unwrap(), index: 299 };
        [
            ToCollector::Hello(hello),
            ToCollector::Submit(batch),
            ToCollector::Accuse(accusation),
            ToCollector::Carry(carried),
            ToCollector::Look(Look { since: 300, forms: vec![form] }),
        ]
    }

    fn from_collector() -> [ToAgent; 6] {
        let logged = Logged {
            index: 12,
            arrived_ms: 2_000,
            proof: vec![Digest([6; 32])],
            checkpoint: 0,
            standing: Standing::Held,
        };
        let refused = Outcome::Refused { refusal: Refusal::BadSignature, detail: "no".to_owned() };
        let later = Outcome::Later { after_ms: 500, why: Later::Busy };
        let outcomes = Outcomes {
            number: 7,
            checkpoints: vec!["checkpoint\n".to_owned()],
            links: vec![Link(vec![Digest([5; 32])])],
            outcomes: vec![Outcome::Logged(logged), refused, later],
        };
        [
            ToAgent::Welcome(Welcome { now_ms: 3_000 }),
            ToAgent::Outcomes(outcomes),
            ToAgent::Farewell(Farewell::Stopping),
            ToAgent::Farewell(Farewell::RolledBack),
            ToAgent::Agreed,
            ToAgent::Notices(Notices { up_to: 301, notices: vec![notice().encode()] }),
        ]
    }

    fn notice() -> Notice {
        let question = QuestionNotice {
            index: 299,
            at_ms: 5,
            lines: vec!["V.B".to_owned()],
            text: "Periksa lagi".to_owned(),
            by: "sri".to_owned(),
        };
        let ruling = RulingNotice {
            index: 300,
            at_ms: 6,
            decision: Decision::Reject,
            reason: "foto".to_owned(),
        };
        Notice {
            contest: "dpr".parse().unwrap(),
            index: 300,
            standing: Some(Standing::Rejected),
            ruling: Some(ruling),
            questions: vec![question],
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_found_too_long_and_takes_no_memory() {
        for (sent, kept) in [(MAX_BATCH, MAX_BATCH), (MAX_BATCH + 1, 65), (250_000, 65)] {
            let batch = Batch { number: 7, known: 1, forms: vec![Vec::new(); sent] };
            let payload = encode_message(&ToCollector::Submit(batch));
            let decoded = decode_message(&payload);
            let Ok(ToCollector::Submit(batch)) = decoded else { panic!("{decoded:?}") };
            assert_eq!(batch.forms.len(), kept);
            assert!(batch.forms.capacity() <= MAX_BATCH + 1, "{}", batch.forms.capacity());
        }
        let checkpoints = vec![String::new(); 100_000];
        let refused = Outcome::Refused { refusal: Refusal::BadSignature, detail: String::new() };
        let links = vec![Link::default(); 70_000];
        let outcomes = Outcomes { number: 7, checkpoints, links, outcomes: vec![refused; 50_000] };
        let decoded = decode_message(&encode_message(&ToAgent::Outcomes(outcomes)));
        let Ok(ToAgent::Outcomes(outcomes)) = decoded else { panic!("{decoded:?}") };
        assert_eq!((outcomes.checkpoints.len(), outcomes.outcomes.len()), (65, 65));
        assert!(outcomes.checkpoints.capacity() <= 65 && outcomes.outcomes.capacity() <= 65);
        assert!(outcomes.links.len() == 65 && outcomes.links.capacity() <= 65);
    }

    #[test]
    fn a_proof_that_is_too_long_is_found_too_long() {
        for (sent, kept) in [(MAX_PROOF, MAX_PROOF), (MAX_PROOF + 1, 41), (3_000, 41)] {
            let logged = Logged {
                index: 1,
                arrived_ms: 2,
                proof: vec![Digest([6; 32]); sent],
                checkpoint: 0,
                standing: Standing::Counted,
            };
            let decoded = decode::<Logged>(&encode(&logged)).unwrap();
            assert_eq!((decoded.proof.len(), decoded.proof.capacity()), (kept, kept));
        }
        let link = decode::<Link>(&encode(&Link(vec![Digest([6; 32]); 3_000]))).unwrap();
        assert_eq!((link.0.len(), link.0.capacity()), (MAX_LINK + 1, MAX_LINK + 1));
    }

    #[test]
    fn golden() {
        let agent = from_agent().map(|message| hex(&encode_message(&message)));
        let collector = from_collector().map(|message| hex(&encode_message(&message)));
        let lines = [&agent[..], &collector].concat().join("\n") + "\n";
        assert_eq!(lines, include_str!("../golden/messages.hex"));
        for message in from_agent() {
            assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
        for message in from_collector() {
            assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
    }

    #[test]
    fn what_is_not_a_message_is_named() {
        let good = encode_message(&from_agent()[0]);
        let leftover = [&good[..], &[0]].concat();
        assert_eq!(decode_message::<ToCollector>(&leftover), Err(DecodeFault::Leftover(1)));
        let version = [&[9], &good[1..]].concat();
        let unknown = DecodeFault::UnknownVersion { found: 9, known: 1 };
        assert_eq!(decode_message::<ToCollector>(&version), Err(unknown));
        let variant = [MESSAGE_VERSION, 99];
        assert!(matches!(decode_message::<ToCollector>(&variant), Err(DecodeFault::Malformed(_))));
        assert!(decode_message::<ToCollector>(&[]).is_err());
    }

    #[test]
    fn a_length_bomb_is_an_error_and_no_allocation() {
        // A batch that announces 2³² − 1 forms and ends there.
        let bomb = [MESSAGE_VERSION, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert!(decode_message::<ToCollector>(&bomb).is_err());
    }
}
