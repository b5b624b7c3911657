//! What the desk demands: for which acts two people are needed, and of which roles a second
//! factor: `two_people` and `second_factor` of `collector.toml`.

use std::collections::BTreeSet;
use std::str::FromStr;

use saksi_proto::author::tree::{Reader, Table};

use super::account::{Right, Role};
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

/// Of which roles a second factor is demanded: they do nothing before they have set one up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondFactor(pub Vec<Role>);

impl SecondFactor {
    /// Whether it is demanded of a role.
    #[must_use]
    pub fn is_demanded_of(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// As `collector.toml` has it; of nobody, if it has not.
    pub fn read(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Self {
        let named = reader.strings(root, "second_factor");
        let mut roles = Vec::new();
        for name in &named {
            match name.value.parse::<Role>() {
                Ok(role) if !roles.contains(&role) => roles.push(role),
                Ok(_) => {}
                Err(_) if name.value == NONE && named.len() == 1 => {}
                Err(fault) => {
                    let what = format!("“second_factor”: {fault}; [\"{NONE}\"] asks for nobody");
                    reader.mistake(name.span.start, what);
                }
            }
        }
        Self(roles)
    }

    /// As it is written there.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let roles: Vec<_> = self.0.iter().map(|role| format!("\"{}\"", role.name())).collect();
        let roles = if roles.is_empty() { format!("\"{NONE}\"") } else { roles.join(", ") };
        format!("[{roles}]")
    }
}

/// All that the desk demands of those who work there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// For which acts two people are needed.
    pub two_people: TwoPeople,
    /// Of whom a second factor.
    pub second_factor: SecondFactor,
}

impl Policy {
    /// As `collector.toml` has it.
    pub fn read(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Self {
        let two_people = TwoPeople::read(reader, root);
        Self { two_people, second_factor: SecondFactor::read(reader, root) }
    }

    /// Its lines there, with what they mean.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let Self { two_people, second_factor } = self;
        format!(
            r#"# What of it one person proposes and another confirms: "ruling", "question", "pause", "resume".
two_people = {}

# Who does nothing there before a second factor, the code of a telephone, is set up: "viewer",
# "auditor", "operator", "admin".
second_factor = {}"#,
            two_people.to_toml(),
            second_factor.to_toml()
        )
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
        assert_eq!(SecondFactor::default().to_toml(), "[\"none\"]");
        let demanded = SecondFactor(vec![Role::Admin, Role::Operator]);
        assert_eq!(demanded.to_toml(), "[\"admin\", \"operator\"]");
        assert!(demanded.is_demanded_of(Role::Admin) && !demanded.is_demanded_of(Role::Viewer));
    }
}
