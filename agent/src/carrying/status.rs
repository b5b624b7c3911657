//! How far the carried forms have come, station by station.

use std::collections::BTreeMap;

use saksi_proto::ids::StationCode;
use saksi_proto::text::Language;
use serde::{Deserialize, Serialize};

use super::satchel::CarriedState;
use crate::desk::{Desk, FailureShown};

/// What this device carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedShown {
    /// For each station, in the order of their codes.
    pub stations: Vec<CarriedFor>,
    /// Forms that wait.
    pub waiting: usize,
    /// Forms whose receipt is here.
    pub received: usize,
    /// Files of forms that were damaged and set aside.
    pub damaged: usize,
    /// Why the last attempt brought nothing.
    pub last_failure: Option<FailureShown>,
}

/// What is carried for one station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedFor {
    /// The station. Its name is not known here.
    pub station: StationCode,
    /// Its forms.
    pub forms: usize,
    /// Those whose receipt is here.
    pub received: usize,
    /// Codes of the refusals of those that the centre does not take.
    pub refused: Vec<String>,
}

impl Desk {
    /// How far the carried forms have come.
    #[must_use]
    pub(crate) fn carried(&self, language: Language) -> CarriedShown {
        let satchel = self.satchel();
        let mut stations: BTreeMap<String, CarriedFor> = BTreeMap::new();
        let mut shown = CarriedShown {
            damaged: satchel.damaged(),
            last_failure: satchel.last_failure().map(|last| FailureShown::new(last, language)),
            ..CarriedShown::default()
        };
        for (digest, carried) in satchel.all() {
            let station = carried.station;
            let nothing = CarriedFor { station, forms: 0, received: 0, refused: Vec::new() };
            let of = stations.entry(station.to_string()).or_insert(nothing);
            of.forms += 1;
            match carried.state {
                CarriedState::Waiting => shown.waiting += 1,
                CarriedState::Received => {
                    of.received += 1;
                    shown.received += 1;
                }
                CarriedState::Refused => {
                    let refusal = satchel.refusal(digest).map_or("?", |refusal| refusal.code());
                    of.refused.push(refusal.to_owned());
                }
            }
        }
        shown.stations = stations.into_values().collect();
        shown
    }
}
