//! Which witnesses a log has, in `collector.toml`.

use std::time::Duration;

use saksi_proto::author::tree::{Reader, Table};
use saksi_proto::cosignature::{MAX_WITNESSES, WitnessKey, WitnessPolicy};

/// The time allowed to witnesses unless the configuration says otherwise: a TLS handshake
/// over two continents takes 0.6 s, two questions as much, and their disks some. So long a
/// checkpoint is published later, at most, while one of them is slow.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longest time allowed, in seconds: a collector that is stopped waits 10 s for the last
/// publication.
const LONGEST_PATIENCE: u64 = 8;

/// The witnesses of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whom to ask.
    pub witnesses: Vec<Witness>,
    /// How many cosignatures make a checkpoint witnessed.
    pub needed: usize,
    /// How long a checkpoint waits for them.
    pub patience: Duration,
}

/// One witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its submission prefix.
    pub url: String,
    /// Its name and public key.
    pub key: WitnessKey,
}

impl Default for Settings {
    /// Nobody.
    fn default() -> Self {
        Self { witnesses: Vec::new(), needed: 0, patience: PATIENCE }
    }
}

/// Reads `witnesses_needed`, `witness_seconds` and `[[witnesses]]`.
pub fn read(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Settings {
    let needed = reader.optional_number(root, "witnesses_needed", 0..=MAX_WITNESSES as u64);
    let seconds = reader.optional_number(root, "witness_seconds", 1..=LONGEST_PATIENCE);
    let tables = reader.tables(root, "witnesses").into_iter();
    let witnesses: Vec<_> = tables.filter_map(|table| witness(reader, table)).collect();
    let place = needed.as_ref().map_or(0, |needed| needed.span.start);
    let needed = needed.and_then(|needed| usize::try_from(needed.value).ok()).unwrap_or(0);
    let keys = witnesses.iter().map(|witness| witness.key.clone()).collect();
    if let Err(fault) = WitnessPolicy::new(keys, needed) {
        reader.mistake(place, format!("[[witnesses]]: {fault}"));
    }
    let patience = seconds.map_or(PATIENCE, |seconds| Duration::from_secs(seconds.value));
    Settings { witnesses, needed, patience }
}

fn witness(reader: &mut Reader<'_>, mut table: Table<'_>) -> Option<Witness> {
    let url = reader.string(&mut table, "url");
    let key = reader.parsed::<WitnessKey>(&mut table, "key");
    reader.finish(&table);
    let url = url?;
    let rest = url.value.strip_prefix("https://").or_else(|| url.value.strip_prefix("http://"));
    if rest.is_none_or(|rest| rest.is_empty() || rest.contains(char::is_whitespace)) {
        let what = "“url” must begin with https:// or http://, such as https://witness.example/";
        reader.mistake(url.span.start, what.to_owned());
    }
    Some(Witness { url: url.value, key: key?.value })
}

impl Settings {
    /// The lines before the tables.
    #[must_use]
    pub(crate) fn numbers_to_toml(&self) -> String {
        format!(
            "# Witnesses of other houses, at the end of this file as\n\
             #   [[witnesses]]\n\
             #   url = \"https://witness.example/\"\n\
             #   key = \"NAME+ID+KEY\"      # as `saksi-collector witness key` prints it\n\
             # how many must have cosigned a checkpoint, and how long one waits for them.\n\
             witnesses_needed = {}\nwitness_seconds = {}\n",
            self.needed,
            self.patience.as_secs()
        )
    }

    /// The tables.
    #[must_use]
    pub(crate) fn tables_to_toml(&self) -> String {
        let tables = self.witnesses.iter().map(|Witness { url, key }| {
            format!("\n[[witnesses]]\nurl = {url:?}\nkey = \"{key}\"\n")
        });
        tables.collect()
    }
}
