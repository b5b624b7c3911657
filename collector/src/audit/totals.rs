//! Published totals: the list of them, and each file compared with what the entries come to.

use saksi_proto::digest::Digest;
use serde::{Deserialize, Serialize};

use super::fault::{AuditFault, Lie, LieKind};
use super::source::{MAX_LIST, MAX_TABLE, PublicFiles, Wanted};
use crate::election::Election;
use crate::ledger::Ledger;
use crate::publisher::csv::totals_csv;
use crate::publisher::{TOTALS, TOTALS_FILE};

/// The list of totals.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TotalsList {
    format: u32,
    origin: String,
    /// Entries that they were folded from.
    pub size: u64,
    /// Root over those entries.
    pub root: Digest,
    /// When they were made, as the publisher says: milliseconds since 1970, UTC.
    pub at_ms: u64,
    contests: Vec<TotalsFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TotalsFile {
    contest: String,
    file: String,
    sha256: Digest,
}

/// What was compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Files, one a contest.
    pub files: u64,
    /// Lines of regions.
    pub regions: u64,
    /// Numbers in them.
    pub numbers: u64,
}

impl TotalsList {
    /// Reads the list; `None`, if nothing was published yet.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub fn read(files: &PublicFiles) -> Result<Option<Self>, AuditFault> {
        let Some(bytes) = files.find(TOTALS_FILE, MAX_LIST)? else { return Ok(None) };
        let list: Self = serde_json::from_slice(&bytes)
            .map_err(|fault| wrong(format!("not a list of totals: {fault}")))?;
        if list.format != 1 {
            return Err(wrong(format!("of format {}, where 1 is known", list.format)).into());
        }
        Ok(Some(list))
    }

    /// Whether the list is of this log, and names the totals of every contest once.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub fn check(&self, origin: &str, size: u64, election: &Election) -> Result<(), AuditFault> {
        if self.origin != origin {
            return Err(wrong(format!("of the log “{}”, not of “{origin}”", self.origin)).into());
        }
        if self.size == 0 || self.size > size {
            let words = format!("folded from {} entries, of a log of {size}", self.size);
            return Err(wrong(words).into());
        }
        let contests = election.definition.contests();
        if contests.len() != self.contests.len() {
            let (found, all) = (self.contests.len(), contests.len());
            return Err(wrong(format!("totals of {found} contests, where {all} are held")).into());
        }
        for (contest, listed) in contests.iter().zip(&self.contests) {
            let (code, file) = (contest.code, self.file_of(contest.code.as_str()));
            if listed.contest != code.as_str() || listed.file != file {
                let words = format!(
                    "the totals of {} in {}, where those of {code} stand in {file}",
                    listed.contest, listed.file
                );
                return Err(wrong(words).into());
            }
        }
        Ok(())
    }

    /// The files that it names. Only after [`TotalsList::check`]: the names are then ours.
    pub fn wanted(&self) -> impl Iterator<Item = Wanted> + Send + '_ {
        self.contests.iter().map(|of| Wanted::optional(&of.file, MAX_TABLE))
    }

    /// Compares every file with the totals of a ledger that was folded so far.
    ///
    /// # Errors
    /// [`AuditFault`]: the first region and column that differ.
    pub fn compare(&self, files: &PublicFiles, ledger: &Ledger) -> Result<Compared, AuditFault> {
        let mut compared = Compared::default();
        for (contest, of) in self.contests.iter().enumerate() {
            let published = files.read(&of.file, MAX_TABLE)?;
            let right = totals_csv(ledger, contest);
            if published != right {
                return Err(difference(&of.file, &published, &right).into());
            }
            if Digest::of(&published) != of.sha256 {
                let words = format!("the SHA-256 that it names for {} is not that of it", of.file);
                return Err(wrong(words).into());
            }
            let lines = right.iter().filter(|byte| **byte == b'\n').count() as u64;
            let header = right.split(|byte| *byte == b'\n').next().unwrap_or_default();
            // Before the numbers stand the region's code and its level.
            let numbers = header.iter().filter(|byte| **byte == b',').count() as u64 - 1;
            compared.files += 1;
            compared.regions += lines.saturating_sub(1);
            compared.numbers += lines.saturating_sub(1) * numbers;
        }
        Ok(compared)
    }

    fn file_of(&self, contest: &str) -> String {
        format!("{TOTALS}/{}/{contest}.csv", self.size)
    }
}

fn wrong(words: String) -> Lie {
    Lie::of_file(LieKind::Total, TOTALS_FILE, words)
}

/// Where two tables begin to differ, and what each says there.
#[must_use]
pub fn difference(file: &str, published: &[u8], right: &[u8]) -> Lie {
    let lie = |words: String| Lie::of_file(LieKind::Total, file, words);
    let lines = |table: &'_ [u8]| -> Vec<Vec<u8>> {
        table.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (found, wanted) = (lines(published), lines(right));
    let columns = cells(&wanted[0]);
    for (at, wanted) in wanted.iter().enumerate() {
        let Some(found) = found.get(at) else {
            return lie(format!("it ends at line {at}, before the line “{}”", shown(wanted)));
        };
        if found == wanted {
            continue;
        }
        let (found, wanted) = (cells(found), cells(wanted));
        let region = (at > 0).then(|| wanted[0].clone()).filter(|code| !code.is_empty());
        let column =
            (0..wanted.len().max(found.len())).find(|at| found.get(*at) != wanted.get(*at));
        let cell = |row: &[String]| column.and_then(|at| row.get(at)).cloned();
        let words = format!(
            "line {}: it says {}, but the entries come to {}",
            at + 1,
            cell(&found).map_or("nothing".to_owned(), |cell| format!("“{cell}”")),
            cell(&wanted).map_or("nothing".to_owned(), |cell| format!("“{cell}”"))
        );
        let column = column.and_then(|at| columns.get(at)).cloned();
        return Lie { region, column, ..lie(words) };
    }
    lie(format!("it goes on after line {}, where the regions end", wanted.len()))
}

fn cells(line: &[u8]) -> Vec<String> {
    shown(line).split(',').map(str::to_owned).collect()
}

/// A line as it can be shown: at most 1,000 bytes of it.
fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(1_000)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = "code,level,counted,V.01\n0,country,3,70\n1,village,2,30\n2,village,1,40\n";

    #[test]
    fn a_difference_is_named_by_region_and_column() {
        let of = |published: &str| {
            let Lie { region, column, words, .. } =
                difference("t.csv", published.as_bytes(), RIGHT.as_bytes());
            (region.unwrap_or_default(), column.unwrap_or_default(), words)
        };
        let (region, column, words) = of(&RIGHT.replace("1,village,2,30", "1,village,2,31"));
        assert_eq!((region.as_str(), column.as_str()), ("1", "V.01"));
        assert!(words.contains("“31”") && words.contains("“30”"), "{words}");
        let (region, column, _) = of(&RIGHT.replace("2,village,1", "2,village,0"));
        assert_eq!((region.as_str(), column.as_str()), ("2", "counted"));
        let (region, column, _) = of(&RIGHT.replace("1,village", "7,village"));
        assert_eq!((region.as_str(), column.as_str()), ("1", "code"));
        let (region, column, _) = of(&RIGHT.replace("30\n", "30,5\n"));
        assert_eq!((region.as_str(), column.as_str()), ("1", ""));
        let (_, column, words) = of(&RIGHT.replace("counted", "held"));
        assert_eq!(column, "counted");
        assert!(words.starts_with("line 1"), "{words}");
        let (region, _, words) = of(&RIGHT[..RIGHT.len() - 15]);
        assert_eq!(region, "2", "{words}");
        let (_, _, words) = of(&RIGHT[..40]);
        assert!(words.contains("line 3"), "{words}");
        let (_, _, words) = of(&format!("{RIGHT}3,village,9,9\n"));
        assert!(words.contains("line 5"), "{words}");
    }
}
