//! What should be the same on all forms of a station, over those that are counted
//! ([`saksi_proto::across`]). It is shown at the station and enters no total.

use std::collections::BTreeMap;

use saksi_proto::across::{Compared, Differing, Number, differing};
use saksi_proto::count::Count;
use saksi_proto::definition::StationIndex;
use saksi_proto::election::Severity;
use saksi_proto::ids::ContestCode;
use saksi_proto::text::Language;
use serde::Serialize;

use super::moment::Moment;
use crate::election::Election;
use crate::tally::report::Report;
use crate::tally::revisions::StationState;

/// Numbers of one field that should be the same and are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcrossView {
    /// `X1` or `X2`.
    pub code: &'static str,
    /// Always a warning: no form is held for it.
    pub severity: Severity,
    /// What should hold, by language.
    pub sentence: BTreeMap<String, String>,
    /// What stands on each counted form that has such a number, by contest.
    pub numbers: Vec<AcrossNumber>,
}

/// What stands on one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcrossNumber {
    /// The form's contest.
    pub contest: ContestCode,
    /// Code of the field.
    pub field: String,
    /// The number in it.
    pub number: u32,
}

/// The numbers of a form, and its contest.
type Counts = (usize, Vec<Count>);

/// What is not the same on a station's counted forms, field by field.
pub(super) fn across(moment: Moment<'_>, station: StationIndex) -> Vec<AcrossView> {
    let contests = 0..moment.election().definition.contests().len();
    let counted = contests.filter_map(|contest| counted(moment, contest, station));
    compare(moment.election(), &counted.collect::<Vec<_>>())
}

/// The checks that a form of a contest does not pass beside the counted ones of the
/// station's other contests. Theirs among themselves are not in it, unless the form takes
/// part.
pub(super) fn across_with(
    moment: Moment<'_>,
    station: StationIndex,
    contest: usize,
    form: &Report,
) -> Vec<AcrossView> {
    let contests = 0..moment.election().definition.contests().len();
    let others = contests.filter(|other| *other != contest);
    let others = others.filter_map(|other| counted(moment, other, station));
    let mut forms: Vec<Counts> = others.collect();
    forms.push((contest, form.counts().collect()));
    let mut found = compare(moment.election(), &forms);
    let code = moment.election().contest(contest).code;
    found.retain(|found| found.numbers.iter().any(|number| number.contest == code));
    found
}

fn counted(moment: Moment<'_>, contest: usize, station: StationIndex) -> Option<Counts> {
    let forms = moment.revisions(contest, station)?;
    match forms.state(moment.rulings(contest, station).last()) {
        StationState::Counted(form) => Some((contest, form.report.counts().collect())),
        _ => None,
    }
}

fn compare(election: &Election, counted: &[Counts]) -> Vec<AcrossView> {
    let forms = counted.iter().map(|(contest, counts)| Compared {
        of: *contest,
        layout: election.layout(*contest),
        counts,
    });
    let found = differing(&forms.collect::<Vec<_>>());
    found.iter().map(|found| view(election, found)).collect()
}

fn view(election: &Election, found: &Differing<usize>) -> AcrossView {
    let phrase = found.check.sentence();
    let languages = [Language::Indonesian, Language::English];
    let sentence = languages
        .map(|language| (language.code().to_owned(), phrase.in_language(language).to_owned()));
    let number = |number: &Number<usize>| AcrossNumber {
        contest: election.contest(number.of).code,
        field: election.layout(number.of).fields()[number.field].code.clone(),
        number: number.number,
    };
    AcrossView {
        code: found.check.code(),
        severity: Severity::Warn,
        sentence: sentence.into(),
        numbers: found.numbers.iter().map(number).collect(),
    }
}
