//! How a region stands, contest by contest, in words and numbers as they are shown; the live
//! page and the wall are told the same.

use std::collections::BTreeMap;

use saksi_proto::definition::RegionIndex;
use saksi_proto::text::{self as site, Phrase, desk as text};

use super::super::unheard::reported;
use crate::ledger::Ledger;
use crate::view::by_language;
use crate::web::locale::Locale;
use crate::web::percent::Percent;
use crate::web::times;

/// A region, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counters {
    pub contests: Vec<ContestCounters>,
    /// Entries of the log, and when the last form came.
    pub log: Cell,
    pub last_form: Cell,
    /// Forms that are missing, of all contests.
    pub missing: Cell,
}

/// A contest in the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContestCounters {
    pub code: String,
    pub name: String,
    /// Counted of expected, and what is left.
    pub cells: Vec<Cell>,
}

/// A number that changes while the page is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Names it for the script.
    pub key: String,
    pub label: &'static str,
    pub text: String,
}

impl Counters {
    /// What is not of one contest.
    pub(crate) fn of_all(&self) -> [&Cell; 3] {
        [&self.missing, &self.log, &self.last_form]
    }

    /// Every number by its key.
    pub(crate) fn by_key(&self) -> BTreeMap<&str, &str> {
        let cells = self.contests.iter().flat_map(|contest| &contest.cells);
        let all = cells.chain(self.of_all());
        all.map(|cell| (cell.key.as_str(), cell.text.as_str())).collect()
    }
}

/// How a region stands now.
pub(crate) fn counters(ledger: &Ledger, region: RegionIndex, locale: &Locale) -> Counters {
    let definition = &ledger.election.definition;
    let head = definition.head();
    let cell = |key: &str, phrase: Phrase, text: String| Cell {
        key: key.to_owned(),
        label: locale.say(phrase),
        text,
    };
    let held_here = |contest: &usize| {
        let totals = ledger.tally.region(*contest, region);
        totals.expected + totals.unopened > 0
    };
    let contests: Vec<usize> = (0..definition.contests().len()).filter(held_here).collect();
    let missing = reported(ledger, &contests, region).missing;
    let shown = contests.iter().map(|contest| {
        let of = &definition.contests()[*contest];
        let totals = ledger.tally.region(*contest, region);
        let come = totals.counted + totals.held + totals.disputed + totals.rejected;
        let numbers = [
            ("expected", text::EXPECTED, totals.expected),
            ("counted", site::SITE_COUNTED, totals.counted),
            ("held", site::SITE_HELD, totals.held),
            ("disputed", site::SITE_DISPUTED, totals.disputed),
            ("rejected", site::SITE_REJECTED, totals.rejected),
            ("missing", site::SITE_MISSING, totals.expected.saturating_sub(come)),
        ];
        let share = Percent::reached(totals.counted.into(), totals.expected.into());
        let share = share.map_or("–".to_owned(), |share| locale.percent(share));
        let share = cell(&format!("{}.share", of.code), text::COUNTED_SHARE, share);
        let numbers = numbers.map(|(key, label, number)| {
            cell(&format!("{}.{key}", of.code), label, locale.number(number))
        });
        let name = locale.text(&by_language(head, &of.name)).to_owned();
        let cells = [share].into_iter().chain(numbers).collect();
        ContestCounters { code: of.code.to_string(), name, cells }
    });
    let last_form = ledger.position.last_form_ms;
    let last_form = last_form.map(|ms| times::shown(ms, &head.time_zone, locale).text);
    let last_form = last_form.unwrap_or_else(|| "–".to_owned());
    Counters {
        contests: shown.collect(),
        log: cell("log", text::ENTRIES, locale.number(ledger.position.size)),
        last_form: cell("last_form", site::SITE_LAST_FORM, last_form),
        missing: cell("missing", text::MISSING_FORMS, locale.number(missing)),
    }
}
