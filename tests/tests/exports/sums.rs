//! What stands in an export is what the forms say, added up here and by nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use saksi_proto::count::Count;
use saksi_proto::definition::RegionIndex;
use saksi_proto::fields::Part;
use saksi_tests::collector;
use serde_json::Value;

use crate::judge::Judge;
use crate::night::{Night, station_index};

/// A box over the counted stations of a region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Box {
    pub(crate) total: u64,
    not_written: u64,
    illegible: u64,
    written: u64,
}

impl Box {
    /// Its number, if any form has one.
    fn number(self) -> Option<u64> {
        (self.written > 0).then_some(self.total)
    }
}

impl Night {
    fn contests(&self) -> std::ops::Range<usize> {
        0..self.election.definition.contests().len()
    }

    fn is_in(&self, station: usize, region: RegionIndex) -> bool {
        let definition = &self.election.definition;
        let own = definition.region_of(station_index(station));
        definition.upwards(own).any(|above| above == region)
    }

    /// All boxes of a contest over a region.
    pub(crate) fn boxes(&self, contest: usize, region: RegionIndex) -> Vec<Box> {
        let mut boxes = vec![Box::default(); self.election.layout(contest).fields().len()];
        for ((of, station), (_, counts)) in &self.stations {
            if *of != contest || !self.is_in(*station, region) {
                continue;
            }
            for (sum, count) in boxes.iter_mut().zip(counts.iter().flatten()) {
                match count {
                    Count::Written(number) => {
                        sum.total += u64::from(*number);
                        sum.written += 1;
                    }
                    Count::NotWritten => sum.not_written += 1,
                    Count::Illegible => sum.illegible += 1,
                }
            }
        }
        boxes
    }

    /// How many stations of a region stand so in a contest.
    pub(crate) fn standing(&self, contest: usize, region: RegionIndex, state: &str) -> u64 {
        let stations = self.stations.iter();
        let standing = stations.filter(|((of, station), (found, _))| {
            *of == contest && *found == state && self.is_in(*station, region)
        });
        standing.count() as u64
    }

    fn region(&self, code: &str) -> RegionIndex {
        self.election.definition.region(code.parse().unwrap()).unwrap()
    }

    fn station(&self, code: &str) -> usize {
        self.election.definition.station(code.parse().unwrap()).unwrap() as usize
    }

    fn code(&self, contest: usize) -> String {
        self.election.contest(contest).code.to_string()
    }
}

/// All of an election: every format, for regions and down to stations.
pub(crate) fn check(night: &Night, judge: Option<&Judge>) {
    for contest in night.contests() {
        regions_csv(night, contest);
        stations_csv(night, contest);
        results(night, contest);
        audit(night, contest);
    }
    for stations in [&[][..], &["--stations"]] {
        let json = night.export("nist-json", stations);
        let counts = nist(night, &json, stations.is_empty());
        if let Some(judge) = judge {
            let xml = night.export("nist-xml", stations);
            assert_eq!(nist_xml(judge, &xml), counts, "both spellings say the same");
            eml(night, judge, stations);
        }
    }
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut csv = csv::Reader::from_path(file).unwrap();
    csv.deserialize().collect::<Result<_, _>>().unwrap()
}

fn regions_csv(night: &Night, contest: usize) {
    let rows = rows(&night.export("csv", &["--contest", &night.code(contest)]));
    assert!(rows.len() > 1, "a region and its parts");
    let fields = night.election.layout(contest).fields();
    let mut counted = 0;
    for row in &rows {
        let region = night.region(&row["code"]);
        for state in ["counted", "held", "disputed", "rejected", "missing", "unopened"] {
            let wanted = night.standing(contest, region, state);
            assert_eq!(row[state], wanted.to_string(), "{state} in {}", row["code"]);
        }
        for (field, wanted) in fields.iter().zip(night.boxes(contest, region)) {
            let number = wanted.number().map(|number| number.to_string()).unwrap_or_default();
            assert_eq!(row[&field.code], number, "{} in {}", field.code, row["code"]);
            for (why, forms) in
                [("not_written", wanted.not_written), ("illegible", wanted.illegible)]
            {
                assert_eq!(row[&format!("{}:{why}", field.code)], forms.to_string());
            }
        }
        counted += row["counted"].parse::<u64>().unwrap();
    }
    assert!(counted > 0);
}

fn stations_csv(night: &Night, contest: usize) {
    let arguments = ["--contest", &night.code(contest), "--stations"];
    let rows = rows(&night.export("csv", &arguments));
    let fields = night.election.layout(contest).fields();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let station = night.station(&row["code"]);
        assert!(seen.insert(station), "once each");
        let (state, counts) = &night.stations[&(contest, station)];
        assert_eq!(row["state"], *state, "{}", row["code"]);
        assert_eq!(row["corrected"], (station == 3).to_string());
        assert_eq!(row["ruled"], ([6, 7].contains(&station)).to_string());
        assert_eq!(row["form"].len(), if counts.is_some() { 64 } else { 0 });
        for (at, field) in fields.iter().enumerate() {
            let wanted = match counts.as_ref().map(|counts| counts[at]) {
                Some(Count::Written(number)) => number.to_string(),
                Some(Count::Illegible) => "illegible".to_owned(),
                Some(Count::NotWritten) | None => String::new(),
            };
            assert_eq!(row[&field.code], wanted, "{} of {}", field.code, row["code"]);
        }
    }
    let held = night.stations.keys().filter(|(of, _)| *of == contest);
    assert_eq!(seen.len(), held.count());
}

/// What `results` says at the same size.
fn results(night: &Night, contest: usize) {
    let code = night.code(contest);
    let said = night.collector.results(&["0", "--contest", &code, "--json"]).unwrap();
    let said: Value = serde_json::from_str(&said).unwrap();
    let row = &rows(&night.export("csv", &["--contest", &code]))[0];
    assert_eq!(row["root"], said["position"]["root"].as_str().unwrap());
    assert_eq!(row["size"], said["position"]["size"].to_string());
    for (word, stations) in said["totals"]["stations"].as_object().unwrap() {
        assert_eq!(row[word], stations.to_string(), "{word}");
    }
    let registered = &said["totals"]["registered"];
    assert_eq!(row["registered"], registered["expected"].to_string());
    assert_eq!(row["registered_counted"], registered["counted"].to_string());
    let votes = night.election.layout(contest).votes();
    let contestants = night.election.contest(contest).ballot.contestants();
    for ((code, _), field) in contestants.zip(votes) {
        let total = said["totals"]["votes"][code.as_str()]["total"].to_string();
        assert_eq!(row[&night.election.layout(contest).fields()[*field].code], total);
    }
}

/// The totals of a contest as they are published, by region and column, once the audit of the
/// public log has found that they are what its entries come to.
pub(crate) fn audited(home: &str, contest: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let public = Path::new(home).join("public");
    let key = Path::new(home).join("log.vkey");
    let words = [&public, &key].map(|path| path.to_str().unwrap());
    collector::succeed(&["audit", words[0], "--key", words[1]]).unwrap();
    let list: Value =
        serde_json::from_slice(&std::fs::read(public.join("totals.json")).unwrap()).unwrap();
    let checkpoint = std::fs::read_to_string(public.join("checkpoint")).unwrap();
    assert_eq!(checkpoint.lines().nth(1), Some(&*list["size"].to_string()), "of all entries");
    let mut files = list["contests"].as_array().unwrap().iter();
    let of = files.find(|of| of["contest"] == contest).unwrap();
    let mut rows = BTreeMap::new();
    for mut row in self::rows(&public.join(of["file"].as_str().unwrap())) {
        row.remove("level");
        rows.insert(row.remove("code").unwrap(), row);
    }
    rows
}

/// What the audit of the public log has found at the same size.
fn audit(night: &Night, contest: usize) {
    let code = night.code(contest);
    let audited = audited(night.home(), &code);
    for row in rows(&night.export("csv", &["--contest", &code])) {
        for (column, number) in &audited[&row["code"]] {
            let Some(exported) = row.get(column) else { continue };
            // A box in which no counted form has a number adds nothing, and is empty.
            let exported = if exported.is_empty() { "0" } else { exported };
            assert_eq!(exported, number, "{column} of {}", row["code"]);
        }
    }
}

/// Selection, unit, type and other type, and the count there.
type Counts = BTreeMap<[String; 4], u64>;

fn nist(night: &Night, file: &Path, is_of_regions: bool) -> Counts {
    let report: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut counts = Counts::new();
    let contests = report["Election"][0]["Contest"].as_array().unwrap();
    assert_eq!(contests.len(), night.contests().len());
    for (contest, of) in contests.iter().enumerate() {
        assert_eq!(of["ExternalIdentifier"][0]["Value"], night.code(contest).as_str());
        for selection in of["ContestSelection"].as_array().unwrap() {
            for count in selection["VoteCounts"].as_array().unwrap() {
                let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let key =
                    [&selection["@id"], &count["GpUnitId"], &count["Type"], &count["OtherType"]];
                let before = counts.insert(key.map(word), count["Count"].as_u64().unwrap());
                assert_eq!(before, None, "{key:?} twice");
            }
        }
    }
    let wanted = wanted_counts(night, &units(night, is_of_regions));
    assert_eq!(counts, wanted);
    counts
}

/// The units of an export by their ids.
fn units(night: &Night, is_of_regions: bool) -> Vec<(String, Result<RegionIndex, usize>)> {
    let definition = &night.election.definition;
    let all = (0..).zip(definition.regions());
    let whole = definition.whole();
    let regions = all.filter(|(at, region)| {
        let is_part = region.parent == Some(definition.regions()[whole as usize].code);
        !is_of_regions || *at == whole || is_part
    });
    let regions = regions.map(|(at, region)| (format!("region-{}", region.code), Ok(at)));
    let stations = definition.stations().iter().enumerate().filter(|_| !is_of_regions);
    let stations = stations.map(|(at, station)| (format!("station-{}", station.code), Err(at)));
    regions.chain(stations).collect()
}

fn wanted_counts(night: &Night, units: &[(String, Result<RegionIndex, usize>)]) -> Counts {
    let mut wanted = Counts::new();
    for contest in night.contests() {
        let fields = night.election.layout(contest).fields();
        for (name, unit) in units {
            let numbers: Vec<Option<u64>> = match unit {
                Ok(region) => night.boxes(contest, *region).into_iter().map(Box::number).collect(),
                Err(station) => match &night.stations.get(&(contest, *station)) {
                    Some((_, Some(counts))) => {
                        counts.iter().map(|count| count.number().map(u64::from)).collect()
                    }
                    _ => vec![None; fields.len()],
                },
            };
            let mut order = 0;
            for (at, field) in fields.iter().enumerate() {
                let selection = |order| format!("selection-{}-{order}", contest + 1);
                let (selection, of) = match field.part {
                    Part::Candidate(_) | Part::PartyCandidate(..) | Part::PartyTotal(_) => {
                        order += 1;
                        (selection(order), ["total", ""])
                    }
                    // Its selection is that of the total, which ends the list on the paper.
                    Part::PartyOwn(party) => {
                        let list =
                            fields.iter().skip(at).position(|f| f.part == Part::PartyTotal(party));
                        (selection(order + list.unwrap()), ["other", "party-own"])
                    }
                    Part::Whole | Part::Column(_) => continue,
                };
                if let Some(number) = numbers[at] {
                    let [kind, other] = of.map(str::to_owned);
                    wanted.insert([selection, name.clone(), kind, other], number);
                }
            }
        }
    }
    assert!(!wanted.is_empty());
    wanted
}

fn nist_xml(judge: &Judge, file: &Path) -> Counts {
    let report = judge.elements(file);
    let mut counts = Counts::new();
    for contest in report.one("Election").all("Contest") {
        for selection in contest.all("ContestSelection") {
            for count in selection.all("VoteCounts") {
                let other = count.all("OtherType").first().map(|other| other.text().to_owned());
                let [unit, kind] = ["GpUnitId", "Type"].map(|of| count.one(of).text().to_owned());
                let selection = selection.attribute("ObjectId").unwrap().to_owned();
                let key = [selection, unit, kind, other.unwrap_or_default()];
                assert_eq!(counts.insert(key, count.one("Count").number()), None);
            }
        }
    }
    counts
}

/// The totals of EML, the reporting units, and what is said of those that are none.
fn eml(night: &Night, judge: &Judge, more: &[&str]) {
    let count = judge.elements(&night.export("eml-510", more)).one("Count");
    let said = count.one("Object/Export");
    for (contest, of) in count.one("Election/Contests").all("Contest").iter().enumerate() {
        let whole = night.boxes(contest, night.election.definition.whole());
        assert_eq!(votes(&of.one("TotalVotes")), wanted_votes(night, contest, &whole));
        let mut reporting = BTreeSet::new();
        for unit in of.all("ReportingUnitVotes") {
            let name = unit.one("ReportingUnitIdentifier").text().to_owned();
            let code = name.split(' ').next().unwrap();
            let boxes = if more.is_empty() {
                night.boxes(contest, night.region(code))
            } else {
                let (_, counts) = &night.stations[&(contest, night.station(code))];
                counts.as_ref().unwrap().iter().map(|count| of_one(*count)).collect()
            };
            assert_eq!(votes(&unit), wanted_votes(night, contest, &boxes), "{name}");
            assert!(reporting.insert(name));
        }
        let counted = night.standing(contest, night.election.definition.whole(), "counted");
        if more.is_empty() {
            assert!(!reporting.is_empty());
            continue;
        }
        assert_eq!(reporting.len() as u64, counted);
        let others = said
            .all("Station")
            .into_iter()
            .filter(|station| station.attribute("contest") == Some(&*night.code(contest)));
        let others: Vec<_> = others.collect();
        for station in &others {
            let of = night.station(station.attribute("code").unwrap());
            assert_eq!(station.attribute("state"), Some(night.stations[&(contest, of)].0));
        }
        let all = night.stations.keys().filter(|(of, _)| *of == contest).count();
        assert_eq!(others.len() as u64 + counted, all as u64);
        let blank = said.all("Blank").into_iter().filter(|blank| {
            let station = night.election.definition.stations()[4].code;
            blank.attribute("unit") == Some(station.as_str())
                && blank.attribute("contest") == Some(&*night.code(contest))
        });
        let boxes: Vec<_> =
            blank.map(|blank| blank.attribute("boxes").unwrap().to_owned()).collect();
        assert_eq!(boxes.len(), 1);
        assert_eq!(boxes[0].split(' ').count(), 2, "{boxes:?}");
    }
}

fn of_one(count: Count) -> Box {
    match count {
        Count::Written(number) => Box { total: u64::from(number), written: 1, ..Box::default() },
        Count::NotWritten => Box { not_written: 1, ..Box::default() },
        Count::Illegible => Box { illegible: 1, ..Box::default() },
    }
}

/// Votes in the order of the document, what was counted, what was invalid.
fn votes(of: &crate::judge::Element) -> (Vec<u64>, u64, u64) {
    let selections = of.all("Selection");
    let votes = selections.iter().map(|selection| selection.one("ValidVotes").number());
    let invalid = of.all("RejectedVotes");
    let invalid = invalid.iter().find(|of| of.attribute("ReasonCode") == Some("ongeldig"));
    (votes.collect(), of.one("TotalCounted").number(), invalid.unwrap().number())
}

fn wanted_votes(night: &Night, contest: usize, boxes: &[Box]) -> (Vec<u64>, u64, u64) {
    let layout = night.election.layout(contest);
    let fields = layout.fields();
    // A party stands before its list, where on the paper its total ends it.
    let mut order: Vec<_> = (0..fields.len())
        .filter_map(|at| match fields[at].part {
            Part::Candidate(candidate) => Some((0, candidate + 1, at)),
            Part::PartyTotal(party) => Some((party, 0, at)),
            Part::PartyCandidate(party, candidate) => Some((party, candidate + 1, at)),
            _ => None,
        })
        .collect();
    order.sort_unstable();
    let summary = layout.summary();
    let total = |field: Option<usize>| boxes[field.unwrap()].total;
    let votes = order.into_iter().map(|(_, _, at)| boxes[at].total).collect();
    (votes, total(summary.valid), total(summary.invalid))
}
