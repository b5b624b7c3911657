//! `receipt`: shown, drawn, written to a file, or verified.

use std::fmt::Display;
use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;
use std::string::FromUtf8Error;

use anyhow::Context as _;
use saksi_agent::desk::{Answer, Envelope, Request, ShownReceipt};
use saksi_agent::directory::Directory;
use saksi_agent::export::MAX_EXPORT;
use saksi_agent::identity::Identity;
use saksi_agent::proof;
use saksi_agent::qr::Code;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::policy::{MAX_POLICY, Policy};
use saksi_proto::text::{self, Language, Phrase};

use crate::ask;
use crate::cli;
use crate::exit::Exit;
use crate::print::{Printer, Verifier};

/// Longest receipt that is read: a checkpoint of 2,048 bytes, 40 hashes of 45, and a head.
const MAX_RECEIPT: usize = 8_192;

/// Black on white, whatever the colours of the terminal are.
const INK: (&str, &str) = ("\x1b[38;5;16;48;5;231m", "\x1b[0m");

/// Shows the receipt of a form as it was asked for.
pub(crate) fn show(
    printer: &Printer<'_>,
    directory: &Directory,
    asked: cli::Receipt,
) -> anyhow::Result<Exit> {
    let request = Request::Receipt { form: asked.form };
    let answer = ask::ask(directory, &Envelope::new(printer.language(), request))?;
    let Answer::Receipt(receipt) = &answer else {
        return printer.answer(&answer, asked.json.wanted);
    };
    match (asked.qr, asked.out) {
        (None, None) => return printer.answer(&answer, asked.json.wanted),
        (Some(None), _) => return draw(printer.language(), receipt),
        (Some(Some(path)), _) => {
            let Some(code) = code(printer.language(), receipt) else { return Ok(Exit::OverLimit) };
            std::fs::write(&path, code.svg()).with_context(|| path.display().to_string())?;
        }
        (None, Some(path)) => {
            std::fs::write(&path, &receipt.text).with_context(|| path.display().to_string())?;
        }
    }
    Ok(Exit::Done)
}

fn code(language: Language, receipt: &ShownReceipt) -> Option<Code> {
    let code = Code::of(&receipt.text);
    code.map_err(|fault| say(text::RECEIPT_QR_TOO_LONG, language, &[&fault])).ok()
}

fn say(phrase: Phrase, language: Language, values: &[&dyn Display]) {
    eprintln!("{}", saksi_agent::words::fill(phrase, language, values));
}

fn draw(language: Language, receipt: &ShownReceipt) -> anyhow::Result<Exit> {
    let Some(code) = code(language, receipt) else { return Ok(Exit::OverLimit) };
    let (lines, columns) = (code.lines(), code.columns());
    let output = std::io::stdout();
    if !output.is_terminal() {
        lines.iter().for_each(|line| println!("{line}"));
        return Ok(Exit::Done);
    }
    let size = rustix::termios::tcgetwinsize(&output).map_err(std::io::Error::from)?;
    // One that is not known to be too small is taken to be large enough.
    let (has_columns, has_rows) = (usize::from(size.ws_col), usize::from(size.ws_row));
    if has_columns != 0 && (has_columns < columns || has_rows <= lines.len()) {
        let values: [&dyn Display; 4] = [&columns, &(lines.len() + 1), &has_columns, &has_rows];
        say(text::RECEIPT_QR_TOO_LARGE, language, &values);
        return Ok(Exit::OverLimit);
    }
    lines.iter().for_each(|line| println!("{}{line}{}", INK.0, INK.1));
    Ok(Exit::Done)
}

/// Verifies a receipt for a form, with nothing but the log's key.
pub(crate) fn verify(
    directory: Option<&Directory>,
    asked: &cli::ReceiptVerb,
    language: Option<Language>,
) -> anyhow::Result<Exit> {
    let cli::ReceiptVerb::Verify { receipt, form, key, policy, json } = asked;
    let enrolled = directory.and_then(|directory| Identity::open(directory).ok());
    let language = language.or(enrolled.as_ref().map(Identity::language)).unwrap_or_default();
    let verifier = Verifier::new(language, enrolled.as_ref());
    let receipt = String::from_utf8(bounded(receipt, MAX_RECEIPT)?);
    let own = enrolled.as_ref().map(Identity::log_key);
    let of_policy = policy.as_ref().and_then(|policy| one_of(&policy.logs, &receipt));
    let Some(key) = key.as_deref().or(of_policy).or(own) else {
        say(text::RECEIPT_NO_KEY, language, &[]);
        return Ok(Exit::CommandLine);
    };
    let form = bounded(form, MAX_EXPORT)?;
    let proven = receipt.map_err(|fault| fault.to_string()).and_then(|text| {
        let witnesses = policy.as_ref().map(|policy| &policy.witnesses);
        proof::prove(&text, &form, key, witnesses).map_err(|fault| fault.to_string())
    });
    verifier.show(&proven, json.wanted)?;
    Ok(if proven.is_ok() { Exit::Done } else { Exit::NotProven })
}

/// A key as it is given: a text, or a file that has it.
pub(crate) fn key(given: &str) -> Result<Box<LogKey>, String> {
    let text = match std::fs::read_to_string(given) {
        Ok(text) => text.trim_end().to_owned(),
        Err(_) => given.to_owned(),
    };
    text.parse::<LogKey>().map(Box::new).map_err(|fault| fault.to_string())
}

/// A policy, from its file.
pub(crate) fn policy(path: &str) -> Result<Box<Policy>, String> {
    let bytes = bounded(Path::new(path), MAX_POLICY).map_err(|fault| format!("{fault:#}"))?;
    let text = String::from_utf8(bytes).map_err(|_| "not a text".to_owned())?;
    Policy::parse(&text).map(Box::new).map_err(|fault| fault.to_string())
}

/// The log of a policy that a receipt says it is of.
fn one_of<'a>(logs: &'a [LogKey], receipt: &Result<String, FromUtf8Error>) -> Option<&'a LogKey> {
    let (_, checkpoint) = receipt.as_ref().ok()?.split_once("\n\n")?;
    let origin = checkpoint.split('\n').next()?;
    logs.iter().find(|log| log.origin == origin)
}

fn bounded(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(path).with_context(|| path.display().to_string())?;
    let read = opened.take(limit as u64 + 1).read_to_end(&mut bytes);
    read.with_context(|| path.display().to_string())?;
    Ok(bytes)
}
