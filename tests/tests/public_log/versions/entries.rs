//! Nothing goes back but by an entry that says so: a correction, another form, a ruling.

use std::collections::BTreeSet;

use anyhow::ensure;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::entry::Entry;
use saksi_proto::seal::SealedForm;

use super::audits::{CONTESTS, Judged};
use super::sums::Places;
use crate::source::Source;

/// Columns that only grow, but for such an entry.
const GROW: [&str; 5] = ["counted", "A.1", "A.2", "A.3", "A.4"];

/// Checks that where a total is less than in the version before, an entry between the two says
/// why; and that each version's root is the log's.
pub(super) fn explain(
    source: &Source,
    key: &LogKey,
    before: &Judged,
    after: &Judged,
    places: &Places,
) -> anyhow::Result<()> {
    let log = source.read(key)?.expect("a log that a version names is published");
    let size = usize::try_from(after.version.size)?;
    ensure!(log.entries.len() >= size, "version {size} before its log");
    let (mut heard, mut again) = (BTreeSet::new(), BTreeSet::new());
    for (index, bytes) in log.entries[..size].iter().enumerate() {
        let is_new = index as u64 >= before.version.size;
        match Entry::decode(bytes)? {
            Entry::Form(arrival) => {
                let form = SealedForm::from_bytes(arrival.sealed)?.open()?;
                let of = (form.contest.to_string(), form.station.to_string());
                if !heard.insert(of.clone()) && is_new {
                    again.insert(of);
                }
            }
            Entry::Ruling(ruling) if is_new => {
                again.insert((ruling.contest.to_string(), ruling.station.to_string()));
            }
            _ => {}
        }
    }
    for (contest, _) in CONTESTS {
        let stations = again.iter().filter(|(of, _)| of == contest).map(|(_, code)| code.as_str());
        let explained = places.above_all(stations);
        for region in after.sums[contest].regions() {
            let back = GROW.iter().find(|column| {
                let number = |of: &Judged| of.sums[contest].number(region, column);
                number(after) < number(before)
            });
            let is_explained = back.is_none() || explained.contains(region);
            ensure!(is_explained, "version {size}: {back:?} of {region} goes back in {contest}");
        }
    }
    Ok(())
}
