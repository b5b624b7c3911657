//! `results`.

use anyhow::Context as _;
use saksi_collector::home::Home;
use saksi_collector::{results, serve, view};

use super::{answer, journal};
use crate::cli;

pub(crate) fn run(arguments: &cli::Results) -> anyhow::Result<()> {
    let home = Home::existing(&arguments.dir)?;
    let ledger =
        serve::open_to_read(&home).map_err(|fault| journal::with_way_out(fault, home.path()))?;
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
    let text = if arguments.json {
        serde_json::to_string_pretty(&view)? + "\n"
    } else if arguments.csv {
        String::from_utf8(results::as_csv(&view)?)?
    } else {
        results::as_text(&view, &definition.head().languages[0])
    };
    Ok(answer(&text)?)
}
