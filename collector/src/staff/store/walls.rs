//! Wall views: secret links for a projector. Of a link only its SHA-256 is kept.

use rusqlite::{OptionalExtension as _, params};
use saksi_proto::digest::Digest;
use saksi_proto::ids::RegionCode;

use super::{Store, StoreFault};

/// Most wall views at a time.
pub const MAX_WALLS: usize = 1_000;

/// A wall view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// Its number.
    pub id: i64,
    /// What it is called, such as where it hangs.
    pub name: String,
    /// Its region; none is the whole.
    pub region: Option<RegionCode>,
    /// Name of the account that has made it.
    pub made_by: String,
    /// When, milliseconds since 1970, UTC.
    pub made_ms: u64,
}

type Raw = (i64, String, Option<String>, String, i64);

fn raw(row: &rusqlite::Row<'_>) -> Result<Raw, rusqlite::Error> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

const COLUMNS: &str = "id, name, region, made_by, made_ms";

impl Store {
    fn wall_of(&self, (id, name, region, made_by, made_ms): Raw) -> Result<Wall, StoreFault> {
        let damaged = || self.damaged(format!("wall view {id}"));
        let region = region.map(|code| code.parse().map_err(|_| damaged())).transpose()?;
        Ok(Wall { id, name, region, made_by, made_ms: made_ms.cast_unsigned() })
    }

    /// Adds a wall view, and gives its number; none, if there are [`MAX_WALLS`].
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn add_wall(&self, token: &Digest, wall: &Wall) -> Result<Option<i64>, StoreFault> {
        let region = wall.region.map(|code| code.to_string());
        self.with(|connection| {
            let transaction = connection.transaction()?;
            let all = "SELECT count(*) FROM wall WHERE ended_ms IS NULL";
            let many: usize = transaction.query_row(all, [], |row| row.get(0))?;
            if many >= MAX_WALLS {
                return Ok(None);
            }
            transaction.execute(
                "INSERT INTO wall (token, name, region, made_by, made_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![token.0, wall.name, region, wall.made_by, wall.made_ms.cast_signed()],
            )?;
            let id = transaction.last_insert_rowid();
            transaction.commit()?;
            Ok(Some(id))
        })
    }

    /// The wall view of a link, as long as it is not ended.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn wall(&self, token: &Digest) -> Result<Option<Wall>, StoreFault> {
        let found = self.with(|connection| {
            let one = format!("SELECT {COLUMNS} FROM wall WHERE token = ?1 AND ended_ms IS NULL");
            connection.prepare_cached(&one)?.query_row([token.0], raw).optional()
        })?;
        found.map(|raw| self.wall_of(raw)).transpose()
    }

    /// The wall views that are not ended.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn walls(&self) -> Result<Vec<Wall>, StoreFault> {
        let rows = self.with(|connection| {
            let all = format!("SELECT {COLUMNS} FROM wall WHERE ended_ms IS NULL ORDER BY id");
            let mut statement = connection.prepare_cached(&all)?;
            statement.query_map([], raw)?.collect::<Result<Vec<_>, _>>()
        })?;
        rows.into_iter().map(|raw| self.wall_of(raw)).collect()
    }

    /// Ends a wall view. Says whether it was there.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn end_wall(&self, id: i64, now_ms: u64) -> Result<bool, StoreFault> {
        let ended = self.with(|connection| {
            connection.execute(
                "UPDATE wall SET ended_ms = ?2 WHERE id = ?1 AND ended_ms IS NULL",
                params![id, now_ms.cast_signed()],
            )
        })?;
        Ok(ended > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::testing::store;

    #[test]
    fn a_wall_view_hangs_until_it_is_ended() {
        let (_dir, store) = store();
        let region = "1".parse().ok();
        let wall =
            Wall { id: 0, name: "hall".to_owned(), region, made_by: "sri".to_owned(), made_ms: 3 };
        let (token, other) = (Digest([1; 32]), Digest([2; 32]));
        let id = store.add_wall(&token, &wall).unwrap().unwrap();
        let kept = Wall { id, ..wall };
        assert_eq!(store.wall(&token).unwrap(), Some(kept.clone()));
        assert_eq!(store.wall(&other).unwrap(), None);
        assert_eq!(store.walls().unwrap(), [kept]);
        assert!(store.end_wall(id, 9).unwrap() && !store.end_wall(id, 9).unwrap());
        assert_eq!((store.wall(&token).unwrap(), store.walls().unwrap()), (None, Vec::new()));
    }
}
