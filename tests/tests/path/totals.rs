//! From a typed file to the totals, in all contests of the Indonesian sample.

use std::collections::BTreeMap;
use std::path::PathBuf;

use saksi_proto::definition::Definition;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::paper::Paper;
use saksi_tests::results::{self, Counts, Region, Sum, Totals};
use saksi_tests::scene::Scene;
use serde_json::Value;

fn pack() -> PathBuf {
    repository().join("deploy/elections/indonesia-2024")
}

/// The paper of every contest at a station.
fn papers(definition: &Definition, station: usize) -> Vec<Paper> {
    papers_of(definition, station, station as u64)
}

fn papers_of(definition: &Definition, station: usize, seed: u64) -> Vec<Paper> {
    let mut random = fastrand::Rng::with_seed(seed);
    let station = &definition.stations()[station];
    let paper = |contest| Paper::plausible(station, contest, &mut random);
    definition.contests().iter().map(paper).collect()
}

#[test]
fn a_form_goes_from_a_typed_file_into_the_totals_and_its_receipt_proves_it() {
    let place = tempfile::tempdir().unwrap();
    let definition = saksi_collector::pack::read(&pack()).unwrap();
    let mut collector = Collector::make(place.path(), &pack()).unwrap();
    let station = definition.stations()[0].code;
    let [ppwp, dpr, dpd] = &papers(&definition, 0)[..] else { panic!("three contests") };

    // Stored before there is any collector.
    let dir = place.path().join("agent");
    let mut agent = AgentProcess::init(&dir, &collector.bundle_path(station.as_str())).unwrap();
    let stored = agent.submit(&ppwp.to_json(), &[]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    assert!(String::from_utf8(stored.stdout).unwrap().starts_with("Stored: "));
    assert_eq!(agent.delivery("ppwp").unwrap()["state"], "stored");

    // Delivered by the daemon once there is one.
    collector.start(None).unwrap();
    agent.run(&collector.address().unwrap()).unwrap();
    let delivery = agent.received("ppwp").unwrap();
    assert_eq!(delivery["index"], definition.stations().len() as u64 + 1);
    assert_eq!(delivery["standing"], "counted");

    // The receipt proves it to whoever has the form and the log's key.
    let text = agent.succeed(&["receipt", "ppwp"]).unwrap();
    let (digest, receipt) = Receipt::from_tlog_proof(&text).unwrap();
    let sealed = std::fs::read(dir.join(format!("forms/{digest}.saksi"))).unwrap();
    let sealed = SealedForm::from_bytes(sealed).unwrap();
    let key = std::fs::read_to_string(collector.dir().join("log.vkey")).unwrap();
    let checkpoint = receipt.verify(&sealed, &key.trim_end().parse().unwrap()).unwrap();
    assert!(checkpoint.size > receipt.index);
    assert_eq!(receipt.index, delivery["index"]);

    // Two more go through the daemon's door, without a restart.
    for paper in [dpr, dpd] {
        let stored = agent.submit(&paper.to_json(), &[]).unwrap();
        assert!(stored.status.success(), "{stored:?}");
        agent.received(&paper.contest).unwrap();
    }
    let above = [2, 4, 6, 10].map(|digits| &station.as_str()[..digits]);
    for (paper, contest) in [ppwp, dpr, dpd].into_iter().zip(definition.contests()) {
        for region in ["0"].iter().chain(&above) {
            let totals = results::region(&collector, region, &paper.contest).unwrap().totals;
            let votes: BTreeMap<_, _> = contest
                .ballot
                .contestants()
                .map(|(code, _)| code.to_string())
                .zip(paper.votes_of(contest))
                .collect();
            assert_eq!(plain(&totals.votes), votes, "{region}");
            assert_eq!(number(totals.valid), u64::from(paper.number("V.A")));
            assert_eq!(number(totals.invalid), u64::from(paper.number("V.B")));
        }
    }
}

#[test]
fn every_region_is_the_sum_of_its_parts_in_every_contest_and_every_door_says_the_same() {
    let place = tempfile::tempdir().unwrap();
    let definition = saksi_collector::pack::read(&pack()).unwrap();
    let mut collector = Collector::make(place.path(), &pack()).unwrap();
    collector.start(None).unwrap();
    let deliver = |name: &str, at: usize, papers: &[Paper]| {
        let bundle = collector.bundle(definition.stations()[at].code.as_str()).unwrap();
        let agent = device::open(&place.path().join(name), &bundle).unwrap();
        for paper in papers {
            let explained = Some("as on the paper");
            device::submit(&agent, &paper.to_json().to_string(), explained).unwrap();
        }
        let delivered = device::deliver(&agent, &collector.address().unwrap()).unwrap();
        assert_eq!(delivered.received, papers.len());
    };
    let counted = [0, 1, 90, 150, 229].map(|at| papers(&definition, at));
    for (at, papers) in [0, 1, 90, 150, 229].into_iter().zip(&counted) {
        deliver(&format!("counted-{at}"), at, papers);
    }
    // Two are held: valid and invalid votes do not make V.C. One is disputed.
    for at in [2, 91] {
        let mut papers = papers(&definition, at);
        papers.iter_mut().for_each(|paper| paper.set("V.C", paper.number("V.C") + 1));
        deliver(&format!("held-{at}"), at, &papers);
    }
    for (name, seed) in [("one", 3), ("other", 4)] {
        deliver(name, 3, &papers_of(&definition, 3, seed));
    }

    for (at, contest) in definition.contests().iter().enumerate() {
        let code = contest.code.as_str();
        let tree = results::tree(&collector, "0", code).unwrap();
        assert!(tree.len() > 90, "the country and its regions down to the villages");
        tree.iter().for_each(is_the_sum_of_its_parts);
        let valid: u64 = counted.iter().map(|papers| u64::from(papers[at].number("V.A"))).sum();
        assert_eq!(number(tree[0].totals.valid), valid);
        assert_eq!(listed(tree[0].totals.stations), [230, 8, 5, 2, 1, 222, 0]);
        for region in ["0", "8207", &tree[3].region.code] {
            the_command_line_says_what_the_api_says(&collector, region, code);
        }
    }
}

fn is_the_sum_of_its_parts(region: &Region) {
    if region.parts.is_empty() {
        let stations = u32::try_from(region.stations.len()).unwrap();
        assert_eq!(region.totals.stations.expected, stations, "{}", region.region.code);
        return;
    }
    let parts = region.parts.iter().map(|part| &part.totals);
    let mut votes = BTreeMap::new();
    let (mut valid, mut invalid, mut stations) = (0, 0, [0; 7]);
    for Totals { votes: of, valid: more_valid, invalid: more_invalid, stations: counts, .. } in
        parts
    {
        for (code, sum) in of {
            *votes.entry(code.clone()).or_default() += sum.total;
        }
        valid += number(*more_valid);
        invalid += number(*more_invalid);
        stations.iter_mut().zip(listed(*counts)).for_each(|(sum, more)| *sum += more);
    }
    let code = &region.region.code;
    assert_eq!(plain(&region.totals.votes), votes, "{code}");
    assert_eq!((number(region.totals.valid), number(region.totals.invalid)), (valid, invalid));
    assert_eq!(listed(region.totals.stations), stations, "{code}");
}

fn the_command_line_says_what_the_api_says(collector: &Collector, region: &str, contest: &str) {
    let api: Value = collector.get(&format!("/api/v1/regions/{region}?contest={contest}")).unwrap();
    let json = collector.results(&[region, "--contest", contest, "--json"]).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), api);
    let csv = collector.results(&[region, "--contest", contest, "--csv"]).unwrap();
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = rows.deserialize().map(Result::unwrap).collect();
    let whole = rows.last().unwrap();
    let parts: Vec<_> = api["parts"].as_array().unwrap().iter().collect();
    assert_eq!(rows.len(), parts.len() + 1);
    for (row, part) in rows.iter().zip(parts).chain([(whole, &api)]) {
        assert_eq!(row["code"], part["region"]["code"].as_str().unwrap());
        let totals = &part["totals"];
        for count in ["expected", "reported", "counted", "held", "disputed", "missing"] {
            assert_eq!(row[count], totals["stations"][count].to_string(), "{count}");
        }
        for (code, votes) in totals["votes"].as_object().unwrap() {
            assert_eq!(row[code], votes["total"].to_string(), "{code}");
        }
        assert_eq!(row["valid"], totals["valid"]["total"].to_string());
        assert_eq!(row["invalid"], totals["invalid"]["total"].to_string());
    }
}

#[test]
fn a_station_shows_when_its_form_was_sealed_and_when_it_arrived() {
    let scene = Scene::serving().unwrap();
    let station = &scene.stations[0];
    let agent = device::open(&scene.agent_dir("clock"), &scene.bundle(0).unwrap()).unwrap();
    let form = station.paper([30, 20, 2, 1]).to_json().to_string();
    // A device whose clock stands in 2001.
    let device_ms = 1_000_000_000_000;
    let submission = saksi_agent::desk::Submission { form, ..Default::default() };
    agent.submit(submission, device_ms).unwrap();
    let before_ms = saksi_collector::clock::now_ms();
    device::deliver(&agent, &scene.collector.address().unwrap()).unwrap();
    let after_ms = saksi_collector::clock::now_ms();
    let shown: Value = scene.collector.get(&format!("/api/v1/stations/{}", station.code)).unwrap();
    let forms = shown["contests"][0]["forms"].as_array().unwrap();
    assert_eq!(forms.len(), 1);
    assert_eq!(forms[0]["device_ms"], device_ms);
    let arrived_ms = forms[0]["arrived_ms"].as_u64().unwrap();
    assert!((before_ms..=after_ms).contains(&arrived_ms), "{arrived_ms}");
}

fn number(sum: Option<Sum>) -> u64 {
    sum.expect("a sum").total
}

fn plain(votes: &BTreeMap<String, Sum>) -> BTreeMap<String, u64> {
    votes.iter().map(|(code, sum)| (code.clone(), sum.total)).collect()
}

fn listed(counts: Counts) -> [u32; 7] {
    let Counts { expected, reported, counted, held, disputed, missing, corrected } = counts;
    [expected, reported, counted, held, disputed, missing, corrected]
}
