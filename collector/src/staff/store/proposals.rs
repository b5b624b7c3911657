//! Proposals that need a second person. One waits for each case at a time: the index of what
//! waits is unique. Each step is one statement that says from which state it leads, so two
//! who press at once cannot both take it.

use rusqlite::{ErrorCode, OptionalExtension as _, Row, params};

use super::{Store, StoreFault};
use crate::changes::Change;
use crate::election::Election;
use crate::staff::account::{Account, AccountName, Right, Scope};
use crate::staff::policy::Kind;
use crate::staff::proposal::{Lapse, MAX_OPEN, NoSecond, Part, Proposal, State, place};

/// The step that makes their table.
pub(super) const TABLE: &str = "
    CREATE TABLE proposal (
        id INTEGER PRIMARY KEY, about TEXT NOT NULL, station TEXT, change TEXT NOT NULL,
        first TEXT NOT NULL, first_name TEXT NOT NULL, first_ms INTEGER NOT NULL,
        state TEXT NOT NULL,
        second TEXT, second_name TEXT, second_ms INTEGER,
        sent TEXT, size INTEGER, entry INTEGER, word TEXT
    ) STRICT;
    CREATE UNIQUE INDEX proposal_waits ON proposal (about)
        WHERE state IN ('open', 'confirmed');
    CREATE INDEX proposal_station ON proposal (station, id);
";

const COLUMNS: &str = "id, change, first, first_name, first_ms, state, second, second_name, \
                       second_ms, sent, size, entry, word";

/// A row, not looked at yet.
struct Raw {
    id: u64,
    change: String,
    first: (String, String, u64),
    state: String,
    second: Option<(String, String, u64)>,
    sent: Option<String>,
    size: Option<u64>,
    entry: Option<u64>,
    word: Option<String>,
}

/// A proposal that waits, as much of it as navigation and queue need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// Its number.
    pub id: u64,
    /// What it is about, as [`about`] says it.
    pub about: String,
    /// Code of the station; none, if it is about publication.
    pub station: Option<String>,
    /// Name of the account that has proposed it.
    pub first: String,
}

impl Waits {
    /// Whether the owner of an account sees it.
    #[must_use]
    pub fn is_seen_by(&self, account: &Account, election: &Election) -> bool {
        let definition = &election.definition;
        match &self.station {
            None => account.scope == Scope::Whole,
            Some(code) => {
                let station = code.parse().ok().and_then(|code| definition.station(code));
                station.is_some_and(|station| account.scope.holds(definition, station))
            }
        }
    }

    /// Whether the owner of an account can be its second person.
    #[must_use]
    pub fn waits_for(&self, account: &Account, election: &Election) -> bool {
        let kind = self.about.split(' ').next().and_then(|kind| kind.parse::<Kind>().ok());
        let right = kind.map_or(Right::Pause, Kind::right);
        account.role.has(right)
            && account.name.as_str() != self.first
            && self.is_seen_by(account, election)
    }
}

/// What a change is about: of what waits for a second person, one for each.
#[must_use]
pub fn about(change: &Change) -> String {
    match (Kind::of(change), place(change)) {
        (Some(kind), Some((station, contest))) => format!("{} {station} {contest}", kind.name()),
        _ => "publication".to_owned(),
    }
}

impl Store {
    /// Notes a proposal; gives its number, or why it is not taken.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn propose(
        &self,
        change: &Change,
        first: &Part,
    ) -> Result<Result<u64, NoSecond>, StoreFault> {
        let text = self.text(change)?;
        let station = place(change).map(|(station, _)| station.to_string());
        let about = about(change);
        self.with(|connection| {
            let waiting: usize = connection.query_row(
                "SELECT count(*) FROM proposal WHERE state = 'open'",
                [],
                |row| row.get(0),
            )?;
            if waiting >= MAX_OPEN {
                return Ok(Err(NoSecond::TooMany));
            }
            let inserted = connection.execute(
                "INSERT INTO proposal (about, station, change, first, first_name, first_ms, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open')",
                params![
                    about,
                    station,
                    text,
                    first.account.as_str(),
                    first.full_name,
                    first.at_ms.cast_signed()
                ],
            );
            match inserted {
                Ok(_) => Ok(Ok(connection.last_insert_rowid().cast_unsigned())),
                Err(fault) if is_double(&fault) => Ok(Err(NoSecond::Waits)),
                Err(fault) => Err(fault),
            }
        })
    }

    /// A proposal, if there is one of this number.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn proposal(&self, id: u64) -> Result<Option<Proposal>, StoreFault> {
        let raw = self.with(|connection| {
            let query = format!("SELECT {COLUMNS} FROM proposal WHERE id = ?1");
            connection.query_row(&query, [id.cast_signed()], read).optional()
        })?;
        raw.map(|raw| self.parsed(raw)).transpose()
    }

    /// What waits for a second person or for the log, the oldest first: [`MAX_OPEN`] and a few
    /// at most.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn waiting_proposals(&self) -> Result<Vec<Waits>, StoreFault> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, about, station, first FROM proposal
                 WHERE state IN ('open', 'confirmed') ORDER BY id",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Waits {
                    id: row.get::<_, i64>(0)?.cast_unsigned(),
                    about: row.get(1)?,
                    station: row.get(2)?,
                    first: row.get(3)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Those that are confirmed and of which it is not known whether they are in the log.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn confirmed_proposals(&self) -> Result<Vec<Proposal>, StoreFault> {
        self.proposals("state = 'confirmed' ORDER BY id", &[])
    }

    /// The latest proposals on a station, whatever has become of them, at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn proposals_on(&self, station: &str, limit: u32) -> Result<Vec<Proposal>, StoreFault> {
        let condition = "station = ?1 ORDER BY id DESC LIMIT ?2";
        self.proposals(condition, &[&station, &limit])
    }

    /// The latest proposals that wait for nobody any more, older than one, at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn settled_proposals(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Proposal>, StoreFault> {
        let before = before.map_or(i64::MAX, u64::cast_signed);
        let condition = "state NOT IN ('open', 'confirmed') AND id < ?1 ORDER BY id DESC LIMIT ?2";
        self.proposals(condition, &[&before, &limit])
    }

    fn proposals(
        &self,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Proposal>, StoreFault> {
        let raw: Vec<Raw> = self.with(|connection| {
            let query = format!("SELECT {COLUMNS} FROM proposal WHERE {condition}");
            let mut statement = connection.prepare_cached(&query)?;
            let rows = statement.query_map(values, read)?;
            rows.collect()
        })?;
        raw.into_iter().map(|raw| self.parsed(raw)).collect()
    }

    /// A second person confirms: from here on `sent` is what is logged, behind `size` entries.
    /// Says whether it was open.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn confirm_proposal(
        &self,
        id: u64,
        second: &Part,
        sent: &Change,
        size: u64,
    ) -> Result<bool, StoreFault> {
        let sent = self.text(sent)?;
        let changed = self.with(|connection| {
            connection.execute(
                "UPDATE proposal SET state = 'confirmed', second = ?2, second_name = ?3,
                 second_ms = ?4, sent = ?5, size = ?6 WHERE id = ?1 AND state = 'open'",
                params![
                    id.cast_signed(),
                    second.account.as_str(),
                    second.full_name,
                    second.at_ms.cast_signed(),
                    sent,
                    size.cast_signed()
                ],
            )
        })?;
        Ok(changed == 1)
    }

    /// What was confirmed is in the log.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn proposal_is_done(&self, id: u64, entry: u64) -> Result<(), StoreFault> {
        self.with(|connection| {
            connection.execute(
                "UPDATE proposal SET state = 'done', entry = ?2
                 WHERE id = ?1 AND state = 'confirmed'",
                params![id.cast_signed(), entry.cast_signed()],
            )
        })
        .map(drop)
    }

    /// A proposal cannot be done any more. Says whether it waited.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn proposal_has_lapsed(&self, id: u64, why: &Lapse) -> Result<bool, StoreFault> {
        let changed = self.with(|connection| {
            connection.execute(
                "UPDATE proposal SET state = 'lapsed', word = ?2
                 WHERE id = ?1 AND state IN ('open', 'confirmed')",
                params![id.cast_signed(), why.kept()],
            )
        })?;
        Ok(changed == 1)
    }

    /// Somebody declines it, or withdraws it. Says whether it was open.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn decline_proposal(
        &self,
        id: u64,
        second: &Part,
        remark: &str,
    ) -> Result<bool, StoreFault> {
        let changed = self.with(|connection| {
            connection.execute(
                "UPDATE proposal SET state = 'declined', second = ?2, second_name = ?3,
                 second_ms = ?4, word = ?5 WHERE id = ?1 AND state = 'open'",
                params![
                    id.cast_signed(),
                    second.account.as_str(),
                    second.full_name,
                    second.at_ms.cast_signed(),
                    remark
                ],
            )
        })?;
        Ok(changed == 1)
    }

    fn text(&self, change: &Change) -> Result<String, StoreFault> {
        serde_json::to_string(change).map_err(|fault| self.damaged(format!("a change: {fault}")))
    }

    fn parsed(&self, raw: Raw) -> Result<Proposal, StoreFault> {
        let id = raw.id;
        let damaged = || self.damaged(format!("proposal {id}"));
        let change = |text: &str| serde_json::from_str::<Change>(text).map_err(|_| damaged());
        let part = |(account, full_name, at_ms): (String, String, u64)| {
            let account: AccountName = account.parse().map_err(|_| damaged())?;
            Ok::<_, StoreFault>(Part { account, full_name, at_ms })
        };
        let second = raw.second.map(part).transpose()?;
        let word = raw.word.unwrap_or_default();
        let state = match (raw.state.as_str(), second) {
            ("open", None) => State::Open,
            ("confirmed", Some(second)) => {
                let sent = raw.sent.ok_or_else(damaged)?;
                let size = raw.size.ok_or_else(damaged)?;
                State::Confirmed { second, change: Box::new(change(&sent)?), size }
            }
            ("done", Some(second)) => State::Done { second, entry: raw.entry.ok_or_else(damaged)? },
            ("declined", Some(second)) => State::Declined { second, remark: word },
            ("lapsed", _) => State::Lapsed { why: Lapse::of(&word) },
            _ => return Err(damaged()),
        };
        Ok(Proposal { id, change: change(&raw.change)?, first: part(raw.first)?, state })
    }
}

fn is_double(fault: &rusqlite::Error) -> bool {
    matches!(fault, rusqlite::Error::SqliteFailure(of, _) if of.code == ErrorCode::ConstraintViolation)
}

fn read(row: &Row<'_>) -> Result<Raw, rusqlite::Error> {
    let number = |at| row.get::<_, Option<i64>>(at).map(|of| of.map(i64::cast_unsigned));
    let second: (Option<String>, Option<String>, Option<u64>) =
        (row.get(6)?, row.get(7)?, number(8)?);
    let second = match second {
        (Some(account), Some(full_name), Some(at_ms)) => Some((account, full_name, at_ms)),
        _ => None,
    };
    Ok(Raw {
        id: row.get::<_, i64>(0)?.cast_unsigned(),
        change: row.get(1)?,
        first: (row.get(2)?, row.get(3)?, row.get::<_, i64>(4)?.cast_unsigned()),
        state: row.get(5)?,
        second,
        sent: row.get(9)?,
        size: number(10)?,
        entry: number(11)?,
        word: row.get(12)?,
    })
}

#[cfg(test)]
mod tests {
    use saksi_proto::ruling::Pause;

    use super::*;
    use crate::staff::account::Role;
    use crate::staff::testing::{account, store};

    fn part(name: &str, at_ms: u64) -> Part {
        Part::of(&account(name, Role::Admin, Scope::Whole), at_ms)
    }

    fn pause(reason: &str) -> Change {
        let act = account("sri", Role::Admin, Scope::Whole).act(reason);
        Change::Pause(Pause { paused: true, at_ms: 5, act })
    }

    #[test]
    fn one_waits_for_each_case_and_is_taken_once() {
        let (_dir, store) = store();
        let id = store.propose(&pause("a fault"), &part("sri", 5)).unwrap().unwrap();
        assert_eq!(
            store.propose(&pause("another"), &part("budi", 6)).unwrap(),
            Err(NoSecond::Waits)
        );
        let of = store.proposal(id).unwrap().unwrap();
        assert_eq!((of.state.name(), of.reason(), &of.first), ("open", "a fault", &part("sri", 5)));
        let sent = of.seconded(&part("budi", 7), "yes").unwrap();
        assert!(store.confirm_proposal(id, &part("budi", 7), &sent, 9).unwrap());
        assert!(!store.confirm_proposal(id, &part("ani", 8), &sent, 9).unwrap(), "once");
        assert!(!store.decline_proposal(id, &part("ani", 8), "no").unwrap(), "it is confirmed");
        let confirmed = store.confirmed_proposals().unwrap();
        let State::Confirmed { second, change, size } = &confirmed[0].state else {
            panic!("{confirmed:?}")
        };
        assert_eq!((second, change.as_ref(), *size), (&part("budi", 7), &sent, 9));
        assert_eq!(store.waiting_proposals().unwrap().len(), 1);
        store.proposal_is_done(id, 12).unwrap();
        assert_eq!(
            store.proposal(id).unwrap().unwrap().state,
            State::Done { second: part("budi", 7), entry: 12 }
        );
        assert!(!store.proposal_has_lapsed(id, &Lapse::Old).unwrap());
        assert_eq!(store.waiting_proposals().unwrap(), []);
        assert!(store.propose(&pause("again"), &part("sri", 9)).unwrap().is_ok());
    }

    #[test]
    fn what_was_declined_or_has_lapsed_stays_with_its_word() {
        let (_dir, store) = store();
        let first = store.propose(&pause("a fault"), &part("sri", 5)).unwrap().unwrap();
        assert!(store.decline_proposal(first, &part("budi", 6), "no need").unwrap());
        let second = store.propose(&pause("a fault"), &part("sri", 7)).unwrap().unwrap();
        assert!(store.proposal_has_lapsed(second, &Lapse::Old).unwrap());
        let settled = store.settled_proposals(None, 9).unwrap();
        let states: Vec<_> = settled.iter().map(|of| (of.id, of.state.clone())).collect();
        let declined = State::Declined { second: part("budi", 6), remark: "no need".to_owned() };
        let lapsed = State::Lapsed { why: Lapse::Old };
        assert_eq!(states, [(second, lapsed), (first, declined)]);
        assert_eq!(store.settled_proposals(Some(second), 9).unwrap().len(), 1);
        assert_eq!(store.proposal(99).unwrap(), None);
    }
}
