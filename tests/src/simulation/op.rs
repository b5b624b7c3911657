//! What can happen in a simulated election night. A run is a seed and a list of these.

use saksi_proto::ruling::Amended;

use super::country::DEVICES;

/// One thing that happens. Devices and contests are named by number, so that a list
/// keeps its meaning when others are taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Officers type a first form.
    Enter {
        /// The device.
        device: usize,
        /// Which of the contests.
        contest: usize,
        /// Whether the form adds up.
        sound: bool,
        /// Its spoilt ballots.
        spoilt: u8,
    },
    /// Officers correct their newest form.
    Correct {
        /// The device.
        device: usize,
        /// Which of the contests.
        contest: usize,
        /// Whether the form adds up.
        sound: bool,
        /// Its spoilt ballots.
        spoilt: u8,
    },
    /// The station's second device enters a form of its own.
    Dispute {
        /// Which of the contests.
        contest: usize,
        /// Whether the form adds up.
        sound: bool,
        /// Its spoilt ballots.
        spoilt: u8,
    },
    /// Officers send a form for a contest that their station does not hold.
    Stray {
        /// The device.
        device: usize,
    },
    /// The operator asks for everything to be sent once more.
    Resubmit {
        /// The device.
        device: usize,
    },
    /// The centre revokes the devices of a station.
    Revoke {
        /// A device of the station.
        device: usize,
    },
    /// The centre enrols the devices of a station again.
    Reinstate {
        /// A device of the station.
        device: usize,
    },
    /// The centre rules on what a station has sent, whether or not there is anything to
    /// rule on.
    Rule {
        /// A device of the station.
        device: usize,
        /// Which of the contests.
        contest: usize,
        /// What is decided.
        verdict: Verdict,
    },
    /// The centre amends what is expected of a station.
    Amend {
        /// The station.
        station: usize,
        /// What is amended.
        change: Amended,
    },
    /// The centre asks a station about what it has sent, if it has sent anything.
    Ask {
        /// A device of the station.
        device: usize,
        /// Which of the contests.
        contest: usize,
    },
    /// Someone sends what no honest device sends.
    Forge {
        /// What is sent.
        forgery: Forgery,
    },
    /// The link of a device breaks, until [`Op::MendLink`]. A silent one says nothing:
    /// packets vanish.
    CutLink {
        /// The device.
        device: usize,
        /// Whether packets vanish instead.
        silent: bool,
    },
    /// The link works again.
    MendLink {
        /// The device.
        device: usize,
    },
    /// The next message of a device is lost, and its connection with it.
    LoseRequest {
        /// The device.
        device: usize,
    },
    /// The next message to a device is lost, and its connection with it.
    LoseReply {
        /// The device.
        device: usize,
    },
    /// The next answer to a device is a liar's: its receipts prove nothing.
    Deceive {
        /// The device.
        device: usize,
    },
    /// The process of an agent is killed and started again.
    CrashAgent {
        /// The device.
        device: usize,
    },
    /// The process of the collector is killed and started again.
    CrashCollector,
    /// The power goes. Of what no fsync has confirmed, `keep` records stay.
    CutPower {
        /// Whose disk.
        place: Place,
        /// Unconfirmed records that stay.
        keep: u8,
    },
    /// The power goes while something is written, `after` that many steps of the disk.
    TornWrite {
        /// Whose disk.
        place: Place,
        /// Steps of the disk until then.
        after: u8,
        /// Unconfirmed records that stay.
        keep: u8,
    },
    /// A process is killed while it writes, after that many steps of the disk: what it
    /// wrote can be read, and no fsync has confirmed it.
    KillInWrite {
        /// Whose disk.
        place: Place,
        /// Steps of the disk until then.
        after: u8,
    },
    /// An fsync fails, after that many steps of the disk.
    FailSync {
        /// Whose disk.
        place: Place,
        /// Steps of the disk until then.
        after: u8,
        /// How it fails.
        fault: SyncFault,
    },
    /// A device's clock jumps to so many hours beside the right time.
    SetClock {
        /// The device.
        device: usize,
        /// Hours beside the right time.
        hours: i64,
    },
    /// Time passes, milliseconds.
    Advance {
        /// Milliseconds.
        ms: u64,
    },
}

/// Whose disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// That of a device.
    Agent(usize),
    /// That of the collector.
    Collector,
}

/// What a ruling decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The first of the forms that are there is counted.
    First,
    /// The last of them is.
    Last,
    /// None is.
    Reject,
    /// The ruling before stands no more.
    Withdraw,
}

/// How an fsync fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncFault {
    /// Nothing of it is there.
    Lost,
    /// It can be read until the power goes: the kernel has marked it as written.
    Cached,
    /// All of it is there.
    Done,
}

/// What a forger sends, each in one batch behind honest forms of the forger's own
/// station, which must not suffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Forgery {
    /// A form for another station, signed by the forger.
    OtherStation,
    /// A form of another station, as its own device sealed it.
    Stolen,
    /// A form whose numbers were changed after it was signed.
    BadSignature,
    /// A signature that only a careless batch verification takes.
    Torsion,
    /// Bytes that are no form.
    Garbage,
    /// A session in another station's name, with the forger's key.
    Impostor,
}

/// All forgeries.
pub const FORGERIES: [Forgery; 6] = [
    Forgery::OtherStation,
    Forgery::Stolen,
    Forgery::BadSignature,
    Forgery::Torsion,
    Forgery::Garbage,
    Forgery::Impostor,
];

impl Op {
    /// Its name in tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Op::Enter { .. } => "enter",
            Op::Correct { .. } => "correct",
            Op::Dispute { .. } => "dispute",
            Op::Stray { .. } => "stray form",
            Op::Resubmit { .. } => "resubmit",
            Op::Revoke { .. } => "revoke",
            Op::Reinstate { .. } => "reinstate",
            Op::Rule { .. } => "rule",
            Op::Amend { .. } => "amend",
            Op::Ask { .. } => "ask",
            Op::Forge { .. } => "forge",
            Op::CutLink { .. } => "cut link",
            Op::MendLink { .. } => "mend link",
            Op::LoseRequest { .. } => "lose request",
            Op::LoseReply { .. } => "lose reply",
            Op::Deceive { .. } => "deceive",
            Op::CrashAgent { .. } => "crash agent",
            Op::CrashCollector => "crash collector",
            Op::CutPower { .. } => "cut power",
            Op::TornWrite { .. } => "torn write",
            Op::KillInWrite { .. } => "kill in a write",
            Op::FailSync { .. } => "failed fsync",
            Op::SetClock { .. } => "set clock",
            Op::Advance { .. } => "advance time",
        }
    }

    /// All names.
    pub const NAMES: [&'static str; 24] = [
        "enter",
        "correct",
        "dispute",
        "stray form",
        "resubmit",
        "revoke",
        "reinstate",
        "rule",
        "amend",
        "ask",
        "forge",
        "cut link",
        "mend link",
        "lose request",
        "lose reply",
        "deceive",
        "crash agent",
        "crash collector",
        "cut power",
        "torn write",
        "kill in a write",
        "failed fsync",
        "set clock",
        "advance time",
    ];
}

/// Every place with a disk.
pub fn places() -> impl Iterator<Item = Place> {
    (0..DEVICES).map(Place::Agent).chain([Place::Collector])
}

/// A test that plays a list again, in Rust. It needs the names of all operations,
/// places and faults.
#[must_use]
pub fn reproduction(seed: u64, ops: &[Op]) -> String {
    let lines: String = ops.iter().map(|op| format!("        {op:?},\n")).collect();
    format!(
        "#[test]\nfn a_name_for_what_went_wrong() {{\n    plays({seed}, &[\n{lines}    ]);\n}}\n"
    )
}
