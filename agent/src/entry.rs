//! What an operator typed: a JSON form, read strictly and with all mistakes at once.
//!
//! ```json
//! {"contest": "ppwp", "station": "3204061001013",
//!  "lines": {"I.A.L": 147, "I.A.P": null, "V.A": "illegible"}}
//! ```
//!
//! Every field of the form is named: blank is not zero, so an empty box is `null`. A second
//! entry is the same with the fields that are typed twice; it may have the others too.

mod json;
mod mistake;

use std::collections::HashMap;

use saksi_proto::count::Count;
use saksi_proto::ids::ContestCode;
use saksi_proto::layout::Layout;

use crate::draft::Turn;
use crate::identity::Identity;
use json::Node;
pub use mistake::{Mistake, NotACount};

/// Largest JSON form read, in bytes: 1,000 fields of 40 characters and 200 of space
/// or comment-like indentation each.
pub const MAX_ENTRY: usize = 256 * 1024;

const CONTEST: &str = "contest";
const STATION: &str = "station";
const LINES: &str = "lines";
const KEYS: [&str; 3] = [CONTEST, STATION, LINES];

/// A form as typed, complete and free of mistakes of form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The contest it reports.
    pub contest: ContestCode,
    /// One count a field of the contest's [`Layout`].
    pub counts: Vec<Count>,
}

/// A second entry as typed: every number that is wanted twice, and what else stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondTyped {
    /// The contest it reports.
    pub contest: ContestCode,
    /// Position of a field, and what was typed there.
    pub counts: Vec<(usize, Count)>,
}

impl Entry {
    /// Reads a JSON form for the device's station.
    ///
    /// # Errors
    /// All mistakes in it, never an empty list.
    pub fn read(text: &str, identity: &Identity) -> Result<Self, Vec<Mistake>> {
        let (contest, counts) = read(text, identity, Turn::First)?;
        Ok(Self { contest, counts: counts.into_iter().map(|(_, count)| count).collect() })
    }
}

impl SecondTyped {
    /// Reads the JSON of a second entry for the device's station.
    ///
    /// # Errors
    /// All mistakes in it, never an empty list.
    pub fn read(text: &str, identity: &Identity) -> Result<Self, Vec<Mistake>> {
        let (contest, counts) = read(text, identity, Turn::Second)?;
        Ok(Self { contest, counts })
    }
}

/// A contest, and what was typed into the fields of its form, in their order.
type Read = (ContestCode, Vec<(usize, Count)>);

fn read(text: &str, identity: &Identity, turn: Turn) -> Result<Read, Vec<Mistake>> {
    if text.len() > MAX_ENTRY {
        return Err(vec![Mistake::TooLong(text.len())]);
    }
    let typed: Node = serde_json::from_str(text).map_err(|fault| vec![fault.into()])?;
    let Node::Object(pairs) = typed else { return Err(vec![Mistake::NotAnObject]) };
    let mut reader = Reader { identity, turn, mistakes: Vec::new() };
    let entry = reader.read(pairs);
    match entry {
        Some(entry) if reader.mistakes.is_empty() => Ok(entry),
        _ => Err(reader.mistakes),
    }
}

struct Reader<'a> {
    identity: &'a Identity,
    turn: Turn,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    /// `None` if a mistake stands in the way of an entry; it is on the list then.
    fn read(&mut self, pairs: Vec<(String, Node)>) -> Option<Read> {
        let mut named = self.without_duplicates(pairs);
        for key in named.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let nearest = nearest(key, KEYS);
            self.mistakes.push(Mistake::UnknownKey { key: key.clone(), nearest });
        }
        if let Some(station) = named.remove(STATION) {
            self.check_station(&station);
        }
        let contest = named.remove(CONTEST);
        let lines = named.remove(LINES);
        let contest = self.contest(contest);
        let lines = self.lines(lines);
        let (contest, lines) = (contest?, lines?);
        let layout = self.identity.layout(contest)?;
        let counts = self.counts(lines, layout);
        Some((contest, counts))
    }

    fn check_station(&mut self, typed: &Node) {
        let ours = self.identity.election().station.code;
        if typed.text() != Some(ours.as_str()) {
            self.mistakes.push(Mistake::OtherStation { found: typed.to_string(), ours });
        }
    }

    fn contest(&mut self, typed: Option<Node>) -> Option<ContestCode> {
        let Some(typed) = typed else {
            self.mistakes.push(Mistake::MissingKey(CONTEST));
            return None;
        };
        let held = &self.identity.election().contests;
        let found = held.iter().find(|contest| typed.text() == Some(contest.code.as_str()));
        if found.is_none() {
            let codes = held.iter().map(|contest| contest.code.as_str());
            let found = typed.text().map_or_else(|| typed.to_string(), str::to_owned);
            let nearest = nearest(&found, codes.clone());
            let held = codes.map(str::to_owned).collect();
            self.mistakes.push(Mistake::UnknownContest { found, nearest, held });
        }
        found.map(|contest| contest.code)
    }

    fn lines(&mut self, typed: Option<Node>) -> Option<Vec<(String, Node)>> {
        match typed {
            Some(Node::Object(lines)) => return Some(lines),
            Some(_) => self.mistakes.push(Mistake::LinesNotAnObject),
            None => self.mistakes.push(Mistake::MissingKey(LINES)),
        }
        None
    }

    fn counts(&mut self, lines: Vec<(String, Node)>, layout: &Layout) -> Vec<(usize, Count)> {
        let typed = self.without_duplicates(lines);
        let fields = layout.fields();
        let mut unknown: Vec<_> =
            typed.keys().filter(|code| layout.field(code).is_none()).collect();
        unknown.sort_unstable();
        for code in unknown {
            let nearest = nearest(code, fields.iter().map(|field| field.code.as_str()));
            self.mistakes.push(Mistake::UnknownField { code: code.clone(), nearest });
        }
        let is_wanted = |at: &usize| self.turn == Turn::First || layout.again().contains(at);
        let missing = (0..fields.len()).filter(is_wanted).map(|at| &fields[at].code);
        let missing: Vec<_> = missing.filter(|code| !typed.contains_key(*code)).cloned().collect();
        if !missing.is_empty() {
            self.mistakes.push(Mistake::MissingFields(missing));
        }
        let typed = fields.iter().enumerate().filter_map(|(at, field)| {
            let node = typed.get(&field.code)?;
            Some((at, field, node))
        });
        typed.map(|(at, field, node)| (at, self.count(&field.code, node))).collect()
    }

    fn count(&mut self, code: &str, typed: &Node) -> Count {
        typed.count().unwrap_or_else(|why| {
            let (field, found) = (code.to_owned(), typed.to_string());
            self.mistakes.push(Mistake::NotACount { field, found, why });
            Count::NotWritten
        })
    }

    fn without_duplicates(&mut self, pairs: Vec<(String, Node)>) -> HashMap<String, Node> {
        let mut named = HashMap::new();
        for (key, node) in pairs {
            if named.insert(key.clone(), node).is_some() {
                self.mistakes.push(Mistake::Duplicate(key));
            }
        }
        named
    }
}

/// The right name that was probably meant: the same but for case, or at most a third
/// of its letters away.
fn nearest<'a>(typed: &str, right: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let folded = typed.to_lowercase();
    let distance = |name: &str| strsim::osa_distance(&folded, &name.to_lowercase());
    let candidates = right.into_iter().map(|name| (distance(name), name));
    let (distance, name) = candidates.min_by_key(|(distance, _)| *distance)?;
    (distance <= (typed.chars().count() / 3).max(1)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
