//! Exit codes, in one place; the command line's help lists them.

use std::process::ExitCode;

use saksi_collector::audit::fault::AuditFault;
use saksi_collector::config::ConfigFault;
use saksi_collector::export::at::AtFault;
use saksi_collector::home::HomeFault;
use saksi_collector::init::InitFault;
use saksi_collector::inspection::ProvenanceFault;
use saksi_collector::pack::PackFault;
use saksi_collector::serve::ServeFault;
use saksi_collector::witness::home::WitnessFault;

use crate::command::journal::Unsound;

const FAILED: u8 = 1;
const MISTAKES: u8 = 3;
const DIRECTORY: u8 = 4;
const LOG: u8 = 5;
const JOURNAL_FAILED: u8 = 6;
const LIE: u8 = 7;

/// The exit code for what went wrong.
pub(crate) fn code(fault: &anyhow::Error) -> ExitCode {
    ExitCode::from(fault.chain().find_map(of_cause).unwrap_or(FAILED))
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(fault) = cause.downcast_ref::<ServeFault>() {
        return match fault {
            ServeFault::Home(_)
            | ServeFault::Secret(_)
            | ServeFault::Tls(_)
            | ServeFault::Reload(_)
            | ServeFault::Codes(_)
            | ServeFault::Issue(_)
            | ServeFault::Staff(_) => Some(DIRECTORY),
            ServeFault::Pack(PackFault::Mistakes(_)) => Some(MISTAKES),
            ServeFault::Journal(_) | ServeFault::Log(_) => Some(LOG),
            ServeFault::Failed(_) | ServeFault::Panicked => Some(JOURNAL_FAILED),
            _ => Some(FAILED),
        };
    }
    if let Some(fault) = cause.downcast_ref::<AuditFault>() {
        return Some(if matches!(fault, AuditFault::Lie(_)) { LIE } else { FAILED });
    }
    if let Some(fault) = cause.downcast_ref::<AtFault>() {
        return fault.is_contradiction().then_some(LIE);
    }
    if cause.is::<Unsound>() {
        return Some(LOG);
    }
    if let Some(ProvenanceFault::Pack(PackFault::Mistakes(_))) = cause.downcast_ref() {
        return Some(MISTAKES);
    }
    match cause.downcast_ref::<PackFault>() {
        Some(PackFault::Mistakes(_)) => return Some(MISTAKES),
        Some(_) => return Some(FAILED),
        None => {}
    }
    if let Some(ConfigFault::Mistakes(_)) = cause.downcast_ref() {
        return Some(MISTAKES);
    }
    match cause.downcast_ref::<InitFault>() {
        Some(InitFault::Pack(PackFault::Mistakes(_))) => return Some(MISTAKES),
        Some(InitFault::Exists(_)) => return Some(DIRECTORY),
        Some(_) => return Some(FAILED),
        None => {}
    }
    let directory = cause.is::<HomeFault>() || cause.is::<WitnessFault>();
    directory.then_some(DIRECTORY)
}
