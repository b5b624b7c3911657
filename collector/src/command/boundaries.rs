//! `boundaries …`: maps of regions, drawn when boundaries are imported, and what became of each
//! outline of the file.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use saksi_collector::boundaries::drawing::Drawing;
use saksi_collector::boundaries::kept::Kept;
use saksi_collector::boundaries::layout::{self, Layout};
use saksi_collector::boundaries::outlines::{self, Outlines};
use saksi_collector::boundaries::register::{MAX_PARTS, Matched, Outlined, matched};
use saksi_collector::home::Home;
use saksi_collector::pack;

use super::answer;
use crate::cli;

/// Codes and names in one line of a report; of more only the number.
const NAMED: usize = 12;

/// What is said at the end of whatever changes pages.
const NEXT_START: &str = "A collector that is running shows it after its next start.\n";

pub(crate) fn run(command: &cli::Boundaries) -> anyhow::Result<()> {
    match command {
        cli::Boundaries::Import(arguments) => import(arguments),
        cli::Boundaries::Layout { dir, file } => place(dir, file),
        cli::Boundaries::List { dir } => list(dir),
        cli::Boundaries::Remove(arguments) => remove(arguments),
    }
}

fn import(arguments: &cli::Import) -> anyhow::Result<()> {
    let cli::Import { dir, file, code, credit } = arguments;
    let home = Home::existing(dir)?;
    let definition = pack::read(&home.election())?;
    let named = || format!("{} is not imported", file.display());
    let bytes = read(file, outlines::MAX_FILE)?;
    let Outlines { outlines, without_area, without_code, points } =
        outlines::read(&bytes, code).with_context(named)?;
    let (many, credit) = (outlines.len(), credit.as_deref().unwrap_or_default());
    let Matched { regions, unknown, whole, several } = matched(&definition, outlines, credit);
    if regions.is_empty() {
        let codes = shortened(unknown.iter().chain(&whole).cloned());
        bail!("{}: no part of any region has a code of its; it has {codes}", named());
    }
    let mut kept = Kept::read(&home)?;
    let mut report = format!("{}: {many} outlines, {points} points\n", file.display());
    for of in regions {
        say(&of, &mut report)?;
        let before = of.drawing.and_then(|drawing| kept.put_drawing(drawing));
        if let Some(before) = before {
            let parts = before.shapes.len();
            writeln!(report, "      in the place of a map with outlines of {parts}")?;
        }
    }
    kept.write(&home)?;
    let several = several.iter().map(|(part, outlines)| format!("{part} ({outlines})")).collect();
    for (what, codes) in [
        ("Codes that no region of the election has", unknown.into_iter().collect()),
        ("The whole, which is no part of a region", whole.into_iter().collect()),
        ("Features without an area", without_area),
        (
            "Several outlines of one code, drawn as one: is the file as new as the register?",
            several,
        ),
    ] {
        let codes: Vec<String> = codes;
        if !codes.is_empty() {
            writeln!(report, "{what}: {} – {}", codes.len(), shortened(codes.into_iter()))?;
        }
    }
    if without_code > 0 {
        writeln!(report, "Features without a code: {without_code}")?;
    }
    if credit.is_empty() {
        report += "No credit is shown below the maps; if their licence wants one, import again with --credit.\n";
    }
    answer(&(report + NEXT_START)).map_err(Into::into)
}

/// A region's line: how many of its parts have an outline, and which have none.
fn say(of: &Outlined, report: &mut String) -> anyhow::Result<()> {
    let Outlined { code, name, parts, without, drawing } = of;
    let with = of.with();
    write!(report, "  {code} {name}: {with} of {parts} parts have an outline")?;
    match drawing {
        Some(drawing) => {
            let bytes: usize = drawing.shapes.iter().map(|shape| shape.path.len()).sum();
            let small = drawing.shapes.iter().filter(|shape| shape.is_small()).count();
            write!(report, ", {bytes} bytes")?;
            if small > 0 {
                write!(report, ", {small} too small to be seen and marked with a circle")?;
            }
            if !Drawing::is_enough(with, *parts) {
                report.push_str("; too few for a map, tiles are shown");
            }
        }
        None => write!(report, "; more than {MAX_PARTS} parts are not drawn")?,
    }
    report.push('\n');
    if !without.is_empty() {
        let without = without.iter().map(|(code, name)| format!("{code} {name}"));
        writeln!(report, "      without: {}", shortened(without))?;
    }
    Ok(())
}

fn shortened(words: impl Iterator<Item = String>) -> String {
    let words: Vec<_> = words.collect();
    let more = words.len().saturating_sub(NAMED);
    let mut named = words[..words.len() - more].join(", ");
    if more > 0 {
        write!(named, " and {more} more").expect("writing to a String cannot fail");
    }
    named
}

fn place(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let definition = pack::read(&home.election())?;
    let bytes = read(file, layout::MAX_FILE)?;
    let most = layout::MAX_FILE;
    ensure!(bytes.len() as u64 <= most, "{} has more than {} MiB", file.display(), most >> 20);
    let layouts = layout::read(&definition, &bytes);
    let layouts = layouts
        .map_err(|mistakes| anyhow::anyhow!("{} is not imported:\n{mistakes}", file.display()))?;
    let mut kept = Kept::read(&home)?;
    let mut report = String::new();
    for layout in layouts {
        let region = definition.region(layout.region).context("a region of the election")?;
        let parts = definition.children(region).len();
        let (code, placed) = (layout.region, layout.places.len());
        writeln!(report, "  {code}: {placed} of {parts} tiles have a place")?;
        kept.put_layout(layout);
    }
    kept.write(&home)?;
    answer(&(report + NEXT_START)).map_err(Into::into)
}

fn list(dir: &Path) -> anyhow::Result<()> {
    let Kept { drawings, layouts } = Kept::read(&Home::existing(dir)?)?;
    let mut report = String::new();
    for Drawing { region, credit, shapes, .. } in &drawings {
        let bytes: usize = shapes.iter().map(|shape| shape.path.len()).sum();
        writeln!(report, "map     {region}  {} parts, {bytes} bytes  {credit}", shapes.len())?;
    }
    for Layout { region, places } in &layouts {
        writeln!(report, "layout  {region}  {} tiles", places.len())?;
    }
    if report.is_empty() {
        report += "Nothing was imported: pages show tiles, by code.\n";
    }
    answer(&report).map_err(Into::into)
}

fn remove(arguments: &cli::Remove) -> anyhow::Result<()> {
    let home = Home::existing(&arguments.dir)?;
    if arguments.all {
        // Also if it is damaged and cannot be read.
        Kept::default().write(&home)?;
        return answer(&format!("All maps and layouts are gone.\n{NEXT_START}"))
            .map_err(Into::into);
    }
    let mut kept = Kept::read(&home)?;
    let before = kept.drawings.len() + kept.layouts.len();
    kept.drawings.retain(|of| Some(of.region) != arguments.region);
    kept.layouts.retain(|of| Some(of.region) != arguments.region);
    let gone = before - kept.drawings.len() - kept.layouts.len();
    ensure!(gone > 0, "the region has neither a map nor a layout; `boundaries list` shows who has");
    kept.write(&home)?;
    answer(&format!("Gone: {gone}.\n{NEXT_START}")).map_err(Into::into)
}

/// A file, and a byte more than it may have if it has more.
fn read(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| path.display().to_string())?;
    file.take(most + 1).read_to_end(&mut bytes).with_context(|| path.display().to_string())?;
    Ok(bytes)
}
