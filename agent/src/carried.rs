//! What is in a file of carried forms. Only looks: [`crate::carrying`] takes in.

use saksi_proto::digest::Digest;
use saksi_proto::ids::{ContestCode, Phase, StationCode};
use saksi_proto::seal::SealedForm;
use saksi_proto::text::{self, Phrase};
use serde::{Deserialize, Serialize};

use crate::export::{ExportFault, read};
use crate::identity::Identity;

/// One form of such a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedForm {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// What it says, if it is a form.
    pub content: Option<CarriedContent>,
    /// What an importer should know of it.
    pub verdict: CarriedVerdict,
}

/// What a carried form says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedContent {
    /// The election it was filled under.
    pub election: Digest,
    /// Rehearsal or official.
    pub phase: Phase,
    /// The station it speaks for.
    pub station: StationCode,
    /// The contest it reports.
    pub contest: ContestCode,
    /// 1 for the first, one more for each correction.
    pub revision: u32,
}

/// What can be said of a carried form on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CarriedVerdict {
    /// Sealed by this device: the signature verifies.
    SealedHere,
    /// Of this election and another station: only the centre knows its key.
    OtherStation,
    /// Of this station, but not signed by this device's key.
    NotSealedHere,
    /// Of another election or phase.
    OtherElection,
    /// No form at all.
    Damaged,
}

impl CarriedVerdict {
    /// What the operator reads.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            CarriedVerdict::SealedHere => text::CARRIED_SEALED_HERE,
            CarriedVerdict::OtherStation => text::CARRIED_OTHER_STATION,
            CarriedVerdict::NotSealedHere => text::CARRIED_NOT_SEALED_HERE,
            CarriedVerdict::OtherElection => text::CARRIED_OTHER_ELECTION,
            CarriedVerdict::Damaged => text::CARRIED_DAMAGED,
        }
    }

    /// Whether nothing speaks against the form.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, CarriedVerdict::SealedHere | CarriedVerdict::OtherStation)
    }
}

/// Looks at every form of a file.
///
/// # Errors
/// [`ExportFault`] if it is not such a file, or a damaged one.
pub fn check(file: &[u8], identity: &Identity) -> Result<Vec<CarriedForm>, ExportFault> {
    Ok(read(file)?.into_iter().map(|form| look_at(form, identity)).collect())
}

/// Looks at one form, unopened as it came.
pub(crate) fn look_at(bytes: Vec<u8>, identity: &Identity) -> CarriedForm {
    let digest = Digest::of(&bytes);
    let sealed = SealedForm::from_bytes(bytes).ok();
    let opened = sealed.and_then(|sealed| Some((sealed.open().ok()?, sealed)));
    let Some((form, sealed)) = opened else {
        return CarriedForm { digest, content: None, verdict: CarriedVerdict::Damaged };
    };
    let election = identity.election();
    let is_of_election = form.election == election.digest && form.phase == election.head.phase;
    let is_ours = sealed.is_signed_by(&identity.key().verifying_key());
    let verdict = match (is_of_election, form.station == election.station.code, is_ours) {
        (false, _, _) => CarriedVerdict::OtherElection,
        (true, false, _) => CarriedVerdict::OtherStation,
        (true, true, true) => CarriedVerdict::SealedHere,
        (true, true, false) => CarriedVerdict::NotSealedHere,
    };
    let content = CarriedContent {
        election: form.election,
        phase: form.phase,
        station: form.station,
        contest: form.contest,
        revision: form.revision,
    };
    CarriedForm { digest, content: Some(content), verdict }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::write;
    use crate::testing::{Device, sealed_form};

    #[test]
    fn a_form_is_ours_by_election_station_and_key() {
        let device = Device::new();
        let agent = device.agent();
        agent.submit(device.good_form("ppwp"), 1_000).unwrap();
        let ours = agent.forms().unwrap()[0].sealed.clone();
        let mut bytes = ours.bytes().to_vec();
        bytes[5] ^= 1;
        let forged = SealedForm::from_bytes(bytes).unwrap();
        let file = write(&[ours.clone(), forged, sealed_form(1)]).unwrap();
        let found = check(&file, agent.identity()).unwrap();
        let verdicts: Vec<_> = found.iter().map(|form| form.verdict).collect();
        use CarriedVerdict::{NotSealedHere, OtherElection, SealedHere};
        assert_eq!(verdicts, [SealedHere, NotSealedHere, OtherElection]);
        assert_eq!(found[0].digest, ours.digest());
        assert!(check(&file[1..], agent.identity()).is_err());
    }
}
