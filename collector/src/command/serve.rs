//! `serve`: from the configuration to the runtime, and the signals that stop it.

use anyhow::Context as _;
use saksi_collector::config::Config;
use saksi_collector::home::Home;
use saksi_collector::web::public;
use saksi_collector::{photos, registrar, serve, staff};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::journal;
use crate::cli;

pub(crate) fn run(arguments: &cli::Serve) -> anyhow::Result<()> {
    start_log()?;
    let home = Home::existing(&arguments.dir)?;
    let _lock = home.lock()?;
    let config = Config::read(&home.config())?;
    let mut wanted = serve::Addresses::of(&config);
    wanted.agents = arguments.agents.unwrap_or(wanted.agents);
    wanted.web = arguments.web.unwrap_or(wanted.web);
    let opened =
        serve::open(&home, &config).map_err(|fault| journal::with_way_out(fault, home.path()))?;
    // One thread for the sequencer and one a core for admission: more would only make
    // them wait for each other. Photos have their own, papers, published files, and the desk.
    let cores = std::thread::available_parallelism()?.get();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(
            1 + cores + photos::HANDS + registrar::HANDS + public::HANDS + staff::HANDS,
        )
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stopping = CancellationToken::new();
        stop_on_signal(&stopping)?;
        let ready = |addresses: serve::Addresses| {
            print!("ready agents={} web=http://{}/", addresses.agents, addresses.web);
            if let Some(metrics) = addresses.metrics {
                print!(" metrics=http://{metrics}/metrics");
            }
            match addresses.staff {
                Some(staff) => println!(" staff=https://{staff}/"),
                None => println!(),
            }
        };
        Ok(serve::serve(&home, &config, wanted, opened, stopping, ready).await?)
    })
}

/// To standard error; `RUST_LOG` chooses what, news and warnings if unset.
pub(super) fn start_log() -> anyhow::Result<()> {
    let asked = std::env::var("RUST_LOG").unwrap_or_default();
    let filter = if asked.is_empty() { "info" } else { &asked }.parse::<Targets>();
    let filter = filter.with_context(|| format!("RUST_LOG={asked} is not understood"))?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(log.with_filter(filter)).init();
    Ok(())
}

/// SIGTERM and Ctrl-C cancel it.
pub(super) fn stop_on_signal(stopping: &CancellationToken) -> std::io::Result<()> {
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
