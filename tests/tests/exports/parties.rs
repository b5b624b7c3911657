//! A list of parties in some regions only: counted whole, with who is elected, and in every
//! format beside contests that are held elsewhere too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use saksi_collector::election::Election;
use saksi_proto::count::Count;
use saksi_proto::definition::StationIndex;
use saksi_proto::election::Ballot;
use saksi_tests::collector::{self, Collector};
use saksi_tests::paper::Paper;
use saksi_tests::wire::{Voice, Wire, receipts};
use serde_json::Value;
use tempfile::TempDir;

use crate::judge::{Element, Judge};
use crate::night::pack;
use crate::sums::audited;

/// Where the lists are voted on: two of six districts, 45 of 230 stations.
const DISTRICTS: [&str; 2] = ["820702", "820706"];

/// The position of the contest.
const DPR: usize = 1;

struct Lists {
    collector: Collector,
    election: Election,
    /// By field, over all stations.
    sums: BTreeMap<String, u64>,
    place: TempDir,
}

impl Lists {
    /// All stations where the contest is held have sent a form, and the collector has stopped.
    fn counted() -> Self {
        let place = tempfile::tempdir().unwrap();
        let pack = pack("indonesia-2024", "rehearsal", place.path());
        let file = pack.join("election.toml");
        let text = fs::read_to_string(&file).unwrap();
        let changed = text.replace("scope = [\"8207\"]", &format!("scope = {DISTRICTS:?}"));
        assert_ne!(changed, text);
        fs::write(file, changed).unwrap();
        let election = Election::new(saksi_collector::pack::read(&pack).unwrap());
        let mut collector = Collector::make(place.path(), &pack).unwrap();
        collector.start(None).unwrap();
        let mut lists = Self { collector, election, sums: BTreeMap::new(), place };
        let stations = lists.election.definition.stations_of(DPR).to_vec();
        assert_eq!(stations.len(), 45);
        stations.into_iter().for_each(|station| lists.send(station));
        lists.collector.stop().unwrap();
        lists
    }

    fn send(&mut self, station: StationIndex) {
        let of = &self.election.definition.stations()[station as usize];
        let mut random = fastrand::Rng::with_seed(station.into());
        let paper = Paper::plausible(of, self.election.contest(DPR), &mut random);
        let fields = self.election.layout(DPR).fields().iter().map(|field| &field.code);
        let counts = fields.map(|field| {
            *self.sums.entry(field.clone()).or_default() += u64::from(paper.number(field));
            Count::Written(paper.number(field))
        });
        let counts = counts.collect();
        let bundle = self.collector.bundle(of.code.as_str()).unwrap();
        let voice = Voice::new(&bundle).unwrap();
        let mut form = voice.form(counts);
        form.contest = self.election.contest(DPR).code;
        let key = fs::read_to_string(self.collector.dir().join("log.vkey")).unwrap();
        let mut wire = Wire::begin(&self.collector.address().unwrap(), &bundle).unwrap();
        let sealed = voice.seal(&form).unwrap();
        receipts(&mut wire, &[sealed], &key.trim().parse().unwrap()).unwrap();
    }

    fn home(&self) -> &str {
        self.collector.dir().to_str().unwrap()
    }

    fn export(&self, format: &str, more: &[&str]) -> PathBuf {
        let out = self.place.path().join([&[format], more].concat().concat());
        let to = ["export", self.home(), "--format", format, "--date", "2024-02-14", "--out"];
        collector::succeed(&[&to[..], &[out.to_str().unwrap()], more].concat()).unwrap();
        out
    }

    fn parties(&self) -> &[saksi_proto::election::Party] {
        match &self.election.contest(DPR).ballot {
            Ballot::Parties(parties) => parties,
            Ballot::Candidates(_) => panic!("lists"),
        }
    }

    /// Who is elected here: three parties, and the first of each list and one more.
    fn elected(&self) -> Vec<String> {
        let mut elected = Vec::new();
        for party in &self.parties()[..3] {
            elected.push(party.code.to_string());
            elected.extend(
                party.candidates[..2].iter().map(|of| format!("{}.{}", party.code, of.code)),
            );
        }
        elected
    }
}

fn json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// The names of regions are the numbers of the log's audit; each box of the lists among them.
fn tables(lists: &Lists) {
    let rows = audited(lists.home(), "dpr");
    let whole = &rows["0"];
    assert_eq!((&*whole["expected"], &*whole["counted"]), ("45", "45"));
    for (field, sum) in &lists.sums {
        assert_eq!(whole[field], sum.to_string(), "{field}");
    }
    let mut csv = csv::Reader::from_path(lists.export("csv", &["--contest", "dpr"])).unwrap();
    let mut exported = 0;
    for row in csv.deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        for (column, number) in &rows[&row["code"]] {
            assert!(column == "blank" || row[column] == *number, "{column} of {}", row["code"]);
            exported += 1;
        }
    }
    assert!(exported > 2 * lists.sums.len(), "the whole and its province");
}

/// Contests that are held in two districts have a district of their own, which is all of it.
fn districts(lists: &Lists) {
    let report = json(&lists.export("nist-json", &[]));
    let units = report["GpUnit"].as_array().unwrap();
    let ids: Vec<_> = units.iter().map(|unit| unit["@id"].as_str().unwrap()).collect();
    let contests = report["Election"][0]["Contest"].as_array().unwrap();
    let of = contests.iter().map(|of| of["ElectionDistrictId"].as_str().unwrap());
    assert_eq!(of.collect::<Vec<_>>(), ["region-0", "district-2", "region-82"]);
    let district = &units[ids.iter().position(|id| *id == "district-2").unwrap()];
    let parts = DISTRICTS.map(|code| format!("region-{code}"));
    assert_eq!(district["ComposingGpUnitIds"], serde_json::json!(parts));
    assert!(parts.iter().all(|part| ids.contains(&part.as_str())), "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each once");
    for (order, party) in lists.parties().iter().enumerate() {
        let selections = contests[1]["ContestSelection"].as_array().unwrap();
        let counts = selections.iter().flat_map(|of| of["VoteCounts"].as_array().unwrap());
        let total = lists.sums[&format!("IV.{}.total", party.code)];
        let found = counts.filter(|count| {
            (&count["GpUnitId"], &count["Count"]) == (&"region-0".into(), &total.into())
        });
        assert!(found.count() > 0, "party {order} with {total}");
    }
    // Somewhere else there is nothing of it to export.
    let to = ["export", lists.home(), "--format", "nist-json", "--date", "2024-02-14"];
    let elsewhere = ["--contest", "dpr", "--region", "820701"];
    let refused = collector::command(&[&to[..], &elsewhere].concat()).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
}

/// Who is elected, with the votes of each.
fn result(lists: &Lists, result: &Element) {
    let election = result.one("Election");
    assert_eq!(election.one("Contest/ContestIdentifier").attribute("Id"), Some("2"));
    let selections = election.one("Contest").all("Selection");
    let mut wanted = Vec::new();
    for party in &lists.parties()[..3] {
        wanted.push((party.name.to_string(), lists.sums[&format!("IV.{}.total", party.code)]));
        let list = party.candidates[..2].iter();
        wanted.extend(list.map(|of| {
            (of.name.to_string(), lists.sums[&format!("IV.{}.{}", party.code, of.code)])
        }));
    }
    let found = selections.iter().map(|of| {
        assert_eq!(of.one("Elected").text(), "yes");
        let name = match of.all("AffiliationIdentifier").first() {
            Some(party) => party.one("RegisteredName"),
            None => of.one("Candidate/CandidateFullName/PersonName/LastName"),
        };
        let votes = of.all("Votes");
        (name.text().to_owned(), votes.first().map_or(0, Element::number))
    });
    assert_eq!(found.collect::<Vec<_>>(), wanted);
}

#[test]
fn a_list_of_parties_in_two_districts_is_the_audits_in_every_format_and_has_a_result() {
    let lists = Lists::counted();
    tables(&lists);
    districts(&lists);
    let elected = lists.elected();
    let elected = elected.iter().flat_map(|code| ["--elected", code]);
    let named: Vec<_> = ["--contest", "dpr"].into_iter().chain(elected).collect();
    let file = lists.export("eml-520", &named);
    let Some(judge) = Judge::new() else { return };
    assert_eq!(judge.against_export("eml-520", &file), Ok(()));
    result(&lists, &judge.elements(&file).one("Result"));
    let text = fs::read_to_string(&file).unwrap();
    let spoilt = lists.place.path().join("spoilt");
    fs::write(&spoilt, text.replacen("<Elected>yes<", "<Elected>no<", 1)).unwrap();
    assert!(judge.against_export("eml-520", &spoilt).is_err(), "who is elected is");
    let choices: [&[&str]; 4] = [
        &[],
        &["--region", "820702", "--stations"],
        &["--region", "8207"],
        &["--contest", "dpr", "--stations"],
    ];
    for format in ["nist-json", "nist-xml", "eml-510"] {
        for more in choices {
            let judged = judge.against_export(format, &lists.export(format, more));
            assert_eq!(judged, Ok(()), "{format} {more:?}");
        }
    }
    let count = judge.elements(&lists.export("eml-510", &["--contest", "dpr"])).one("Count");
    let total = count.one("Election/Contests/Contest/TotalVotes");
    assert_eq!(total.one("TotalCounted").number(), lists.sums["V.A"]);
}
