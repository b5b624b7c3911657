//! What the totals must be, added up from the papers without the product: a station's
//! code begins with the codes of its village, district, regency and province.

use std::collections::BTreeMap;

use saksi_proto::definition::Definition;
use saksi_tests::collector::Collector;
use saksi_tests::results::{self, Counts, Region};

use crate::cast::{Cast, Part, Player};

/// Code of the country, which no station's code begins with.
const COUNTRY: &str = "0";
/// Deepest level that is printed; villages are compared silently.
const PRINTED: [&str; 4] = ["country", "province", "regency", "district"];

/// Station counts and votes of one region in one contest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Total {
    stations: Counts,
    votes: Vec<u64>,
}

/// Totals by contest and region.
pub(crate) struct Sums(BTreeMap<(String, String), Total>);

impl Sums {
    /// Adds up the papers.
    pub(crate) fn of(cast: &Cast) -> Self {
        let mut sums = BTreeMap::new();
        for (at, contest) in cast.contests.iter().enumerate() {
            for player in &cast.players {
                let votes = player.papers[at].votes_of(contest);
                for region in regions_of(&player.station) {
                    let total: &mut Total =
                        sums.entry((contest.code.to_string(), region)).or_default();
                    total.votes.resize(votes.len(), 0);
                    total.add(player, at == 0, &votes);
                }
            }
        }
        Self(sums)
    }

    /// Compares every region of every contest with the product, and prints the upper
    /// levels beside each other. True if all agree.
    pub(crate) fn compare(
        &self,
        collector: &Collector,
        definition: &Definition,
    ) -> anyhow::Result<bool> {
        let mut agree = true;
        for contest in definition.contests() {
            let code = contest.code.as_str();
            println!("\n    {}", contest.name.in_language(0));
            println!("    {:<26}{}", "region", TITLES);
            for region in results::tree(collector, COUNTRY, code)? {
                let found = total(&region);
                let key = (code.to_owned(), region.region.code.clone());
                let wanted = self
                    .0
                    .get(&key)
                    .cloned()
                    .unwrap_or(Total { votes: vec![0; found.votes.len()], ..Total::default() });
                agree &= found == wanted;
                if PRINTED.contains(&region.region.level.as_str()) || found != wanted {
                    print_row(&region, definition, &found, &wanted);
                }
            }
        }
        Ok(agree)
    }
}

const TITLES: &str = "expected reported counted held disputed missing    all votes  independent";

fn print_row(region: &Region, definition: &Definition, found: &Total, wanted: &Total) {
    let code = &region.region.code;
    let name = definition.regions().iter().find(|region| region.code.as_str() == code);
    let name = name.map_or("", |region| &region.name);
    let Counts { expected, reported, counted, held, disputed, missing, .. } = found.stations;
    let (votes, independent) = (found.votes.iter().sum::<u64>(), wanted.votes.iter().sum::<u64>());
    let sign = if found == wanted { "=" } else { "≠" };
    println!(
        "    {:<26}{expected:>8} {reported:>8} {counted:>7} {held:>4} {disputed:>8} {missing:>7} \
         {votes:>12} {sign}{independent:>12}",
        format!("{code} {name}")
    );
}

fn regions_of(station: &str) -> [String; 5] {
    let part = |length: usize| station[..length].to_owned();
    [COUNTRY.to_owned(), part(2), part(4), part(6), part(10)]
}

impl Total {
    /// Adds a station; only its presidential form has a part in the play.
    fn add(&mut self, player: &Player, president: bool, votes: &[u64]) {
        let stations = &mut self.stations;
        stations.expected += 1;
        let part = match player.part {
            Part::Silent => Part::Silent,
            part if president => part,
            _ => Part::Plain,
        };
        if part == Part::Silent {
            stations.missing += 1;
            return;
        }
        stations.reported += 1;
        match part {
            Part::Mistaken => stations.held += 1,
            Part::Disputed => stations.disputed += 1,
            _ => {
                stations.counted += 1;
                stations.corrected += u32::from(part == Part::Corrected);
                self.votes.iter_mut().zip(votes).for_each(|(sum, votes)| *sum += votes);
            }
        }
    }
}

fn total(region: &Region) -> Total {
    let votes = region.totals.votes.values().map(|votes| votes.total).collect();
    Total { stations: region.totals.stations, votes }
}
