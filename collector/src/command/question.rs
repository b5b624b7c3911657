//! `question …`: a station is asked to look at its paper again.

use std::fmt::Write as _;

use anyhow::Context as _;
use saksi_collector::changes::Change;
use saksi_collector::{chosen, clock};
use saksi_proto::question::Question;

use super::ruling::{Found, find};
use super::{act, answer, change, existing, fold};
use crate::cli;

pub(crate) fn run(command: &cli::Question) -> anyhow::Result<()> {
    match command {
        cli::Question::Ask(arguments) => ask(arguments),
        cli::Question::List(arguments) => list(arguments),
    }
}

fn ask(arguments: &cli::Ask) -> anyhow::Result<()> {
    let cli::Ask { of, lines, text, because } = arguments;
    let act = act(&because.by, &because.reason)?;
    let (home, config) = existing(&of.dir)?;
    let Found { contest, .. } = find(&fold(&home)?, of)?;
    let (station, at_ms) = (of.station, clock::now_ms());
    let (lines, text) = (lines.clone(), text.trim().to_owned());
    let question = Question { station, contest, lines, text, at_ms, act };
    change(&home, &config, Change::Ask(question))?;
    println!("{station} is asked about its form for {contest}, with the reason, in the log.");
    println!("Its device is told when it calls next, within 40 minutes if it has a network.");
    Ok(())
}

fn list(arguments: &cli::Waiting) -> anyhow::Result<()> {
    let (home, _) = existing(&arguments.dir)?;
    let ledger = fold(&home)?;
    let definition = &ledger.election.definition;
    let region = arguments.region.map(|code| chosen::region(definition, code)).transpose()?;
    let mut stations = chosen::stations_below(definition, region.unwrap_or(definition.whole()));
    stations.sort_unstable();
    let (mut text, mut many) = (String::new(), 0);
    for station in stations {
        let code = definition.stations()[station as usize].code;
        for (contest, of) in definition.contests().iter().enumerate() {
            for asked in ledger.questions.open(contest, station) {
                many += 1;
                let lines = asked.lines.join(",");
                let question = format!("entry {}  {lines}  “{}”", asked.index, asked.text);
                writeln!(text, "{code}  {}  {question}", of.code).context("text in memory")?;
            }
        }
    }
    writeln!(text, "{many} wait for an answer").context("text in memory")?;
    Ok(answer(&text)?)
}
