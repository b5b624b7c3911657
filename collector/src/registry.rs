//! Changing the roster from the command line: through the door of a running collector,
//! or with its directory's lock held while none runs.

use crate::changes::{Change, ChangeFault};
use crate::config::Config;
use crate::door::{self, Reply, Request};
use crate::home::{Home, HomeFault, HomeLock};
use crate::sequencer::Changed;
use crate::serve::{self, Opened, ServeFault};

/// The way to the roster.
pub struct Registry {
    home: Home,
    /// The log, unless a running collector has it.
    opened: Option<(Box<Opened>, HomeLock)>,
}

/// Why the roster is not changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryFault {
    /// The roster does not allow it.
    #[error(transparent)]
    Refused(#[from] ChangeFault),
    /// The running collector does not answer.
    #[error("the running collector does not answer at its door: {0}")]
    Door(std::io::Error),
    /// The running collector could not do it.
    #[error("nothing is known to be changed: {0}")]
    Failed(String),
    /// The log cannot be opened or appended to.
    #[error(transparent)]
    Serve(#[from] ServeFault),
}

impl Registry {
    /// Opens the log, or finds the collector that has it.
    ///
    /// # Errors
    /// [`RegistryFault::Serve`].
    pub fn new(home: &Home, config: &Config) -> Result<Self, RegistryFault> {
        let opened = match home.lock() {
            Ok(lock) => Some((Box::new(serve::open(home, config)?), lock)),
            Err(HomeFault::InUse(_)) => None,
            Err(fault) => return Err(ServeFault::Home(fault).into()),
        };
        Ok(Self { home: home.clone(), opened })
    }

    /// Makes a change in one commit; all of it or nothing.
    ///
    /// # Errors
    /// [`RegistryFault`].
    pub fn change(&mut self, change: Change) -> Result<Changed, RegistryFault> {
        if let Some((opened, _lock)) = &mut self.opened {
            return Ok(opened.change(&change).map_err(ServeFault::Failed)??);
        }
        let request = Request::Change(change);
        match door::ask(&self.home.door(), &request).map_err(RegistryFault::Door)? {
            Reply::Changed(changed) => Ok(changed),
            Reply::Refused(fault) => Err(fault.into()),
            Reply::Failed(why) => Err(RegistryFault::Failed(why)),
        }
    }
}
