//! `device …`

mod codes;
mod enrol;
mod issue;
mod list;
mod revoke;

use super::{existing, fold};
use crate::cli;

pub(crate) fn run(command: &cli::Device) -> anyhow::Result<()> {
    match command {
        cli::Device::Codes(arguments) => codes::run(arguments),
        cli::Device::Enrol(arguments) => enrol::run(arguments),
        cli::Device::Issue(arguments) => issue::run(arguments),
        cli::Device::List(arguments) => list::run(arguments),
        cli::Device::Revoke(arguments) => revoke::revoke(arguments),
        cli::Device::Replace(arguments) => revoke::replace(arguments),
    }
}
