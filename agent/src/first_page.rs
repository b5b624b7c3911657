//! What comes before the device is set up: `run` serves the page on which it is enrolled.

use std::io::IsTerminal as _;

use saksi_agent::directory::Directory;
use saksi_agent::identity::{Identity, IdentityFault};
use saksi_agent::page::{self, EnrolPage, Page, PageAt, waiting_address};
use saksi_agent::words::fill;
use saksi_proto::text::Language;

use crate::cli::OnDevice;
use crate::{runtime, stop_signal};

/// What is left to be done.
pub(crate) enum First {
    /// The command; with the page on which the device has just been enrolled.
    Goes(Option<Page>),
    /// Nothing.
    Done,
}

/// Does what a command is to do before the device is set up. Where it is, nothing.
pub(crate) fn before(
    command: &OnDevice,
    directory: &Directory,
    language: Option<Language>,
) -> anyhow::Result<First> {
    if !matches!(Identity::open(directory), Err(IdentityFault::Missing(_))) {
        return Ok(First::Goes(None));
    }
    match command {
        OnDevice::Run { page, .. } => enrolled(directory, page.unwrap_or_default(), language),
        OnDevice::Page(_) => match waiting_address(directory.path()) {
            Some(address) => {
                println!("{address}");
                Ok(First::Done)
            }
            None => Ok(First::Goes(None)),
        },
        _ => Ok(First::Goes(None)),
    }
}

/// Serves the page until the device is enrolled on it, or the process is stopped.
fn enrolled(
    directory: &Directory,
    at: PageAt,
    language: Option<Language>,
) -> anyhow::Result<First> {
    let language = language.unwrap_or_default();
    let Some(page) = EnrolPage::open(directory.path(), at, language)? else {
        return Ok(First::Goes(None));
    };
    tracing::info!("the device is not enrolled yet; its page asks for the slip");
    if std::io::stdout().is_terminal() {
        println!("{}", fill(page::text::SERVED, language, &[&page.address()]));
    }
    runtime()?.block_on(async {
        let stopped = stop_signal()?;
        tokio::select! {
            () = stopped => Ok(First::Done),
            served = page.serve() => Ok(First::Goes(Some(served?))),
        }
    })
}
