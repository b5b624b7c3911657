//! Admission: is this form what a device of this election may say? A pure question
//! to the received bytes, the roster's key and the election; the answer to a form
//! that may not is a refusal with a stable code.

use saksi_proto::VerifyingKey;
use saksi_proto::codec::DecodeFault;
use saksi_proto::definition::StationIndex;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::StationCode;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::{OpenFault, SealedForm};

use crate::election::Election;

/// The station and the key that the roster has for the device of a session.
#[derive(Debug, Clone)]
pub struct Voice {
    /// Code of the station.
    pub station: StationCode,
    /// The enrolled key.
    pub key: VerifyingKey,
}

/// A form that may enter the log.
#[derive(Debug)]
pub struct Admitted {
    /// As received.
    pub sealed: SealedForm,
    /// What it says.
    pub form: TallyForm,
    /// Position of its contest.
    pub contest: usize,
    /// Position of its station.
    pub station: StationIndex,
}

/// A form that may not, and why exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code.
    pub refusal: Refusal,
    /// What was found, for the protocol of the device and of the collector.
    pub detail: String,
}

impl Refused {
    fn new(refusal: Refusal, detail: impl ToString) -> Self {
        Self { refusal, detail: detail.to_string() }
    }
}

/// Decides on one form. The signature is checked over the received bytes.
///
/// # Errors
/// [`Refused`], by the first reason.
pub fn admit(election: &Election, voice: &Voice, bytes: Vec<u8>) -> Result<Admitted, Refused> {
    let sealed = SealedForm::from_bytes(bytes).map_err(|fault| undecodable(&fault))?;
    let form = sealed.open().map_err(|fault| match fault {
        OpenFault::Decode(fault) => undecodable(&fault),
        OpenFault::Form(fault) => Refused::new(Refusal::Malformed, fault),
    })?;
    let definition = &election.definition;
    if form.station != voice.station {
        let detail = format!("for {}, sent by {}", form.station, voice.station);
        return Err(Refused::new(Refusal::OtherStation, detail));
    }
    if !sealed.is_signed_by(&voice.key) {
        return Err(Refused::new(Refusal::BadSignature, sealed.digest()));
    }
    if form.phase != definition.head().phase {
        let detail = format!("{}, in the {} election", form.phase, definition.head().phase);
        return Err(Refused::new(Refusal::OtherPhase, detail));
    }
    if form.election != definition.digest() {
        return Err(Refused::new(Refusal::OtherElection, form.election));
    }
    let station = definition
        .station(form.station)
        .ok_or_else(|| Refused::new(Refusal::UnknownStation, form.station))?;
    let contest = definition
        .contest(form.contest)
        .ok_or_else(|| Refused::new(Refusal::UnknownContest, form.contest))?;
    if !definition.in_scope(contest, station) {
        return Err(Refused::new(Refusal::ContestNotHeld, form.contest));
    }
    let fields = election.layout(contest).fields().len();
    if form.counts.len() != fields {
        let detail = format!("{} numbers for {fields} fields", form.counts.len());
        return Err(Refused::new(Refusal::OtherLines, detail));
    }
    Ok(Admitted { sealed, form, contest, station })
}

fn undecodable(fault: &DecodeFault) -> Refused {
    let refusal = match fault {
        DecodeFault::Oversize { .. } => Refusal::Oversize,
        DecodeFault::UnknownVersion { .. } => Refusal::UnknownVersion,
        DecodeFault::Malformed(_) | DecodeFault::Leftover(_) => Refusal::Malformed,
    };
    Refused::new(refusal, fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{election, form, key, sealed};
    use saksi_proto::digest::Digest;
    use saksi_proto::ids::Phase;

    fn voice() -> Voice {
        Voice { station: "1001".parse().unwrap(), key: key("1001").verifying_key() }
    }

    fn refusal(bytes: &[u8]) -> Refusal {
        admit(&election(), &voice(), bytes.to_vec()).map(|_| ()).unwrap_err().refusal
    }

    /// The refusal of a good form after a change, sealed again by the right device.
    fn changed(change: impl FnOnce(&mut TallyForm)) -> Refusal {
        let mut form = form("1001", [1, 0, 1]);
        change(&mut form);
        refusal(SealedForm::seal(&form, &key("1001")).unwrap().bytes())
    }

    #[test]
    fn a_good_form_is_admitted() {
        let sealed = sealed(&form("1001", [1, 0, 1]));
        let admitted = admit(&election(), &voice(), sealed.bytes().to_vec()).unwrap();
        assert_eq!((admitted.contest, admitted.station), (0, 0));
        assert_eq!(admitted.sealed, sealed);
    }

    #[test]
    fn each_refusal_has_its_cause() {
        let good = sealed(&form("1001", [1, 0, 1]));
        let bytes = |change: fn(&mut Vec<u8>)| {
            let mut bytes = good.bytes().to_vec();
            change(&mut bytes);
            refusal(&bytes)
        };
        assert_eq!(bytes(|bytes| bytes.push(0)), Refusal::Malformed);
        assert_eq!(bytes(|bytes| bytes[0] = 2), Refusal::UnknownVersion);
        assert_eq!(bytes(|bytes| bytes.resize(4_000, 0)), Refusal::Oversize);
        assert_eq!(bytes(|bytes| bytes[1] ^= 1), Refusal::BadSignature);
        assert_eq!(refusal(sealed(&form("1002", [1, 0, 1])).bytes()), Refusal::OtherStation);
        assert_eq!(changed(|form| form.phase = Phase::Official), Refusal::OtherPhase);
        assert_eq!(changed(|form| form.election = Digest([0; 32])), Refusal::OtherElection);
        assert_eq!(changed(|form| form.contest = "king".parse().unwrap()), Refusal::UnknownContest);
        let not_held = changed(|form| form.contest = "hamlet".parse().unwrap());
        assert_eq!(not_held, Refusal::ContestNotHeld);
        assert_eq!(changed(|form| form.counts.truncate(2)), Refusal::OtherLines);
    }

    #[test]
    fn a_station_that_is_not_in_the_election_is_refused() {
        let unknown = form("9999", [1, 0, 1]);
        let voice = Voice { station: unknown.station, key: key("9999").verifying_key() };
        let bytes = sealed(&unknown).bytes().to_vec();
        let refused = admit(&election(), &voice, bytes).map(|_| ()).unwrap_err();
        assert_eq!(refused.refusal, Refusal::UnknownStation);
    }
}
