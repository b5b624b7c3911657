//! The accounts in the desk's file.

use rusqlite::{OptionalExtension as _, Row, params};

use super::{Store, StoreFault};
use crate::staff::account::{Account, AccountName, Scope};
use crate::staff::password::{Hashed, KnownTo};

/// Most accounts, those that are ended among them: 514 districts of Indonesia have some 20
/// each.
pub const MAX_ACCOUNTS: usize = 10_000;

/// What became of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is there.
    Done,
    /// Another one has its name, or had it: a name means one person for all time.
    Taken,
    /// There are [`MAX_ACCOUNTS`].
    Full,
}

/// Whether an account's password is known to whoever has made it.
pub(super) const GIVEN: &str = "ALTER TABLE account ADD COLUMN given INTEGER NOT NULL DEFAULT 0";

const COLUMNS: &str = "name, full_name, role, region, made_ms, ended_ms, password";

/// A row as it stands there.
type Raw = (String, String, String, Option<String>, i64, Option<i64>, String);

fn raw(row: &Row<'_>) -> Result<Raw, rusqlite::Error> {
    let (name, full_name, role, region) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok((name, full_name, role, region, row.get(4)?, row.get(5)?, row.get(6)?))
}

impl Store {
    fn account_of(&self, raw: Raw) -> Result<(Account, Hashed), StoreFault> {
        let (name, full_name, role, region, made_ms, ended_ms, password) = raw;
        let damaged = || self.damaged(format!("account “{name}”"));
        let region = region.map(|code| code.parse().map_err(|_| damaged())).transpose()?;
        let account = Account {
            name: name.parse().map_err(|_| damaged())?,
            role: role.parse().map_err(|_| damaged())?,
            scope: region.map_or(Scope::Whole, Scope::Region),
            full_name,
            made_ms: made_ms.cast_unsigned(),
            ended_ms: ended_ms.map(i64::cast_unsigned),
        };
        Ok((account, Hashed::kept(password)))
    }

    /// An account and its password; also one that is ended.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn account(&self, name: &AccountName) -> Result<Option<(Account, Hashed)>, StoreFault> {
        let found = self.with(|connection| {
            let mut statement = connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE name = ?1"))?;
            statement.query_row([name.as_str()], raw).optional()
        })?;
        found.map(|raw| self.account_of(raw)).transpose()
    }

    /// All accounts, by their names.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn accounts(&self) -> Result<Vec<Account>, StoreFault> {
        let rows = self.with(|connection| {
            let all = format!("SELECT {COLUMNS} FROM account ORDER BY name");
            let mut statement = connection.prepare_cached(&all)?;
            statement.query_map([], raw)?.collect::<Result<Vec<_>, _>>()
        })?;
        rows.into_iter().map(|raw| Ok(self.account_of(raw)?.0)).collect()
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn add_account(
        &self,
        account: &Account,
        password: &Hashed,
        known_to: KnownTo,
    ) -> Result<Added, StoreFault> {
        let region = account.scope.code().map(|code| code.to_string());
        self.with(|connection| {
            let transaction = connection.transaction()?;
            let many: usize =
                transaction.query_row("SELECT count(*) FROM account", [], |row| row.get(0))?;
            let added = transaction.execute(
                "INSERT OR IGNORE INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7)",
                params![
                    account.name.as_str(),
                    account.full_name,
                    account.role.name(),
                    region,
                    password.as_str(),
                    account.made_ms.cast_signed(),
                    known_to == KnownTo::Giver,
                ],
            )?;
            if added == 0 {
                return Ok(Added::Taken);
            }
            if many >= MAX_ACCOUNTS {
                return Ok(Added::Full);
            }
            transaction.commit()?;
            Ok(Added::Done)
        })
    }

    /// Gives an account a new password, and ends its sessions. Says whether it is there.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn set_password(
        &self,
        name: &AccountName,
        password: &Hashed,
        known_to: KnownTo,
    ) -> Result<bool, StoreFault> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
            let changed = transaction.execute(
                "UPDATE account SET password = ?2, given = ?3 WHERE name = ?1 AND ended_ms IS NULL",
                params![name.as_str(), password.as_str(), known_to == KnownTo::Giver],
            )?;
            transaction.execute("DELETE FROM session WHERE account = ?1", [name.as_str()])?;
            transaction.commit()?;
            Ok(changed > 0)
        })
    }

    /// Who knows an account's password.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn password_known_to(&self, name: &AccountName) -> Result<KnownTo, StoreFault> {
        let given = self.with(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT given FROM account WHERE name = ?1")?;
            statement.query_row([name.as_str()], |row| row.get(0)).optional()
        })?;
        Ok(if given == Some(true) { KnownTo::Giver } else { KnownTo::Owner })
    }

    /// Ends an account and its sessions, for good. Says whether it was there and had not
    /// ended.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn end_account(&self, name: &AccountName, now_ms: u64) -> Result<bool, StoreFault> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
            let changed = transaction.execute(
                "UPDATE account SET ended_ms = ?2 WHERE name = ?1 AND ended_ms IS NULL",
                params![name.as_str(), now_ms.cast_signed()],
            )?;
            transaction.execute("DELETE FROM session WHERE account = ?1", [name.as_str()])?;
            transaction.commit()?;
            Ok(changed > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::account::Role;
    use crate::staff::testing::{account, store};

    #[test]
    fn an_account_is_kept_and_its_name_is_never_given_again() {
        let (_dir, store) = store();
        let sri = account("sri", Role::Operator, Scope::Region("1".parse().unwrap()));
        let hashed = |text: &str| Hashed::kept(text.to_owned());
        assert_eq!(store.add_account(&sri, &hashed("one"), KnownTo::Giver).unwrap(), Added::Done);
        assert_eq!(store.add_account(&sri, &hashed("two"), KnownTo::Owner).unwrap(), Added::Taken);
        let (kept, password) = store.account(&sri.name).unwrap().unwrap();
        assert_eq!((&kept, password.as_str()), (&sri, "one"));
        assert_eq!(store.password_known_to(&sri.name).unwrap(), KnownTo::Giver);
        assert!(store.set_password(&sri.name, &hashed("three"), KnownTo::Owner).unwrap());
        assert_eq!(store.password_known_to(&sri.name).unwrap(), KnownTo::Owner);
        assert!(store.end_account(&sri.name, 9).unwrap());
        assert!(!store.end_account(&sri.name, 10).unwrap(), "only once");
        assert!(
            !store.set_password(&sri.name, &hashed("four"), KnownTo::Owner).unwrap(),
            "it is ended"
        );
        assert_eq!(store.add_account(&sri, &hashed("five"), KnownTo::Owner).unwrap(), Added::Taken);
        let all = store.accounts().unwrap();
        assert_eq!((all.len(), all[0].ended_ms), (1, Some(9)));
        assert_eq!(store.account(&"nobody".parse().unwrap()).unwrap().map(drop), None);
    }
}
