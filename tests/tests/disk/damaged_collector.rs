//! T2 at the centre: every file of a collector is damaged in turn. It starts and knows
//! everything, or it refuses with the place, the way out and its exit code.

use std::fs;
use std::path::Path;

use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_tests::collector::{self, Collector};
use saksi_tests::kenya::{self, CONTEST, Station};
use saksi_tests::results;

use super::damage::{Damage, files, put_back};
use super::{sealed, submit};

/// A collector that was killed, its files, and what it had acknowledged.
struct Centre {
    collector: Collector,
    logged: Vec<(Station, SealedForm, Receipt)>,
    votes: Vec<u64>,
}

impl Centre {
    fn new(place: &Path) -> Self {
        let mut collector = Collector::make(place, &kenya::pack()).unwrap();
        collector.start(None).unwrap();
        let stations = kenya::stations().unwrap().into_iter().take(3);
        let logged = stations.map(|station| {
            let form = sealed(&collector, &station, [9, 6, 5, 4]);
            let receipt = submit(&collector, &station, &form).unwrap();
            (station, form, receipt)
        });
        let logged: Vec<_> = logged.collect();
        let votes = votes(&collector);
        assert_eq!(votes, [27, 18, 15, 12]);
        // Killed, not stopped: what it had in its WAL is still there.
        collector.kill().unwrap();
        Self { collector, logged, votes }
    }

    /// What only new devices need is looked at when there is one.
    fn issues_nothing(&self, file: &Path, case: &str) {
        let issued = self.collector.issue(&["--replace", &self.logged[0].0.code]).unwrap();
        let words = String::from_utf8(issued.stderr).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(!issued.status.success() && words.contains(name), "{case}: {words}");
    }

    /// It serves: every receipt is the same, and so are the totals.
    fn knows_everything(&mut self, case: &str) {
        for (station, form, receipt) in &self.logged {
            let again = submit(&self.collector, station, form);
            let again = again.unwrap_or_else(|fault| panic!("{case}: {fault:#}"));
            assert_eq!(again, *receipt, "{case}");
        }
        assert_eq!(votes(&self.collector), self.votes, "{case}");
        self.collector.kill().unwrap();
    }
}

fn votes(collector: &Collector) -> Vec<u64> {
    let region = results::region(collector, "0", CONTEST).unwrap();
    region.totals.votes.values().map(|sum| sum.total).collect()
}

#[test]
fn t2_whatever_befalls_a_file_of_a_collector_it_knows_everything_or_says_the_way_out() {
    let place = tempfile::tempdir().unwrap();
    let mut centre = Centre::new(place.path());
    let dir = centre.collector.dir().to_owned();
    let template = place.path().join("template");
    put_back(&dir, &template);
    let (mut served, mut refused) = (0, 0);
    for file in files(&template) {
        for damage in Damage::ALL {
            put_back(&template, &dir);
            if !damage.to(&dir.join(&file)) {
                continue;
            }
            let case = format!("{} {damage:?}", file.display());
            if let Ok((code, words)) = centre.collector.fail_to_start() {
                refused += 1;
                refusal_is_clear(&file, code, &words, &case);
            } else {
                served += 1;
                centre.collector.start(None).unwrap();
                centre.knows_everything(&case);
                if ["keys/ca.key", "log.vkey"].contains(&file.to_str().unwrap()) {
                    centre.issues_nothing(&file, &case);
                }
            }
        }
    }
    assert!(served > 10 && refused > 40, "{served} served, {refused} refused");
}

/// What a collector says that does not start: the place, what to do, and its code.
fn refusal_is_clear(file: &Path, code: Option<i32>, words: &str, case: &str) {
    let name = file.to_str().unwrap();
    let (codes, place): (&[i32], &str) = match name {
        "collector.toml" => (&[3], "collector.toml:"),
        // A change that makes no mistake makes another election.
        _ if name.starts_with("election/") && code == Some(5) => (&[5], "Next, put "),
        _ if name.starts_with("election/") => (&[3], "in the election definition"),
        _ if name.starts_with("journal.db") => (&[5], "journal restore "),
        "keys/log.key" => (&[4, 5], "keys/log.key"),
        "log.vkey" => (&[4], name),
        _ if name.starts_with("keys/") => (&[4], name),
        other => panic!("{other} is not needed to serve: {words}"),
    };
    assert!(code.is_some_and(|code| codes.contains(&code)), "{case}: {code:?} {words}");
    assert!(words.contains(place), "{case}: {words}");
}

#[test]
fn t2_a_journal_that_lost_its_wal_is_given_up_only_when_told_and_devices_send_again() {
    let place = tempfile::tempdir().unwrap();
    let mut centre = Centre::new(place.path());
    let dir = centre.collector.dir().to_owned();
    let home = dir.to_str().unwrap();
    fs::remove_file(dir.join("journal.db-wal")).unwrap();
    let (code, words) = centre.collector.fail_to_start().unwrap();
    assert_eq!(code, Some(5), "{words}");
    assert!(words.contains("the journal has 13, but 16 were acknowledged"), "{words}");
    for reading in [&["journal", "verify", home][..], &["results", home]] {
        let output = collector::command(reading).unwrap();
        assert_eq!(output.status.code(), Some(5), "{output:?}");
    }
    // Whoever has no backup goes on with what is there.
    let rest = place.path().join("rest.db");
    fs::copy(dir.join("journal.db"), &rest).unwrap();
    let restore = ["journal", "restore", home, rest.to_str().unwrap()];
    let refused = collector::command(&restore).unwrap();
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("lacks 3 entries") && words.contains("--lose-entries"), "{words}");
    collector::succeed(&[&restore[..], &["--lose-entries"]].concat()).unwrap();
    centre.collector.start(None).unwrap();
    for (station, form, _) in &centre.logged {
        submit(&centre.collector, station, form).unwrap();
    }
    assert_eq!(votes(&centre.collector), centre.votes);
}
