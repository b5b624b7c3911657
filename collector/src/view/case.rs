//! One case: the forms of a station for a contest side by side, with all that whoever rules
//! on them reads, and the digests that the ruling will name.

use saksi_proto::count::Count;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::ids::StationCode;
use serde::Serialize;

use super::across::{AcrossView, across_with};
use super::moment::Moment;
use super::place::{RegionName, region_name};
use super::station::{FormView, LineView, StationContest, station_contest};
use crate::changes::centre::to_rule_on;
use crate::ledger::Ledger;
use crate::tally::queue::in_question;
use crate::tally::revisions::Revision;

/// Most forms that stand side by side: a screen has no room for more, and 12 of a party list
/// with 400 boxes are 4,800 cells. Those in question come first; the others are named by the
/// command line (`ruling show`).
pub const MAX_SHOWN: usize = 12;

/// A station in a contest, as whoever rules on it reads it.
#[derive(Debug, Clone, Serialize)]
pub struct CaseView {
    /// The station.
    pub station: StationCode,
    /// Its name for people.
    pub name: String,
    /// The regions it lies in, the whole first.
    pub above: Vec<RegionName>,
    /// Registered voters, where they are known.
    pub registered: Option<u32>,
    /// The contest with its state, rulings and questions, and the forms that are shown, in
    /// the order of the log.
    pub contest: StationContest,
    /// What of each shown form is for whoever rules on it, in the same order.
    pub forms: Vec<CaseForm>,
    /// Forms that are not shown.
    pub left_out: usize,
    /// The boxes of the paper, with what stands there on each shown form.
    pub rows: Vec<CaseRow>,
    /// The forms that a ruling must name, in the order of the log.
    #[serde(skip)]
    pub over: Vec<Digest>,
}

/// What of a form is for whoever rules on it.
#[derive(Debug, Clone, Serialize)]
pub struct CaseForm {
    /// Entry of the log.
    pub index: u64,
    /// SHA-256 of the sealed form.
    #[serde(skip)]
    pub digest: Digest,
    /// Whether no other has taken its place and no ruling rejects it: a ruling chooses among
    /// these.
    pub in_question: bool,
    /// Whether a ruling can accept it: no other has taken its place.
    pub acceptable: bool,
    /// What should be the same on the counted forms of the station's other contests and is
    /// not, if this one were counted.
    pub across: Vec<AcrossView>,
}

/// A box of the paper, over all shown forms.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRow {
    /// The box, as the first of them has it.
    pub line: LineView,
    /// What stands there, form by form, and whether a rule that the form breaks names it.
    pub cells: Vec<(Count, bool)>,
    /// Whether the forms have not all the same there.
    pub differs: bool,
}

impl CaseView {
    /// Stands for what was read: for the forms that a ruling must name. Who decides on a page
    /// sends it back, so that a form which comes in between is noticed.
    #[must_use]
    pub fn seen(&self) -> Digest {
        seen(&self.over)
    }
}

/// Stands for forms that a ruling must name.
#[must_use]
pub fn seen(over: &[Digest]) -> Digest {
    let parts: Vec<&[u8]> = over.iter().map(|digest| &digest.0[..]).collect();
    Digest::of_parts(&parts)
}

/// The case of a station in a contest that is held there.
#[must_use]
pub fn case(ledger: &Ledger, contest: usize, station: StationIndex) -> CaseView {
    let (election, moment) = (&ledger.election, Moment::now(ledger));
    let definition = &election.definition;
    let of = &definition.stations()[station as usize];
    let mut above: Vec<_> = definition
        .upwards(definition.region_of(station))
        .map(|region| region_name(election, region))
        .collect();
    above.reverse();
    let over = to_rule_on(ledger, contest, station);
    let shown = shown(ledger, contest, station);
    let all = ledger.tally.station(contest, station).map_or(0, |forms| forms.all().len());
    let is_shown = |form: &Revision| shown.iter().any(|shown| shown.index == form.index);
    let of_contest = station_contest(moment, contest, station, is_shown);
    let rulings = ledger.tally.rulings(contest, station);
    let forms = shown.iter().map(|form| {
        let digest = form.report.digest;
        let acceptable = over.contains(&digest);
        let rejected = rulings.last().is_some_and(|last| last.rejects(&digest));
        CaseForm {
            index: form.index,
            digest,
            in_question: acceptable && !rejected,
            acceptable,
            across: across_with(moment, station, contest, &form.report),
        }
    });
    CaseView {
        station: of.code,
        name: of.name.to_string(),
        above,
        registered: moment.registered(station),
        forms: forms.collect(),
        left_out: all - shown.len(),
        rows: rows(&of_contest.forms),
        contest: of_contest,
        over,
    }
}

/// The forms in question, then the latest of the others, at most [`MAX_SHOWN`]; in the order
/// of the log.
fn shown(ledger: &Ledger, contest: usize, station: StationIndex) -> Vec<&Revision> {
    let Some(forms) = ledger.tally.station(contest, station) else { return Vec::new() };
    let mut shown: Vec<_> =
        in_question(forms, ledger.tally.rulings(contest, station).last()).collect();
    shown.truncate(MAX_SHOWN);
    for other in forms.all().iter().rev() {
        if shown.len() >= MAX_SHOWN {
            break;
        }
        if shown.iter().all(|form| form.index != other.index) {
            shown.push(other);
        }
    }
    shown.sort_unstable_by_key(|form| form.index);
    shown
}

fn rows(forms: &[FormView]) -> Vec<CaseRow> {
    let Some(first) = forms.first() else { return Vec::new() };
    let row = |(at, line): (usize, &LineView)| {
        let cells: Vec<_> =
            forms.iter().map(|form| (form.lines[at].count, form.lines[at].marked)).collect();
        let differs = cells.iter().any(|(count, _)| *count != cells[0].0);
        CaseRow { line: line.clone(), cells, differs }
    };
    first.lines.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use saksi_proto::entry::{Act, Entry};
    use saksi_proto::form::TallyForm;
    use saksi_proto::ruling::{Decision, Ruling};

    use super::*;
    use crate::sample::{apply, arrival, form, ledger, sealed};
    use crate::view::state::State;

    fn add(ledger: &mut Ledger, form: &TallyForm) -> Digest {
        let sealed = sealed(form);
        apply(ledger, &arrival(&sealed)).unwrap();
        sealed.digest()
    }

    #[test]
    fn a_dispute_is_shown_side_by_side_with_what_differs() {
        let mut ledger = ledger();
        let one = add(&mut ledger, &form("1001", [1, 2, 3]));
        let mut wrong = form("1001", [1, 4, 6]);
        wrong.explanation = Some("as on the paper".to_owned());
        let other = add(&mut ledger, &wrong);
        let case = case(&ledger, 0, 0);
        assert_eq!((case.station.as_str(), case.contest.state), ("1001", State::Disputed));
        assert_eq!(case.over, [one, other]);
        let differs: Vec<_> =
            case.rows.iter().map(|row| (row.line.field.as_str(), row.differs)).collect();
        assert_eq!(differs, [("V.01", false), ("V.02", true), ("S", true)]);
        assert_eq!(case.rows[2].cells, [(Count::Written(3), false), (Count::Written(6), true)]);
        assert_eq!(case.contest.forms[1].findings[0].code.as_str(), "A4");
        assert_eq!(case.contest.forms[1].explanation.as_deref(), Some("as on the paper"));
        assert!(case.forms.iter().all(|form| form.in_question && form.acceptable));
        let before = case.seen();
        add(&mut ledger, &form("1001", [0, 3, 3]));
        assert_ne!(super::case(&ledger, 0, 0).seen(), before, "a form came in between");
    }

    #[test]
    fn what_was_corrected_or_rejected_is_shown_and_not_in_question() {
        let mut ledger = ledger();
        let first = add(&mut ledger, &form("1001", [1, 2, 4]));
        let mut correction = form("1001", [1, 2, 5]);
        (correction.revision, correction.supersedes) = (2, Some(first));
        correction.reason = Some("misread".to_owned());
        let second = add(&mut ledger, &correction);
        let in_question = |ledger: &Ledger| {
            let case = case(ledger, 0, 0);
            assert_eq!(case.forms.len(), case.contest.forms.len());
            case.forms.iter().map(|form| (form.acceptable, form.in_question)).collect::<Vec<_>>()
        };
        assert_eq!(in_question(&ledger), [(false, false), (true, true)]);
        let (station, contest) = ("1001".parse().unwrap(), "mayor".parse().unwrap());
        let act = Act { by: "sri".to_owned(), reason: "unreadable".to_owned() };
        let (over, decision) = (vec![second], Decision::Reject);
        let ruling = Ruling { station, contest, over, decision, at_ms: 5, act };
        apply(&mut ledger, &Entry::Ruling(ruling)).unwrap();
        assert_eq!(in_question(&ledger), [(false, false), (true, false)]);
    }

    #[test]
    fn of_a_flood_those_in_question_are_shown_and_the_others_counted() {
        let mut ledger = ledger();
        let count = u32::try_from(MAX_SHOWN).unwrap() + 3;
        let digests: Vec<_> =
            (0..count).map(|at| add(&mut ledger, &form("1001", [at, 1, at + 1]))).collect();
        let (station, contest) = ("1001".parse().unwrap(), "mayor".parse().unwrap());
        let act = Act { by: "sri".to_owned(), reason: "a flood".to_owned() };
        let decision = Decision::Accept(digests[1]);
        let over = digests.clone();
        let ruling = Ruling { station, contest, over, decision, at_ms: 5, act };
        apply(&mut ledger, &Entry::Ruling(ruling)).unwrap();
        let case = case(&ledger, 0, 0);
        assert_eq!((case.forms.len(), case.left_out), (MAX_SHOWN, 3));
        assert_eq!(case.over.len(), digests.len(), "a ruling names all");
        let in_question: Vec<_> = case.forms.iter().filter(|form| form.in_question).collect();
        assert_eq!((in_question.len(), in_question[0].digest), (1, digests[1]));
        let log: Vec<_> = case.forms.iter().map(|form| form.index).collect();
        assert!(log.is_sorted());
    }

    #[test]
    fn a_form_is_compared_with_the_counted_ones_of_other_contests() {
        // The sample's forms have no fields that X1 and X2 compare.
        let mut ledger = ledger();
        add(&mut ledger, &form("2001", [1, 2, 4]));
        assert!(case(&ledger, 0, 2).forms[0].across.is_empty());
    }
}
