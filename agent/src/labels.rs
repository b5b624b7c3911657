//! Names for people, out of the election definition.

use saksi_proto::election::{Ballot, Contest, Head, Line};
use saksi_proto::fields::{Field, Part};
use saksi_proto::ids::ContestCode;
use saksi_proto::text::{self, Language};

use crate::identity::Identity;

/// The election's words in one language.
#[derive(Clone, Copy)]
pub struct Labels<'a> {
    identity: &'a Identity,
    /// Language of our own words.
    pub language: Language,
    /// Position of the language in the election's texts.
    position: usize,
}

impl<'a> Labels<'a> {
    /// The words of this device's election.
    #[must_use]
    pub fn new(identity: &'a Identity, language: Language) -> Self {
        Self { identity, language, position: identity.election().head.language(language.code()) }
    }

    fn head(&self) -> &'a Head {
        &self.identity.election().head
    }

    /// Name of the election.
    #[must_use]
    pub fn election(&self) -> &'a str {
        self.head().name.in_language(self.position)
    }

    /// The regions above the station, the nearest first, without the whole.
    #[must_use]
    pub fn regions(&self) -> String {
        let regions = &self.identity.election().regions;
        let names = regions.iter().filter(|region| region.parent.is_some());
        names.map(|region| region.name.as_ref()).collect::<Vec<_>>().join(", ")
    }

    /// Name of a contest, or its code.
    #[must_use]
    pub fn contest(&self, code: ContestCode) -> String {
        let contest = self.identity.election().contest(code);
        contest.map_or_else(
            || code.to_string(),
            |contest| contest.name.in_language(self.position).to_owned(),
        )
    }

    /// The sentence of a rule.
    #[must_use]
    pub fn rule(&self, contest: &Contest, rule: usize) -> String {
        let rule = self.head().form(contest.form).and_then(|form| form.rules.get(rule));
        rule.map_or("", |rule| rule.sentence.in_language(self.position)).to_owned()
    }

    /// What a field asks for: its line, and column, candidate or party.
    #[must_use]
    pub fn field(&self, contest: &Contest, field: &Field) -> String {
        let form = self.head().form(contest.form);
        let Some(line) = form.and_then(|form| form.lines.get(field.line)) else {
            return field.code.clone();
        };
        let name = line.name.in_language(self.position);
        match self.part(line, &contest.ballot, field.part) {
            Some(part) => format!("{name} · {part}"),
            None => name.to_owned(),
        }
    }

    /// A line or field of a contest's form by its code: what it asks for, and its first field.
    #[must_use]
    pub fn line(&self, contest: ContestCode, code: &str) -> Option<(String, String)> {
        let of = self.identity.election().contest(contest)?;
        let fields = self.identity.layout(contest)?.fields();
        if let Some(field) = fields.iter().find(|field| field.code == code) {
            return Some((self.field(of, field), field.code.clone()));
        }
        let lines = &self.head().form(of.form)?.lines;
        let at = lines.iter().position(|line| line.code == code)?;
        let field = fields.iter().find(|field| field.line == at)?;
        Some((lines[at].name.in_language(self.position).to_owned(), field.code.clone()))
    }

    fn part(&self, line: &Line, ballot: &Ballot, part: Part) -> Option<String> {
        let candidate = |at: usize| match ballot {
            Ballot::Candidates(standing) => standing.get(at).map(|one| one.name.clone()),
            Ballot::Parties(_) => None,
        };
        let party = |at: usize| match ballot {
            Ballot::Parties(parties) => parties.get(at),
            Ballot::Candidates(_) => None,
        };
        let beside = |at: usize, what: &str| Some(format!("{} · {what}", party(at)?.name));
        match part {
            Part::Whole => None,
            Part::Column(at) => line.columns.get(at).map(ToString::to_string),
            Part::Candidate(at) => candidate(at),
            Part::PartyOwn(at) => beside(at, text::PARTY_OWN.in_language(self.language)),
            Part::PartyTotal(at) => beside(at, text::PARTY_TOTAL.in_language(self.language)),
            Part::PartyCandidate(at, one) => beside(at, &party(at)?.candidates.get(one)?.name),
        }
    }
}
