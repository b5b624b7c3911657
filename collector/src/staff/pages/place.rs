//! The region that a list is of: the account's own, or one within it that was asked for.

use std::ops::Range;

use saksi_proto::definition::{Definition, RegionIndex, StationIndex};
use saksi_proto::ids::{RegionCode, StationCode};

use super::refused::Refused;
use crate::staff::account::Scope;
use crate::staff::desk::Desk;

/// A link to a region.
pub(crate) struct RegionLink {
    pub code: RegionCode,
    pub name: String,
}

/// The region of a code, or the scope's own if none is asked for.
pub(super) fn region(
    definition: &Definition,
    scope: Scope,
    code: &str,
) -> Result<RegionIndex, Refused> {
    let own = scope.region(definition).ok_or(Refused::NotThere)?;
    if code.is_empty() {
        return Ok(own);
    }
    let asked = code.parse::<RegionCode>().ok().and_then(|code| definition.region(code));
    asked.filter(|region| scope.holds_region(definition, *region)).ok_or(Refused::NotThere)
}

/// The station of a code.
pub(super) fn station(
    definition: &Definition,
    scope: Scope,
    code: &str,
) -> Result<StationIndex, Refused> {
    let asked = code.parse::<StationCode>().ok().and_then(|code| definition.station(code));
    asked.filter(|station| scope.holds(definition, *station)).ok_or(Refused::NotThere)
}

/// From where to where a list of a region goes, after a station that ended the page before.
pub(super) fn from(
    desk: &Desk,
    scope: Scope,
    region: RegionIndex,
    after: &str,
) -> Result<Range<usize>, Refused> {
    let range = desk.order.range(region);
    if after.is_empty() {
        return Ok(range);
    }
    let after = station(&desk.election.definition, scope, after)?;
    Ok((desk.order.place(after) + 1).clamp(range.start, range.end)..range.end)
}

/// What a region is called.
pub(super) fn link(definition: &Definition, region: RegionIndex) -> RegionLink {
    let of = &definition.regions()[region as usize];
    RegionLink { code: of.code, name: of.name.to_string() }
}

/// The regions above one, as far as the scope goes, the highest first, and itself.
pub(super) fn way(definition: &Definition, scope: Scope, region: RegionIndex) -> Vec<RegionLink> {
    let own = scope.region(definition);
    let mut way = Vec::new();
    for above in definition.upwards(region) {
        way.push(link(definition, above));
        if Some(above) == own {
            break;
        }
    }
    way.reverse();
    way
}

/// The names of the lowest regions above a station, as people say where it is.
pub(super) fn whereabouts(definition: &Definition, station: StationIndex) -> String {
    let above = definition.upwards(definition.region_of(station)).take(3);
    let names = above.map(|region| definition.regions()[region as usize].name.to_string());
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_is_outside_looks_like_what_is_not_there() {
        let election = sample::election();
        let definition = &election.definition;
        let own = Scope::Region("1".parse().unwrap());
        assert_eq!(region(definition, own, ""), region(definition, own, "1"));
        assert!(station(definition, own, "1002").is_ok());
        for code in ["0", "2", "9", "a b"] {
            assert_eq!(region(definition, own, code), Err(Refused::NotThere), "{code}");
        }
        for code in ["2001", "9999", ""] {
            assert_eq!(station(definition, own, code), Err(Refused::NotThere), "{code}");
        }
        let names =
            |scope| way(definition, scope, 1).into_iter().map(|it| it.name).collect::<Vec<_>>();
        assert_eq!(names(Scope::Whole).len(), 2);
        assert_eq!(names(own), ["Satu"]);
        assert_eq!(
            whereabouts(definition, 0),
            "Satu, Negara".replace("Negara", definition.regions()[0].name.as_ref())
        );
    }
}
