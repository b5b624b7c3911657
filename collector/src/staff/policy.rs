//! For which acts at the desk two people are needed: `two_people` of `collector.toml`.

use std::collections::BTreeSet;
use std::str::FromStr;

use saksi_proto::author::tree::{Reader, Table};

use super::account::Right;
use crate::changes::Change;

/// Kinds of acts for which it can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A ruling on the forms of a station.
    Ruling,
    /// A question to a station.
    Question,
    /// A pause of publication.
    Pause,
    /// Its end.
    Resume,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Ruling, Kind::Question, Kind::Pause, Kind::Resume];

    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ruling => "ruling",
            Kind::Question => "question",
            Kind::Pause => "pause",
            Kind::Resume => "resume",
        }
    }

    /// What kind of act a change is; none, if two people are never asked for it.
    #[must_use]
    pub fn of(change: &Change) -> Option<Self> {
        match change {
            Change::Rule(_) => Some(Kind::Ruling),
            Change::Ask(_) => Some(Kind::Question),
            Change::Pause(pause) if pause.paused => Some(Kind::Pause),
            Change::Pause(_) => Some(Kind::Resume),
            _ => None,
        }
    }

    /// The right that both people need.
    #[must_use]
    pub fn right(self) -> Right {
        match self {
            Kind::Ruling => Right::Rule,
            Kind::Question => Right::Ask,
            Kind::Pause | Kind::Resume => Right::Pause,
        }
    }
}

/// Not a kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an act that can need two people is ruling, question, pause or resume")]
pub struct NoKind;

impl FromStr for Kind {
    type Err = NoKind;

    fn from_str(text: &str) -> Result<Self, NoKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(NoKind)
    }
}

/// Which acts need two people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoPeople(pub BTreeSet<Kind>);

impl Default for TwoPeople {
    /// Rulings, which change totals, and pauses, which hide them: what somebody would be
    /// bribed for. A question changes no number, and the end of a pause only shows what
    /// anybody can fold from the log.
    fn default() -> Self {
        Self(BTreeSet::from([Kind::Ruling, Kind::Pause]))
    }
}

impl TwoPeople {
    /// Whether a change does.
    #[must_use]
    pub fn are_for(&self, change: &Change) -> bool {
        Kind::of(change).is_some_and(|kind| self.0.contains(&kind))
    }
}

/// Says that one person is enough for everything: an empty list is as good as none.
const NONE: &str = "none";

impl TwoPeople {
    /// As `collector.toml` has it; the default, if it has not.
    pub fn read(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Self {
        let named = reader.strings(root, "two_people");
        if named.is_empty() {
            return Self::default();
        }
        let mut kinds = BTreeSet::new();
        for name in &named {
            match name.value.parse::<Kind>() {
                Ok(kind) => drop(kinds.insert(kind)),
                Err(_) if name.value == NONE && named.len() == 1 => {}
                Err(fault) => {
                    let what = format!("“two_people”: {fault}; [\"{NONE}\"] asks for nobody");
                    reader.mistake(name.span.start, what);
                }
            }
        }
        Self(kinds)
    }

    /// As it is written there.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let kinds: Vec<_> = self.0.iter().map(|kind| format!("\"{}\"", kind.name())).collect();
        let kinds = if kinds.is_empty() { format!("\"{NONE}\"") } else { kinds.join(", ") };
        format!("[{kinds}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_named_and_no_other() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("rulings".parse::<Kind>(), Err(NoKind));
        assert_eq!(TwoPeople::default().to_toml(), "[\"ruling\", \"pause\"]");
        assert_eq!(TwoPeople(BTreeSet::new()).to_toml(), "[\"none\"]");
    }
}
