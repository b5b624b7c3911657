//! A version of the site, as a stranger reads it who has the log's key and nothing else: from
//! the signed note down to the forms of every station.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::note::Note;
use serde::Deserialize;
use serde_json::Value;

use crate::site::get;
use crate::source::Source;

/// `current.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Pointer {
    origin: String,
    pub(super) size: u64,
    root: String,
    version: String,
    pub(super) version_sha256: String,
    numbers: String,
    numbers_sha256: String,
    /// `open`, `paused` or `refused`.
    pub(super) state: String,
    pub(super) reason: Option<String>,
}

/// A region's file.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Region {
    pub(super) region: Name,
    above: Vec<String>,
    pub(super) contests: Vec<Contest>,
    parts: Vec<Part>,
    pub(super) stations: Vec<Station>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Name {
    pub(super) code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Contest {
    pub(super) contest: String,
    pub(super) totals: Totals,
}

/// As much of a contest's totals as a form of the sample has in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Totals {
    pub(super) votes: BTreeMap<String, Sum>,
    pub(super) valid: Sum,
    pub(super) invalid: Sum,
    pub(super) stations: BTreeMap<String, u64>,
    pub(super) registered: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Sum {
    pub(super) total: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct Part {
    code: String,
    numbers: String,
    contests: Vec<Contest>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Station {
    pub(super) code: String,
    pub(super) registered: Option<u64>,
    pub(super) contests: Vec<StationContest>,
}

/// A station in a contest.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StationContest {
    pub(super) contest: String,
    pub(super) state: String,
    pub(super) rulings: Vec<Ruling>,
    pub(super) forms: Vec<Form>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Ruling {
    pub(super) decision: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Form {
    pub(super) digest: String,
    supersedes: Option<String>,
    standing: Option<String>,
    pub(super) photos: Vec<String>,
    counts: Vec<Value>,
}

/// A version, read whole.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) size: u64,
    pub(super) root: String,
    /// SHA-256 of its note.
    pub(super) sha256: String,
    /// The version before, and the SHA-256 of its note.
    pub(super) previous: Option<(u64, String)>,
    /// By contest: stations counted and expected, votes.
    pub(super) contests: Vec<(String, [u64; 3])>,
    /// Every region, the whole first.
    pub(super) regions: Vec<Region>,
    /// The file of each region's numbers.
    pub(super) files: BTreeMap<String, String>,
}

impl StationContest {
    /// The numbers of the form that counts; there is one where the station is counted, or none.
    pub(super) fn counts(&self) -> anyhow::Result<Option<Vec<Value>>> {
        let counted = self.forms.iter().filter(|form| form.standing.as_deref() == Some("counted"));
        let counted: Vec<_> = counted.map(|form| form.counts.clone()).collect();
        let wanted = usize::from(self.state == "counted");
        ensure!(counted.len() == wanted, "{}: {} forms count", self.state, counted.len());
        Ok(counted.into_iter().next())
    }

    /// Whether one of its forms takes the place of another.
    pub(super) fn is_corrected(&self) -> bool {
        let named: Vec<_> = self.forms.iter().filter_map(|form| form.supersedes.as_ref()).collect();
        self.forms.iter().any(|form| named.contains(&&form.digest))
    }

    /// Whether a ruling stands.
    pub(super) fn is_ruled(&self) -> bool {
        self.rulings.last().is_some_and(|ruling| ruling.decision != "withdraw")
    }
}

/// Checks what is published while nobody writes: what the pointer names is whole, and so are the
/// three versions before it, which are kept for who has read the pointer before.
pub(super) fn is_whole(source: &Source, key: &LogKey) -> anyhow::Result<Option<u64>> {
    let Some(pointer) = pointer(source)? else { return Ok(None) };
    let mut version = Version::named(source, key, &pointer)?;
    for _ in 0..3 {
        let Some((size, sha256)) = &version.previous else { break };
        version = Version::of(source, key, *size, sha256)
            .with_context(|| format!("version {size}, before {}", pointer.size))?;
    }
    Ok(Some(pointer.size))
}

/// The pointer, if there is one.
pub(super) fn pointer(source: &Source) -> anyhow::Result<Option<Pointer>> {
    let json = get(source, "current.json");
    Ok(json.map(|json| serde_json::from_slice(&json)).transpose()?)
}

impl Version {
    /// What the pointer names, which must say the same of itself.
    pub(super) fn named(source: &Source, key: &LogKey, by: &Pointer) -> anyhow::Result<Self> {
        ensure!(by.version == format!("versions/{}", by.size), "{by:?}");
        let version = Self::of(source, key, by.size, &by.version_sha256)?;
        let file = version.files.get("0").context("the whole")?;
        ensure!(by.origin == key.origin && version.root == by.root, "{by:?}");
        ensure!((file, &*data(&by.numbers_sha256)) == (&by.numbers, &*by.numbers), "{by:?}");
        Ok(version)
    }

    /// The version over so many entries, whose note has this SHA-256, and all that it leads to.
    pub(super) fn of(
        source: &Source,
        key: &LogKey,
        size: u64,
        sha256: &str,
    ) -> anyhow::Result<Self> {
        let note = read(source, &format!("versions/{size}"), sha256)?;
        let note = String::from_utf8(note)?;
        let body = signed(&note, key)?;
        let mut lines = body.lines();
        let mut line = |word: &str| {
            let line = lines.next().context("a line")?;
            line.strip_prefix(word).map(str::to_owned).with_context(|| format!("{word}: {line}"))
        };
        line("saksi site v1")?;
        line(&key.origin)?;
        ensure!(line("size ")? == size.to_string(), "{note}");
        let (root, numbers) = (line("root ")?, line("numbers ")?);
        let previous = match line("previous ")?.split_once(' ') {
            Some((size, sha256)) => Some((size.parse()?, sha256.to_owned())),
            None => None,
        };
        line("at_ms ")?.parse::<u64>()?;
        let contests = lines.map(contest).collect::<anyhow::Result<_>>()?;
        let (mut regions, mut files) = (Vec::new(), BTreeMap::new());
        region(source, &numbers, &[], &mut regions, &mut files)?;
        ensure!(files.len() == regions.len(), "a region stands in two places");
        let sha256 = sha256.to_owned();
        Ok(Self { size, root, sha256, previous, contests, regions, files })
    }
}

/// The body of a note that the log has signed.
fn signed<'a>(note: &'a str, key: &LogKey) -> anyhow::Result<&'a str> {
    let parsed = Note::parse(note)?;
    let line = parsed.by(&key.origin, key.id()).next().context("the log has not signed it")?;
    let signature = line.signature.as_slice().try_into()?;
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    key.key.verify_strict(parsed.body.as_bytes(), &signature).context("a false signature")?;
    Ok(parsed.body)
}

fn contest(line: &str) -> anyhow::Result<(String, [u64; 3])> {
    let mut words = line.strip_prefix("contest ").context("a contest")?.split(' ');
    let mut word = || words.next().context("a word");
    let code = word()?.to_owned();
    Ok((code, [word()?.parse()?, word()?.parse()?, word()?.parse()?]))
}

/// Reads a region and all below it. Each part has the totals that the region says it has.
fn region(
    source: &Source,
    sha256: &str,
    above: &[String],
    regions: &mut Vec<Region>,
    files: &mut BTreeMap<String, String>,
) -> anyhow::Result<Vec<Contest>> {
    let file = data(sha256);
    let region: Region = serde_json::from_slice(&read(source, &file, sha256)?)?;
    let (code, contests) = (region.region.code.clone(), region.contests.clone());
    ensure!(region.above == above, "{code} lies in {:?}, not in {above:?}", region.above);
    files.insert(code.clone(), file);
    regions.push(region.clone());
    let above = [above, &[code]].concat();
    for part in &region.parts {
        let own = self::region(source, &part.numbers, &above, regions, files)?;
        ensure!(
            own == part.contests,
            "{} says of {} other totals than it has",
            above[0],
            part.code
        );
    }
    Ok(contests)
}

/// The file of numbers with this SHA-256.
fn data(sha256: &str) -> String {
    format!("data/{}/{sha256}.json", sha256.get(..2).unwrap_or_default())
}

/// A file that must be there, and be what its hash says.
pub(super) fn read(source: &Source, file: &str, sha256: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = get(source, file).with_context(|| format!("{file} is missing"))?;
    ensure!(Digest::of(&bytes).to_string() == sha256, "{file} is another");
    Ok(bytes)
}
