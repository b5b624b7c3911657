//! What must hold of the reading of any election definition.

use saksi_collector::election::Election;
use saksi_proto::author::{self, ELECTION_FILE, Pack, REGIONS_FILE};
use saksi_proto::count::Count;
use saksi_proto::slice::Slicer;

use crate::bounded;

/// Memory for a definition of so many bytes. A value of TOML takes 100 bytes and may be
/// written in two, and a term of a rule as many for each field of a form; the sample of Kenya
/// takes 65 bytes a byte. More than this would be a definition that is larger than it looks.
fn memory(texts: usize) -> usize {
    500 * texts + (512 << 10)
}

/// Reads a pack. What has no mistakes is an election: a collector can lay out its forms,
/// and each device gets its own part of it. What has some says where.
///
/// # Panics
/// If any of this does not hold.
pub fn read(pack: Pack<'_>) {
    let Pack { election, regions, stations } = pack;
    let size = election.len() + regions.len() + stations.len();
    match bounded(memory(size), || author::read(pack)) {
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "neither an election nor mistakes");
            for mistake in mistakes {
                let text = match mistake.file {
                    ELECTION_FILE => election,
                    REGIONS_FILE => regions,
                    _ => stations,
                };
                let lines = text.lines().count() as u64;
                assert!((1..=lines + 1).contains(&mistake.line), "{mistake} of {lines} lines");
                assert!(mistake.column > 0 && !mistake.what.is_empty(), "{mistake:?}");
            }
        }
        Ok(definition) => {
            let digest = definition.digest();
            let station = u32::try_from(definition.stations().len() - 1).expect("few stations");
            let slice = Slicer::new(&definition).slice(&definition, station);
            let own = slice.verify(digest).expect("the device's part is of the election");
            assert!(!own.contests.is_empty(), "a station without a contest");
            let election = Election::new(definition);
            for contest in 0..election.definition.contests().len() {
                let fields = election.layout(contest).fields().len();
                drop(election.findings(contest, station, &vec![Count::Written(0); fields]));
                let most = vec![Count::Written(Count::MAX); fields];
                drop(election.findings(contest, station, &most));
            }
        }
    }
}
