//! The election definition without its long lists: the head (name, phase, kinds of
//! forms with their lines and rules) and the contests.
//!
//! Lines and rules are data. Nothing in the code knows that Indonesia's form has a
//! section IV or that Kenya's has rejected ballots; see DOMAIN 1 for why.

use serde::{Deserialize, Serialize};

use crate::ids::{ContestCode, ElectionId, PartCode, Phase, RegionCode};

/// Version of the definition's canonical form, and of its digest.
pub const DEFINITION_FORMAT: u16 = 1;

/// Most fields on one form. Several hundred candidates of 24 parties fit, and a
/// sealed form with this many numbers stays a small record (see [`crate::seal`]).
pub const MAX_FIELDS: usize = 1_000;

/// Most candidates and parties on one form; each has at least one field.
pub const MAX_CONTESTANTS: usize = MAX_FIELDS;

/// A text in each of the election's languages, in the order of [`Head::languages`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text(pub Vec<String>);

impl Text {
    /// The text in the language at `language`, or in the first one.
    #[must_use]
    pub fn in_language(&self, language: usize) -> &str {
        self.0.get(language).or_else(|| self.0.first()).map_or("", String::as_str)
    }
}

/// What an election is, but for its contests, regions and stations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`DEFINITION_FORMAT`].
    pub format: u16,
    /// Names the election.
    pub id: ElectionId,
    /// The election's name for people.
    pub name: Text,
    /// Rehearsal or official.
    pub phase: Phase,
    /// IANA name of the time zone in which times are shown.
    pub time_zone: String,
    /// Language codes (BCP 47), the first is what a screen starts with.
    pub languages: Vec<String>,
    /// The levels of the region tree.
    pub levels: Vec<Level>,
    /// The kinds of tally forms.
    pub forms: Vec<FormKind>,
}

impl Head {
    /// Position of a language code such as `id` or `en`, or of the first language.
    #[must_use]
    pub fn language(&self, code: &str) -> usize {
        self.languages.iter().position(|language| language == code).unwrap_or(0)
    }

    /// The name of a level in one language, or its code.
    #[must_use]
    pub fn level_name(&self, code: PartCode, language: usize) -> &str {
        let level = self.levels.iter().find(|level| level.code == code);
        level.map_or("", |level| level.name.in_language(language))
    }

    /// A kind of form by its code.
    #[must_use]
    pub fn form(&self, code: PartCode) -> Option<&FormKind> {
        self.forms.iter().find(|form| form.code == code)
    }
}

/// A level of the region tree, for example *district*. Two levels may have one
/// depth under two names: at home a regency, abroad a city.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Names the level in `regions.csv`.
    pub code: PartCode,
    /// 0 for the whole, 1 for its parts, and so on.
    pub depth: u8,
    /// Its name for people.
    pub name: Text,
}

/// A kind of tally form: the lines it has and the rules they obey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormKind {
    /// Names the kind.
    pub code: PartCode,
    /// Its name for people, as printed on top of the paper.
    pub name: Text,
    /// Titles of its sections; a form may have none.
    pub sections: Vec<Section>,
    /// The lines, in the order of the paper.
    pub lines: Vec<Line>,
    /// The rules, in the order in which they are shown.
    pub rules: Vec<Rule>,
    /// Which fields the published summary speaks of.
    pub summary: Summary,
    /// How carefully it is typed and read back at the station.
    pub entry: EntryPolicy,
}

impl FormKind {
    /// The title of a section by its code, if the form has it.
    #[must_use]
    pub fn section_title(&self, code: &str, language: usize) -> Option<&str> {
        let section = self.sections.iter().find(|section| section.code == code)?;
        Some(section.title.in_language(language))
    }
}

/// A section of the paper, and what is printed above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What [`Line::section`] names, for example `I`.
    pub code: String,
    /// Its title without the code, for example *Data pemilih dan pengguna hak pilih*.
    pub title: Text,
}

/// Most officers who confirm what is read back.
pub const MAX_OFFICERS: u8 = 2;

/// How carefully a form is typed and read back at the station.
///
/// What is typed twice is a list of lines, and there is no switch beside it: a form whose
/// list is empty asks for no second entry. It is not derived from [`Line::votes`] and
/// [`Summary`], because these miss totals that the summary has no word for (the sum of valid
/// and invalid votes; the total below a table), and whoever has the paper before him knows
/// which lines those are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPolicy {
    /// Codes of the lines that are typed a second time, by somebody who does not see the
    /// first numbers. Empty: none.
    pub second_entry: Vec<String>,
    /// How many officers confirm what is read back: 1 or [`MAX_OFFICERS`].
    pub officers: u8,
}

impl Default for EntryPolicy {
    /// Typed once, confirmed by two.
    fn default() -> Self {
        Self { second_entry: Vec::new(), officers: MAX_OFFICERS }
    }
}

/// The fields of a form that mean the same on every form of the world. Each is a
/// field code such as `I.A.J`; a form may lack some. And what should be the same on all
/// forms of a station.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Registered voters.
    pub registered: Option<String>,
    /// Voters who voted.
    pub voters: Option<String>,
    /// Valid votes.
    pub valid: Option<String>,
    /// Invalid votes.
    pub invalid: Option<String>,
    /// Codes of the lines whose numbers should be the same on all forms of a station,
    /// besides [`Summary::voters`] ([`crate::across`], X2). Kinds of forms that are to be
    /// compared give such a line the same code. No line of votes is among them.
    pub same: Vec<String>,
}

/// A line of the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Names the line, for example `I.B.1`; rules use it.
    pub code: String,
    /// The section of the paper it stands in, for example `I`.
    pub section: String,
    /// Its letter or number in the section, for example `B.1`.
    pub letter: String,
    /// What it asks for.
    pub name: Text,
    /// Its columns (L, P, J), or none for a single number.
    pub columns: Vec<PartCode>,
    /// Whether it repeats for each candidate or party of the contest.
    pub votes: Option<Votes>,
    /// The largest number that fits its boxes.
    pub bound: u32,
}

/// How a line of votes repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Votes {
    /// One field a candidate.
    Candidates,
    /// For each party: its own votes, one field a candidate, and the total.
    Parties,
}

/// A rule of a correct form (DOMAIN 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Stable code, for example `A4`.
    pub code: PartCode,
    /// What a broken rule does.
    pub severity: Severity,
    /// What must hold, in the language of [`crate::rule`]; all of them.
    pub checks: Vec<String>,
    /// One sentence for the operator.
    pub sentence: Text,
}

/// What a broken rule does to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The form is held: it enters no sum until a person rules on it.
    Hard,
    /// The form is counted and flagged.
    Warn,
}

/// One question put to the voters, reported on one paper form a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contest {
    /// Names the contest.
    pub code: ContestCode,
    /// Its name for people.
    pub name: Text,
    /// The kind of form it is reported on.
    pub form: PartCode,
    /// Where it takes place.
    pub scope: Scope,
    /// Who stands.
    pub ballot: Ballot,
}

/// Where a contest takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// In these regions and all below them (a *dapil* is such a list).
    Regions(Vec<RegionCode>),
}

/// Who stands in a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ballot {
    /// Single candidates or pairs.
    Candidates(Vec<Candidate>),
    /// Parties with their lists.
    Parties(Vec<Party>),
}

impl Ballot {
    /// Code and name of what the totals are given for: each candidate, or each party.
    pub fn contestants(&self) -> impl Iterator<Item = (PartCode, &str)> {
        let (candidates, parties) = match self {
            Ballot::Candidates(candidates) => (&candidates[..], &[][..]),
            Ballot::Parties(parties) => (&[][..], &parties[..]),
        };
        let candidates = candidates.iter().map(|c: &Candidate| (c.code, &c.name[..]));
        candidates.chain(parties.iter().map(|p: &Party| (p.code, &p.name[..])))
    }
}

/// A candidate or a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Number on the ballot paper, for example `01`.
    pub code: PartCode,
    /// Name on the ballot paper.
    pub name: String,
}

/// A party and its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Number on the ballot paper.
    pub code: PartCode,
    /// Name on the ballot paper.
    pub name: String,
    /// Its candidates, in the order of the list.
    pub candidates: Vec<Candidate>,
}
