//! The commands about the journal, and what a person can do when it is damaged.

use std::fmt;
use std::path::{Path, PathBuf};

use saksi_collector::backup::centre::{CentreFault, LEFT_OUT, back_up_centre};
use saksi_collector::backup::{BackupFault, CopyFault, back_up};
use saksi_collector::home::Home;
use saksi_collector::inspection::{Holdings, Provenance, inspect};
use saksi_collector::journal::Journal;
use saksi_collector::ledger::FoldFault;
use saksi_collector::log::LogFault;
use saksi_collector::restore::restore;
use saksi_collector::seals::{self, SealFault};
use saksi_collector::secret;
use saksi_collector::serve::ServeFault;

use crate::cli;

/// A log that cannot be served, and the way out.
#[derive(Debug, thiserror::Error)]
#[error("{fault}\n{way_out}")]
pub(crate) struct Unsound {
    fault: String,
    way_out: WayOut,
}

#[derive(Debug)]
enum WayOut {
    /// Look at it, then restore.
    Verify(PathBuf),
    /// It was looked at.
    Restore(PathBuf),
    /// Not the journal is wrong, but what it is compared with.
    Election(PathBuf),
    /// The log's private key is not that of its public one.
    LogKey(PathBuf),
    /// Somebody has put in what no device has sent.
    Forged(PathBuf),
    /// Take another backup.
    OtherBackup,
}

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let restore = "restore a backup: saksi-collector journal restore";
        match self {
            Self::Verify(dir) => {
                let dir = dir.display();
                writeln!(f, "Next, look closer: saksi-collector journal verify {dir}")?;
                write!(f, "Then {restore} {dir} FILE")
            }
            Self::Restore(dir) => write!(f, "Next, {restore} {} FILE", dir.display()),
            Self::Election(dir) => {
                let (dir, election) = (dir.display(), dir.join("election"));
                let election = election.display();
                writeln!(f, "Next, put {election} back as it was when the log began.")?;
                write!(f, "If the journal is the wrong one, {restore} {dir} FILE")
            }
            Self::LogKey(path) => {
                write!(
                    f,
                    "Next, put {} back from your backup of the keys: it is not the key of log.vkey",
                    path.display()
                )
            }
            Self::Forged(dir) => {
                let dir = dir.display();
                writeln!(
                    f,
                    "The checkpoints are right, so whoever did it has used {dir}/keys/log.key."
                )?;
                write!(
                    f,
                    "Stop the collector, keep {dir} as it is as evidence, and {restore} ELSEWHERE FILE"
                )
            }
            Self::OtherBackup => write!(f, "Next, restore another backup."),
        }
    }
}

fn unsound(fault: &dyn fmt::Display, way_out: WayOut) -> anyhow::Error {
    Unsound { fault: fault.to_string(), way_out }.into()
}

/// A start that fails on its log says what can be done; any other says only why.
pub(crate) fn with_way_out(fault: ServeFault, dir: &Path) -> anyhow::Error {
    let dir = dir.to_owned();
    match &fault {
        ServeFault::Log(LogFault::Fold(FoldFault::OtherElection { .. })) => {
            unsound(&fault, WayOut::Election(dir))
        }
        ServeFault::Log(LogFault::LastCheckpoint { .. }) if has_other_key(&dir) => {
            unsound(&fault, WayOut::LogKey(Home::at(&dir).key("log.key")))
        }
        ServeFault::Journal(_) | ServeFault::Log(_) => unsound(&fault, WayOut::Verify(dir)),
        _ => fault.into(),
    }
}

/// Whether the log's private key is another one than its public key says.
fn has_other_key(dir: &Path) -> bool {
    let home = Home::at(dir);
    let (private, public) = (secret::read_key(&home.key("log.key")), home.read_log_key());
    matches!((private, public), (Ok(private), Ok(public)) if private.verifying_key() != public.key)
}

/// `journal …`
pub(crate) fn run(command: &cli::Journal) -> anyhow::Result<()> {
    match command {
        cli::Journal::Verify { dir, json } => verify(dir, *json),
        cli::Journal::Backup { dir, file, centre: false } => take_backup(dir, file),
        cli::Journal::Backup { dir, file, centre: true } => take_all(dir, file),
        cli::Journal::Restore { dir, file, lose_entries } => {
            restore_backup(dir, file, *lose_entries)
        }
    }
}

fn verify(dir: &Path, json: bool) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let provenance = Provenance::of(&home)?;
    let verified = look_closer(&home, &provenance, dir);
    if json {
        let shown = match &verified {
            Ok(holdings) => serde_json::to_string(holdings)?,
            Err(fault) => {
                let fault = fault.downcast_ref::<Unsound>().map(|unsound| &unsound.fault);
                serde_json::json!({ "fault": fault }).to_string()
            }
        };
        println!("{shown}");
    }
    let holdings = verified?;
    if !json {
        println!("{} is sound: every entry is what was signed,", home.journal().display());
        println!("and every form is signed by the device that spoke for its station.");
        print_holdings(&holdings);
    }
    Ok(())
}

fn look_closer(home: &Home, provenance: &Provenance, dir: &Path) -> anyhow::Result<Holdings> {
    let dir = dir.to_owned();
    let journal = Journal::open_to_read(&home.journal())
        .map_err(|fault| unsound(&fault, WayOut::Restore(dir.clone())))?;
    let holdings = inspect(&journal, provenance).map_err(|fault| match fault {
        LogFault::Fold(FoldFault::OtherElection { .. }) => {
            unsound(&fault, WayOut::Election(dir.clone()))
        }
        _ => unsound(&fault, WayOut::Restore(dir.clone())),
    })?;
    match seals::check(&journal, holdings.entries) {
        Ok(_) => Ok(holdings),
        Err(fault @ SealFault::Journal(_)) => Err(unsound(&fault, WayOut::Restore(dir))),
        Err(fault @ SealFault::Random(_)) => Err(fault.into()),
        Err(fault) => Err(unsound(&fault, WayOut::Forged(dir))),
    }
}

fn take_backup(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let provenance = Provenance::of(&home)?;
    let taken = back_up(&home.journal(), file, &provenance);
    let holdings = taken.map_err(|fault| match fault {
        BackupFault::Journal(_) | BackupFault::Copy(CopyFault::Unsound(_)) => {
            unsound(&fault, WayOut::Verify(dir.to_owned()))
        }
        fault => fault.into(),
    })?;
    println!("{} is a backup, read again and verified", file.display());
    print_holdings(&holdings);
    Ok(())
}

fn take_all(dir: &Path, to: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let holdings = back_up_centre(&home, to, &Provenance::of(&home)?);
    let holdings = holdings.map_err(|fault| match fault {
        CentreFault::Journal(
            BackupFault::Journal(_) | BackupFault::Copy(CopyFault::Unsound(_)),
        ) => unsound(&fault, WayOut::Verify(dir.to_owned())),
        fault => fault.into(),
    })?;
    println!("{} is a backup of the centre; its journal was read again and verified", to.display());
    print_holdings(&holdings);
    println!("It holds the private keys of the centre: keep it as you keep those. Not in it are");
    for (what, why) in LEFT_OUT {
        println!("  {what}: {why}");
    }
    println!("To stand up from it: copy it, and saksi-collector serve COPY, while the other one");
    println!("serves no more: two logs with one key would be two truths.");
    Ok(())
}

fn restore_backup(dir: &Path, file: &Path, lose_entries: bool) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let lock = home.lock()?;
    let provenance = Provenance::of(&home)?;
    let restored = restore(&home, &lock, file, &provenance, lose_entries);
    let restored = restored.map_err(|fault| {
        if fault.is_of_backup() { unsound(&fault, WayOut::OtherBackup) } else { fault.into() }
    })?;
    println!("{} is restored from {}, and verified", home.journal().display(), file.display());
    print_holdings(&restored.holdings);
    if let Some(aside) = restored.aside {
        println!("The journal that was in place is kept as {}.", aside.display());
    }
    if let Some(fault) = restored.unread {
        println!("Whether it held more than the backup cannot be known: {fault}");
    }
    if let Some(lost) = restored.lost {
        println!("Not in the log any more: {lost}");
        println!("Devices that have seen them keep their forms and refuse this log, until it has");
        println!(
            "these entries again. Who they are: device list DIR --saw-other-log. Get the lost"
        );
        println!(
            "entries back (a newer backup, or the journal that was in place), or begin a new log."
        );
    }
    Ok(())
}

fn print_holdings(holdings: &Holdings) {
    println!("  entries      {}", holdings.entries);
    println!("  forms        {}", holdings.forms);
    println!("  checkpoints  {}", holdings.checkpoints);
    println!("  root         {}", holdings.root);
}
