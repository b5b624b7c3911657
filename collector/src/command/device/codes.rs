//! `device codes`: first the grants are in the log, then slips are written, so that every
//! slip that exists works.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use saksi_collector::changes::{Change, MAX_CHANGE};
use saksi_collector::codes::{self, CodeKey};
use saksi_collector::config::Config;
use saksi_collector::device::Issuer;
use saksi_collector::home::Home;
use saksi_collector::ledger::Ledger;
use saksi_collector::registry::Registry;
use saksi_collector::slips::{self, Handout, Holder, Slips, district};
use saksi_collector::{chosen, clock};
use saksi_proto::definition::Definition;
use saksi_proto::entry::{Act, CodeGrant, CodeScope};
use saksi_proto::slip::{Fingerprint, Slip};

use super::{existing, fold};
use crate::cli;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What codes are made with.
pub(super) struct Mint<'a> {
    key: CodeKey,
    collector: &'a str,
    authority: Fingerprint,
    act: Act,
    now_ms: u64,
    until_ms: u64,
}

impl<'a> Mint<'a> {
    pub(super) fn new(
        home: &Home,
        config: &'a Config,
        act: Act,
        days: u16,
    ) -> anyhow::Result<Self> {
        let first = config.collectors.first().context("the configuration names no collector")?;
        let now_ms = clock::now_ms();
        Ok(Self {
            key: CodeKey::of(home)?,
            collector: &first.address,
            authority: Issuer::new(home, config)?.fingerprint(),
            act,
            now_ms,
            until_ms: now_ms + u64::from(days) * DAY_MS,
        })
    }

    /// A fresh code: what the log is told of it, and the slip.
    pub(super) fn make(
        &self,
        definition: &Definition,
        holder: Holder,
    ) -> anyhow::Result<(CodeGrant, Handout)> {
        let scope = match holder {
            Holder::Station(station) => {
                CodeScope::Station(definition.stations()[station as usize].code)
            }
            Holder::Spare(region) => CodeScope::Region(definition.regions()[region as usize].code),
        };
        let code = codes::fresh()?;
        let (at_ms, until_ms, act) = (self.now_ms, self.until_ms, self.act.clone());
        let grant = CodeGrant { tag: self.key.tag(&code), scope, until_ms, at_ms, act };
        let slip = Slip::new(self.collector, self.authority, code)?;
        Ok((grant, Handout { holder, slip, until_ms }))
    }
}

pub(super) fn run(arguments: &cli::Codes) -> anyhow::Result<()> {
    let begun = Instant::now();
    let (home, config) = existing(&arguments.dir)?;
    let ledger = fold(&home)?;
    let definition = &ledger.election.definition;
    let holders = holders(arguments, &ledger)?;
    if holders.is_empty() {
        println!("Nobody needs a code: every station named has a device, or a valid code.");
        return Ok(());
    }
    let Some(out) = arguments.out.as_ref().filter(|_| !arguments.dry_run) else {
        println!("Nothing was done: {} codes would be given out.", holders.len());
        return Ok(());
    };
    let act = Act { by: arguments.by.name(), reason: arguments.reason.clone() };
    let mint = Mint::new(&home, &config, act, arguments.days)?;
    let mut slips = Slips::begin(definition, out)?;
    let mut registry = Registry::new(&home, &config)?;
    let mut done = 0;
    for chunk in holders.chunks(MAX_CHANGE) {
        let made = chunk.iter().map(|holder| mint.make(definition, *holder));
        let (grants, handouts): (Vec<_>, Vec<_>) =
            made.collect::<anyhow::Result<Vec<_>>>()?.into_iter().unzip();
        let granted = registry.change(Change::Grant { grants }).map_err(anyhow::Error::from);
        let written = granted.and_then(|_| Ok(slips.add(handouts)?));
        written.with_context(|| interrupted(done, holders.len(), out))?;
        done += chunk.len();
    }
    slips.finish().with_context(|| interrupted(done, holders.len(), out))?;
    let (many, seconds) = (holders.len(), begun.elapsed().as_secs_f64());
    println!("{many} codes are given out, valid for {} days ({seconds:.1} s).", arguments.days);
    println!("{} has codes.csv with all of them, and a sheet to print for each", out.display());
    println!("district (HTML, eight slips on A4). Whoever has a slip can be the station: hand");
    println!("each to its station only, then delete them here.");
    Ok(())
}

fn interrupted(done: usize, of: usize, out: &Path) -> String {
    let out = out.display();
    format!(
        "interrupted after {done} of {of} codes; the sheets that are whole are in {out}. To go on: \
         the same command with --after {out} and another --out, which gives a new code to \
         whoever is on none of them"
    )
}

/// For whom codes are to be made, district by district.
fn holders(arguments: &cli::Codes, ledger: &Ledger) -> anyhow::Result<Vec<Holder>> {
    let definition = &ledger.election.definition;
    let regions = arguments.region.iter().map(|code| chosen::region(definition, *code));
    let regions = regions.collect::<Result<Vec<_>, _>>()?;
    if let Some(spares) = arguments.spares {
        let each = |region: &u32| vec![Holder::Spare(*region); usize::from(spares)];
        return Ok(regions.iter().flat_map(each).collect());
    }
    let has_device = |station: &u32| ledger.roster.device(*station).is_some();
    let mut stations = if let Some(path) = &arguments.csv {
        let list = std::fs::read_to_string(path);
        chosen::without_device(ledger, &list.with_context(|| path.display().to_string())?)
            .with_context(|| path.display().to_string())?
    } else {
        let named = chosen::stations(definition, &arguments.stations)?;
        if let Some(station) = named.iter().find(|station| has_device(station)) {
            let code = definition.stations()[*station as usize].code;
            bail!(
                "{code} has a device, and nothing was done; to replace it: \
                 saksi-collector device replace {} --station {code} --reason …",
                arguments.dir.display()
            );
        }
        named
    };
    for region in regions {
        let below = chosen::stations_below(definition, region);
        let before = stations.len();
        stations.extend(below.iter().filter(|station| !has_device(station)));
        let have = below.len() - (stations.len() - before);
        if have > 0 {
            let code = definition.regions()[region as usize].code;
            println!("{have} stations of {code} have a device and get no code.");
        }
    }
    if arguments.only_missing {
        let now_ms = clock::now_ms();
        let open = |station: &u32| ledger.roster.open_code(*station);
        stations.retain(|station| open(station).is_none_or(|code| code.until_ms < now_ms));
    }
    if let Some(earlier) = &arguments.after {
        let written = slips::written(definition, earlier)?;
        stations.retain(|station| !written.contains(station));
    }
    let place = |station: &u32| {
        let of = district(definition, Holder::Station(*station));
        (of, definition.region_of(*station), *station)
    };
    stations.sort_by_key(place);
    stations.dedup();
    Ok(stations.into_iter().map(Holder::Station).collect())
}
