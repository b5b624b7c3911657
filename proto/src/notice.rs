//! Notices: what the centre has to say of the forms of a station, as a device learns it.
//!
//! A device names the form of each contest that it has in the log, and how much it was told
//! of already; it is told how those stand by now, which ruling concerns them, and what was
//! asked. It is told the present state and not what led to it: hundreds of acts on one
//! contest are one notice.
//!
//! **A notice is the collector's word and proves nothing.** It changes no form and no
//! receipt. Each names entries of the public log, where anybody can read the ruling or the
//! question itself; how a form stands follows from that log.

use serde::{Deserialize, Deserializer, Serialize};
use serde_bytes::ByteBuf;

use crate::codec::{DecodeFault, decode, encode, few};
use crate::ids::ContestCode;
use crate::message::Standing;
use crate::question::{MAX_LINES, MAX_OPEN};
use crate::ruling::Decision;

/// Most contests that one question is about. A station has five.
pub const MAX_NOTICES: usize = 64;

/// Bytes of one answer, about: 26 s at 20 kbit/s (2G in the country), well within a frame.
/// What does not fit comes with the next question.
pub const MAX_NOTICES_BYTES: usize = 64 * 1024;

/// Longest notice in bytes: one record of a device.
pub const MAX_NOTICE: usize = 4_000;

/// What is new?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Entries that were looked through for the last notice that was kept; 0: none.
    pub since: u64,
    /// A form of each contest, at most [`MAX_NOTICES`].
    #[serde(deserialize_with = "few::<_, _, MAX_NOTICES>")]
    pub forms: Vec<Looked>,
}

/// A form that a device has in the log, by the entry that its receipt proves: 1 to 4 bytes,
/// where its digest would be 32, in every session and for each contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Its contest.
    pub contest: ContestCode,
    /// Its entry.
    pub index: u64,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// Entries that were looked through.
    pub up_to: u64,
    /// A [`Notice`], encoded, for each contest of which something has changed since, the
    /// oldest first. In bytes: a list of lists takes many times the memory that it takes
    /// bytes, and a device opens one at a time.
    #[serde(deserialize_with = "few_notices")]
    pub notices: Vec<Vec<u8>>,
}

/// Each notice in one piece.
fn few_notices<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let notices = few::<_, ByteBuf, MAX_NOTICES>(deserializer)?;
    Ok(notices.into_iter().map(ByteBuf::into_vec).collect())
}

/// How a station's contest stands: everything that is to be known by now, in the place of
/// what was told before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The contest.
    pub contest: ContestCode,
    /// The newest entry that has to do with it.
    pub index: u64,
    /// How the form that was named stands; nothing, if it is not in the log.
    pub standing: Option<Standing>,
    /// The last ruling on that form.
    pub ruling: Option<RulingNotice>,
    /// Questions that no form has answered, the oldest first.
    #[serde(deserialize_with = "few::<_, _, MAX_OPEN>")]
    pub questions: Vec<QuestionNotice>,
}

impl Notice {
    /// The bytes that are sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads one that came.
    ///
    /// # Errors
    /// [`DecodeFault`]; one that is longer than any is not looked into.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeFault> {
        if bytes.len() > MAX_NOTICE {
            return Err(DecodeFault::Oversize { size: bytes.len(), limit: MAX_NOTICE });
        }
        decode(bytes)
    }
}

/// A ruling that was made over the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulingNotice {
    /// Its entry.
    pub index: u64,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// What was decided.
    pub decision: Decision,
    /// Why, at most [`crate::entry::MAX_REASON`] bytes.
    pub reason: String,
}

/// A question of the centre's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionNotice {
    /// Its entry.
    pub index: u64,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// Codes of lines or fields.
    #[serde(deserialize_with = "few::<_, _, MAX_LINES>")]
    pub lines: Vec<String>,
    /// What is asked.
    pub text: String,
    /// Who asks.
    pub by: String,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::entry::{MAX_NAME, MAX_REASON};
    use crate::question::{MAX_LINE, MAX_QUESTION};

    /// The longest there is.
    pub(crate) fn longest() -> Notice {
        let question = QuestionNotice {
            index: u64::MAX,
            at_ms: u64::MAX,
            lines: vec!["x".repeat(MAX_LINE); MAX_LINES],
            text: "x".repeat(MAX_QUESTION),
            by: "x".repeat(MAX_NAME),
        };
        Notice {
            contest: "X".repeat(20).parse().unwrap(),
            index: u64::MAX,
            standing: Some(Standing::Rejected),
            ruling: Some(RulingNotice {
                index: u64::MAX,
                at_ms: u64::MAX,
                decision: Decision::Accept(Digest([7; 32])),
                reason: "x".repeat(MAX_REASON),
            }),
            questions: vec![question; MAX_OPEN],
        }
    }

    #[test]
    fn the_longest_notice_fits_into_a_record_and_all_of_them_into_a_frame() {
        let bytes = encode(&longest()).len();
        assert!(bytes < MAX_NOTICE, "{bytes}");
        assert_eq!(Notice::decode(&longest().encode()), Ok(longest()));
        assert!(Notice::decode(&vec![0; MAX_NOTICE + 1]).is_err());
        assert!(MAX_NOTICES_BYTES + bytes < crate::frame::MAX_FRAME);
    }

    #[test]
    fn a_list_that_is_too_long_is_found_too_long_and_takes_no_memory() {
        let many = Notices { up_to: 1, notices: vec![Vec::new(); 500] };
        let decoded: Notices = decode(&encode(&many)).unwrap();
        assert_eq!(decoded.notices.len(), MAX_NOTICES + 1);
        let mut notice = longest();
        notice.questions =
            vec![
                QuestionNotice { lines: vec![String::new(); 99], ..notice.questions[0].clone() };
                99
            ];
        let decoded: Notice = decode(&encode(&notice)).unwrap();
        assert_eq!(
            (decoded.questions.len(), decoded.questions[0].lines.len()),
            (MAX_OPEN + 1, MAX_LINES + 1)
        );
        let looked = Looked { contest: "dpr".parse().unwrap(), index: 300 };
        let look = Look { since: 0, forms: vec![looked; 5_000] };
        assert_eq!(decode::<Look>(&encode(&look)).unwrap().forms.len(), MAX_NOTICES + 1);
    }
}
