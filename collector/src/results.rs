//! `results`: a region's totals on the command line, as text, JSON or CSV.

use saksi_proto::count::Sum;

use crate::view::region::{PartView, RegionView, TotalsView};

/// The region and its parts as a table for people, in one of the election's languages.
#[must_use]
pub fn as_text(view: &RegionView, language: &str) -> String {
    let contest = view.contest.name.get(language).map_or("", String::as_str);
    let root = view.position.root.as_deref().unwrap_or("–");
    let title = format!("{} {} – {contest}", view.region.code, view.region.name);
    let position = format!("folded to entry {} of the log, root {root}", view.position.size);
    let mut rows = vec![header(view)];
    rows.extend(view.parts.iter().map(|part| row(&label(part), &part.totals)));
    rows.push(row("all", &view.totals));
    format!("{title}\n{position}\n\n{}", table(&rows))
}

/// The region and its parts as CSV, one row each, the region last.
///
/// # Errors
/// Never for a `String`; the writer's error otherwise.
pub fn as_csv(view: &RegionView) -> csv::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["code".to_owned(), "name".to_owned(), "level".to_owned()];
    header.extend(self::header(view).into_iter().skip(1));
    csv.write_record(header)?;
    let whole = PartView { region: view.region.clone(), totals: view.totals.clone() };
    for part in view.parts.iter().chain([&whole]) {
        let region = &part.region;
        let mut fields =
            vec![region.code.to_string(), region.name.clone(), region.level.to_string()];
        fields.extend(row("", &part.totals).into_iter().skip(1));
        csv.write_record(fields)?;
    }
    csv.into_inner().map_err(|fault| fault.into_error().into())
}

fn header(view: &RegionView) -> Vec<String> {
    let fixed = ["region", "expected", "reported", "counted", "held", "disputed", "missing"];
    let votes = view.contest.contestants.iter().map(|contestant| contestant.code.to_string());
    let last = ["valid", "invalid"];
    fixed.map(str::to_owned).into_iter().chain(votes).chain(last.map(str::to_owned)).collect()
}

fn row(name: &str, totals: &TotalsView) -> Vec<String> {
    let stations = totals.stations;
    let counts = [
        stations.expected,
        stations.reported,
        stations.counted,
        stations.held,
        stations.disputed,
        stations.missing,
    ];
    let sum = |sum: Option<Sum>| sum.map_or(String::new(), |sum| sum.total.to_string());
    let mut row = vec![name.to_owned()];
    row.extend(counts.map(|count| count.to_string()));
    row.extend(totals.votes.values().map(|votes| votes.total.to_string()));
    row.extend([sum(totals.valid), sum(totals.invalid)]);
    row
}

fn label(part: &PartView) -> String {
    format!("{} {}", part.region.code, part.region.name)
}

fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
