//! `device list`.

use saksi_collector::view::devices::{DeviceState, DeviceView, devices};
use saksi_collector::{chosen, clock, presence, slips};

use super::{existing, fold};
use crate::cli;
use crate::command::answer;

const HOUR_MS: u64 = 60 * 60 * 1_000;

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
    shown.retain(|view| is_asked_for(view, arguments, now_ms));
    let zone = &definition.head().time_zone;
    let rows = shown.iter().map(|view| row(view, zone));
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

fn is_asked_for(view: &DeviceView, asked: &cli::List, now_ms: u64) -> bool {
    let state = match asked.state {
        None => view.state,
        Some(cli::State::NoCode) => DeviceState::NoCode,
        Some(cli::State::CodeOpen) => DeviceState::CodeOpen,
        Some(cli::State::CodeExpired) => DeviceState::CodeExpired,
        Some(cli::State::Enrolled) => DeviceState::Enrolled,
        Some(cli::State::Tested) => DeviceState::Tested,
        Some(cli::State::Revoked) => DeviceState::Revoked,
    };
    let has_device = view.enrolled_ms.is_some();
    let all = |filter: bool, holds: bool| !filter || (has_device && holds);
    let silent = asked.silent.map(|hours| now_ms.saturating_sub(u64::from(hours) * HOUR_MS));
    let ending = asked.ending.map(|days| now_ms + u64::from(days) * 24 * HOUR_MS);
    let off = asked.clock_off.map(|seconds| u64::from(seconds) * 1_000);
    view.state == state
        && all(asked.never_seen, view.seen_ms.is_none())
        && all(asked.saw_other_log, view.doubt.is_some())
        && all(asked.not_tested, view.state != DeviceState::Tested)
        && silent.is_none_or(|since| all(true, view.seen_ms.is_none_or(|seen| seen < since)))
        && ending.is_none_or(|by| all(true, view.certified_until_ms.is_some_and(|end| end < by)))
        && off.is_none_or(|by| {
            all(true, view.clock_off_ms.is_some_and(|off| off.unsigned_abs() > by))
        })
        && asked.version.as_ref().is_none_or(|version| view.version.as_ref() == Some(version))
}

const COLUMNS: [&str; 10] = [
    "station",
    "name",
    "state",
    "enrolled",
    "tested",
    "seen",
    "clock_off_seconds",
    "version",
    "valid_until",
    "saw_other_log",
];

fn row(view: &DeviceView, zone: &str) -> [String; 10] {
    let minute = |ms: Option<u64>| ms.map_or_else(String::new, |ms| slips::sheet::minute(ms, zone));
    [
        view.station.to_string(),
        view.name.clone(),
        view.state.name().to_owned(),
        minute(view.enrolled_ms),
        minute(view.rehearsed_ms),
        minute(view.seen_ms),
        view.clock_off_ms.map_or_else(String::new, |off| (off / 1_000).to_string()),
        view.version.clone().unwrap_or_default(),
        minute(view.certified_until_ms.or(view.code_until_ms)),
        view.doubt.map_or_else(String::new, |doubt| {
            let by = if doubt.is_proven { "proven" } else { "says" };
            format!("{by}: {} entries, {}", doubt.entries, slips::sheet::minute(doubt.at_ms, zone))
        }),
    ]
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
