//! The table of a region's parts, sorted by links.

use std::cmp::{Ordering, Reverse};
use std::str::FromStr;

use saksi_proto::ids::PartCode;
use saksi_proto::text::{self, Phrase};

use super::figures::{NONE, is_thin, percent, share, total, whole_of_shares};
use crate::view::region::{PartView, RegionView, TotalsView};
use crate::web::links::Links;
use crate::web::locale::Locale;
use crate::web::percent::Percent;

/// Up to this many who stand, each has a column. Of more, only the largest have one:
/// eighteen columns of numbers can be compared by nobody.
const MAX_COLUMNS: usize = 5;
/// How many have a column where not all have.
const LARGEST: usize = 3;

/// A column by which the parts can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Code,
    Name,
    Coverage,
    Valid,
    Votes(PartCode),
    Held,
    Disputed,
    Missing,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub column: Column,
    pub descending: bool,
}

impl FromStr for Column {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text {
            "code" => Column::Code,
            "name" => Column::Name,
            "coverage" => Column::Coverage,
            "valid" => Column::Valid,
            "held" => Column::Held,
            "disputed" => Column::Disputed,
            "missing" => Column::Missing,
            _ => Column::Votes(text.strip_prefix("votes-").ok_or(())?.parse().map_err(|_| ())?),
        })
    }
}

impl Column {
    /// As it stands in a link.
    fn key(self) -> String {
        match self {
            Column::Code => "code".to_owned(),
            Column::Name => "name".to_owned(),
            Column::Coverage => "coverage".to_owned(),
            Column::Valid => "valid".to_owned(),
            Column::Votes(code) => format!("votes-{code}"),
            Column::Held => "held".to_owned(),
            Column::Disputed => "disputed".to_owned(),
            Column::Missing => "missing".to_owned(),
        }
    }

    /// Names are looked up from A, numbers from the largest.
    fn starts_descending(self) -> bool {
        !matches!(self, Column::Code | Column::Name)
    }

    fn compare(self, a: &PartView, b: &PartView) -> Ordering {
        let by = |key: fn(&TotalsView) -> u32| key(&a.totals).cmp(&key(&b.totals));
        match self {
            Column::Code => a.region.code.cmp(&b.region.code),
            Column::Name => a.region.name.to_lowercase().cmp(&b.region.name.to_lowercase()),
            Column::Coverage => coverage(&a.totals).cmp(&coverage(&b.totals)),
            Column::Valid => whole_of_shares(&a.totals).cmp(&whole_of_shares(&b.totals)),
            Column::Votes(code) => votes_of(&a.totals, code).cmp(&votes_of(&b.totals, code)),
            Column::Held => by(|totals| totals.stations.held),
            Column::Disputed => by(|totals| totals.stations.disputed),
            Column::Missing => by(|totals| totals.stations.missing),
        }
    }
}

impl Order {
    /// The order that was asked for, or by code.
    pub(super) fn new(sort: Option<&str>, order: Option<&str>) -> Self {
        let column = sort.and_then(|sort| sort.parse().ok()).unwrap_or(Column::Code);
        let descending = match order {
            Some("asc") => false,
            Some("desc") => true,
            _ => column.starts_descending(),
        };
        Self { column, descending }
    }

    /// For a link to the same order; none if it is the usual one.
    pub(super) fn in_link(self) -> Option<(String, &'static str)> {
        let usual = Self { column: Column::Code, descending: false };
        (self != usual).then(|| (self.column.key(), self.direction()))
    }

    fn direction(self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }

    /// What a click on a column's heading asks for: the other direction if the table
    /// is sorted by it already.
    fn after_click(self, column: Column) -> Self {
        let same = self.column == column;
        let descending = if same { !self.descending } else { column.starts_descending() };
        Self { column, descending }
    }

    fn compare(self, a: &PartView, b: &PartView) -> Ordering {
        let by_column = self.column.compare(a, b);
        let by_column = if self.descending { by_column.reverse() } else { by_column };
        by_column.then_with(|| a.region.code.cmp(&b.region.code))
    }
}

pub(super) fn coverage(totals: &TotalsView) -> Option<Percent> {
    Percent::reached(totals.stations.counted.into(), totals.stations.expected.into())
}

fn votes_of(totals: &TotalsView, code: PartCode) -> u64 {
    totals.votes.get(&code).map_or(0, |sum| sum.total)
}

/// The table.
pub(super) struct PartsTable {
    /// Name, then code, which share a column.
    pub name: Heading,
    pub code: Heading,
    pub coverage: Heading,
    /// What shares are of.
    pub valid: Heading,
    pub votes: Vec<Heading>,
    pub states: Vec<Heading>,
    pub rows: Vec<PartRow>,
    /// The region itself.
    pub whole: PartRow,
    /// Whether a choice of a heading sorts it.
    pub is_sortable: bool,
    /// Said where not all who stand have a column.
    pub largest_only: Option<String>,
}

/// The heading of a column, a link that sorts by it.
pub(super) struct Heading {
    pub label: String,
    /// What its column holds, for the script: `text`, `code` or a number, `n`. None where there
    /// is nothing to sort.
    pub by: Option<&'static str>,
    /// Whose votes, where the label is a number of the ballot paper.
    pub name: Option<String>,
    /// None where there is no page of that order.
    pub href: Option<String>,
    /// For `aria-sort`, if the table is sorted by it.
    pub sorted: Option<&'static str>,
}

impl Heading {
    /// Shows the direction beside the label.
    pub(super) fn arrow(&self) -> &'static str {
        match self.sorted {
            Some("ascending") => " ↑",
            Some(_) => " ↓",
            None => "",
        }
    }
}

/// A part.
pub(super) struct PartRow {
    pub name: String,
    pub code: String,
    pub href: String,
    pub fraction: String,
    pub percent: String,
    pub thin: bool,
    pub valid: NumberCell,
    pub votes: Vec<VoteCell>,
    pub states: Vec<NumberCell>,
}

/// The votes of one who stands.
pub(super) struct VoteCell {
    /// Stands in for the heading of the column where rows are shown as cards.
    pub label: String,
    pub votes: String,
    pub share: String,
}

/// A number, with what stands in for the heading of its column.
pub(super) struct NumberCell {
    pub label: &'static str,
    pub number: String,
}

/// The states that have a column.
const STATES: [(Column, Phrase); 3] = [
    (Column::Held, text::SITE_HELD),
    (Column::Disputed, text::SITE_DISPUTED),
    (Column::Missing, text::SITE_MISSING),
];

/// What makes the table's cells.
struct Cells<'a> {
    view: &'a RegionView,
    columns: Vec<PartCode>,
    order: Order,
    links: Links,
    locale: &'a Locale,
}

impl PartsTable {
    /// The table of a region's parts; none for a region without parts.
    pub(super) fn new(
        view: &RegionView,
        order: Order,
        links: Links,
        locale: &Locale,
    ) -> Option<Self> {
        if view.parts.is_empty() {
            return None;
        }
        let cells = Cells { view, columns: columns(view), order, links, locale };
        let mut parts: Vec<_> = view.parts.iter().collect();
        parts.sort_by(|a, b| order.compare(a, b));
        let some = cells.columns.len() < view.contest.contestants.len();
        let whole = PartView { region: view.region.clone(), totals: view.totals.clone() };
        let whole_name = locale.say(text::SITE_WHOLE_REGION).to_owned();
        Some(Self {
            name: cells.heading(Column::Name, locale.say(text::SITE_PART)),
            code: cells.heading(Column::Code, locale.say(text::SITE_CODE)),
            coverage: cells.heading(Column::Coverage, locale.say(text::SITE_COVERAGE)),
            valid: cells.heading(Column::Valid, locale.say(text::SITE_VALID)),
            votes: cells.columns.iter().map(|code| cells.votes_heading(*code)).collect(),
            states: STATES.map(|(column, word)| cells.heading(column, locale.say(word))).into(),
            rows: parts.into_iter().map(|part| cells.row(part)).collect(),
            whole: PartRow { name: whole_name, ..cells.row(&whole) },
            is_sortable: view.parts.len() > 1,
            largest_only: some.then(|| locale.fill(text::SITE_LARGEST_ONLY, &[&LARGEST])),
        })
    }
}

/// Whose votes have a column.
fn columns(view: &RegionView) -> Vec<PartCode> {
    let mut all: Vec<_> = view.contest.contestants.iter().map(|standing| standing.code).collect();
    if all.len() > MAX_COLUMNS {
        all.sort_by_key(|code| Reverse(votes_of(&view.totals, *code)));
        all.truncate(LARGEST);
    }
    all
}

impl Cells<'_> {
    fn heading(&self, column: Column, label: &str) -> Heading {
        let region = (self.view.region.code, self.view.contest.code);
        let next = self.order.after_click(column);
        let sorted = if self.order.descending { "descending" } else { "ascending" };
        Heading {
            label: label.to_owned(),
            by: (self.view.parts.len() > 1).then_some(match column {
                Column::Name => "text",
                Column::Code => "code",
                _ => "n",
            }),
            name: None,
            // One part is in every order.
            href: self
                .links
                .sorted(region, (&column.key(), next.direction()))
                .filter(|_| self.view.parts.len() > 1),
            sorted: (self.order.column == column).then_some(sorted),
        }
    }

    fn votes_heading(&self, code: PartCode) -> Heading {
        let standing = self.view.contest.contestants.iter().find(|standing| standing.code == code);
        let name = standing.map(|standing| standing.name.clone());
        Heading { name, ..self.heading(Column::Votes(code), code.as_str()) }
    }

    fn row(&self, part: &PartView) -> PartRow {
        let (totals, locale) = (&part.totals, self.locale);
        let stations = &totals.stations;
        let (counted, expected) =
            (locale.number(stations.counted), locale.number(stations.expected));
        let states = [stations.held, stations.disputed, stations.missing];
        let valid = match stations.counted {
            0 => NONE.to_owned(),
            _ => locale.number(whole_of_shares(totals)),
        };
        PartRow {
            name: part.region.name.clone(),
            code: part.region.code.to_string(),
            href: self.links.region(part.region.code, self.view.contest.code),
            fraction: format!("{counted}/{expected}"),
            percent: percent(coverage(totals), locale),
            thin: is_thin(stations),
            valid: NumberCell { label: locale.say(text::SITE_VALID), number: valid },
            votes: self.columns.iter().map(|code| self.vote_cell(totals, *code)).collect(),
            states: STATES
                .iter()
                .zip(states)
                .map(|((_, word), stations)| NumberCell {
                    label: locale.say(*word),
                    number: locale.number(stations),
                })
                .collect(),
        }
    }

    fn vote_cell(&self, totals: &TotalsView, code: PartCode) -> VoteCell {
        let sum = totals.votes.get(&code).copied().unwrap_or_default();
        let share = share(sum, totals).map(|share| self.locale.percent(share));
        VoteCell {
            label: code.to_string(),
            votes: total(sum, totals, self.locale),
            share: share.unwrap_or_else(|| NONE.to_owned()),
        }
    }
}
