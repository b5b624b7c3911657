//! Second factors in the desk's file. A secret stands there as it is, for codes are computed of
//! it: the file is its owner's alone, as keys are. Of a recovery code only its SHA-256 is kept.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, params};
use saksi_proto::digest::Digest;

use super::{Store, StoreFault};
use crate::staff::account::AccountName;
use crate::staff::second::Secret;

/// The step that makes their tables.
pub(super) const TABLES: &str = "
    CREATE TABLE second (
        account TEXT PRIMARY KEY REFERENCES account, secret BLOB NOT NULL,
        used INTEGER NOT NULL, since_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE second_begun (
        account TEXT PRIMARY KEY REFERENCES account, secret BLOB NOT NULL, at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE recovery (
        account TEXT NOT NULL REFERENCES account, digest BLOB NOT NULL,
        PRIMARY KEY (account, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE second_reset (
        account TEXT PRIMARY KEY REFERENCES account, asked_by TEXT NOT NULL REFERENCES account,
        at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Time for a telephone to be set up: a quarter of an hour.
const BEGUN_MS: u64 = 15 * 60 * 1_000;

/// Time in which a second person can agree to a reset: a day, as of a proposal.
const RESET_MS: u64 = 24 * 60 * 60 * 1_000;

/// An account's second factor.
#[derive(Clone, PartialEq, Eq)]
pub struct Second {
    /// What the telephone knows.
    pub secret: Secret,
    /// The step whose code was taken last.
    pub used: u64,
    /// Since when it is set up, milliseconds since 1970, UTC.
    pub since_ms: u64,
    /// Recovery codes that are left.
    pub recovery: usize,
}

impl Store {
    /// The second factor of an account, if it has one.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn second(&self, name: &AccountName) -> Result<Option<Second>, StoreFault> {
        let found: Option<(Vec<u8>, u64, u64, usize)> = self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT secret, used, since_ms,
                    (SELECT count(*) FROM recovery WHERE recovery.account = second.account)
                 FROM second WHERE account = ?1",
            )?;
            let row =
                |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            statement.query_row([name.as_str()], row).optional()
        })?;
        let Some((secret, used, since_ms, recovery)) = found else { return Ok(None) };
        let secret = Secret::kept(&secret);
        let secret = secret.ok_or_else(|| self.damaged(format!("second factor of “{name}”")))?;
        Ok(Some(Second { secret, used, since_ms, recovery }))
    }

    /// Takes the code of a step, once: says whether nobody has taken it, or a later one, before.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn spend_step(&self, name: &AccountName, step: u64) -> Result<bool, StoreFault> {
        self.with(|connection| {
            let taken = connection.execute(
                "UPDATE second SET used = ?2 WHERE account = ?1 AND used < ?2",
                params![name.as_str(), step.cast_signed()],
            )?;
            Ok(taken > 0)
        })
    }

    /// Takes a recovery code, once: says whether it was there.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn spend_recovery(&self, name: &AccountName, code: &Digest) -> Result<bool, StoreFault> {
        self.with(|connection| {
            let taken = connection.execute(
                "DELETE FROM recovery WHERE account = ?1 AND digest = ?2",
                params![name.as_str(), code.0],
            )?;
            Ok(taken > 0)
        })
    }

    /// Notes the secret that a telephone is being set up with.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn begin_second(
        &self,
        name: &AccountName,
        secret: &Secret,
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        self.with(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO second_begun VALUES (?1, ?2, ?3)",
                params![name.as_str(), secret.bytes(), now_ms.cast_signed()],
            )
        })
        .map(drop)
    }

    /// The secret that a telephone is being set up with, if that was begun a moment ago.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn begun_second(
        &self,
        name: &AccountName,
        now_ms: u64,
    ) -> Result<Option<Secret>, StoreFault> {
        let since = now_ms.saturating_sub(BEGUN_MS).cast_signed();
        let found: Option<Vec<u8>> = self.with(|connection| {
            let begun = "SELECT secret FROM second_begun WHERE account = ?1 AND at_ms > ?2";
            connection.query_row(begun, params![name.as_str(), since], |row| row.get(0)).optional()
        })?;
        Ok(found.and_then(|bytes| Secret::kept(&bytes)))
    }

    /// Gives an account a second factor, whose code of `step` was typed, with new recovery
    /// codes, and ends its sessions.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn set_second(
        &self,
        name: &AccountName,
        (secret, step): (&Secret, u64),
        recovery: &[Digest],
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
            forget(&transaction, name)?;
            transaction.execute(
                "INSERT INTO second VALUES (?1, ?2, ?3, ?4)",
                params![name.as_str(), secret.bytes(), step.cast_signed(), now_ms.cast_signed()],
            )?;
            for digest in recovery {
                transaction.execute(
                    "INSERT INTO recovery VALUES (?1, ?2)",
                    params![name.as_str(), digest.0],
                )?;
            }
            transaction.commit()
        })
    }

    /// Takes an account's second factor away, and ends its sessions. Says whether it had one.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn reset_second(&self, name: &AccountName) -> Result<bool, StoreFault> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
            let had = forget(&transaction, name)?;
            transaction.commit()?;
            Ok(had)
        })
    }

    /// Notes that somebody asks to have an account's second factor taken away.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn ask_reset(
        &self,
        name: &AccountName,
        by: &AccountName,
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        self.with(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO second_reset VALUES (?1, ?2, ?3)",
                params![name.as_str(), by.as_str(), now_ms.cast_signed()],
            )
        })
        .map(drop)
    }

    /// By accounts that have a second factor: who has asked within a day to have it taken away,
    /// and may still.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn seconds(&self, now_ms: u64) -> Result<HashMap<String, Option<String>>, StoreFault> {
        let since = now_ms.saturating_sub(RESET_MS).cast_signed();
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT second.account, by.name FROM second
                 LEFT JOIN second_reset ON second_reset.account = second.account
                    AND second_reset.at_ms > ?1
                 LEFT JOIN account AS by ON by.name = second_reset.asked_by
                    AND by.ended_ms IS NULL",
            )?;
            let rows = statement.query_map([since], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }
}

/// All that is known of an account's second factor, with its sessions. Says whether it had one.
fn forget(
    transaction: &rusqlite::Transaction<'_>,
    name: &AccountName,
) -> Result<bool, rusqlite::Error> {
    for table in ["second_begun", "recovery", "second_reset", "session"] {
        let all = format!("DELETE FROM {table} WHERE account = ?1");
        transaction.execute(&all, [name.as_str()])?;
    }
    Ok(transaction.execute("DELETE FROM second WHERE account = ?1", [name.as_str()])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::account::{Role, Scope};
    use crate::staff::password::{Hashed, KnownTo};
    use crate::staff::testing::{account, store};

    #[test]
    fn a_code_and_a_recovery_code_are_taken_once_and_a_change_ends_sessions() {
        let (_dir, store) = store();
        let [sri, budi] = ["sri", "budi"].map(|name| account(name, Role::Admin, Scope::Whole));
        for of in [&sri, &budi] {
            store.add_account(of, &Hashed::kept("x".to_owned()), KnownTo::Owner).unwrap();
        }
        let secret = Secret::fresh().unwrap();
        let session = |number: u8| {
            store.begin_session(&Digest([number; 32]), &sri.name, 1).unwrap();
        };
        let is_in = |number: u8| store.session(&Digest([number; 32]), false, 2).unwrap().is_some();
        assert!(store.second(&sri.name).unwrap().is_none());
        store.begin_second(&sri.name, &secret, 5).unwrap();
        assert!(store.begun_second(&sri.name, BEGUN_MS + 4).unwrap() == Some(secret.clone()));
        assert!(store.begun_second(&sri.name, BEGUN_MS + 5).unwrap().is_none(), "too late");
        session(1);
        let codes = [Digest([1; 32]), Digest([2; 32])];
        store.set_second(&sri.name, (&secret, 70), &codes, 9).unwrap();
        assert!(!is_in(1) && store.begun_second(&sri.name, 6).unwrap().is_none());
        let kept = store.second(&sri.name).unwrap().unwrap();
        assert!(kept == Second { secret, used: 70, since_ms: 9, recovery: 2 });
        let spent = |step| store.spend_step(&sri.name, step).unwrap();
        assert_eq!([70, 71, 71, 70, 73, 72].map(spent), [false, true, false, false, true, false]);
        assert!(store.spend_recovery(&sri.name, &codes[0]).unwrap());
        assert!(!store.spend_recovery(&sri.name, &codes[0]).unwrap(), "once");
        assert!(!store.spend_recovery(&budi.name, &codes[1]).unwrap(), "another's");
        store.ask_reset(&sri.name, &budi.name, 100).unwrap();
        let asked = |now_ms| store.seconds(now_ms).unwrap().remove("sri").unwrap();
        assert_eq!(asked(101), Some("budi".to_owned()));
        assert_eq!(asked(100 + RESET_MS), None, "a day is over");
        store.end_account(&budi.name, 102).unwrap();
        assert_eq!(asked(103), None, "who has asked is ended");
        session(2);
        assert!(store.reset_second(&sri.name).unwrap());
        assert!(!is_in(2) && store.second(&sri.name).unwrap().is_none());
        assert!(!store.reset_second(&sri.name).unwrap() && store.seconds(103).unwrap().is_empty());
    }
}
