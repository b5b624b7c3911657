//! Who works at the desk: a name to sign in with, a role, and the region that it is for.
//! Pure: what somebody may do, and where.
//!
//! | right | viewer | operator | admin | auditor |
//! |---|---|---|---|---|
//! | see stations, devices and queues | yes | yes | yes | yes |
//! | rule on forms | | yes | yes | |
//! | ask a station | | yes | yes | |
//! | revoke and replace devices | | yes | yes | |
//! | pause publication | | | yes, of the whole | |
//! | accounts and wall views | | | yes | |
//! | read everybody's activity | | | yes | yes |
//!
//! All of it holds within the account's region only. Of their own acts everybody may read.

use std::fmt;
use std::str::FromStr;

use saksi_proto::definition::{Definition, RegionIndex, StationIndex};
use saksi_proto::entry::{Act, MAX_NAME};
use saksi_proto::ids::RegionCode;

/// What somebody signs in with: 2 to 32 small letters, digits, `.`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountName(String);

/// Shortest and longest name to sign in with.
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 2..=32;

/// Not a name that an account can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountFault {
    /// Of the name to sign in with.
    #[error("a name to sign in with has 2 to 32 small letters, digits, “.”, “_” or “-”")]
    Name,
    /// Of the full name, which stands in the log.
    #[error("a full name has 2 to {MAX_NAME} bytes, and no control characters")]
    FullName,
    /// Of the role.
    #[error("a role is viewer, operator, admin or auditor")]
    Role,
}

impl AccountName {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = AccountFault;

    fn from_str(text: &str) -> Result<Self, AccountFault> {
        let is_fit =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        let fits = NAME_LENGTHS.contains(&text.len()) && text.bytes().all(is_fit);
        if fits { Ok(Self(text.to_owned())) } else { Err(AccountFault::Name) }
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a full name, and gives it without the spaces around it.
///
/// # Errors
/// [`AccountFault::FullName`].
pub fn full_name(text: &str) -> Result<String, AccountFault> {
    let text = text.trim();
    let fits = (2..=MAX_NAME).contains(&text.len()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(AccountFault::FullName) }
}

/// What somebody is at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Looks, and does nothing.
    Viewer,
    /// Rules, asks, and looks after devices.
    Operator,
    /// All that, pauses publication, and gives out accounts.
    Admin,
    /// Looks, and reads what everybody has done.
    Auditor,
}

/// What a role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// See stations, devices and queues.
    See,
    /// Rule on forms, and amend what is expected of a station.
    Rule,
    /// Ask a station to look at its paper again.
    Ask,
    /// Pause publication, and have it go on.
    Pause,
    /// Revoke and replace devices.
    Devices,
    /// Give out and end accounts and wall views.
    Accounts,
    /// Read what everybody has done.
    Activity,
}

impl Role {
    /// All roles, the least powerful first.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Auditor, Role::Operator, Role::Admin];

    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }

    /// Whether it has a right.
    #[must_use]
    pub fn has(self, right: Right) -> bool {
        match right {
            Right::See => true,
            Right::Rule | Right::Ask | Right::Devices => {
                matches!(self, Role::Operator | Role::Admin)
            }
            Right::Pause | Right::Accounts => self == Role::Admin,
            Right::Activity => matches!(self, Role::Admin | Role::Auditor),
        }
    }
}

impl FromStr for Role {
    type Err = AccountFault;

    fn from_str(text: &str) -> Result<Self, AccountFault> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(AccountFault::Role)
    }
}

impl Right {
    /// All rights.
    pub const ALL: [Right; 7] = [
        Right::See,
        Right::Rule,
        Right::Ask,
        Right::Pause,
        Right::Devices,
        Right::Accounts,
        Right::Activity,
    ];
}

/// For which stations somebody is at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of the election.
    Whole,
    /// Those of a region and of the regions in it.
    Region(RegionCode),
}

impl Scope {
    /// From a region's code; none, or that of the whole, is the whole.
    #[must_use]
    pub fn of(region: Option<RegionCode>, definition: &Definition) -> Self {
        let whole = definition.regions()[definition.whole() as usize].code;
        region.filter(|code| *code != whole).map_or(Self::Whole, Self::Region)
    }

    /// The region's code, if it is not the whole.
    #[must_use]
    pub fn code(self) -> Option<RegionCode> {
        match self {
            Scope::Whole => None,
            Scope::Region(code) => Some(code),
        }
    }

    /// The region; none, if the election has no such region (any more): then it holds
    /// nothing.
    #[must_use]
    pub fn region(self, definition: &Definition) -> Option<RegionIndex> {
        match self {
            Scope::Whole => Some(definition.whole()),
            Scope::Region(code) => definition.region(code),
        }
    }

    /// Whether a region is in it.
    #[must_use]
    pub fn holds_region(self, definition: &Definition, region: RegionIndex) -> bool {
        let own = self.region(definition);
        own.is_some_and(|own| definition.upwards(region).any(|above| above == own))
    }

    /// Whether a station is in it.
    #[must_use]
    pub fn holds(self, definition: &Definition, station: StationIndex) -> bool {
        self.holds_region(definition, definition.region_of(station))
    }

    /// Whether all of another scope is in it.
    #[must_use]
    pub fn holds_scope(self, definition: &Definition, other: Scope) -> bool {
        other.region(definition).is_some_and(|region| self.holds_region(definition, region))
    }
}

/// An account at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What its owner signs in with.
    pub name: AccountName,
    /// Who it is, as the log has it.
    pub full_name: String,
    /// What its owner may do.
    pub role: Role,
    /// And where.
    pub scope: Scope,
    /// When it was made, milliseconds since 1970, UTC.
    pub made_ms: u64,
    /// Since when it is ended: nobody can sign in with it.
    pub ended_ms: Option<u64>,
}

impl Account {
    /// Whether its owner may do something at a station.
    #[must_use]
    pub fn may(&self, right: Right, definition: &Definition, station: StationIndex) -> bool {
        self.role.has(right) && self.scope.holds(definition, station)
    }

    /// What the log has of an act of its owner.
    #[must_use]
    pub fn act(&self, reason: &str) -> Act {
        Act { by: self.full_name.clone(), reason: reason.trim().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_table_of_rights() {
        let rights = |role: Role| Right::ALL.map(|right| role.has(right));
        // See, Rule, Ask, Pause, Devices, Accounts, Activity.
        assert_eq!(rights(Role::Viewer), [true, false, false, false, false, false, false]);
        assert_eq!(rights(Role::Auditor), [true, false, false, false, false, false, true]);
        assert_eq!(rights(Role::Operator), [true, true, true, false, true, false, false]);
        assert_eq!(rights(Role::Admin), [true; 7]);
    }

    #[test]
    fn a_scope_ends_at_its_region() {
        let election = sample::election();
        let definition = &election.definition;
        let scope = |code: &str| Scope::of(Some(code.parse().unwrap()), definition);
        let held = |scope: Scope| [0, 1, 2].map(|station| scope.holds(definition, station));
        assert_eq!(held(Scope::Whole), [true; 3]);
        assert_eq!(scope("0"), Scope::Whole);
        assert_eq!(held(scope("1")), [true, true, false]);
        assert_eq!(held(scope("2")), [false, false, true]);
        assert_eq!(held(scope("9")), [false; 3], "a region that the election has not");
        assert!(Scope::Whole.holds_scope(definition, scope("1")));
        assert!(scope("1").holds_scope(definition, scope("1")));
        for (own, other) in [(scope("1"), Scope::Whole), (scope("1"), scope("2"))] {
            assert!(!own.holds_scope(definition, other), "{own:?} {other:?}");
        }
        assert!(!Scope::Whole.holds_scope(definition, scope("9")));
    }

    #[test]
    fn names_that_can_be_typed_and_that_the_log_takes() {
        for name in ["sri", "a.b-c_9", "ab"] {
            assert_eq!(name.parse::<AccountName>().unwrap().as_str(), name);
        }
        for name in ["", "a", "Sri", "a b", "a/b", "é1", &"a".repeat(33)] {
            assert_eq!(name.parse::<AccountName>(), Err(AccountFault::Name), "{name}");
        }
        assert_eq!(full_name("  Sri Rahayu "), Ok("Sri Rahayu".to_owned()));
        for name in ["", " a ", "a\nb", &"a".repeat(65)] {
            assert_eq!(full_name(name), Err(AccountFault::FullName), "{name}");
        }
    }
}
