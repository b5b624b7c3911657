//! Props of this module's tests.

use tempfile::TempDir;

use super::account::{Account, Role, Scope};
use super::store::Store;

/// An empty file of the desk's.
pub(crate) fn store() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("staff.db")).unwrap();
    (dir, store)
}

/// An account of a name.
pub(crate) fn account(name: &str, role: Role, scope: Scope) -> Account {
    Account {
        name: name.parse().unwrap(),
        full_name: format!("{name} of the sample"),
        role,
        scope,
        made_ms: 1,
        ended_ms: None,
    }
}
