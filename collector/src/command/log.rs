//! `log`.

use std::fs;

use anyhow::Context as _;
use saksi_collector::audit::receipts;
use saksi_collector::home::Home;

use super::answer;
use super::audit::{files_of, key};
use crate::cli;

/// `log …`
pub(crate) fn run(command: &cli::Log) -> anyhow::Result<()> {
    match command {
        cli::Log::Key { dir } => {
            let key = Home::existing(dir)?.read_log_key()?;
            Ok(answer(&format!("{key}\n"))?)
        }
        cli::Log::Receipt(arguments) => receipt(arguments),
    }
}

fn receipt(arguments: &cli::ReceiptOf) -> anyhow::Result<()> {
    let cli::ReceiptOf { source, index, key: given, out } = arguments;
    let given = given.as_deref().map(key).transpose()?;
    let (files, _copy) = files_of(source)?;
    let proven = receipts::receipt(&files, given.as_ref(), *index)?;
    let form = proven.sealed.open().context("the form")?;
    let digest = proven.sealed.digest();
    let mut said = format!(
        "Entry {index} is the form of station {} for {}, revision {}, and it is in the log.\n\
         SHA-256 of the form: {digest}\n",
        form.station, form.contest, form.revision
    );
    for photo in &form.photos {
        said += &format!("SHA-256 of a photo:  {photo}\n");
    }
    if proven.own_key {
        said += "The log's own word was taken for its key: compare it with one from elsewhere.\n";
    }
    if let Some(dir) = out {
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let receipt = proven.receipt.to_tlog_proof(digest).into_bytes();
        for (ending, bytes) in [("form", proven.sealed.bytes()), ("tlog-proof", &receipt)] {
            let path = dir.join(format!("{index}.{ending}"));
            fs::write(&path, bytes).with_context(|| path.display().to_string())?;
            said += &format!("{}\n", path.display());
        }
    }
    Ok(answer(&said)?)
}
