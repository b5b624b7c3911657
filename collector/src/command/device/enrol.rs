//! `device enrol`: the offline way. An application comes as a file, and so does the answer.

use std::path::Path;

use anyhow::{Context as _, bail};
use saksi_collector::changes::{Change, ChangeFault};
use saksi_collector::codes::CodeKey;
use saksi_collector::device::{Issuer, write_papers};
use saksi_collector::registrar::desk::{Way, examine};
use saksi_collector::registry::{Registry, RegistryFault};
use saksi_collector::{clock, pack};
use saksi_proto::VerifyingKey;
use saksi_proto::definition::Definition;
use saksi_proto::enrolment::{Application, EnrolRefusal};

use super::existing;
use crate::cli;
use crate::command::init::signing_steps;

/// Longest file that is read: an application has less than 1 KiB.
const MAX_APPLICATION: u64 = 64 * 1024;

/// What became of an application.
enum Done {
    Answered(std::path::PathBuf),
    /// Enrolled; its certificate is to be signed elsewhere.
    Waiting,
}

pub(super) fn run(arguments: &cli::Enrol) -> anyhow::Result<()> {
    let (home, config) = existing(&arguments.dir)?;
    let definition = pack::read(&home.election())?;
    let (key, issuer) = (CodeKey::of(&home)?, Issuer::new(&home, &config)?);
    let mut registry = Registry::new(&home, &config)?;
    let (mut refused, mut waiting) = (0, 0);
    for file in &arguments.files {
        let done = enrol(file, &definition, &key, &issuer, &mut registry, &arguments.out);
        match done {
            Ok(Done::Answered(path)) => println!("{}: {}", file.display(), path.display()),
            Ok(Done::Waiting) => {
                waiting += 1;
                println!("{}: enrolled; its certificate is to be signed", file.display());
            }
            Err(fault) => {
                refused += 1;
                println!("{}: {fault:#}", file.display());
            }
        }
    }
    if waiting > 0 {
        println!("Next, have {waiting} certificates signed, then run this command again:");
        println!("{}", signing_steps(&arguments.dir.display()));
    }
    if refused > 0 {
        bail!("{refused} of {} applications are not answered", arguments.files.len());
    }
    Ok(())
}

fn enrol(
    file: &Path,
    definition: &Definition,
    key: &CodeKey,
    issuer: &Issuer,
    registry: &mut Registry,
    out: &Path,
) -> anyhow::Result<Done> {
    let size = std::fs::metadata(file)?.len();
    if size > MAX_APPLICATION {
        bail!("{size} bytes are no application");
    }
    let application: Application = serde_json::from_str(&std::fs::read_to_string(file)?)
        .context("this is no application of saksi-agent enrol")?;
    let refused = |refusal: EnrolRefusal| {
        anyhow::anyhow!("refused ({}): {}", refusal.code(), refusal.phrase().en)
    };
    examine(&application, issuer.authority(), Way::File).map_err(refused)?;
    let now_ms = clock::now_ms();
    let change = Change::Apply {
        tag: key.tag(&application.code),
        station: application.station,
        key: application.key.0,
        at_ms: now_ms,
    };
    match registry.change(change) {
        Ok(_) => {}
        Err(RegistryFault::Refused(ChangeFault::Refused(refusal))) => return Err(refused(refusal)),
        Err(fault) => return Err(fault.into()),
    }
    let position = definition.station(application.station).context("the station was just found")?;
    let public = VerifyingKey::from_bytes(&application.key.0)?;
    match issuer.papers(definition, position, &public, now_ms)? {
        Some(papers) => Ok(Done::Answered(write_papers(out, &papers)?)),
        None => Ok(Done::Waiting),
    }
}
