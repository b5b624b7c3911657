//! A region's own numbers: coverage, states, votes and totals.

use saksi_proto::count::Sum;
use saksi_proto::text::site;
use saksi_proto::text::{self, Phrase};

use super::state::StateMark;
use crate::view::election::ContestView;
use crate::view::region::{RegisteredCounts, StationCounts, TotalsView};
use crate::view::state::State;
use crate::web::locale::Locale;
use crate::web::percent::Percent;

/// The floor: a region is marked as not yet representative until one of this many of its
/// stations is counted. Before half is counted, what is still out outweighs what is in: any
/// lead can turn. It is a constant of the program and no setting, so that nobody can move it on
/// the night; the pages say it among the words that they explain.
const REPRESENTATIVE: u64 = 2;

/// How much of a region is counted.
pub(super) struct Coverage {
    pub stations: Reached,
    pub voters: Option<Reached>,
    /// What is not known of its registered voters.
    pub voters_note: Option<String>,
    /// Said of a region of which too little is counted.
    pub thin: Option<&'static str>,
}

/// A part of a whole, in words.
pub(super) struct Reached {
    pub sentence: String,
    pub percent: String,
    pub bar: u64,
}

impl Coverage {
    pub(super) fn new(totals: &TotalsView, locale: &Locale) -> Self {
        let (counted, expected) = (totals.stations.counted, totals.stations.expected);
        let stations = (u64::from(counted), u64::from(expected));
        let registered = &totals.registered;
        let voters = (registered.counted, registered.expected);
        Self {
            stations: Reached::new(text::SITE_STATIONS_COUNTED, stations, locale),
            voters: (registered.expected > 0)
                .then(|| Reached::new(text::SITE_VOTERS_COUNTED, voters, locale)),
            voters_note: voters_note(registered, locale),
            thin: is_thin(&totals.stations).then(|| locale.say(text::SITE_THIN_SENTENCE)),
        }
    }
}

impl Reached {
    fn new(phrase: Phrase, (part, whole): (u64, u64), locale: &Locale) -> Self {
        let reached = Percent::reached(part, whole);
        Self {
            sentence: locale.fill(phrase, &[&locale.number(part), &locale.number(whole)]),
            percent: percent(reached, locale),
            bar: reached.map_or(0, Percent::bar),
        }
    }
}

fn voters_note(registered: &RegisteredCounts, locale: &Locale) -> Option<String> {
    match (registered.expected, registered.unknown_stations) {
        (_, 0) => None,
        (0, _) => Some(locale.say(text::SITE_VOTERS_UNKNOWN).to_owned()),
        (_, unknown) => {
            Some(locale.fill(text::SITE_VOTERS_PARTLY_UNKNOWN, &[&locale.number(unknown)]))
        }
    }
}

/// Whether too little of a region is counted to stand for it.
pub(super) fn is_thin(stations: &StationCounts) -> bool {
    u64::from(stations.counted) * REPRESENTATIVE < u64::from(stations.expected)
}

/// A percentage, or a dash where there is none.
pub(super) fn percent(percent: Option<Percent>, locale: &Locale) -> String {
    percent.map_or_else(|| NONE.to_owned(), |percent| locale.percent(percent))
}

/// Stands where nothing is counted: no number is not zero.
pub(super) const NONE: &str = "–";

/// Stations in one state.
pub(super) struct StateCount {
    pub state: State,
    pub mark: StateMark,
    pub stations: String,
    /// The list of them, which the page knows.
    pub href: Option<String>,
}

/// Stations by how they stand.
pub(super) fn states(stations: &StationCounts, locale: &Locale) -> Vec<StateCount> {
    let counts = [
        (State::Counted, stations.counted),
        (State::Held, stations.held),
        (State::Disputed, stations.disputed),
        (State::Missing, stations.missing),
    ];
    // These two are rare, and say nothing where they are none.
    let rare = [(State::Rejected, stations.rejected), (State::Unopened, stations.unopened)];
    let rare = rare.into_iter().filter(|(_, stations)| *stations > 0);
    let counts = counts.into_iter().chain(rare).map(|(state, stations)| StateCount {
        state,
        mark: StateMark::of_station(state, locale),
        stations: locale.number(stations),
        href: None,
    });
    counts.collect()
}

/// What one candidate or party has.
pub(super) struct VoteRow {
    pub code: String,
    pub name: String,
    pub votes: String,
    pub share: String,
    pub bar: u64,
    pub gaps: Vec<String>,
}

/// Votes by candidate or party, in the order of the ballot.
pub(super) fn votes(contest: &ContestView, totals: &TotalsView, locale: &Locale) -> Vec<VoteRow> {
    let rows = contest.contestants.iter().map(|contestant| {
        let sum = totals.votes.get(&contestant.code).copied().unwrap_or_default();
        let share = share(sum, totals);
        VoteRow {
            code: contestant.code.to_string(),
            name: contestant.name.clone(),
            votes: total(sum, totals, locale),
            share: percent(share, locale),
            bar: share.map_or(0, Percent::bar),
            gaps: gaps(sum, locale),
        }
    });
    rows.collect()
}

/// A sum, or a dash where no station is counted.
pub(super) fn total(sum: Sum, totals: &TotalsView, locale: &Locale) -> String {
    if totals.stations.counted == 0 { NONE.to_owned() } else { locale.number(sum.total) }
}

/// A share of the valid votes. Where that line is missing on some papers, or on all,
/// the votes themselves are more, and stand in for it.
pub(super) fn share(votes: Sum, totals: &TotalsView) -> Option<Percent> {
    Percent::share(votes.total, whole_of_shares(totals))
}

/// What shares are of.
pub(super) fn whole_of_shares(totals: &TotalsView) -> u64 {
    let all: u64 = totals.votes.values().map(|sum| sum.total).sum();
    let valid = totals.valid.map_or(0, |valid| valid.total);
    valid.max(all)
}

/// What shares are of, in words; none before anything is counted.
pub(super) fn shares_of(totals: &TotalsView, locale: &Locale) -> Option<String> {
    let whole = whole_of_shares(totals);
    (whole > 0).then(|| locale.fill(site::SHARE_OF, &[&locale.number(whole)]))
}

fn gaps(sum: Sum, locale: &Locale) -> Vec<String> {
    let gaps = [
        (text::SITE_STATIONS_NOT_WRITTEN, sum.not_written),
        (text::SITE_STATIONS_ILLEGIBLE, sum.illegible),
    ];
    let gaps = gaps.into_iter().filter(|(_, stations)| *stations > 0);
    gaps.map(|(phrase, stations)| locale.fill(phrase, &[&locale.number(stations)])).collect()
}

/// A total with its name.
pub(super) struct Figure {
    pub term: &'static str,
    /// What the term means.
    pub meaning: &'static str,
    pub value: String,
    pub share: Option<String>,
    pub gaps: Vec<String>,
}

/// The totals that the form's summary knows.
pub(super) fn totals(totals: &TotalsView, locale: &Locale) -> Vec<Figure> {
    let figure = |(term, meaning), sum: Option<Sum>, share: Option<String>| {
        sum.map(|sum| Figure {
            term: locale.say(term),
            meaning: locale.say(meaning),
            value: total(sum, totals, locale),
            share,
            gaps: gaps(sum, locale),
        })
    };
    let cast = totals.valid.zip(totals.invalid);
    let invalid = cast.and_then(|(valid, invalid)| {
        let cast = valid.total + invalid.total;
        let share = locale.percent(Percent::share(invalid.total, cast)?);
        let of = locale.fill(site::OF, &[&locale.number(invalid.total), &locale.number(cast)]);
        Some(format!("{share}: {of}"))
    });
    let registered = (text::SITE_REGISTERED_ON_FORMS, text::SITE_MEANS_REGISTERED_ON_FORMS);
    let figures = [
        figure((text::SITE_VALID, text::SITE_MEANS_VALID), totals.valid, None),
        figure((text::SITE_INVALID, text::SITE_MEANS_INVALID), totals.invalid, invalid),
        figure((text::SITE_VOTERS, text::SITE_MEANS_VOTERS), totals.voters, None),
        figure(registered, totals.registered_on_forms, None),
        turnout(totals, locale),
    ];
    figures.into_iter().flatten().collect()
}

fn turnout(totals: &TotalsView, locale: &Locale) -> Option<Figure> {
    let (voters, registered) = totals.voters.zip(totals.registered_on_forms)?;
    let turnout = Percent::share(voters.total, registered.total);
    let of = [voters, registered].map(|sum| locale.number(sum.total));
    Some(Figure {
        term: locale.say(text::SITE_TURNOUT),
        meaning: locale.say(text::SITE_MEANS_TURNOUT),
        value: percent(turnout, locale),
        share: turnout.map(|_| locale.fill(site::OF, &[&of[0], &of[1]])),
        gaps: Vec::new(),
    })
}

/// What those words of the page mean that do not have it beside them.
pub(super) fn definitions(locale: &Locale) -> Vec<(&'static str, &'static str)> {
    let definitions = [
        (text::SITE_COVERAGE, text::SITE_MEANS_COVERAGE),
        (text::SITE_THIN, site::MEANS_THIN),
        (text::SITE_SHARE, text::SITE_MEANS_SHARE),
    ];
    definitions.map(|(term, meaning)| (locale.say(term), locale.say(meaning))).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(counted: u32, expected: u32) -> String {
        let locale = Locale::new(None, &["en".to_owned()]);
        let stations = (u64::from(counted), u64::from(expected));
        let reached = Reached::new(text::SITE_STATIONS_COUNTED, stations, &locale);
        format!("{} {}", reached.percent, reached.sentence)
    }

    #[test]
    fn the_last_station_is_seen() {
        let (missing_one, all) = (coverage(823_235, 823_236), coverage(823_236, 823_236));
        assert_eq!(missing_one, "99.9% 823,235 of 823,236 stations counted");
        assert_eq!(all, "100.0% 823,236 of 823,236 stations counted");
        assert_eq!(coverage(0, 0), "– 0 of 0 stations counted");
    }
}
