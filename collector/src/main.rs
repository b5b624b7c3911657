//! `saksi-collector`: the life of the process.

mod cli;
mod exit;
mod upkeep;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use saksi_collector::changes::Change;
use saksi_collector::config::Config;
use saksi_collector::device::{Issuer, write_bundle};
use saksi_collector::home::Home;
use saksi_collector::init::{NewCollector, init};
use saksi_collector::registry::Registry;
use saksi_collector::serve;
use saksi_collector::{clock, pack, photos, results, view};
use saksi_proto::bundle::Bundle;
use saksi_proto::definition::{Definition, StationIndex};
use saksi_proto::entry::{Act, Enrolment};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use cli::{Cli, Command};

/// Threads hand forms to each other, so that what one has allocated another frees; this
/// allocator is made for that. A nation's log is folded in a tenth less time than with
/// the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bundles made before they are written: 30 KB each in the sample, 30 MB.
const ISSUED_AT_ONCE: usize = 1_000;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Init(arguments) => init_collector(&arguments),
        Command::Serve(arguments) => serve_collector(&arguments),
        Command::Device(cli::Device::Issue(arguments)) => issue(&arguments),
        Command::Results(arguments) => show_results(&arguments),
        Command::Journal(command) => upkeep::run(&command),
        Command::Election(cli::Election::Check { pack }) => check_election(&pack),
        Command::Config(cli::Config::Check { dir }) => check_config(&dir),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("saksi-collector: {fault:#}");
            exit::code(&fault)
        }
    }
}

fn init_collector(arguments: &cli::Init) -> anyhow::Result<()> {
    let new = NewCollector {
        agents: arguments.agents,
        web: arguments.web,
        public: arguments.public.clone(),
        origin: arguments.origin.clone(),
    };
    let definition = init(&arguments.dir, &arguments.election, &new, clock::now_ms())?;
    print_summary(&definition);
    let dir = arguments.dir.display();
    println!("\nThe collector is in {dir}. Back up {dir}/keys now; nothing can replace it.");
    println!("Next: saksi-collector device issue {dir} --region CODE --out BUNDLES");
    println!("      saksi-collector serve {dir}");
    Ok(())
}

fn check_election(pack: &Path) -> anyhow::Result<()> {
    print_summary(&pack::read(pack)?);
    Ok(())
}

fn print_summary(definition: &Definition) {
    let head = definition.head();
    println!("{} ({}, {})", head.name.in_language(0), head.id, head.phase);
    println!("  digest     {}", definition.digest());
    println!("  regions    {}", definition.regions().len());
    println!("  stations   {}", definition.stations().len());
    for contest in definition.contests() {
        let contestants = contest.ballot.contestants().count();
        println!("  contest    {} – {contestants} standing", contest.code);
    }
}

fn check_config(dir: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    Config::read(&home.config())?;
    println!("{} is right", home.config().display());
    Ok(())
}

/// To standard error; `RUST_LOG` chooses what, news and warnings if unset.
fn start_log() -> anyhow::Result<()> {
    let asked = std::env::var("RUST_LOG").unwrap_or_default();
    let filter = if asked.is_empty() { "info" } else { &asked }.parse::<Targets>();
    let filter = filter.with_context(|| format!("RUST_LOG={asked} is not understood"))?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(log.with_filter(filter)).init();
    Ok(())
}

fn serve_collector(arguments: &cli::Serve) -> anyhow::Result<()> {
    start_log()?;
    let home = Home::existing(&arguments.dir)?;
    let _lock = home.lock()?;
    let config = Config::read(&home.config())?;
    let mut wanted = serve::Addresses::of(&config);
    wanted.agents = arguments.agents.unwrap_or(wanted.agents);
    wanted.web = arguments.web.unwrap_or(wanted.web);
    let opened =
        serve::open(&home, &config).map_err(|fault| upkeep::with_way_out(fault, home.path()))?;
    // One thread for the sequencer and one a core for admission: more would only make
    // them wait for each other. Photos have their own.
    let cores = std::thread::available_parallelism()?.get();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(1 + cores + photos::HANDS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stopping = CancellationToken::new();
        stop_on_signal(&stopping)?;
        let ready = |addresses: serve::Addresses| {
            print!("ready agents={} web=http://{}/", addresses.agents, addresses.web);
            let metrics = addresses.metrics;
            println!(
                "{}",
                metrics.map_or(String::new(), |at| format!(" metrics=http://{at}/metrics"))
            );
        };
        Ok(serve::serve(&home, &config, wanted, opened, stopping, ready).await?)
    })
}

fn stop_on_signal(stopping: &CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stopping = stopping.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.cancel();
    });
    Ok(())
}

fn issue(arguments: &cli::Issue) -> anyhow::Result<()> {
    let home = Home::existing(&arguments.dir)?;
    let config = Config::read(&home.config())?;
    let definition = pack::read(&home.election())?;
    let issuer = Issuer::new(&home, &definition, &config)?;
    let stations = chosen(arguments, &definition, &issuer)?;
    let mut registry = Registry::new(&home, &config)?;
    let now_ms = clock::now_ms();
    let act = Act { by: arguments.by.name(), reason: arguments.reason.clone() };
    for chunk in stations.chunks(ISSUED_AT_ONCE) {
        let issued = chunk.iter().map(|station| issuer.issue(*station, &act, now_ms));
        let issued: Vec<(Bundle, Enrolment)> = issued.collect::<Result<_, _>>()?;
        let (bundles, enrolments): (Vec<_>, Vec<_>) = issued.into_iter().unzip();
        registry.change(Change::Enrol { enrolments, replace: arguments.replace })?;
        for bundle in &bundles {
            write_bundle(&arguments.out, bundle)?;
        }
    }
    println!("{} bundles are in {}", stations.len(), arguments.out.display());
    println!("Each holds a private key: give it to its station only, then delete it here.");
    Ok(())
}

/// The stations named and those of the region, each once.
fn chosen(
    arguments: &cli::Issue,
    definition: &Definition,
    issuer: &Issuer<'_>,
) -> anyhow::Result<Vec<StationIndex>> {
    let named = arguments.stations.iter().map(|code| issuer.station(*code));
    let mut stations = named.collect::<Result<Vec<_>, _>>()?;
    if let Some(code) = arguments.region {
        let region =
            definition.region(code).with_context(|| format!("there is no region {code}"))?;
        stations.extend(stations_below(definition, region));
    }
    stations.sort_unstable();
    stations.dedup();
    Ok(stations)
}

fn stations_below(definition: &Definition, region: u32) -> Vec<StationIndex> {
    let mut stations = definition.stations_in(region).to_vec();
    for part in definition.children(region) {
        stations.extend(stations_below(definition, *part));
    }
    stations
}

fn show_results(arguments: &cli::Results) -> anyhow::Result<()> {
    let home = Home::existing(&arguments.dir)?;
    let ledger =
        serve::open_to_read(&home).map_err(|fault| upkeep::with_way_out(fault, home.path()))?;
    let definition = &ledger.election.definition;
    let contest = match arguments.contest {
        None => 0,
        Some(code) => {
            definition.contest(code).with_context(|| format!("there is no contest {code}"))?
        }
    };
    let region = match arguments.region {
        None => definition.whole(),
        Some(code) => {
            definition.region(code).with_context(|| format!("there is no region {code}"))?
        }
    };
    let view = view::region::region(&ledger, contest, region);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&view)?);
    } else if arguments.csv {
        print!("{}", String::from_utf8(results::as_csv(&view)?)?);
    } else {
        print!("{}", results::as_text(&view, &definition.head().languages[0]));
    }
    Ok(())
}
