//! `device list`.

use saksi_collector::view::devices::{COLUMNS, DeviceState, Filter, devices};
use saksi_collector::{chosen, clock, presence};

use super::{existing, fold};
use crate::cli;
use crate::command::answer;

pub(super) fn run(arguments: &cli::List) -> anyhow::Result<()> {
    let (home, config) = existing(&arguments.dir)?;
    let ledger = fold(&home)?;
    let definition = &ledger.election.definition;
    let region = arguments.region.map(|code| chosen::region(definition, code)).transpose()?;
    let region = region.unwrap_or(definition.whole());
    let mut stations = chosen::stations_below(definition, region);
    stations.sort_unstable();
    // Of a damaged file nothing is known but why.
    let sightings = presence::read(&home.presence()).unwrap_or_else(|fault| {
        eprintln!("saksi-collector: when devices were seen is not known: {fault}");
        presence::Sightings::new()
    });
    let now_ms = clock::now_ms();
    let mut shown = devices(&ledger, &sightings, stations, config.certificate_days, now_ms);
    let of = shown.len();
    let filter = filter(arguments);
    shown.retain(|view| filter.holds(view, now_ms));
    let zone = &definition.head().time_zone;
    let rows = shown.iter().map(|view| view.cells(zone));
    let text = if arguments.json {
        let lines = shown.iter().map(|view| Ok(serde_json::to_string(view)? + "\n"));
        lines.collect::<Result<String, serde_json::Error>>()?
    } else if arguments.csv {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS)?;
        for row in rows {
            writer.write_record(row)?;
        }
        String::from_utf8(writer.into_inner()?)?
    } else {
        format!("{}{} of {of} stations\n", table(rows.collect()), shown.len())
    };
    Ok(answer(&text)?)
}

fn filter(asked: &cli::List) -> Filter {
    let state = asked.state.map(|state| match state {
        cli::State::NoCode => DeviceState::NoCode,
        cli::State::CodeOpen => DeviceState::CodeOpen,
        cli::State::CodeExpired => DeviceState::CodeExpired,
        cli::State::Enrolled => DeviceState::Enrolled,
        cli::State::Tested => DeviceState::Tested,
        cli::State::Revoked => DeviceState::Revoked,
    });
    Filter {
        state,
        never_seen: asked.never_seen,
        not_tested: asked.not_tested,
        silent_hours: asked.silent,
        ending_days: asked.ending,
        clock_off_seconds: asked.clock_off,
        version: asked.version.clone(),
        saw_other_log: asked.saw_other_log,
    }
}

fn table(rows: Vec<[String; 10]>) -> String {
    let rows: Vec<_> = [COLUMNS.map(str::to_owned)].into_iter().chain(rows).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: [usize; 10] = std::array::from_fn(width);
    let line = |row: &[String; 10]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
