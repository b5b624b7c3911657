//! What a device is told of its forms: how they stand by now, rulings on them, and what the
//! station is asked. Pure: it is computed from the ledger when it is asked for.
//!
//! Nothing is kept for it. A device names the contests, at most
//! [`saksi_proto::notice::MAX_NOTICES`]; each costs three lookups by contest and station and
//! what was told of it is found by the newest entry that has to do with it. So an answer of
//! five contests takes microseconds under the ledger's lock, and no log is read.

use saksi_proto::definition::StationIndex;
use saksi_proto::message::Standing;
use saksi_proto::notice::{
    Look, Looked, MAX_NOTICES_BYTES, Notice, Notices, QuestionNotice, RulingNotice,
};

use crate::ledger::Ledger;
use crate::questions::Asked;
use crate::tally::ruled::Ruled;

/// What is new of these forms of a station.
#[must_use]
pub fn notices(ledger: &Ledger, station: StationIndex, look: &Look) -> Notices {
    let size = ledger.position.size;
    // A device that has seen more than there is has to be told everything.
    let since = if look.since > size { 0 } else { look.since };
    let news = look.forms.iter().filter_map(|form| notice(ledger, station, form));
    let mut news: Vec<_> = news.filter(|notice| notice.index >= since).collect();
    news.sort_by_key(|notice| notice.index);
    let (mut bytes, mut up_to, mut notices) = (0, size, Vec::new());
    for notice in news {
        let encoded = notice.encode();
        bytes += encoded.len();
        if bytes > MAX_NOTICES_BYTES {
            up_to = notice.index;
            break;
        }
        notices.push(encoded);
    }
    Notices { up_to, notices }
}

/// How a contest stands, if the station has sent something for it.
fn notice(ledger: &Ledger, station: StationIndex, looked: &Looked) -> Option<Notice> {
    let contest = ledger.election.definition.contest(looked.contest)?;
    let forms = ledger.tally.station(contest, station)?;
    let ruled = ledger.tally.rulings(contest, station).last();
    let asked = ledger.questions.open(contest, station);
    let newest = [
        forms.all().last().map(|form| form.index),
        ruled.map(|ruled| ruled.index),
        asked.last().map(|asked| asked.index),
    ];
    let form = forms.at(looked.index);
    let standing = form.and_then(|form| ledger.tally.standing(contest, station, form.index));
    // A ruling over a form that a correction has taken the place of is nobody's concern.
    let is_open = standing.is_some_and(|standing| standing != Standing::Superseded);
    let is_over = |ruled: &&Ruled| form.is_some_and(|of| ruled.over.contains(&of.report.digest));
    let ruled_on = ruled.filter(|ruled| is_open && is_over(ruled));
    Some(Notice {
        contest: looked.contest,
        index: newest.into_iter().flatten().max()?,
        standing,
        ruling: ruled_on.map(ruling),
        questions: asked.iter().map(question).collect(),
    })
}

fn ruling(of: &Ruled) -> RulingNotice {
    let Ruled { index, at_ms, decision, act, .. } = of;
    let reason = act.reason.clone();
    RulingNotice { index: *index, at_ms: *at_ms, decision: *decision, reason }
}

fn question(of: &Asked) -> QuestionNotice {
    let Asked { index, lines, text, at_ms, act, .. } = of.clone();
    QuestionNotice { index, at_ms, lines, text, by: act.by }
}

#[cfg(test)]
mod tests;
