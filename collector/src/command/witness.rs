//! `witness`: cosigns the logs of others.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use saksi_collector::witness::{Witness, home, http};
use saksi_proto::checkpoint::LogKey;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{answer, serve};
use crate::cli;

pub(crate) fn run(command: &cli::Witness) -> anyhow::Result<()> {
    match command {
        cli::Witness::Init { dir, name } => init(dir, name),
        cli::Witness::Log(cli::WitnessLog::Add { dir, vkey }) => add(dir, vkey),
        cli::Witness::Log(cli::WitnessLog::List { dir }) => list(dir),
        cli::Witness::Key { dir } => {
            println!("{}", home::read_public_key(dir)?);
            Ok(())
        }
        cli::Witness::Serve { dir, listen } => answer_logs(dir, *listen),
    }
}

fn init(dir: &Path, name: &str) -> anyhow::Result<()> {
    println!("{}", home::init(dir, name)?);
    let dir = dir.display();
    eprintln!("This is the public key; give it to those who run the log, and to everybody.");
    eprintln!("Then: saksi-collector witness log add {dir} VKEY-OF-THE-LOG");
    eprintln!("      saksi-collector witness serve {dir}");
    Ok(())
}

fn add(dir: &Path, vkey: &str) -> anyhow::Result<()> {
    let log: LogKey = vkey.trim().parse()?;
    home::add_log(dir, &log)?;
    println!("{} is cosigned from the next start on.", log.origin);
    Ok(())
}

fn list(dir: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    for (log, size) in Witness::open(dir)?.logs() {
        writeln!(text, "{size:>12}  {log}")?;
    }
    Ok(answer(&text)?)
}

fn answer_logs(dir: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    serve::start_log()?;
    let _lock = home::lock(dir)?;
    let witness = Witness::open(dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(http::REQUESTS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stopping = CancellationToken::new();
        serve::stop_on_signal(&stopping)?;
        let listener = TcpListener::bind(listen);
        let listener = listener.await.with_context(|| format!("cannot listen on {listen}"))?;
        println!("ready witness=http://{}/ key={}", listener.local_addr()?, witness.public_key());
        Ok(http::serve(listener, witness, stopping).await?)
    })
}
