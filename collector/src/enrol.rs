//! Enrolling devices from the command line: through the door of a running collector,
//! or with its directory's lock held while none runs.

use saksi_proto::entry::Enrolment;
use saksi_proto::ids::StationCode;

use crate::config::Config;
use crate::door::{self, Reply, Request, already_enrolled};
use crate::home::{Home, HomeFault, HomeLock};
use crate::serve::{self, Opened, ServeFault};

/// Puts enrolments into the log.
pub struct Enroller {
    home: Home,
    /// The log, unless a running collector has it.
    opened: Option<(Box<Opened>, HomeLock)>,
}

/// Why devices are not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolFault {
    /// They have devices, and replacing was not asked for.
    #[error("these stations have a device: {}; --replace to replace it", some_of(.0))]
    HaveDevices(Vec<StationCode>),
    /// The running collector does not answer.
    #[error("the running collector does not answer at its door: {0}")]
    Door(std::io::Error),
    /// The running collector could not do it.
    #[error("the devices are not enrolled: {0}")]
    Failed(String),
    /// The log cannot be opened or appended to.
    #[error(transparent)]
    Serve(#[from] ServeFault),
}

impl Enroller {
    /// Opens the log, or finds the collector that has it.
    ///
    /// # Errors
    /// [`EnrolFault::Serve`].
    pub fn new(home: &Home, config: &Config) -> Result<Self, EnrolFault> {
        let opened = match home.lock() {
            Ok(lock) => Some((Box::new(serve::open(home, config)?), lock)),
            Err(HomeFault::InUse(_)) => None,
            Err(fault) => return Err(ServeFault::Home(fault).into()),
        };
        Ok(Self { home: home.clone(), opened })
    }

    /// Enrols devices in one commit; all of them or none.
    ///
    /// # Errors
    /// [`EnrolFault`].
    pub fn enrol(&mut self, enrolments: Vec<Enrolment>, replace: bool) -> Result<(), EnrolFault> {
        if let Some((opened, _lock)) = &mut self.opened {
            let have = already_enrolled(opened.ledger(), &enrolments, replace);
            if !have.is_empty() {
                return Err(EnrolFault::HaveDevices(have));
            }
            return Ok(opened.enrol(enrolments)?);
        }
        let request = Request::Enrol { enrolments, replace };
        match door::ask(&self.home.door(), &request).map_err(EnrolFault::Door)? {
            Reply::Enrolled => Ok(()),
            Reply::HaveDevices(stations) => Err(EnrolFault::HaveDevices(stations)),
            Reply::Failed(why) => Err(EnrolFault::Failed(why)),
        }
    }
}

/// The first ten codes, and how many more there are.
fn some_of(stations: &[StationCode]) -> String {
    let shown: Vec<_> = stations.iter().take(10).map(StationCode::as_str).collect();
    let more = stations.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}
