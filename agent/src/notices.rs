//! What the centre has to say of this device's forms, as it is kept. Pure: `now_ms` is given.
//!
//! It is the collector's word ([`saksi_proto::notice`]): it is bounded and made fit for a
//! screen before it is kept, changes how a form is said to stand, and nothing else. No form
//! and no receipt follows from it.

use saksi_proto::digest::Digest;
use saksi_proto::entry::{MAX_NAME, MAX_REASON};
use saksi_proto::message::Standing;
use saksi_proto::notice::{Looked, MAX_NOTICES, Notice, Notices, QuestionNotice, RulingNotice};
use saksi_proto::question::{MAX_LINE, MAX_LINES, MAX_OPEN, MAX_QUESTION};
use serde::{Deserialize, Serialize};

use crate::delivery::State;
use crate::identity::Identity;
use crate::ledger::{Known, Ledger};
use crate::words::cleaned;

/// The last word on a contest: one record of at most 4 KB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When it came, milliseconds since 1970, UTC.
    pub told_ms: u64,
    /// The form that was asked about.
    pub form: Digest,
    /// What was said.
    pub notice: Notice,
}

/// A form to ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InTheLog {
    /// Its digest.
    pub form: Digest,
    /// How the centre is asked about it.
    pub looked: Looked,
}

/// The forms to ask about: the newest of each contest that is in the log.
#[must_use]
pub fn to_look_at(identity: &Identity, ledger: &Ledger) -> Vec<InTheLog> {
    let contests = identity.election().contests.iter().take(MAX_NOTICES);
    let newest = contests.filter_map(|contest| {
        let in_the_log = |known: &Known| match known.delivery.state {
            State::Received { index, .. } => {
                let looked = Looked { contest: contest.code, index };
                Some(InTheLog { form: known.digest, looked })
            }
            State::Stored | State::Sent { .. } | State::Refused { .. } => None,
        };
        ledger.of_contest(contest.code).rev().find_map(in_the_log)
    });
    newest.collect()
}

/// What is kept of an answer: of what was asked, within its bounds, fit for a screen.
///
/// # Errors
/// Why nothing of it is.
pub fn accepted(
    asked: &[InTheLog],
    answer: Notices,
    told_ms: u64,
) -> Result<Vec<Kept>, &'static str> {
    let mut kept: Vec<Kept> = Vec::new();
    for bytes in answer.notices {
        let notice = Notice::decode(&bytes).map_err(|_| "what is no notice")?;
        let of = asked.iter().find(|of| of.looked.contest == notice.contest);
        let Some(InTheLog { form, .. }) = of else {
            return Err("a notice that nobody asked for");
        };
        if kept.iter().any(|kept| kept.notice.contest == notice.contest) {
            return Err("two notices of one contest");
        }
        let is_long = |question: &QuestionNotice| question.lines.len() > MAX_LINES;
        if notice.questions.len() > MAX_OPEN || notice.questions.iter().any(is_long) {
            return Err("more questions than a contest has");
        }
        kept.push(Kept { told_ms, form: *form, notice: fit(notice) });
    }
    Ok(kept)
}

fn fit(notice: Notice) -> Notice {
    let question = |of: QuestionNotice| QuestionNotice {
        lines: of.lines.iter().map(|line| cleaned(line, MAX_LINE)).collect(),
        text: cleaned(&of.text, MAX_QUESTION),
        by: cleaned(&of.by, MAX_NAME),
        ..of
    };
    let ruling = |of: RulingNotice| RulingNotice { reason: cleaned(&of.reason, MAX_REASON), ..of };
    Notice {
        ruling: notice.ruling.map(ruling),
        questions: notice.questions.into_iter().map(question).collect(),
        ..notice
    }
}

impl Kept {
    /// Whether it says anything that is not known: most devices are told again and again
    /// that all is well, and write nothing for it.
    #[must_use]
    pub fn is_news(&self, before: Option<&Self>, stands: Option<Standing>) -> bool {
        let Self { form, notice, .. } = self;
        match before {
            Some(before) if before.form == *form => before.notice != *notice,
            Some(_) => true,
            None => {
                let says_more = notice.ruling.is_some() || !notice.questions.is_empty();
                says_more || notice.standing.is_some_and(|now| stands != Some(now))
            }
        }
    }

    /// The questions that the newest form of the contest does not answer.
    pub fn questions<'a>(&'a self, newest: &'a Known) -> impl Iterator<Item = &'a QuestionNotice> {
        let answer = match newest.delivery.state {
            State::Received { index, .. } => Some(index),
            State::Stored | State::Sent { .. } | State::Refused { .. } => None,
        };
        let is_open = move |of: &&QuestionNotice| answer.is_none_or(|index| index < of.index);
        self.notice.questions.iter().filter(is_open)
    }

    /// Whether an answer to its questions waits to be sent.
    #[must_use]
    pub fn is_being_answered(&self, newest: &Known) -> bool {
        newest.digest != self.form && newest.delivery.is_unanswered()
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::codec::encode;
    use saksi_proto::ruling::Decision;

    use super::*;

    fn question(text: &str) -> QuestionNotice {
        QuestionNotice {
            index: 9,
            at_ms: 5,
            lines: vec!["V.B".to_owned()],
            text: text.to_owned(),
            by: "sri".to_owned(),
        }
    }

    fn notice(contest: &str, questions: Vec<QuestionNotice>) -> Notice {
        Notice {
            contest: contest.parse().unwrap(),
            index: 9,
            standing: Some(Standing::Counted),
            ruling: None,
            questions,
        }
    }

    fn answer(notices: Vec<Notice>) -> Result<Vec<Kept>, &'static str> {
        let looked = Looked { contest: "dpr".parse().unwrap(), index: 8 };
        accepted(
            &[InTheLog { form: Digest([1; 32]), looked }],
            Notices { up_to: 10, notices: notices.iter().map(Notice::encode).collect() },
            77,
        )
    }

    #[test]
    fn only_what_was_asked_is_kept_and_within_its_bounds() {
        let kept = answer(vec![notice("dpr", vec![question("is it 5?")])]).unwrap();
        assert_eq!((kept.len(), kept[0].told_ms, kept[0].form), (1, 77, Digest([1; 32])));
        assert_eq!(kept[0].notice.questions, [question("is it 5?")]);
        assert!(answer(vec![notice("ppwp", Vec::new())]).is_err());
        assert!(answer(vec![notice("dpr", Vec::new()), notice("dpr", Vec::new())]).is_err());
        assert!(answer(vec![notice("dpr", vec![question("?"); MAX_OPEN + 1])]).is_err());
        let lines = QuestionNotice { lines: vec![String::new(); 9], ..question("?") };
        assert!(answer(vec![notice("dpr", vec![lines])]).is_err());
    }

    #[test]
    fn what_comes_is_made_fit_for_a_screen_and_a_record() {
        let long = QuestionNotice {
            lines: vec!["\u{1b}[31mV.B".repeat(20); MAX_LINES],
            text: "é\n\u{202e}".repeat(100),
            by: "\u{7}sri".repeat(100),
            ..question("")
        };
        let decision = Decision::Accept(Digest([7; 32]));
        let reason = "x\r".repeat(300);
        let ruling = Some(RulingNotice { index: 1, at_ms: 2, decision, reason });
        let hostile = Notice { ruling, ..notice("dpr", vec![long.clone()]) };
        let huge = Notice { questions: vec![long; MAX_OPEN], ..hostile.clone() };
        assert!(answer(vec![huge]).is_err(), "longer than any");
        let kept = answer(vec![hostile]).unwrap().remove(0);
        let text = format!("{kept:?}");
        assert!(
            !text.contains("\\u{1b}") && !text.contains("\\n") && !text.contains("\\r"),
            "{text}"
        );
        let question = &kept.notice.questions[0];
        assert!(question.text.len() <= MAX_QUESTION && question.by.len() <= MAX_NAME);
        assert!(question.lines.iter().all(|line| line.len() <= MAX_LINE));
        assert!(encode(&kept).len() < 4_096, "{}", encode(&kept).len());
    }

    #[test]
    fn that_all_is_well_is_no_news() {
        let of = |notice| Kept { told_ms: 1, form: Digest([1; 32]), notice };
        let well = of(notice("dpr", Vec::new()));
        assert!(!well.is_news(None, Some(Standing::Counted)));
        assert!(well.is_news(None, Some(Standing::Held)) && well.is_news(None, None));
        let asked = of(notice("dpr", vec![question("?")]));
        assert!(asked.is_news(None, Some(Standing::Counted)));
        assert!(well.is_news(Some(&asked), Some(Standing::Counted)), "it is answered");
        let again = Kept { told_ms: 2, ..asked.clone() };
        assert!(!again.is_news(Some(&asked), Some(Standing::Counted)));
        let other = Kept { form: Digest([2; 32]), ..asked.clone() };
        assert!(other.is_news(Some(&asked), Some(Standing::Counted)));
    }
}
