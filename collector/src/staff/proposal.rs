//! Acts that need two people: one proposes with a reason, another confirms or declines.
//! Pure: whether a proposal still stands, who can be its second, and what it comes to.
//!
//! A proposal is the change itself, as it would be logged if one were enough. It stands as
//! long as the log would take it: when another form has come, or somebody else has decided
//! meanwhile, it has lapsed, and says so. The second person confirms what the first has read.
//!
//! ```text
//! open ──► confirmed ──► done            in the log, with both names
//!   │          └───────► lapsed          the log would not take it any more
//!   ├─────► declined                     by another, or withdrawn by who proposed it
//!   └─────► lapsed                       other forms, decided otherwise, or too old
//! ```
//!
//! `confirmed` is on the disk before the sequencer is asked, and names the size of the log:
//! whatever happens then, the entry is behind it or nowhere ([`is_logged_as`]).

use saksi_proto::definition::Definition;
use saksi_proto::entry::{Act, Entry, MAX_NAME, MAX_REASON};
use saksi_proto::ids::{ContestCode, StationCode};

use super::account::{Account, AccountName, Scope};
use super::policy::Kind;
use crate::changes::centre::Denial;
use crate::changes::{Change, ChangeFault, decide};
use crate::ledger::Ledger;

/// How long a proposal can be confirmed: a day, so that each shift sees it once. What is
/// older speaks of a reading that nobody remembers.
pub const LASTS_MS: u64 = 24 * 60 * 60 * 1_000;

/// Most proposals that wait for a second person: ten screens of fifty. Who finds so many
/// declines before proposing more.
pub const MAX_OPEN: usize = 500;

/// Somebody's part in a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The account.
    pub account: AccountName,
    /// Who it was, as the log has it.
    pub full_name: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
}

impl Part {
    /// Of the owner of an account.
    #[must_use]
    pub fn of(account: &Account, at_ms: u64) -> Self {
        Self { account: account.name.clone(), full_name: account.full_name.clone(), at_ms }
    }
}

/// An act that one person has proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number at this desk.
    pub id: u64,
    /// What is to change, with the first person's name and reason.
    pub change: Change,
    /// Who has proposed it.
    pub first: Part,
    /// What has become of it.
    pub state: State,
}

/// What has become of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It waits for a second person.
    Open,
    /// A second person has confirmed it, and it is being logged, or was when the collector
    /// stopped.
    Confirmed {
        /// Who.
        second: Part,
        /// The change with both names, as it was sent.
        change: Box<Change>,
        /// Entries of the log before.
        size: u64,
    },
    /// It is in the log.
    Done {
        /// Who has confirmed it.
        second: Part,
        /// Where it is in the log.
        entry: u64,
    },
    /// Somebody has said no.
    Declined {
        /// Who.
        second: Part,
        /// Why.
        remark: String,
    },
    /// It cannot be done any more.
    Lapsed {
        /// Why.
        why: Lapse,
    },
}

impl State {
    /// Its stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            State::Open => "open",
            State::Confirmed { .. } => "confirmed",
            State::Done { .. } => "done",
            State::Declined { .. } => "declined",
            State::Lapsed { .. } => "lapsed",
        }
    }
}

/// Why a proposal cannot be done any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lapse {
    /// Nobody has confirmed it for a day.
    #[error("it has waited for more than a day; look again and propose it anew")]
    Old,
    /// The log would not take it any more.
    #[error("{} ({})", .0.sentence(), .0.code())]
    Denied(Denial),
    /// The collector stopped between its confirmation and the log.
    #[error("the collector stopped before it was in the log, and nothing was done")]
    CutOff,
    /// The first person's account was ended.
    #[error("the account that has proposed it was ended")]
    NoAccount,
    /// A name or a reason has no room in the log.
    #[error("a name or reason is too long for the log")]
    TooLong,
    /// Something else that the log does not take.
    #[error("{0}")]
    Other(String),
}

impl Lapse {
    /// As it is kept.
    #[must_use]
    pub fn kept(&self) -> String {
        match self {
            Lapse::Old => "old".to_owned(),
            Lapse::Denied(denial) => denial.code().to_owned(),
            Lapse::CutOff => "cut-off".to_owned(),
            Lapse::NoAccount => "no-account".to_owned(),
            Lapse::TooLong => "too-long".to_owned(),
            Lapse::Other(why) => why.clone(),
        }
    }

    /// From how it is kept.
    #[must_use]
    pub fn of(kept: &str) -> Self {
        let denial = Denial::ALL.into_iter().find(|denial| denial.code() == kept);
        match (kept, denial) {
            (_, Some(denial)) => Lapse::Denied(denial),
            ("old", None) => Lapse::Old,
            ("cut-off", None) => Lapse::CutOff,
            ("no-account", None) => Lapse::NoAccount,
            ("too-long", None) => Lapse::TooLong,
            (other, None) => Lapse::Other(other.to_owned()),
        }
    }
}

impl From<ChangeFault> for Lapse {
    fn from(fault: ChangeFault) -> Self {
        match fault {
            ChangeFault::Denied(denial) => Lapse::Denied(denial),
            ChangeFault::TooLong(_) => Lapse::TooLong,
            other => Lapse::Other(other.to_string()),
        }
    }
}

/// Why somebody cannot be the second person, or nothing can be proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoSecond {
    /// It is who has proposed it.
    #[error("you have proposed this yourself; another person confirms it")]
    SamePerson,
    /// Another account of that name.
    #[error("who has proposed this has the same name as you; another person confirms it")]
    SameName,
    /// The role does not have the right.
    #[error("your role cannot do this")]
    NoRight,
    /// The station, or the whole, is not theirs.
    #[error("this is not in your region")]
    OtherRegion,
    /// It does not wait any more.
    #[error("this does not wait for anybody any more")]
    Settled,
    /// One waits for the same already.
    #[error("a proposal on this waits already; confirm or decline that one first")]
    Waits,
    /// Too many wait.
    #[error("{MAX_OPEN} proposals wait already; confirm or decline some first")]
    TooMany,
    /// The reason and the remark together are too long for the log.
    #[error("the reason and the remark have {MAX_REASON} bytes together at most; say less")]
    TooLong,
}

impl NoSecond {
    /// Its stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            NoSecond::SamePerson => "same-person",
            NoSecond::SameName => "same-name",
            NoSecond::NoRight => "no-right",
            NoSecond::OtherRegion => "other-region",
            NoSecond::Settled => "settled",
            NoSecond::Waits => "proposal-waits",
            NoSecond::TooMany => "too-many-proposals",
            NoSecond::TooLong => "remark-too-long",
        }
    }
}

impl Proposal {
    /// The station and contest that it is about; none, if it is about publication.
    #[must_use]
    pub fn place(&self) -> Option<(StationCode, ContestCode)> {
        place(&self.change)
    }

    /// What the first person says.
    #[must_use]
    pub fn reason(&self) -> &str {
        act(&self.change).map_or("", |act| &act.reason)
    }

    /// Why it cannot be confirmed any more, if it cannot.
    #[must_use]
    pub fn lapse(&self, ledger: &Ledger, now_ms: u64) -> Option<Lapse> {
        if now_ms.saturating_sub(self.first.at_ms) > LASTS_MS {
            return Some(Lapse::Old);
        }
        decide(ledger, &self.change).err().map(Lapse::from)
    }

    /// Whether the owner of an account sees it.
    #[must_use]
    pub fn is_seen_by(&self, account: &Account, definition: &Definition) -> bool {
        in_scope(&self.change, account, definition)
    }

    /// Whether the owner of an account can be the second person.
    ///
    /// # Errors
    /// [`NoSecond`].
    pub fn check_second(&self, account: &Account, definition: &Definition) -> Result<(), NoSecond> {
        let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        check_first(&self.change, account, definition)?;
        if account.name == self.first.account {
            Err(NoSecond::SamePerson)
        } else if same(account.full_name.trim(), self.first.full_name.trim()) {
            Err(NoSecond::SameName)
        } else if self.state != State::Open {
            Err(NoSecond::Settled)
        } else {
            Ok(())
        }
    }

    /// The change as it is logged when the second person confirms it: with both names, and
    /// the second one's remark behind the reason.
    ///
    /// # Errors
    /// [`NoSecond::TooLong`].
    pub fn seconded(&self, second: &Part, remark: &str) -> Result<Change, NoSecond> {
        let mut change = self.change.clone();
        if let Some((act, at_ms)) = signature(&mut change) {
            act.by = both(&self.first.full_name, &second.full_name);
            let remark = remark.trim();
            if !remark.is_empty() {
                act.reason = format!("{}{BETWEEN_REASONS}{remark}", act.reason);
            }
            *at_ms = second.at_ms;
            if act.reason.len() > MAX_REASON {
                return Err(NoSecond::TooLong);
            }
        }
        Ok(change)
    }
}

/// Whether the owner of an account can do this at all, alone or as the first.
///
/// # Errors
/// [`NoSecond::NoRight`], [`NoSecond::OtherRegion`].
pub fn check_first(
    change: &Change,
    account: &Account,
    definition: &Definition,
) -> Result<(), NoSecond> {
    if !Kind::of(change).is_some_and(|kind| account.role.has(kind.right())) {
        Err(NoSecond::NoRight)
    } else if in_scope(change, account, definition) {
        Ok(())
    } else {
        Err(NoSecond::OtherRegion)
    }
}

/// What is about no station is about the whole.
fn in_scope(change: &Change, account: &Account, definition: &Definition) -> bool {
    match place(change) {
        Some((station, _)) => definition
            .station(station)
            .is_some_and(|station| account.scope.holds(definition, station)),
        None => account.scope == Scope::Whole,
    }
}

/// The station and contest that a change is about.
#[must_use]
pub fn place(change: &Change) -> Option<(StationCode, ContestCode)> {
    match change {
        Change::Rule(ruling) => Some((ruling.station, ruling.contest)),
        Change::Ask(question) => Some((question.station, question.contest)),
        _ => None,
    }
}

fn act(change: &Change) -> Option<&Act> {
    match change {
        Change::Rule(ruling) => Some(&ruling.act),
        Change::Ask(question) => Some(&question.act),
        Change::Pause(pause) => Some(&pause.act),
        _ => None,
    }
}

fn signature(change: &mut Change) -> Option<(&mut Act, &mut u64)> {
    match change {
        Change::Rule(ruling) => Some((&mut ruling.act, &mut ruling.at_ms)),
        Change::Ask(question) => Some((&mut question.act, &mut question.at_ms)),
        Change::Pause(pause) => Some((&mut pause.act, &mut pause.at_ms)),
        _ => None,
    }
}

/// What stands between two names in the log.
const BETWEEN_NAMES: &str = "; ";

/// What stands between the reason of the first and the remark of the second.
const BETWEEN_REASONS: &str = " / ";

/// What stands for the end of a name that has no room.
const CUT: &str = "…";

/// Both names as the log has them: `FIRST; SECOND`. Each has room for 31 bytes, and more where
/// the other leaves it; what is longer is cut and ends with `…`. A `;` in a name becomes `,`,
/// so that there are always two.
#[must_use]
pub fn both(first: &str, second: &str) -> String {
    let room = MAX_NAME - BETWEEN_NAMES.len();
    let names = [first, second].map(|name| name.trim().replace(';', ","));
    let [first, second] = &names;
    let half = room / 2;
    let of_first = if second.len() < half { room - second.len() } else { half };
    let first = cut(first, of_first);
    let second = cut(second, room - first.len());
    format!("{first}{BETWEEN_NAMES}{second}")
}

fn cut(name: &str, room: usize) -> String {
    if name.len() <= room {
        return name.to_owned();
    }
    let end = (0..=room - CUT.len()).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{CUT}", &name[..end])
}

/// Whether an entry of the log is this change.
#[must_use]
pub fn is_logged_as(change: &Change, entry: &Entry) -> bool {
    match (change, entry) {
        (Change::Rule(ours), Entry::Ruling(logged)) => ours == logged,
        (Change::Ask(ours), Entry::Question(logged)) => ours == logged,
        (Change::Pause(ours), Entry::Pause(logged)) => ours == logged,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
