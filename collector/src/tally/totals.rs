//! The totals of one contest in one region, and what one station adds to them.

use saksi_proto::count::EncodedCounts;
use saksi_proto::election::Severity;
use saksi_proto::rule::Finding;

use super::sums::Sums;

/// What one station adds to the totals of each region above it.
#[derive(Debug, Clone)]
pub enum Contribution<'a> {
    /// It has not reported.
    Nothing,
    /// Its forms contradict each other.
    Disputed {
        /// One of its forms was superseded by another.
        corrected: bool,
    },
    /// Its form breaks hard rules.
    Held {
        /// One of its forms was superseded by another.
        corrected: bool,
        /// Positions of the hard rules that its form breaks.
        broken: &'a [usize],
        /// Number of rules of the form.
        rules: usize,
    },
    /// Its numbers count.
    Counted {
        /// One of its forms was superseded by another.
        corrected: bool,
        /// Its numbers.
        counts: &'a EncodedCounts,
        /// How many they are.
        fields: usize,
        /// Its registered voters, where the definition knows them.
        registered: Option<u32>,
    },
}

/// Totals of one contest in one region. Parent = sum of children, always: every
/// station goes through [`RegionTotals::add`] of each region above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionTotals {
    /// Stations that are expected to report.
    pub expected: u32,
    /// Registered voters of the expected stations, where the definition knows them.
    pub registered: u64,
    /// Expected stations whose registered voters the definition does not know.
    pub registered_unknown: u32,
    /// Stations whose form is in the sums.
    pub counted: u32,
    /// Registered voters of the counted stations, where the definition knows them.
    pub registered_counted: u64,
    /// Stations whose form breaks a hard rule.
    pub held: u32,
    /// Stations whose forms contradict each other.
    pub disputed: u32,
    /// Stations that corrected a form. They are counted, held or disputed besides.
    pub corrected: u32,
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
        registered: 0,
        registered_unknown: 0,
        counted: 0,
        registered_counted: 0,
        held: 0,
        disputed: 0,
        corrected: 0,
        held_by_rule: Vec::new(),
        sums: Sums::NONE,
    };

    /// One more station is expected.
    pub fn expect(&mut self, registered: Option<u32>) {
        self.expected += 1;
        match registered {
            Some(voters) => self.registered += u64::from(voters),
            None => self.registered_unknown += 1,
        }
    }

    /// Stations that have sent anything.
    #[must_use]
    pub fn reported(&self) -> u32 {
        self.counted + self.held + self.disputed
    }

    /// Stations that have sent nothing.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.expected - self.reported()
    }

    /// Adds a station as it stands.
    pub fn add(&mut self, station: &Contribution<'_>) {
        match station {
            Contribution::Nothing => {}
            Contribution::Disputed { corrected } => {
                self.disputed += 1;
                self.corrected += u32::from(*corrected);
            }
            Contribution::Held { corrected, broken, rules } => {
                self.held += 1;
                self.corrected += u32::from(*corrected);
                self.held_by_rule.resize(*rules, 0);
                broken.iter().for_each(|rule| self.held_by_rule[*rule] += 1);
            }
            Contribution::Counted { corrected, counts, fields, registered } => {
                self.counted += 1;
                self.corrected += u32::from(*corrected);
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
        self.corrected += part.corrected;
        let rules = self.held_by_rule.len().max(part.held_by_rule.len());
        self.held_by_rule.resize(rules, 0);
        self.held_by_rule.iter_mut().zip(&part.held_by_rule).for_each(|(all, part)| *all += part);
        self.sums.add_sums(&part.sums);
    }

    /// Takes back what [`RegionTotals::add`] added for a station that has changed.
    pub fn take_back(&mut self, station: &Contribution<'_>) {
        match station {
            Contribution::Nothing => {}
            Contribution::Disputed { corrected } => {
                self.disputed -= 1;
                self.corrected -= u32::from(*corrected);
            }
            Contribution::Held { corrected, broken, .. } => {
                self.held -= 1;
                self.corrected -= u32::from(*corrected);
                broken.iter().for_each(|rule| self.held_by_rule[*rule] -= 1);
            }
            Contribution::Counted { corrected, counts, registered, .. } => {
                self.counted -= 1;
                self.corrected -= u32::from(*corrected);
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
