//! Who is signed in. Of a token only its SHA-256 is kept: who reads the file is nobody.

use rusqlite::{OptionalExtension as _, params};
use saksi_proto::digest::Digest;

use super::{Store, StoreFault};
use crate::staff::account::{Account, AccountName};

/// Sessions of one account at a time; another one ends its oldest.
pub const MAX_SESSIONS: usize = 8;

/// Without a request for so long, a session ends: an hour.
pub const IDLE_MS: u64 = 60 * 60 * 1_000;

/// A session ends after a shift, whatever is done: 12 hours.
pub const LONGEST_MS: u64 = 12 * 60 * 60 * 1_000;

/// Between two notes that a session is in use: a write to the disk each.
const NOTE_MS: u64 = 60 * 1_000;

impl Store {
    /// Begins a session, and forgets those that are over.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn begin_session(
        &self,
        token: &Digest,
        name: &AccountName,
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        let since = |ms: u64| now_ms.saturating_sub(ms).cast_signed();
        self.with(|connection| {
            let transaction = connection.transaction()?;
            transaction.execute(
                "DELETE FROM session WHERE begun_ms < ?1 OR seen_ms < ?2",
                params![since(LONGEST_MS), since(IDLE_MS)],
            )?;
            transaction.execute(
                "DELETE FROM session WHERE account = ?1 AND token NOT IN
                    (SELECT token FROM session WHERE account = ?1 ORDER BY begun_ms DESC LIMIT ?2)",
                params![name.as_str(), MAX_SESSIONS - 1],
            )?;
            transaction.execute(
                "INSERT INTO session VALUES (?1, ?2, ?3, ?3)",
                params![token.0, name.as_str(), now_ms.cast_signed()],
            )?;
            transaction.commit()
        })
    }

    /// Whose session it is, as long as it is one. It is noted that it is in use, unless only
    /// a page that refreshes itself asks.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn session(
        &self,
        token: &Digest,
        in_use: bool,
        now_ms: u64,
    ) -> Result<Option<Account>, StoreFault> {
        let found: Option<(String, i64, i64)> = self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT account, begun_ms, seen_ms FROM session WHERE token = ?1",
            )?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            statement.query_row([token.0], row).optional()
        })?;
        let Some((name, begun_ms, seen_ms)) = found else { return Ok(None) };
        let passed = |since: i64| now_ms.saturating_sub(since.cast_unsigned());
        if passed(begun_ms) >= LONGEST_MS || passed(seen_ms) >= IDLE_MS {
            return Ok(None);
        }
        if in_use && passed(seen_ms) >= NOTE_MS {
            self.with(|connection| {
                connection.execute(
                    "UPDATE session SET seen_ms = ?2 WHERE token = ?1",
                    params![token.0, now_ms.cast_signed()],
                )
            })?;
        }
        let name = name.parse().map_err(|_| self.damaged(format!("session of “{name}”")))?;
        let account = self.account(&name)?.map(|(account, _)| account);
        Ok(account.filter(|account| account.ended_ms.is_none()))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn end_session(&self, token: &Digest) -> Result<(), StoreFault> {
        self.with(|connection| {
            connection.execute("DELETE FROM session WHERE token = ?1", [token.0])
        })
        .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::account::{Role, Scope};
    use crate::staff::password::{Hashed, KnownTo};
    use crate::staff::testing::{account, store};

    fn token(number: u8) -> Digest {
        Digest([number; 32])
    }

    #[test]
    fn a_session_ends_when_it_is_idle_or_old_or_its_account_ends() {
        let (_dir, store) = store();
        let sri = account("sri", Role::Viewer, Scope::Whole);
        store.add_account(&sri, &Hashed::kept("x".to_owned()), KnownTo::Owner).unwrap();
        let is_in = |number: u8, in_use: bool, now_ms: u64| {
            store.session(&token(number), in_use, now_ms).unwrap().is_some()
        };
        store.begin_session(&token(1), &sri.name, 0).unwrap();
        assert!(is_in(1, false, IDLE_MS - 1) && !is_in(2, false, 1));
        assert!(!is_in(1, true, IDLE_MS), "what refreshes itself has not kept it");
        store.begin_session(&token(2), &sri.name, 0).unwrap();
        let mut now_ms = 0;
        while is_in(2, true, now_ms) {
            now_ms += IDLE_MS / 2;
        }
        assert_eq!(now_ms, LONGEST_MS);
        store.begin_session(&token(3), &sri.name, 0).unwrap();
        assert!(store.end_account(&sri.name, 5).unwrap());
        assert!(!is_in(3, true, 6));
    }

    #[test]
    fn one_account_has_so_many_sessions_and_no_more() {
        let (_dir, store) = store();
        let sri = account("sri", Role::Viewer, Scope::Whole);
        store.add_account(&sri, &Hashed::kept("x".to_owned()), KnownTo::Owner).unwrap();
        for number in 0..=u8::try_from(MAX_SESSIONS).unwrap() {
            store.begin_session(&token(number), &sri.name, u64::from(number)).unwrap();
        }
        let is_in = |number: u8| store.session(&token(number), false, 9).unwrap().is_some();
        assert!(!is_in(0), "the oldest is ended");
        assert!((1..=u8::try_from(MAX_SESSIONS).unwrap()).all(is_in));
        store.end_session(&token(3)).unwrap();
        assert!(!is_in(3) && is_in(4));
    }
}
