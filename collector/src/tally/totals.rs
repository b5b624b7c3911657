//! The totals of one contest in one region, and what one station adds to them.

use saksi_proto::count::EncodedCounts;
use saksi_proto::election::Severity;
use saksi_proto::rule::Finding;

use super::register::Expectation;
use super::sums::Sums;

/// What one station adds to the totals of each region above it.
#[derive(Debug, Clone)]
pub struct Contribution<'a> {
    /// One of its forms was superseded by another.
    pub corrected: bool,
    /// A ruling on its forms stands.
    pub ruled: bool,
    /// What it adds as it stands.
    pub share: Share<'a>,
}

/// What one station adds as it stands.
#[derive(Debug, Clone)]
pub enum Share<'a> {
    /// It has not reported.
    Nothing,
    /// Its forms contradict each other.
    Disputed,
    /// A ruling has rejected its forms.
    Rejected,
    /// Its form breaks hard rules.
    Held {
        /// Positions of the hard rules that its form breaks.
        broken: &'a [usize],
        /// Number of rules of the form.
        rules: usize,
    },
    /// Its numbers count.
    Counted {
        /// Its numbers.
        counts: &'a EncodedCounts,
        /// How many they are.
        fields: usize,
        /// Its registered voters, where they are known.
        registered: Option<u32>,
    },
}

impl Share<'_> {
    /// Whether somebody has to rule on it.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Disputed)
    }
}

impl Contribution<'_> {
    /// Of a station that has sent nothing.
    pub const NONE: Self = Self { corrected: false, ruled: false, share: Share::Nothing };
}

/// Totals of one contest in one region. Parent = sum of children, always: every
/// station goes through [`RegionTotals::add`] of each region above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionTotals {
    /// Stations that are expected to report.
    pub expected: u32,
    /// Stations of the definition that are not expected: they did not open.
    pub unopened: u32,
    /// Registered voters of the expected stations, where they are known.
    pub registered: u64,
    /// Expected stations whose registered voters are not known.
    pub registered_unknown: u32,
    /// Stations whose form is in the sums.
    pub counted: u32,
    /// Registered voters of the counted stations, where they are known.
    pub registered_counted: u64,
    /// Stations whose form breaks a hard rule.
    pub held: u32,
    /// Stations whose forms contradict each other.
    pub disputed: u32,
    /// Stations whose forms a ruling has rejected.
    pub rejected: u32,
    /// Stations that corrected a form. They are counted, held, disputed or rejected besides.
    pub corrected: u32,
    /// Stations on whose forms a ruling stands. As the corrected ones, they are something
    /// else besides.
    pub ruled: u32,
    /// For each rule of the form, the held stations that break it; empty if none.
    pub held_by_rule: Vec<u32>,
    /// For each field of the form its sum over the counted stations.
    pub sums: Sums,
}

impl Default for RegionTotals {
    fn default() -> Self {
        Self::NONE
    }
}

impl RegionTotals {
    /// No stations at all.
    pub const NONE: Self = Self {
        expected: 0,
        unopened: 0,
        registered: 0,
        registered_unknown: 0,
        counted: 0,
        registered_counted: 0,
        held: 0,
        disputed: 0,
        rejected: 0,
        corrected: 0,
        ruled: 0,
        held_by_rule: Vec::new(),
        sums: Sums::NONE,
    };

    /// One station more is expected, or is known not to be.
    pub fn expect(&mut self, station: Expectation) {
        match station {
            Expectation { is_expected: false, .. } => self.unopened += 1,
            Expectation { registered: None, .. } => {
                self.expected += 1;
                self.registered_unknown += 1;
            }
            Expectation { registered: Some(voters), .. } => {
                self.expected += 1;
                self.registered += u64::from(voters);
            }
        }
    }

    /// Takes back what [`RegionTotals::expect`] did for a station that is amended.
    pub fn expect_no_more(&mut self, station: Expectation) {
        match station {
            Expectation { is_expected: false, .. } => self.unopened -= 1,
            Expectation { registered: None, .. } => {
                self.expected -= 1;
                self.registered_unknown -= 1;
            }
            Expectation { registered: Some(voters), .. } => {
                self.expected -= 1;
                self.registered -= u64::from(voters);
            }
        }
    }

    /// Whether the contest is held in the region: a station that did not open is one where
    /// it would have been.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.expected + self.unopened > 0
    }

    /// Stations that have sent anything.
    #[must_use]
    pub fn reported(&self) -> u32 {
        self.counted + self.held + self.disputed + self.rejected
    }

    /// Stations that have sent nothing.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.expected - self.reported()
    }

    /// Adds a station as it stands.
    pub fn add(&mut self, station: &Contribution<'_>) {
        self.corrected += u32::from(station.corrected);
        self.ruled += u32::from(station.ruled);
        match &station.share {
            Share::Nothing => {}
            Share::Disputed => self.disputed += 1,
            Share::Rejected => self.rejected += 1,
            Share::Held { broken, rules } => {
                self.held += 1;
                self.held_by_rule.resize(*rules, 0);
                broken.iter().for_each(|rule| self.held_by_rule[*rule] += 1);
            }
            Share::Counted { counts, fields, registered } => {
                self.counted += 1;
                self.registered_counted += u64::from(registered.unwrap_or(0));
                self.sums.add(*fields, counts.iter());
            }
        }
    }

    /// Adds what the stations of a part have reported. Who is expected is known already.
    pub fn add_reported(&mut self, part: &Self) {
        self.counted += part.counted;
        self.registered_counted += part.registered_counted;
        self.held += part.held;
        self.disputed += part.disputed;
        self.rejected += part.rejected;
        self.corrected += part.corrected;
        self.ruled += part.ruled;
        let rules = self.held_by_rule.len().max(part.held_by_rule.len());
        self.held_by_rule.resize(rules, 0);
        self.held_by_rule.iter_mut().zip(&part.held_by_rule).for_each(|(all, part)| *all += part);
        self.sums.add_sums(&part.sums);
    }

    /// Takes back what [`RegionTotals::add`] added for a station that has changed.
    pub fn take_back(&mut self, station: &Contribution<'_>) {
        self.corrected -= u32::from(station.corrected);
        self.ruled -= u32::from(station.ruled);
        match &station.share {
            Share::Nothing => {}
            Share::Disputed => self.disputed -= 1,
            Share::Rejected => self.rejected -= 1,
            Share::Held { broken, .. } => {
                self.held -= 1;
                broken.iter().for_each(|rule| self.held_by_rule[*rule] -= 1);
            }
            Share::Counted { counts, registered, .. } => {
                self.counted -= 1;
                self.registered_counted -= u64::from(registered.unwrap_or(0));
                self.sums.take_back(counts.iter());
            }
        }
    }
}

/// Positions of the hard rules among findings.
#[must_use]
pub fn hard_rules(findings: &[Finding]) -> Vec<usize> {
    let hard = findings.iter().filter(|finding| finding.severity == Severity::Hard);
    hard.map(|finding| finding.rule).collect()
}
