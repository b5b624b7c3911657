//! A night with a station of every kind, in an election of the samples: counted, held,
//! disputed, corrected, with empty and illegible boxes, not opened, ruled on, missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use saksi_collector::election::Election;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::count::Count;
use saksi_proto::fields::Part;
use saksi_tests::binaries::repository;
use saksi_tests::collector::{self, Collector};
use saksi_tests::kenya::Station;
use saksi_tests::paper::Paper;
use saksi_tests::wire::{Voice, Wire, receipts};
use tempfile::TempDir;

/// Stations that take part in the night, of those on the list; the others are missing.
const ACTIVE: usize = 9;

/// How a station stands, and its numbers if they count.
pub(crate) type Stood = (&'static str, Option<Vec<Count>>);

/// A night, over.
pub(crate) struct Night {
    pub(crate) collector: Collector,
    pub(crate) election: Election,
    /// By the positions of contest and station.
    pub(crate) stations: BTreeMap<(usize, usize), Stood>,
    /// The checkpoint of the first station's receipt, in a file: nothing else had come.
    pub(crate) early: PathBuf,
    pub(crate) early_size: u64,
    place: TempDir,
}

impl Night {
    /// Of an election of the samples, as it is or in earnest.
    pub(crate) fn of(sample: &str, phase: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let pack = pack(sample, phase, place.path());
        let election = Election::new(saksi_collector::pack::read(&pack).unwrap());
        let mut collector = Collector::make(place.path(), &pack).unwrap();
        collector.start(None).unwrap();
        let early = place.path().join("early");
        let stations = BTreeMap::new();
        let mut night = Self { collector, election, stations, early, early_size: 0, place };
        for station in 0..night.election.definition.stations().len() {
            for contest in 0..night.election.definition.contests().len() {
                if night.election.definition.in_scope(contest, station_index(station)) {
                    night.play(contest, station);
                }
            }
        }
        night.collector.stop().unwrap();
        night
    }

    pub(crate) fn dir(&self) -> &Path {
        self.place.path()
    }

    pub(crate) fn home(&self) -> &str {
        self.collector.dir().to_str().unwrap()
    }

    pub(crate) fn key(&self) -> LogKey {
        fs::read_to_string(self.collector.dir().join("log.vkey")).unwrap().trim().parse().unwrap()
    }

    /// Runs `export` with these arguments.
    pub(crate) fn try_export(&self, arguments: &[&str]) -> Output {
        collector::command(&[&["export", self.home()], arguments].concat()).unwrap()
    }

    /// Runs `export`, which must succeed, into a file. Formats that want a day get it.
    pub(crate) fn export(&self, format: &str, more: &[&str]) -> PathBuf {
        let name: Vec<_> = [format].iter().chain(more).map(|word| word.replace('/', "_")).collect();
        let out = self.dir().join(name.concat());
        let to = ["--format", format, "--date", "2024-02-14", "--out", out.to_str().unwrap()];
        let output = self.try_export(&[&to[..], more].concat());
        assert!(output.status.success(), "{format} {more:?}: {output:?}");
        out
    }

    /// What one station does in one contest.
    fn play(&mut self, contest: usize, station: usize) {
        let right = self.counts(contest, station, 1);
        let wrong = self.wrong(contest, &right);
        let (state, counts) = match station {
            0 => {
                let note = self.send(contest, station, &[(right.clone(), None)]);
                if contest == 0 {
                    self.early_size = self.key().open(&note).unwrap().size;
                    fs::write(&self.early, note).unwrap();
                }
                ("counted", Some(right))
            }
            1 => {
                self.send(contest, station, &[(wrong, None)]);
                ("held", None)
            }
            2 => {
                let other = self.counts(contest, station, 2);
                self.send(contest, station, &[(right, None), (other, None)]);
                ("disputed", None)
            }
            3 => {
                let other = self.counts(contest, station, 2);
                self.send(contest, station, &[(wrong, None), (other.clone(), Some(0))]);
                ("counted", Some(other))
            }
            4 => {
                let gaps = self.with_gaps(contest, right);
                self.send(contest, station, &[(gaps.clone(), None)]);
                ("counted", Some(gaps))
            }
            5 => {
                // One amendment is for all contests of the station.
                if contest == 0 {
                    self.command(&["amend", "unopened"], station, &[]);
                }
                ("unopened", None)
            }
            6 => {
                self.send(contest, station, &[(wrong.clone(), None)]);
                let digest = self.only_digest(contest, station);
                self.rule("accept", contest, station, &["--form", &digest]);
                ("counted", Some(wrong))
            }
            7 => {
                self.send(contest, station, &[(wrong, None)]);
                self.rule("reject", contest, station, &[]);
                ("rejected", None)
            }
            8 if contest == 0 => {
                self.send(contest, station, &[(right.clone(), None)]);
                ("counted", Some(right))
            }
            _ => ("missing", None),
        };
        assert!(station < ACTIVE || state == "missing");
        self.stations.insert((contest, station), (state, counts));
    }

    /// Numbers that break no rule.
    fn counts(&self, contest: usize, station: usize, seed: u64) -> Vec<Count> {
        let of = &self.election.definition.stations()[station];
        let contest_of = self.election.contest(contest);
        let mut random = fastrand::Rng::with_seed(seed * 1_000 + station as u64);
        let paper = if of.registered.men.is_some() {
            Paper::plausible(of, contest_of, &mut random)
        } else {
            let (code, region) = (of.code.to_string(), of.region.to_string());
            let registered = of.registered.all.unwrap();
            let votes = [30, 20, 2, 1].map(|votes| votes + random.u32(0..9));
            Station { code, region, registered }.paper(votes)
        };
        let number = |code: &str| paper.lines.get(code).copied().flatten();
        let fields = self.election.layout(contest).fields().iter();
        fields.map(|field| number(&field.code).map_or(Count::NotWritten, Count::Written)).collect()
    }

    /// The same with the first contestant's votes one more: they are not the sum any more.
    fn wrong(&self, contest: usize, right: &[Count]) -> Vec<Count> {
        let mut wrong = right.to_vec();
        let first = self.election.layout(contest).votes()[0];
        wrong[first] = Count::Written(right[first].number().unwrap() + 1);
        wrong
    }

    /// The same with a box of votes that is empty, and one that nobody can read. The sums
    /// that they belong to cannot be checked then.
    fn with_gaps(&self, contest: usize, mut counts: Vec<Count>) -> Vec<Count> {
        let fields = self.election.layout(contest).fields();
        let votes = fields.iter().enumerate().filter(|(_, field)| {
            matches!(field.part, Part::Candidate(_) | Part::PartyCandidate(..))
        });
        let votes: Vec<_> = votes.map(|(at, _)| at).collect();
        counts[votes[0]] = Count::NotWritten;
        counts[votes[1]] = Count::Illegible;
        counts
    }

    /// Sends forms of a station, each with the one that it takes the place of; gives the
    /// checkpoint of the last receipt.
    fn send(
        &self,
        contest: usize,
        station: usize,
        forms: &[(Vec<Count>, Option<usize>)],
    ) -> String {
        let code = self.election.definition.stations()[station].code;
        let bundle = self.collector.bundle(code.as_str()).unwrap();
        let voice = Voice::new(&bundle).unwrap();
        let mut sealed: Vec<saksi_proto::seal::SealedForm> = Vec::new();
        for (at, (counts, before)) in forms.iter().enumerate() {
            let mut form = voice.form(counts.clone());
            form.contest = self.election.contest(contest).code;
            form.device_ms += at as u64;
            form.explanation = Some("as it stands on the paper".to_owned());
            if let Some(before) = before {
                form.supersedes = Some(sealed[*before].digest());
                form.revision = 2;
                form.reason = Some("typed wrongly".to_owned());
            }
            sealed.push(voice.seal(&form).unwrap());
        }
        let mut wire = Wire::begin(&self.collector.address().unwrap(), &bundle).unwrap();
        let receipts = receipts(&mut wire, &sealed, &self.key()).unwrap();
        receipts.last().unwrap().checkpoint.clone()
    }

    fn only_digest(&self, contest: usize, station: usize) -> String {
        let code = self.election.definition.stations()[station].code;
        let view: serde_json::Value =
            self.collector.get(&format!("/api/v1/stations/{code}")).unwrap();
        view["contests"][contest]["forms"][0]["digest"].as_str().unwrap().to_owned()
    }

    fn rule(&self, what: &str, contest: usize, station: usize, more: &[&str]) {
        let code = self.election.contest(contest).code;
        let more = [&["--contest", code.as_str()], more].concat();
        self.command(&["ruling", what], station, &more);
    }

    fn command(&self, what: &[&str], station: usize, more: &[&str]) {
        let code = self.election.definition.stations()[station].code;
        let why = ["--by", "sri", "--reason", "as on the photo"];
        let arguments = [what, &[self.home(), code.as_str()], more, &why].concat();
        collector::succeed(&arguments).unwrap();
    }

    /// The newest checkpoint, as another command shows it.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let note = fs::read_to_string(self.collector.dir().join("public/checkpoint")).unwrap();
        self.key().open(&note).unwrap()
    }
}

pub(crate) fn station_index(station: usize) -> u32 {
    u32::try_from(station).unwrap()
}

/// A copy of a sample with this phase.
pub(crate) fn pack(sample: &str, phase: &str, dir: &Path) -> PathBuf {
    let from = repository().join("deploy/elections").join(sample);
    let pack = dir.join("pack");
    fs::create_dir(&pack).unwrap();
    for file in ["regions.csv", "stations.csv"] {
        fs::copy(from.join(file), pack.join(file)).unwrap();
    }
    let election = fs::read_to_string(from.join("election.toml")).unwrap();
    let changed = election.replace("phase = \"rehearsal\"", &format!("phase = \"{phase}\""));
    assert!(changed.contains(&format!("\nphase = \"{phase}\"")));
    fs::write(pack.join("election.toml"), changed).unwrap();
    pack
}
