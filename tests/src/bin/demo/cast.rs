//! Who does what on the night: which station makes a mistake, corrects it, sends
//! twice, contradicts itself or stays silent.

use saksi_proto::definition::{Definition, Station};
use saksi_proto::election::Contest;
use saksi_tests::paper::Paper;

/// Stations whose agents are processes of their own.
pub(crate) const PROCESSES: usize = 20;

/// What happens with the presidential form of a station; its other forms are plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Sends right forms.
    Plain,
    /// Sends a form that breaks a hard rule, with an explanation: held.
    Mistaken,
    /// Sends a form that breaks a hard rule, then a correction: counted.
    Corrected,
    /// Sends everything twice: counted once.
    Twice,
    /// A second device of the station sends other numbers: disputed.
    Disputed,
    /// Its list of voters differs from the register: a warning, counted.
    Warned,
    /// Sends nothing: missing.
    Silent,
}

/// A station on the night.
pub(crate) struct Player {
    /// Code of the station.
    pub(crate) station: String,
    /// What happens with its presidential form.
    pub(crate) part: Part,
    /// Whether its agent is a process of its own.
    pub(crate) process: bool,
    /// The numbers that are true, one form a contest.
    pub(crate) papers: Vec<Paper>,
}

/// All stations, and the contests in the order of their papers.
pub(crate) struct Cast {
    /// The stations.
    pub(crate) players: Vec<Player>,
    /// The contests.
    pub(crate) contests: Vec<Contest>,
}

impl Cast {
    /// Gives each station its part. The same election gives the same night.
    pub(crate) fn new(definition: &Definition) -> Self {
        let contests = definition.contests().to_vec();
        let player = |(at, station): (usize, &Station)| {
            let mut random = fastrand::Rng::with_seed(at as u64);
            let papers = contests.iter();
            let papers = papers.map(|contest| Paper::plausible(station, contest, &mut random));
            let (station, part) = (station.code.to_string(), part(at));
            Player { station, part, process: false, papers: papers.collect() }
        };
        let mut players: Vec<_> = definition.stations().iter().enumerate().map(player).collect();
        let sending = players.iter_mut().filter(|player| player.part != Part::Silent);
        sending.take(PROCESSES).for_each(|player| player.process = true);
        Self { players, contests }
    }
}

/// In each 24 stations, one or two have each of the parts that are not plain.
fn part(at: usize) -> Part {
    match at % 24 {
        1 | 13 => Part::Mistaken,
        3 | 15 => Part::Corrected,
        5 | 17 => Part::Twice,
        7 => Part::Disputed,
        9 | 21 => Part::Warned,
        11 => Part::Silent,
        _ => Part::Plain,
    }
}

impl Player {
    /// The presidential form as first typed.
    pub(crate) fn first_form(&self) -> Paper {
        let mut paper = self.papers[0].clone();
        match self.part {
            Part::Mistaken | Part::Corrected => paper.set("V.A", paper.number("V.A") + 7),
            Part::Warned => {
                for field in ["I.A.L", "I.A.J"] {
                    paper.set(field, paper.number(field) + 1);
                }
            }
            Part::Plain | Part::Twice | Part::Disputed | Part::Silent => {}
        }
        paper
    }

    /// What the second device of a disputed station says: two candidates swapped, which
    /// no arithmetic can find.
    pub(crate) fn other_form(&self) -> Paper {
        let mut paper = self.papers[0].clone();
        let (first, second) = (paper.number("IV.01"), paper.number("IV.02"));
        paper.set("IV.01", second);
        paper.set("IV.02", if first == second { first + 1 } else { first });
        paper
    }
}
