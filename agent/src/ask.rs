//! Who does what is asked: the running daemon through its door, or this process
//! with the store opened for the moment.

use std::time::{Duration, Instant};

use saksi_agent::desk::{Answer, Envelope};
use saksi_agent::directory::Directory;
use saksi_agent::store::StoreFault;
use saksi_agent::{Agent, OpenFault, door};

/// How long another command may hold the store before this one gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Has a request done by the daemon or, if none runs, by this process.
pub(crate) fn ask(directory: &Directory, envelope: &Envelope) -> anyhow::Result<Answer> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = door::ask(directory, envelope)? {
            return Ok(answer);
        }
        match Agent::open(directory.path()) {
            Ok(agent) => return Ok(agent.execute(envelope.clone())),
            Err(fault) => wait_for_the_store(fault, give_up)?,
        }
    }
}

/// Opens the store, waiting for another command to finish.
pub(crate) fn open(directory: &Directory) -> anyhow::Result<Agent> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match Agent::open(directory.path()) {
            Ok(agent) => return Ok(agent),
            Err(fault) => wait_for_the_store(fault, give_up)?,
        }
    }
}

fn wait_for_the_store(fault: OpenFault, give_up: Instant) -> Result<(), OpenFault> {
    match fault {
        OpenFault::Store(StoreFault::InUse) if Instant::now() < give_up => {
            std::thread::sleep(PAUSE);
            Ok(())
        }
        other => Err(other),
    }
}
