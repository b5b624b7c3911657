//! Forms that a device carries for others. It lends them its connection and not its voice:
//! each is the word of the device that has signed it, if the roster knows that one for the
//! form's own station.

use rustc_hash::FxHashSet;
use saksi_proto::VerifyingKey;
use saksi_proto::definition::StationIndex;
use saksi_proto::ids::StationCode;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::SealedForm;

use super::{Candidate, Purpose, Refused, Voice, examine};
use crate::election::Election;
use crate::ledger::Ledger;
use crate::roster::Standing;

/// The station that each form says it speaks for; `None`: it is no form.
#[must_use]
pub fn stations(forms: &[Vec<u8>]) -> Vec<Option<StationCode>> {
    let station = |form: &Vec<u8>| {
        let sealed = SealedForm::from_bytes(form.clone()).ok()?;
        Some(sealed.open().ok()?.station)
    };
    forms.iter().map(station).collect()
}

/// For each form the devices that may have signed it: the one that speaks for its station,
/// and those that did once, as many as were replaced there. One look at the former devices,
/// of a nation some thousands, for all forms together.
#[must_use]
pub fn signers(ledger: &Ledger, stations: &[Option<StationCode>]) -> Vec<Vec<Voice>> {
    let position = |station: &Option<StationCode>| {
        let code = (*station)?;
        Some((code, ledger.election.definition.station(code)?))
    };
    let places: Vec<_> = stations.iter().map(position).collect();
    let wanted: FxHashSet<StationIndex> =
        places.iter().flatten().map(|(_, station)| *station).collect();
    let formers: Vec<_> = ledger.roster.formers_of(&wanted).collect();
    let of = |(station, position): (StationCode, StationIndex)| {
        let current = ledger.roster.key(position).map(|key| (key, Standing::Current));
        let former = formers.iter().filter(|(_, of)| *of == position);
        let former = former.map(|(key, _)| (**key, Standing::Former));
        let voice = |(key, standing): ([u8; 32], Standing)| {
            let key = VerifyingKey::from_bytes(&key).ok()?;
            Some(Voice { station, position, key, standing })
        };
        current.into_iter().chain(former).filter_map(voice).collect()
    };
    places.into_iter().map(|place| place.map_or_else(Vec::new, of)).collect()
}

/// Examines carried forms, each by the device that has signed it.
pub(super) fn examine_all(
    election: &Election,
    forms: Vec<Vec<u8>>,
    signers: Vec<Vec<Voice>>,
) -> Vec<Result<Candidate, Refused>> {
    // Without a word on who may have signed it nobody has.
    let signers = signers.into_iter().chain(std::iter::repeat_with(Vec::new));
    let examined = forms.into_iter().zip(signers);
    examined.map(|(form, signers)| examine_one(election, form, signers)).collect()
}

fn examine_one(
    election: &Election,
    form: Vec<u8>,
    signers: Vec<Voice>,
) -> Result<Candidate, Refused> {
    let Some(signer) = chosen(&form, signers) else { return Err(unheard(election, form)) };
    let candidate = examine(election, &signer, Purpose::Carry, form)?;
    Ok(Candidate { signer: Some(Box::new(signer)), ..candidate })
}

/// The device that has signed; where there was only one it is verified with all others.
fn chosen(form: &[u8], signers: Vec<Voice>) -> Option<Voice> {
    let has_one = signers.len() < 2;
    let sealed = SealedForm::from_bytes(form.to_vec()).ok().filter(|_| !has_one);
    let signed = |voice: &Voice| sealed.as_ref().is_some_and(|form| form.is_signed_by(&voice.key));
    let at = signers.iter().position(signed).unwrap_or(0);
    signers.into_iter().nth(at)
}

/// Why a form is refused for whose station nobody ever spoke.
fn unheard(election: &Election, form: Vec<u8>) -> Refused {
    let opened = SealedForm::from_bytes(form).map_err(|fault| super::undecodable(&fault));
    let opened = opened.and_then(|sealed| sealed.open().map_err(|fault| super::unopened(&fault)));
    match opened {
        Err(refused) => refused,
        Ok(form) if election.definition.station(form.station).is_none() => {
            Refused::new(Refusal::UnknownStation, form.station)
        }
        Ok(form) => Refused::new(Refusal::NotEnrolled, form.station),
    }
}

#[cfg(test)]
mod tests;
