//! Enrolment: how a device comes by its key and its papers.
//!
//! ```text
//! the slip ──► ask whose it is ──► a person confirms ──► key, enrol.json ──► apply
//!                                                                              │
//!              enrol.json goes ◄── identity.json ◄── everything is checked ◄───┘
//! ```
//!
//! It can be interrupted anywhere and run again. Before `enrol.json` nothing has happened;
//! after it the same key applies with the same code, as often as it takes; and an
//! `enrol.json` beside the identity of its own key is only in the way.

mod begun;
mod carried;
mod fault;
mod pin;
mod registrar;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, Papers};
use saksi_proto::enrolment::StationOffer;
use saksi_proto::ids::StationCode;
use saksi_proto::slip::Slip;
use tokio::time::Instant;

pub use begun::Begun;
pub use carried::{read_answer, write_request};
pub use fault::{EnrolFault, mistyped};
pub use registrar::Registrar;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::durable;
use crate::forward::{Rests, Retry, chance};
use crate::identity::{Identity, IdentityFault};
use crate::labels::Labels;
use crate::seen;
use crate::store;

/// A directory in which a device is being enrolled, for this process alone.
pub struct Enrolment {
    directory: Directory,
    begun: Option<Begun>,
    /// Held as long as the enrolment is at work: two would make two keys for one code.
    _lock: File,
}

/// What a directory is found to be.
pub enum Found {
    /// The device was enrolled a moment before it was interrupted.
    Enrolled(Box<Identity>),
    /// It is to be enrolled.
    Open(Box<Enrolment>),
}

/// Papers that were checked against what was asked for.
pub struct CheckedPapers {
    bundle: Bundle,
    identity: Identity,
}

impl Enrolment {
    /// Looks at a directory, and makes it if it is not there. `again` gives up what was
    /// begun in it.
    ///
    /// # Errors
    /// [`EnrolFault`]; a directory with an identity is left as it is.
    pub fn open(directory: &Path, again: bool) -> Result<Found, EnrolFault> {
        let directory = Directory::new(directory);
        let path = directory.path().to_owned();
        match Identity::open(&directory) {
            Ok(identity) => return Self::enrolled(&directory, identity),
            Err(IdentityFault::Missing(_)) => {}
            Err(fault @ IdentityFault::Damaged { .. }) => {
                tracing::warn!(%fault, "the identity is damaged; a new one takes its place");
            }
            Err(fault) => return Err(fault.into()),
        }
        directory.create().map_err(EnrolFault::file(path))?;
        let lock = store::lock(&directory)?;
        if again {
            forget(&directory)?;
            seen::forget(&directory).map_err(EnrolFault::file(directory.checkpoint()))?;
        }
        let begun = Begun::read(&directory)?;
        Ok(Found::Open(Box::new(Self { directory, begun, _lock: lock })))
    }

    fn enrolled(directory: &Directory, identity: Identity) -> Result<Found, EnrolFault> {
        match Begun::read(directory)? {
            Some(begun) if identity.has_key(&begun.key_pem) => {
                forget(directory)?;
                Ok(Found::Enrolled(Box::new(identity)))
            }
            _ => {
                let (path, station) = (directory.path().to_owned(), identity.papers().station);
                Err(IdentityFault::Another { path, station }.into())
            }
        }
    }

    /// What was begun here; for this slip and this station, if they are named.
    ///
    /// # Errors
    /// [`EnrolFault::AnotherBegun`].
    pub fn begun(
        &self,
        slip: Option<&Slip>,
        station: Option<StationCode>,
    ) -> Result<Option<&Begun>, EnrolFault> {
        let Some(begun) = &self.begun else { return Ok(None) };
        let is_it = slip.is_none_or(|slip| *slip == begun.slip)
            && station.is_none_or(|station| station == begun.station);
        let (station, collector) = (begun.station, begun.slip.collector.clone());
        if is_it { Ok(Some(begun)) } else { Err(EnrolFault::AnotherBegun { station, collector }) }
    }

    /// Makes the key, and keeps it with the slip and what a person has confirmed. When
    /// this returns, all of it survives a power cut.
    ///
    /// # Errors
    /// [`EnrolFault`]; nothing was begun then.
    pub fn begin(
        &mut self,
        slip: Slip,
        station: StationCode,
        offer: Option<StationOffer>,
    ) -> Result<&Begun, EnrolFault> {
        let begun = Begun::new(slip, station, offer)?;
        begun.write(&self.directory)?;
        Ok(self.begun.insert(begun))
    }

    /// Checks papers in full: that they fit together, and are for this key and for the
    /// slip's authority, and for the station that was confirmed. Nothing is written.
    ///
    /// # Errors
    /// [`EnrolFault::Papers`], [`EnrolFault::OtherPapers`].
    pub fn check(&self, papers: Papers) -> Result<CheckedPapers, EnrolFault> {
        let begun = self.begun.as_ref().ok_or(EnrolFault::NothingBegun)?;
        let bundle = Bundle { format: BUNDLE_FORMAT, papers, key: begun.key_pem.clone() };
        let identity = Identity::new(bundle.clone()).map_err(EnrolFault::Papers)?;
        identity.check_certificate().map_err(EnrolFault::Papers)?;
        let authority = identity.authority().map_err(EnrolFault::Papers)?;
        let offered = offer(&identity);
        if !begun.slip.authority.is_of(&authority) {
            return Err(EnrolFault::OtherPapers("they are of another authority than the slip"));
        }
        if offered.station != begun.station {
            return Err(EnrolFault::OtherPapers("they are for another station"));
        }
        let is_confirmed = begun.offer.as_ref().is_none_or(|confirmed| {
            (&confirmed.name, confirmed.phase) == (&offered.name, offered.phase)
        });
        if !is_confirmed {
            return Err(EnrolFault::OtherPapers("they name the station or the phase otherwise"));
        }
        Ok(CheckedPapers { bundle, identity })
    }

    /// Makes the directory the device of these papers, by the rules of
    /// [`Identity::init`].
    ///
    /// # Errors
    /// [`EnrolFault`]; what was begun stays begun.
    pub fn finish(self, checked: &CheckedPapers) -> Result<Identity, EnrolFault> {
        let identity = Identity::init(&self.directory, &checked.bundle)?;
        // From here on the device is enrolled; a cut leaves what `open` removes.
        forget(&self.directory)?;
        Ok(identity)
    }
}

impl CheckedPapers {
    /// The station, for whoever has not confirmed it yet.
    #[must_use]
    pub fn offer(&self) -> StationOffer {
        offer(&self.identity)
    }
}

/// The station of an identity, as a registrar would have offered it.
fn offer(identity: &Identity) -> StationOffer {
    let election = identity.election();
    let labels = Labels::new(identity, identity.language());
    let regions = election.regions.iter().filter(|region| region.parent.is_some());
    StationOffer {
        station: election.station.code,
        name: election.station.name.to_string(),
        regions: regions.map(|region| region.name.to_string()).collect(),
        election: labels.election().to_owned(),
        phase: election.head.phase,
        now_ms: identity.issued_ms(),
    }
}

fn forget(directory: &Directory) -> Result<(), EnrolFault> {
    let path = directory.begun();
    match durable::remove_file(&path) {
        Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => {
            Err(EnrolFault::File { path, fault })
        }
        _ => Ok(()),
    }
}

/// Applies once, as the device that was begun.
///
/// # Errors
/// [`EnrolFault`]; it can be tried again.
pub async fn apply(begun: &Begun) -> Result<Papers, EnrolFault> {
    let registrar = Registrar::call(&begun.slip, Clock::unaware()).await?;
    let application = begun.application_now(registrar.authority());
    registrar.apply(application).await
}

/// Asks once what a slip is for.
///
/// # Errors
/// [`EnrolFault`]; it can be tried again.
pub async fn ask(slip: &Slip, station: Option<StationCode>) -> Result<StationOffer, EnrolFault> {
    Registrar::call(slip, Clock::unaware()).await?.ask(slip, station).await
}

/// Tries for as long as that may help, at the forwarder's own pace; `tell` hears why it
/// rests, and for how long.
///
/// # Errors
/// [`EnrolFault`] that no patience helps against.
pub async fn patiently<T>(
    retry: Retry,
    tell: impl Fn(&EnrolFault, Duration),
    work: impl AsyncFn() -> Result<T, EnrolFault>,
) -> Result<T, EnrolFault> {
    let (began, mut rests) = (Instant::now(), Rests::new(retry));
    loop {
        let fault = match work().await {
            Ok(done) => return Ok(done),
            Err(fault) => fault,
        };
        let Some(least) = fault.passes_after() else { return Err(fault) };
        let rest = least + rests.next(began.elapsed(), chance());
        tell(&fault, rest);
        tokio::time::sleep(rest).await;
    }
}
