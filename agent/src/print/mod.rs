//! Answers on the screen.

mod checkup;
mod enrol;
mod form;
mod notices;
mod photos;
mod receipt;
mod status;

use std::fmt::Display;
use std::io::IsTerminal as _;

use saksi_agent::carried::CarriedForm;
use saksi_agent::carrying;
use saksi_agent::desk::{Answer, Checkup, Retained, Submitted, Trouble};
use saksi_agent::directory::Directory;
use saksi_agent::findings::FindingShown;
use saksi_agent::identity::Identity;
use saksi_agent::labels::Labels;
use saksi_agent::page;
use saksi_agent::rehearsal::{Greeting, RehearsalFault, Rehearsed};
use saksi_agent::words::fill;
use saksi_proto::text::{self, Language, Phrase};
use serde::Serialize;

use crate::exit::Exit;
pub(crate) use enrol::Clerk;
pub(crate) use receipt::Verifier;
use saksi_agent::zone::Zone;

/// Seconds that a device's clock may be off the centre's: forms show both times, to the
/// minute that people remember.
const CLOCK_TOLERANCE: u64 = 60;

/// Writes answers in one language and one time zone.
pub(crate) struct Printer<'a> {
    identity: &'a Identity,
    labels: Labels<'a>,
    zone: Zone,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(identity: &'a Identity, language: Option<Language>) -> Self {
        let labels = Labels::new(identity, language.unwrap_or_else(|| identity.language()));
        Self { identity, labels, zone: Zone::named(&identity.election().head.time_zone) }
    }

    pub(crate) fn identity(&self) -> &'a Identity {
        self.identity
    }

    pub(crate) fn language(&self) -> Language {
        self.labels.language
    }

    /// Prints an answer and says how the process ends.
    pub(crate) fn answer(&self, answer: &Answer, is_json: bool) -> anyhow::Result<Exit> {
        if is_json {
            self.json_answer(answer)?;
        } else {
            self.plain_answer(answer);
        }
        Ok(match answer {
            Answer::Trouble(trouble) => trouble.kind.into(),
            Answer::Checkup(checkup) if !checkup.is_well() => Exit::Unwell,
            Answer::Imported(imported) if !imported.is_good() => Exit::Carried,
            _ => Exit::Done,
        })
    }

    fn json_answer(&self, answer: &Answer) -> anyhow::Result<()> {
        match answer {
            Answer::Submitted(submitted) => json(submitted),
            Answer::Status(status) => json(status),
            Answer::Forms(forms) => json(forms),
            Answer::Resent(resent) => json(resent),
            Answer::Receipt(receipt) => json(receipt),
            Answer::Checkup(checkup) => json(checkup),
            Answer::Retained(retained) => json(retained),
            Answer::Page(page) => json(page),
            Answer::Exported(exported) | Answer::ReceiptsExported(exported) => json(exported),
            Answer::Imported(imported) => json(imported),
            Answer::Trouble(trouble) => json(&serde_json::json!({ "trouble": trouble })),
        }
    }

    fn plain_answer(&self, answer: &Answer) {
        match answer {
            Answer::Submitted(submitted) => self.submitted(submitted),
            Answer::Status(status) => self.status(status),
            Answer::Forms(forms) => forms.iter().for_each(|form| self.form(form)),
            Answer::Resent(resent) => println!("{}", self.fill(text::RESENT, &[&resent.forms])),
            Answer::Checkup(checkup) => self.checkup(checkup),
            Answer::Retained(retained) => self.retained(retained),
            Answer::Receipt(receipt) => print!("{}", receipt.text),
            Answer::Page(page) => println!("{}", page.address),
            Answer::Exported(exported) => {
                let values: [&dyn Display; 2] = [&exported.forms, &exported.file.display()];
                println!("{}", self.fill(text::EXPORTED, &values));
            }
            Answer::ReceiptsExported(exported) => {
                let values: [&dyn Display; 2] = [&exported.forms, &exported.file.display()];
                println!("{}", self.fill(carrying::text::EXPORTED_RECEIPTS, &values));
            }
            Answer::Imported(imported) => {
                imported.lines(self.language()).iter().for_each(|line| println!("{line}"));
            }
            Answer::Trouble(trouble) => self.trouble(trouble),
        }
    }

    /// The station large, for whoever has to see that this is the right device.
    pub(crate) fn set_up(&self, directory: &Directory) {
        let election = self.identity.election();
        large(&election.station.name, election.station.code.as_str());
        println!("  {}\n  {}", self.labels.regions(), self.labels.election());
        self.phase();
        println!("\n  {}", self.say(text::INIT_CONTESTS));
        for contest in &election.contests {
            println!("    {:<8} {}", contest.code, self.labels.contest(contest.code));
        }
        let path = directory.path().display();
        println!("\n  {}", self.fill(text::INIT_DONE, &[&path]));
    }

    /// Where the station's page is. The word that lets a browser in is for a screen that a
    /// person looks at, and never for a log.
    pub(crate) fn page(&self, address: &str) {
        if std::io::stdout().is_terminal() {
            println!("{}", self.fill(page::text::SERVED, &[&address]));
        }
    }

    /// Says loudly that an exercise is one.
    fn phase(&self) {
        let rehearsal = self.identity.is_rehearsal();
        let phrase = if rehearsal { text::PHASE_REHEARSAL } else { text::PHASE_OFFICIAL };
        println!("  {}", self.say(phrase));
    }

    /// The device, its clock and its disk, and the link, each with what to do.
    pub(crate) fn self_test(&self, checkup: &Checkup, link: &Result<Greeting, RehearsalFault>) {
        println!("\n{}", self.say(text::SELF_TEST));
        checkup.checks.iter().for_each(|check| self.check(check));
        match link {
            Ok(greeting) => {
                self.line(true, self.say(text::LINK_WELL));
                match greeting.seconds_off() {
                    0..=CLOCK_TOLERANCE => self.line(true, self.say(text::CLOCK_WELL)),
                    off => self.line(false, &self.fill(text::CLOCK_OFF, &[&off])),
                }
            }
            Err(fault) => self.line(false, &self.fill(text::LINK_UNWELL, &[&self.why(fault)])),
        }
    }

    /// What came of a rehearsal form.
    pub(crate) fn rehearsal(&self, ended: &Result<Rehearsed, RehearsalFault>) {
        let fault = match ended {
            Ok(rehearsed) => {
                return println!("{}", self.rehearsed(text::REHEARSAL_RECEIVED, *rehearsed));
            }
            Err(fault) => fault,
        };
        match fault {
            RehearsalFault::Refused { refusal, detail } => {
                let why = self.say(refusal.phrase());
                let values: [&dyn Display; 3] = [&why, &refusal.code(), detail];
                eprintln!("{}", self.fill(text::REHEARSAL_REFUSED, &values));
            }
            other => eprintln!("{}", self.fill(text::REHEARSAL_FAILED, &[&self.why(other)])),
        }
    }

    fn why(&self, fault: &RehearsalFault) -> String {
        match fault {
            RehearsalFault::Link { reason, detail } => {
                format!("{} ({detail})", self.say(reason.phrase()))
            }
            other => other.to_string(),
        }
    }

    fn submitted(&self, submitted: &Submitted) {
        let Submitted { contest_name, revision, digest, findings, .. } = submitted;
        let short = digest.short();
        let values: [&dyn Display; 3] = [contest_name, revision, &short];
        if submitted.is_new {
            println!("{}", self.fill(text::SUBMITTED, &values));
            if self.identity.is_rehearsal() {
                self.phase();
            }
            if !findings.is_empty() {
                println!("{}", self.say(text::SUBMITTED_FINDINGS));
                self.findings(findings);
            }
        } else {
            println!("{}", self.fill(text::SUBMITTED_ALREADY, &values));
            self.delivery(&submitted.delivery);
        }
    }

    fn retained(&self, retained: &Retained) {
        let Retained { is_done, forms, bytes, unanswered, unproven, kept } = retained;
        let phrase = if *is_done { text::RETENTION_DONE } else { text::RETENTION_WOULD };
        println!("{}", self.fill(phrase, &[forms, &bytes.div_ceil(1024)]));
        println!("{}", self.fill(text::RETENTION_STAYS, &[unanswered, unproven, kept]));
    }

    fn findings(&self, findings: &[FindingShown]) {
        findings.iter().flat_map(FindingShown::lines).for_each(|line| println!("  {line}"));
    }

    fn trouble(&self, trouble: &Trouble) {
        eprintln!("{}", trouble.sentence);
        trouble.details.iter().for_each(|detail| eprintln!("  {detail}"));
        let lines = trouble.findings.iter().flat_map(FindingShown::lines);
        lines.for_each(|line| eprintln!("  {line}"));
    }

    /// Carried forms, one a line.
    pub(crate) fn carried(&self, forms: &[CarriedForm], is_json: bool) -> anyhow::Result<Exit> {
        if is_json {
            json(&forms)?;
        } else {
            println!("{}", self.fill(text::CARRIED_FORMS, &[&forms.len()]));
            forms.iter().for_each(|form| self.carried_form(form));
        }
        let is_good = forms.iter().all(|form| form.verdict.is_good());
        Ok(if is_good { Exit::Done } else { Exit::Carried })
    }

    fn carried_form(&self, form: &CarriedForm) {
        let verdict = self.say(form.verdict.phrase());
        match &form.content {
            None => println!("  {}  {verdict}", form.digest.short()),
            Some(content) => {
                let revision = self.fill(text::REVISION, &[&content.revision]);
                let (station, contest) = (content.station, self.labels.contest(content.contest));
                println!(
                    "  {}  {station} · {contest} · {revision} · {verdict}",
                    form.digest.short()
                );
            }
        }
    }

    fn say(&self, phrase: Phrase) -> &'static str {
        phrase.in_language(self.language())
    }

    fn fill(&self, phrase: Phrase, values: &[&dyn Display]) -> String {
        fill(phrase, self.language(), values)
    }
}

/// A station between two lines.
fn large(name: &str, code: &str) {
    let line = "═".repeat(name.chars().count() + code.len() + 7);
    println!("\n  {line}\n    {name} · {code}\n  {line}\n");
}

fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
