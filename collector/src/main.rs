//! `saksi-collector`: the life of the process.

mod cli;
mod command;
mod exit;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

/// Threads hand forms to each other, so that what one has allocated another frees; this
/// allocator is made for that. A nation's log is folded in a tenth less time than with
/// the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Init(arguments) => command::init::run(&arguments),
        Command::Serve(arguments) => command::serve::run(&arguments),
        Command::Device(command) => command::device::run(&command),
        Command::Ruling(command) => command::ruling::run(&command),
        Command::Question(command) => command::question::run(&command),
        Command::Amend(command) => command::amend::run(&command),
        Command::Publication(command) => command::publication::run(&command),
        Command::Staff(command) => command::staff::run(&command),
        Command::Boundaries(command) => command::boundaries::run(&command),
        Command::Authority(command) => command::authority::run(&command),
        Command::Export(arguments) => command::export::run(&arguments),
        Command::Results(arguments) => command::results::run(&arguments),
        Command::Journal(command) => command::journal::run(&command),
        Command::Audit(arguments) => command::audit::run(&arguments),
        Command::Log(command) => command::log::run(&command),
        Command::Witness(command) => command::witness::run(&command),
        Command::Election(cli::Election::Check { pack }) => command::check::election(&pack),
        Command::Config(cli::Config::Check { dir }) => command::check::config(&dir),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("saksi-collector: {fault:#}");
            exit::code(&fault)
        }
    }
}
