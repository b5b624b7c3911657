//! The Kenyan sample: twelve stations, one contest, ten numbers a form.

use std::path::PathBuf;

use saksi_proto::count::Count;
use serde::Deserialize;

use crate::binaries::repository;
use crate::paper::Paper;

/// The one contest.
pub const CONTEST: &str = "president";

/// The election definition.
#[must_use]
pub fn pack() -> PathBuf {
    repository().join("deploy/elections/kenya-form-34a")
}

/// A station on the list.
#[derive(Debug, Clone, Deserialize)]
pub struct Station {
    /// Its code.
    pub code: String,
    /// Its region, a ward.
    pub region: String,
    /// Registered voters; 96 at least.
    #[serde(rename = "registered_all")]
    pub registered: u32,
}

/// All stations, in the order of the list.
///
/// # Errors
/// If the list cannot be read.
pub fn stations() -> anyhow::Result<Vec<Station>> {
    let mut list = csv::Reader::from_path(pack().join("stations.csv"))?;
    Ok(list.deserialize().collect::<Result<_, _>>()?)
}

impl Station {
    /// A form that breaks no rule, with one rejected ballot paper. At least two of the
    /// candidates must have votes, and nine all together.
    #[must_use]
    pub fn paper(&self, votes: [u32; 4]) -> Paper {
        let valid = votes.iter().sum();
        let totals = [("A.T", valid), ("B.1", self.registered), ("B.2", 1), ("B.3", 0)];
        let totals = totals.into_iter().chain([("B.4", 0), ("B.5", valid)]);
        let candidates = ["A.1", "A.2", "A.3", "A.4"].into_iter().zip(votes);
        let lines =
            candidates.chain(totals).map(|(field, number)| (field.to_owned(), Some(number)));
        Paper { contest: CONTEST.to_owned(), lines: lines.collect() }
    }
}

/// A form's numbers in the order of the paper, which here is that of the codes.
#[must_use]
pub fn counts(paper: &Paper) -> Vec<Count> {
    let count = |number: &Option<u32>| number.map_or(Count::NotWritten, Count::Written);
    paper.lines.values().map(count).collect()
}
