//! The published totals are those of the API, and of a fold of the log by anybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use saksi_collector::election::Election;
use saksi_collector::ledger::Ledger;
use saksi_collector::pack;
use saksi_collector::publisher::csv::totals_csv;
use saksi_collector::reading::Reading;
use saksi_proto::digest::Digest;
use saksi_tests::kenya::CONTEST;
use saksi_tests::poll;
use saksi_tests::results::{self, Region};
use saksi_tests::scene::{FIRST_FORM, Scene};
use serde_json::Value;

use crate::source::{Log, Source};

/// The pointer, once it names totals of so many entries.
fn pointer(source: &Source, size: u64) -> Value {
    poll::until("the published totals", || {
        let Some(bytes) = source.get("totals.json")? else { return Ok(None) };
        let pointer: Value = serde_json::from_slice(&bytes)?;
        Ok(Some(pointer).filter(|pointer| pointer["size"] == size))
    })
    .unwrap()
}

/// The table of the one contest, which must be what the pointer says.
fn table(source: &Source, pointer: &Value) -> Vec<u8> {
    let [contest] = &pointer["contests"].as_array().unwrap()[..] else { panic!("one contest") };
    assert_eq!(contest["contest"], CONTEST);
    let bytes = source.get(contest["file"].as_str().unwrap()).unwrap().unwrap();
    assert_eq!(contest["sha256"], Digest::of(&bytes).to_string());
    bytes
}

/// By region, its numbers by column.
fn rows(table: &[u8]) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut csv = csv::Reader::from_reader(table);
    let rows = csv.deserialize().map(|row| row.unwrap());
    rows.map(|mut row: BTreeMap<String, String>| (row.remove("code").unwrap(), row)).collect()
}

fn assert_same(row: &BTreeMap<String, String>, region: &Region) {
    let number = |column: &str| row[column].parse::<u64>().unwrap();
    assert_eq!(row["level"], region.region.level);
    let stations = region.totals.stations;
    for (column, count) in [
        ("expected", stations.expected),
        ("reported", stations.reported),
        ("counted", stations.counted),
        ("held", stations.held),
        ("disputed", stations.disputed),
        ("missing", stations.missing),
        ("corrected", stations.corrected),
    ] {
        assert_eq!(number(column), u64::from(count), "{column} of {}", region.region.code);
    }
    for (column, votes) in
        ["A.1", "A.2", "A.3", "A.4"].into_iter().zip(region.totals.votes.values())
    {
        assert_eq!(number(column), votes.total, "{column} of {}", region.region.code);
    }
    assert_eq!(Some(number("B.5")), region.totals.valid.map(|sum| sum.total));
}

/// Folds the first entries of a published log with nothing but published files.
pub(crate) fn fold(source: &Source, log: &Log, size: usize) -> Ledger {
    let place = tempfile::tempdir().unwrap();
    for name in ["election.toml", "regions.csv", "stations.csv"] {
        let bytes = source.get(&format!("election/{name}")).unwrap().unwrap();
        std::fs::write(place.path().join(name), bytes).unwrap();
    }
    let election = Arc::new(Election::new(pack::read(place.path()).unwrap()));
    let mut ledger = Ledger::new(Arc::clone(&election));
    for entry in &log.entries[..size] {
        ledger.apply(Reading::of(&election, entry).unwrap().meaning).unwrap();
    }
    ledger
}

#[test]
fn the_totals_are_those_of_the_api_and_of_a_fold_of_the_log_to_their_size() {
    let mut scene = Scene::new().unwrap();
    scene.collector.configure("totals_seconds", "1").unwrap();
    scene.collector.start(None).unwrap();
    let (web, key) = (Source::web(&scene), scene.log_key().unwrap());
    for (delivered, votes) in (1..).zip([[30, 20, 2, 1], [7, 6, 5, 4], [1, 2, 3, 4]]) {
        scene.deliver(delivered - 1, votes).unwrap();
        let size = FIRST_FORM + delivered as u64;
        let pointer = pointer(&web, size);
        let log = web.read(&key).unwrap().unwrap();
        assert!(log.size >= size, "the log comes first");
        let position = scene.region("0").unwrap().position;
        assert_eq!(
            (&pointer["root"], &pointer["origin"]),
            (&position.root.into(), &key.origin.clone().into())
        );
        let table = table(&web, &pointer);
        let rows = rows(&table);
        let regions = results::tree(&scene.collector, "0", CONTEST).unwrap();
        assert_eq!(rows.len(), regions.len());
        regions.iter().for_each(|region| assert_same(&rows[&region.region.code], region));
        let ledger = fold(&web, &log, usize::try_from(size).unwrap());
        assert_eq!(totals_csv(&ledger, 0), table);
    }
}

#[test]
fn what_came_last_is_in_the_totals_when_the_collector_has_stopped() {
    let mut scene = Scene::new().unwrap();
    // So seldom that only the end publishes them.
    scene.collector.configure("totals_seconds", "3600").unwrap();
    scene.collector.start(None).unwrap();
    let directory = Source::directory(&scene);
    pointer(&directory, FIRST_FORM);
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let country = scene.region("0").unwrap();
    scene.collector.stop().unwrap();
    let pointer = pointer(&directory, FIRST_FORM + 1);
    assert_same(&rows(&table(&directory, &pointer))["0"], &country);
}
