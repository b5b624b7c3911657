//! `saksi-agent`: the life of the process.

mod ask;
mod cli;
mod enrolling;
mod exit;
mod first_page;
mod print;
mod receipt;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;
use saksi_agent::agent::RunFault;
use saksi_agent::carried;
use saksi_agent::clock::Clock;
use saksi_agent::desk::{Answer, Disposable, Envelope, Request, Retention, Submission};
use saksi_agent::directory::Directory;
use saksi_agent::entry::MAX_ENTRY;
use saksi_agent::export::MAX_EXPORT;
use saksi_agent::forward::{ForwardFault, Forwarding, Retry};
use saksi_agent::identity::Identity;
use saksi_agent::page::{Page, PageAt};
use saksi_agent::rehearsal;
use saksi_agent::taking::Ready;
use saksi_agent::{Agent, OpenFault};
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::text::{self, Language};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{Cli, Command, OnDevice, Submit};
use crate::enrolling::{Conversation, Ended, SlipError};
use crate::exit::Exit;
use crate::first_page::First;
use crate::print::{Clerk, Printer};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(fault) => tell(&fault).into(),
    }
}

/// Says what went wrong, and how the process ends for it.
fn tell(fault: &anyhow::Error) -> Exit {
    eprintln!("saksi-agent: {fault:#}");
    exit_of(fault)
}

/// To standard error; `RUST_LOG` chooses what, warnings and the daemon's news if unset.
fn start_log() {
    let usual = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_targets([("saksi_agent", LevelFilter::INFO), ("sled", LevelFilter::OFF)]);
    let asked = std::env::var("RUST_LOG").ok().map(|asked| asked.parse::<Targets>());
    let (filter, wrong) = match asked {
        Some(Ok(asked)) => (asked, None),
        Some(Err(fault)) => (usual, Some(fault)),
        None => (usual, None),
    };
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(log.with_filter(filter)).init();
    if let Some(fault) = wrong {
        tracing::warn!(%fault, "RUST_LOG is not understood");
    }
}

fn exit_of(fault: &anyhow::Error) -> Exit {
    if let Some(fault) = fault.downcast_ref::<OpenFault>() {
        return fault.into();
    }
    if let Some(RunFault::Forward(ForwardFault::Store(fault))) = fault.downcast_ref() {
        return fault.into();
    }
    match fault.downcast_ref::<std::io::Error>() {
        Some(_) => Exit::File,
        None => Exit::Failed,
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let directory = cli.directory();
    if let Command::OnDevice(OnDevice::Receipt(cli::Receipt { verb: Some(verb), .. })) =
        &cli.command
    {
        return receipt::verify(directory.as_ref(), verb, cli.language);
    }
    let directory = directory.context("no home directory; use --dir DIR")?;
    match cli.command {
        Command::Init { bundle } => init(&directory, &bundle, cli.language),
        Command::Enrol(asked) => enrol(&directory, asked, cli.language),
        Command::OnDevice(command) => on_device(command, &directory, cli.language),
    }
}

fn init(directory: &Directory, bundle: &Path, language: Option<Language>) -> anyhow::Result<Exit> {
    let read = Identity::read_bundle(bundle).map_err(OpenFault::from)?;
    let identity = Agent::init(directory.path(), &read).map_err(OpenFault::from)?;
    Printer::new(&identity, language).set_up(directory);
    Ok(Exit::Done)
}

fn enrol(
    directory: &Directory,
    asked: cli::Enrol,
    language: Option<Language>,
) -> anyhow::Result<Exit> {
    let clerk = Clerk { language: language.unwrap_or_default() };
    let slip = match enrolling::slip_of(&asked) {
        Ok(slip) => slip,
        Err(SlipError::Input(fault)) => return Err(fault).context("standard input"),
        Err(SlipError::Mistyped(fault)) => {
            clerk.mistyped(&fault);
            return Ok(Exit::CommandLine);
        }
    };
    let is_rehearsed = !asked.no_rehearsal;
    let conversation = Conversation { asked, clerk, runtime: runtime()? };
    match conversation.hold(directory, slip) {
        Ok(Ended::Enrolled(identity)) => enrolled(directory, &identity, is_rehearsed, language),
        Ok(Ended::Stopped(exit)) => Ok(exit),
        Err(fault) => {
            clerk.fault(&fault);
            Ok((&fault).into())
        }
    }
}

/// The device has its papers: shows whose it is, looks at it, and rehearses.
fn enrolled(
    directory: &Directory,
    identity: &Identity,
    is_rehearsed: bool,
    language: Option<Language>,
) -> anyhow::Result<Exit> {
    let printer = Printer::new(identity, language);
    printer.set_up(directory);
    let answer = ask::ask(directory, &Envelope::new(printer.language(), Request::Doctor))?;
    let Answer::Checkup(checkup) = answer else { return printer.answer(&answer, false) };
    let (clock, runtime) = (clock(identity, checkup.now_ms), runtime()?);
    let link = runtime.block_on(rehearsal::greet(identity, &clock, &[]));
    printer.self_test(&checkup, &link);
    let mut exit = if checkup.is_well() { Exit::Done } else { Exit::Unwell };
    if link.is_err() || !is_rehearsed {
        println!("{}", text::STATUS_NOT_REHEARSED.in_language(printer.language()));
        return Ok(exit);
    }
    let ended = runtime.block_on(rehearsal::rehearse(directory, identity, &clock, &[]));
    printer.rehearsal(&ended);
    if let Err(fault) = &ended {
        exit = fault.into();
    }
    Ok(exit)
}

fn rehearse(
    printer: &Printer<'_>,
    directory: &Directory,
    collectors: &[CollectorAddress],
) -> anyhow::Result<Exit> {
    // The store knows what time it is at least.
    let answer = ask::ask(directory, &Envelope::new(printer.language(), Request::Status))?;
    let Answer::Status(status) = answer else { return printer.answer(&answer, false) };
    let identity = printer.identity();
    let clock = clock(identity, status.now_ms);
    let ended = runtime()?.block_on(rehearsal::rehearse(directory, identity, &clock, collectors));
    printer.rehearsal(&ended);
    Ok(ended.as_ref().map_or_else(Into::into, |_| Exit::Done))
}

fn clock(identity: &Identity, now_ms: u64) -> Arc<Clock> {
    Arc::new(Clock::with_floor(identity.issued_ms(), now_ms))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn on_device(
    command: OnDevice,
    directory: &Directory,
    language: Option<Language>,
) -> anyhow::Result<Exit> {
    let kept = match first_page::before(&command, directory, language)? {
        First::Goes(kept) => kept,
        First::Done => return Ok(Exit::Done),
    };
    let identity = Identity::open(directory).map_err(OpenFault::from)?;
    let printer = Printer::new(&identity, language);
    let is_json = command.is_json();
    let request = match command {
        OnDevice::Run { collectors, page } => {
            return daemon(&printer, directory, collectors, (page.unwrap_or_default(), kept));
        }
        OnDevice::Rehearse { collectors } => return rehearse(&printer, directory, &collectors),
        OnDevice::ImportCheck { file, .. } => return import_check(&printer, &file, is_json),
        OnDevice::Receipt(asked) => return receipt::show(&printer, directory, asked),
        OnDevice::Submit(asked) => return submit(&printer, directory, asked),
        OnDevice::Status(_) => Request::Status,
        OnDevice::Doctor(_) => Request::Doctor,
        OnDevice::Page(_) => Request::Page,
        OnDevice::Show { what, .. } => Request::Show { what },
        OnDevice::Resend { contest } => Request::Resend { contest },
        OnDevice::Retention(retention) => Request::Retention(disposable(retention)?),
        OnDevice::Export { out, receipts, .. } => exported(&identity, out, receipts)?,
        OnDevice::Import { file, .. } => Request::Import { file: std::path::absolute(file)? },
    };
    let answer = ask::ask(directory, &Envelope::new(printer.language(), request))?;
    printer.answer(&answer, is_json)
}

/// What is to be written, and where.
fn exported(identity: &Identity, out: Option<PathBuf>, receipts: bool) -> anyhow::Result<Request> {
    let station = identity.election().station.code;
    let usual = if receipts {
        format!("saksi-receipts-{station}.receipts")
    } else {
        format!("saksi-forms-{station}.saksi")
    };
    let out = std::path::absolute(out.unwrap_or_else(|| usual.into()))?;
    Ok(if receipts { Request::ExportReceipts { out } } else { Request::Export { out } })
}

fn daemon(
    printer: &Printer<'_>,
    directory: &Directory,
    collectors: Vec<CollectorAddress>,
    (at, kept): (PageAt, Option<Page>),
) -> anyhow::Result<Exit> {
    let agent = ask::open(directory)?;
    let runtime = runtime()?;
    let station = agent.identity().election().station.code;
    tracing::info!(%station, phase = %agent.identity().election().head.phase, "the agent runs");
    let ended = runtime.block_on(async {
        let forwarding = Forwarding { collectors, retry: Retry::default() };
        let page = match kept {
            Some(page) => Some(agent.with_page(page)),
            None => agent.page(at)?,
        };
        if let Some(page) = &page {
            printer.page(&page.address());
        }
        agent.serve(&forwarding, page, stop_signal()?).await.context("the agent stopped")
    });
    if let Err(fault) = &ended {
        // Closing a store that failed may fail again, or hang: the process just ends.
        std::process::exit(tell(fault) as i32);
    }
    tracing::info!(%station, "the agent was stopped");
    Ok(Exit::Done)
}

fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn disposable(retention: cli::Retention) -> anyhow::Result<Retention> {
    let days = retention.older_than.map(Disposable::OlderThanDays);
    let what = retention.closed.map(Disposable::Closed).or(days);
    Ok(Retention { what: what.context("--older-than or --closed")?, confirmed: retention.yes })
}

/// Has a form stored; its photos are made small first, and what is wrong with them is said
/// before anything is sealed.
fn submit(printer: &Printer<'_>, directory: &Directory, asked: Submit) -> anyhow::Result<Exit> {
    let read = |path: &PathBuf| bounded_text(path).with_context(|| path.display().to_string());
    let (form, again) = (read(&asked.form)?, asked.again.as_ref().map(read).transpose()?);
    let is_json = asked.json.wanted;
    let ready = if asked.as_is {
        asked.photos.iter().for_each(|photo| printer.photo_as_is(photo));
        Ready::as_is(&asked.photos)?
    } else {
        match Ready::take(&asked.photos, directory, |taken| printer.photo_taken(taken)) {
            Ok(ready) => ready,
            Err(fault) => return printer.answer(&printer.photo_trouble(&fault), is_json),
        }
    };
    let (explanation, correction) = (asked.explain, asked.reason.filter(|_| asked.correct));
    let photos = ready.files.clone();
    let submission = Submission { form, again, photos, explanation, correction };
    let request = Request::Submit(submission);
    let answer = ask::ask(directory, &Envelope::new(printer.language(), request))?;
    printer.answer(&answer, is_json)
}

/// One byte more than a form may have is enough to see that it is too long.
fn bounded_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let limit = MAX_ENTRY as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(path)?.take(limit).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn import_check(printer: &Printer<'_>, path: &Path, is_json: bool) -> anyhow::Result<Exit> {
    let name = || path.display().to_string();
    let mut file = Vec::new();
    let opened = std::fs::File::open(path).with_context(name)?;
    opened.take(MAX_EXPORT as u64 + 1).read_to_end(&mut file).with_context(name)?;
    match carried::check(&file, printer.identity()) {
        Ok(forms) => printer.carried(&forms, is_json),
        Err(fault) => {
            eprintln!("saksi-agent: {}: {fault}", path.display());
            Ok(Exit::Carried)
        }
    }
}
