//! What a device is told before anything is changed: pure questions to the ledger.

use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{Application, EnrolRefusal, StationOffer, UNSEEN_AUTHORITY};
use saksi_proto::entry::CodeTag;
use saksi_proto::ids::StationCode;

use crate::changes::check_code;
use crate::ledger::Ledger;

/// Which station a code is for.
///
/// # Errors
/// [`EnrolRefusal`].
pub fn offer(
    ledger: &Ledger,
    tag: CodeTag,
    station: Option<StationCode>,
    now_ms: u64,
) -> Result<StationOffer, EnrolRefusal> {
    let station = check_code(ledger, tag, station, now_ms)?;
    let is_used = ledger.roster.code(&tag).is_some_and(|grant| grant.used.is_some());
    if !is_used && ledger.roster.device(station).is_some() {
        return Err(EnrolRefusal::StationHasDevice);
    }
    let definition = &ledger.election.definition;
    let regions = definition.upwards(definition.region_of(station));
    let regions = regions.map(|region| definition.regions()[region as usize].name.to_string());
    let of = &definition.stations()[station as usize];
    let head = definition.head();
    Ok(StationOffer {
        station: of.code,
        name: of.name.to_string(),
        regions: regions.collect(),
        election: head.name.in_language(0).to_owned(),
        phase: head.phase,
        now_ms,
    })
}

/// How an application has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over a connection.
    Line,
    /// As a file: its device has not seen the authority's certificate, and names none.
    File,
}

/// Whether an application is what it says: for this authority, signed by its own key.
///
/// # Errors
/// [`EnrolRefusal::BadApplication`].
pub fn examine(application: &Application, authority: Digest, way: Way) -> Result<(), EnrolRefusal> {
    let is_ours = application.authority == authority
        || (way == Way::File && application.authority == UNSEEN_AUTHORITY);
    if is_ours && application.is_signed() { Ok(()) } else { Err(EnrolRefusal::BadApplication) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use saksi_proto::slip::Code;

    use super::*;
    use crate::roster::{Grant, Scope};
    use crate::sample;

    const STATION: CodeTag = CodeTag([1; 16]);
    const SPARE: CodeTag = CodeTag([2; 16]);

    fn ledger() -> Ledger {
        let mut ledger = Ledger::new(Arc::new(sample::election()));
        let grant = |scope| Grant { scope, until_ms: 100, used: None };
        ledger.roster.grant(STATION, grant(Scope::Station(0)));
        ledger.roster.grant(SPARE, grant(Scope::Region(1)));
        ledger
    }

    #[test]
    fn a_code_leads_to_its_station() {
        let ledger = ledger();
        let found = offer(&ledger, STATION, None, 50).unwrap();
        assert_eq!((found.station.as_str(), &*found.name), ("1001", "TPS 1"));
        assert_eq!(found.regions, ["Satu", "Negara"]);
        let code = |code: &str| Some(code.parse().unwrap());
        assert_eq!(offer(&ledger, STATION, None, 101), Err(EnrolRefusal::CodeExpired));
        assert_eq!(offer(&ledger, STATION, code("1002"), 50), Err(EnrolRefusal::OtherStation));
        assert_eq!(offer(&ledger, SPARE, None, 50), Err(EnrolRefusal::StationMissing));
        assert_eq!(offer(&ledger, SPARE, code("2001"), 50), Err(EnrolRefusal::OtherStation));
        assert_eq!(offer(&ledger, SPARE, code("1002"), 50).unwrap().name, "TPS 2");
        let unknown = offer(&ledger, CodeTag([9; 16]), None, 50);
        assert_eq!(unknown, Err(EnrolRefusal::UnknownCode));
    }

    #[test]
    fn a_spare_is_not_offered_to_a_station_that_has_a_device() {
        let mut ledger = ledger();
        ledger.roster.enrol(1, [1; 32], 1, None);
        let asked = offer(&ledger, SPARE, Some("1002".parse().unwrap()), 50);
        assert_eq!(asked, Err(EnrolRefusal::StationHasDevice));
    }

    #[test]
    fn an_application_is_for_this_authority_and_signed() {
        let application = Application {
            code: Code::new([1; 7]),
            station: "1001".parse().unwrap(),
            key: Digest([0; 32]),
            authority: Digest([7; 32]),
            device_ms: 0,
            agent: String::new(),
            signature: Vec::new(),
        };
        let mut application = Application::sign(application, &sample::key("1001"));
        let (ours, theirs) = (Digest([7; 32]), Digest([8; 32]));
        assert_eq!(examine(&application, ours, Way::Line), Ok(()));
        assert!(examine(&application, theirs, Way::Line).is_err());
        assert!(examine(&application, theirs, Way::File).is_err());
        application.authority = UNSEEN_AUTHORITY;
        let mut application = Application::sign(application, &sample::key("1001"));
        assert!(examine(&application, ours, Way::Line).is_err());
        assert_eq!(examine(&application, ours, Way::File), Ok(()));
        application.signature[0] ^= 1;
        assert!(examine(&application, ours, Way::File).is_err());
    }
}
