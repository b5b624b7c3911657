//! What a change needs of whoever asks for it at the desk: a right, and the places where he
//! must have it. Pure.

use saksi_proto::definition::{Definition, StationIndex};
use saksi_proto::entry::{Act, CodeScope};
use saksi_proto::ids::StationCode;

use super::account::{Account, Right, Scope};
use super::store::acts::Deed;
use crate::changes::Change;

/// A change, as the desk looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs<'a> {
    /// Its stable name in the activity.
    pub kind: &'static str,
    /// What whoever asks must have.
    pub right: Right,
    /// And where.
    pub places: Places,
    /// Who, and why, as the log will have it.
    pub act: &'a Act,
}

/// Where something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// At these stations.
    Stations(Vec<StationCode>),
    /// In the whole election.
    Whole,
}

/// What a change needs; none, if it is not for the desk at all: devices ask for such
/// themselves, or it is done on the command line.
#[must_use]
pub fn needs(change: &Change) -> Option<Needs<'_>> {
    let one = |station: StationCode| Places::Stations(vec![station]);
    let (kind, right, places, act) = match change {
        Change::Enrol { .. } | Change::Apply { .. } | Change::Grant { .. } => return None,
        Change::Revoke { stations, act, .. } => {
            ("device-revoke", Right::Devices, Places::Stations(stations.clone()), act)
        }
        Change::Replace { grant } => {
            let CodeScope::Station(station) = grant.scope else { return None };
            ("device-replace", Right::Devices, one(station), &grant.act)
        }
        Change::Rule(ruling) => ("ruling", Right::Rule, one(ruling.station), &ruling.act),
        Change::Amend(amendment) => {
            ("amendment", Right::Rule, one(amendment.station), &amendment.act)
        }
        Change::Ask(question) => ("question", Right::Ask, one(question.station), &question.act),
        Change::Pause(pause) => {
            let kind = if pause.paused { "publication-pause" } else { "publication-resume" };
            (kind, Right::Pause, Places::Whole, &pause.act)
        }
    };
    Some(Needs { kind, right, places, act })
}

/// Why somebody may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// The role has not the right to it.
    Role,
    /// It is outside the account's region, or not there at all; the two are not told apart.
    Elsewhere,
}

/// Checks that the owner of an account may have a change.
///
/// # Errors
/// [`Forbidden`].
pub fn allow(
    account: &Account,
    definition: &Definition,
    needs: &Needs<'_>,
) -> Result<(), Forbidden> {
    if !account.role.has(needs.right) {
        return Err(Forbidden::Role);
    }
    let holds = |code: &StationCode| {
        definition.station(*code).is_some_and(|station| account.scope.holds(definition, station))
    };
    let is_inside = match &needs.places {
        Places::Whole => account.scope == Scope::Whole,
        Places::Stations(stations) => stations.iter().all(holds),
    };
    if is_inside { Ok(()) } else { Err(Forbidden::Elsewhere) }
}

/// What the activity has of a change.
#[must_use]
pub fn deed(account: &Account, definition: &Definition, needs: &Needs<'_>) -> Deed {
    let stations = match &needs.places {
        Places::Whole => &[][..],
        Places::Stations(stations) => stations,
    };
    let first = stations.first().copied();
    let place = match (first, stations.len()) {
        (None, _) => String::new(),
        (Some(code), 1) => code.to_string(),
        (Some(code), many) => format!("{code} +{}", many - 1),
    };
    let station = first.and_then(|code| definition.station(code));
    Deed {
        account: account.name.to_string(),
        full_name: account.full_name.clone(),
        kind: needs.kind,
        place,
        regions: station.map(|station| above(definition, station)).unwrap_or_default(),
        detail: needs.act.reason.clone(),
    }
}

/// Codes of the regions above a station, each between two spaces.
#[must_use]
pub fn above(definition: &Definition, station: StationIndex) -> String {
    let above = definition.upwards(definition.region_of(station));
    let codes = above.map(|region| definition.regions()[region as usize].code.to_string());
    codes.fold(" ".to_owned(), |all, code| all + &code + " ")
}

#[cfg(test)]
mod tests {
    use saksi_proto::entry::{CodeGrant, CodeTag};
    use saksi_proto::ruling::Pause;

    use super::*;
    use crate::sample;
    use crate::staff::account::Role;
    use crate::staff::testing::account;

    fn revoke(stations: &[&str]) -> Change {
        let stations = stations.iter().map(|code| code.parse().unwrap()).collect();
        let act = Act { by: "Sri".to_owned(), reason: "lost".to_owned() };
        Change::Revoke { stations, act, at_ms: 1 }
    }

    fn allowed(role: Role, region: Option<&str>, change: &Change) -> Result<(), Forbidden> {
        let election = sample::election();
        let definition = &election.definition;
        let scope = Scope::of(region.map(|code| code.parse().unwrap()), definition);
        allow(&account("sri", role, scope), definition, &needs(change).unwrap())
    }

    #[test]
    fn a_change_is_allowed_by_role_and_by_place() {
        assert_eq!(allowed(Role::Operator, None, &revoke(&["1001", "2001"])), Ok(()));
        assert_eq!(allowed(Role::Operator, Some("1"), &revoke(&["1001", "1002"])), Ok(()));
        for role in [Role::Viewer, Role::Auditor] {
            assert_eq!(allowed(role, None, &revoke(&["1001"])), Err(Forbidden::Role));
        }
        for stations in [&["2001"][..], &["1001", "2001"], &["nowhere"]] {
            let elsewhere = allowed(Role::Admin, Some("1"), &revoke(stations));
            assert_eq!(elsewhere, Err(Forbidden::Elsewhere), "{stations:?}");
        }
    }

    #[test]
    fn publication_is_paused_by_an_admin_of_the_whole() {
        let act = Act::default();
        let pause = Change::Pause(Pause { paused: true, at_ms: 1, act });
        assert_eq!(allowed(Role::Admin, None, &pause), Ok(()));
        assert_eq!(allowed(Role::Admin, Some("1"), &pause), Err(Forbidden::Elsewhere));
        assert_eq!(allowed(Role::Operator, None, &pause), Err(Forbidden::Role));
    }

    #[test]
    fn what_is_not_for_the_desk_needs_what_nobody_has() {
        let scope = CodeScope::Region("1".parse().unwrap());
        let (tag, act) = (CodeTag([1; 16]), Act::default());
        let grant = CodeGrant { tag, scope, until_ms: 2, at_ms: 1, act };
        for change in [
            Change::Enrol { enrolments: sample::enrolments(), replace: true },
            Change::Replace { grant: grant.clone() },
            Change::Grant { grants: vec![grant] },
        ] {
            assert_eq!(needs(&change), None);
        }
    }

    #[test]
    fn the_activity_has_place_and_reason() {
        let election = sample::election();
        let change = revoke(&["1001", "1002"]);
        let sri = account("sri", Role::Operator, Scope::Whole);
        let deed = deed(&sri, &election.definition, &needs(&change).unwrap());
        assert_eq!((deed.place.as_str(), deed.regions.as_str()), ("1001 +1", " 1 0 "));
        assert_eq!((deed.kind, deed.detail.as_str()), ("device-revoke", "lost"));
    }
}
