//! What was done at the desk: each act stands here before it is done, and its outcome after
//! it. One that stands as begun was cut off by a crash: the log says whether it was done.

use rusqlite::{Row, params};

use super::{Store, StoreFault};

/// Something that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Who: the name of the account.
    pub account: String,
    /// Who, as the log has it.
    pub full_name: String,
    /// What, by its stable name, such as `device-revoke`.
    pub kind: &'static str,
    /// The station or region that it concerns; empty, if none.
    pub place: String,
    /// Codes of all regions above that place, each between two spaces.
    pub regions: String,
    /// The reason, or what else there is to say; never a secret.
    pub detail: String,
}

/// How an act has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; with the index of its first entry, if it has one.
    Done(Option<u64>),
    /// Nothing was done, for this reason.
    Refused(String),
}

/// An act as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// Its number; later acts have higher ones.
    pub id: i64,
    /// When it was begun, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// Who: the name of the account.
    pub account: String,
    /// Who, as the log has it.
    pub full_name: String,
    /// What, by its stable name.
    pub kind: String,
    /// The station or region.
    pub place: String,
    /// The reason.
    pub detail: String,
    /// `begun`, `done`, or `refused: …`.
    pub outcome: String,
    /// Its first entry in the log.
    pub entry: Option<u64>,
}

/// Which acts are asked for; what is `None` is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Of this account.
    pub account: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In this region.
    pub region: Option<String>,
    /// Or of this account, wherever it was: what has no place is in no region.
    pub or_of: Option<String>,
    /// Not before, milliseconds since 1970, UTC.
    pub from_ms: Option<u64>,
    /// Before this time.
    pub until_ms: Option<u64>,
    /// Older than the act of this number: where the page before has ended.
    pub before: Option<i64>,
}

impl Store {
    /// Notes that something is begun; gives its number.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn begin_act(&self, deed: &Deed, now_ms: u64) -> Result<i64, StoreFault> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO act (at_ms, account, full_name, kind, place, regions, detail, outcome)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'begun')",
                params![
                    now_ms.cast_signed(),
                    deed.account,
                    deed.full_name,
                    deed.kind,
                    deed.place,
                    deed.regions,
                    deed.detail
                ],
            )?;
            Ok(connection.last_insert_rowid())
        })
    }

    /// Notes how it has ended.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn end_act(&self, id: i64, outcome: &Outcome) -> Result<(), StoreFault> {
        let (text, entry) = match outcome {
            Outcome::Done(entry) => ("done".to_owned(), entry.map(u64::cast_signed)),
            Outcome::Refused(why) => (format!("refused: {why}"), None),
        };
        self.with(|connection| {
            connection.execute(
                "UPDATE act SET outcome = ?2, entry = ?3 WHERE id = ?1",
                params![id, text, entry],
            )
        })
        .map(drop)
    }

    /// Notes something that is done at once.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn note_act(&self, deed: &Deed, now_ms: u64) -> Result<(), StoreFault> {
        let id = self.begin_act(deed, now_ms)?;
        self.end_act(id, &Outcome::Done(None))
    }

    /// The latest acts that are asked for, at most `limit`, the latest first.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn acts(&self, asked: &Asked, limit: usize) -> Result<Vec<Acted>, StoreFault> {
        let signed = |ms: Option<u64>| ms.map(u64::cast_signed);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, at_ms, account, full_name, kind, place, detail, outcome, entry
                 FROM act WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR kind = ?2)
                 AND (?3 IS NULL OR account = ?8 OR instr(regions, ' ' || ?3 || ' ') > 0)
                 AND (?4 IS NULL OR at_ms >= ?4) AND (?5 IS NULL OR at_ms < ?5)
                 AND (?6 IS NULL OR id < ?6) ORDER BY id DESC LIMIT ?7",
            )?;
            let rows = statement.query_map(
                params![
                    asked.account,
                    asked.kind,
                    asked.region,
                    signed(asked.from_ms),
                    signed(asked.until_ms),
                    asked.before,
                    limit,
                    asked.or_of
                ],
                read,
            )?;
            rows.collect()
        })
    }
}

fn read(row: &Row<'_>) -> Result<Acted, rusqlite::Error> {
    Ok(Acted {
        id: row.get(0)?,
        at_ms: row.get::<_, i64>(1)?.cast_unsigned(),
        account: row.get(2)?,
        full_name: row.get(3)?,
        kind: row.get(4)?,
        place: row.get(5)?,
        detail: row.get(6)?,
        outcome: row.get(7)?,
        entry: row.get::<_, Option<i64>>(8)?.map(i64::cast_unsigned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::testing::store;

    #[test]
    fn an_act_stands_as_begun_until_its_end_is_noted() {
        let (_dir, store) = store();
        let deed = Deed {
            account: "sri".to_owned(),
            full_name: "Sri".to_owned(),
            kind: "device-revoke",
            place: "1001".to_owned(),
            regions: " 1 0 ".to_owned(),
            detail: "lost".to_owned(),
        };
        let first = store.begin_act(&deed, 5).unwrap();
        let outcomes = |asked: &Asked| {
            let acts = store.acts(asked, 9).unwrap();
            acts.into_iter().map(|act| (act.outcome, act.entry)).collect::<Vec<_>>()
        };
        let all = Asked::default();
        assert_eq!(outcomes(&all), [("begun".to_owned(), None)]);
        store.end_act(first, &Outcome::Done(Some(7))).unwrap();
        let second = store.begin_act(&Deed { kind: "other", ..deed.clone() }, 6).unwrap();
        store.end_act(second, &Outcome::Refused("no-device".to_owned())).unwrap();
        let (done, refused) =
            (("done".to_owned(), Some(7)), ("refused: no-device".to_owned(), None));
        assert_eq!(outcomes(&all), [refused.clone(), done.clone()]);
        let asked = |change: fn(&mut Asked)| {
            let mut asked = Asked::default();
            change(&mut asked);
            outcomes(&asked)
        };
        assert_eq!(asked(|it| it.kind = Some("other".to_owned())), std::slice::from_ref(&refused));
        assert_eq!(asked(|it| it.until_ms = Some(6)), std::slice::from_ref(&done));
        assert_eq!(asked(|it| it.from_ms = Some(6)), [refused]);
        assert_eq!(asked(|it| it.before = Some(2)), [done]);
        assert_eq!(asked(|it| it.region = Some("1".to_owned())).len(), 2);
        assert_eq!(asked(|it| it.region = Some("10".to_owned())), []);
        let own = |it: &mut Asked| {
            (it.region, it.or_of) = (Some("10".to_owned()), Some("sri".to_owned()));
        };
        assert_eq!(asked(own).len(), 2, "wherever her own acts were");
        assert_eq!(asked(|it| it.account = Some("budi".to_owned())), []);
        assert_eq!(store.acts(&all, 1).unwrap().len(), 1);
    }
}
