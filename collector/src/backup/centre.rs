//! All that a centre needs to stand up again, in one directory, while it serves. It is a
//! collector's directory like the one that it was made of.
//!
//! The desk's file comes first and the journal last: what the desk says is in the log is in a
//! journal that was copied later, whatever happens between the two.

use std::fs;
use std::path::{Path, PathBuf};

use super::{
    BackupFault, CopyFault, back_up, file_fault, is_there, sync, sync_dir_of, with_ending,
};
use crate::home::Home;
use crate::inspection::{Holdings, Provenance};
use crate::presence::{self, PresenceFault};
use crate::staff::store::{Store, StoreFault};

/// Files and directories that are copied as they are: nobody writes them while a collector
/// serves, but for a person, or a signed certificate that is put there under a name of its own.
const AS_THEY_ARE: [&str; 5] = ["collector.toml", "log.vkey", "election", "keys", "certificates"];

/// What a directory holds that is not copied, and why.
pub const LEFT_OUT: [(&str, &str); 3] = [
    ("photos", "they are large; copy the directory, or have devices send them again (resend)"),
    ("public", "it is made anew from the journal"),
    ("sessions at the desk", "everybody signs in again: who was signed out stays out"),
];

/// Why there is no backup of a centre. What there was of it has the ending `.partial`.
#[derive(Debug, thiserror::Error)]
pub enum CentreFault {
    /// The journal, or a name that is taken.
    #[error(transparent)]
    Journal(#[from] BackupFault),
    /// A file.
    #[error(transparent)]
    File(#[from] CopyFault),
    /// The desk's file.
    #[error("the desk's file cannot be backed up: {0}")]
    Desk(#[from] StoreFault),
    /// When devices were last there.
    #[error("when devices were last there cannot be backed up: {0}")]
    Presence(#[from] PresenceFault),
}

/// Backs a centre up to a new directory that its owner alone can read, for its keys are in it.
/// Gives what its journal holds.
///
/// # Errors
/// [`CentreFault`]; there is no such directory then.
pub fn back_up_centre(
    home: &Home,
    to: &Path,
    provenance: &Provenance,
) -> Result<Holdings, CentreFault> {
    if is_there(to) {
        return Err(BackupFault::Exists(to.to_owned()).into());
    }
    let partial = with_ending(to, ".partial");
    if is_there(&partial) {
        fs::remove_dir_all(&partial).map_err(file_fault(&partial))?;
    }
    make_dir(&partial)?;
    let copy = Home::at(&partial);
    if is_there(&home.staff()) {
        Store::open(&home.staff())?.copy_to(&copy.staff())?;
        sync(&copy.staff())?;
    }
    if is_there(&home.presence()) {
        presence::copy(&home.presence(), &copy.presence())?;
        sync(&copy.presence())?;
    }
    for name in AS_THEY_ARE {
        let from = home.path().join(name);
        if is_there(&from) {
            copy_tree(&from, &partial.join(name))?;
        }
    }
    let holdings = back_up(&home.journal(), &copy.journal(), provenance)?;
    sync(&partial)?;
    fs::rename(&partial, to).map_err(file_fault(to))?;
    sync_dir_of(to)?;
    Ok(holdings)
}

/// As deep as directories are: an election has one level of files.
fn copy_tree(from: &Path, to: &Path) -> Result<(), CopyFault> {
    if !from.is_dir() {
        // Its mode goes with it: a key stays its owner's.
        fs::copy(from, to).map_err(file_fault(to))?;
        return sync(to);
    }
    make_dir(to)?;
    for name in names(from)? {
        copy_tree(&from.join(&name), &to.join(&name))?;
    }
    sync(to)
}

fn names(dir: &Path) -> Result<Vec<PathBuf>, CopyFault> {
    let entries = fs::read_dir(dir).map_err(file_fault(dir))?;
    let name = |entry: std::io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().into());
    entries.map(name).collect::<Result<_, _>>().map_err(file_fault(dir))
}

fn make_dir(path: &Path) -> Result<(), CopyFault> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path).map_err(file_fault(path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::inspection::tests::{found, journal_in, provenance};
    use crate::staff::account::{Role, Scope};
    use crate::staff::password::{Hashed, KnownTo};
    use crate::staff::testing::account;
    use saksi_proto::digest::Digest;

    fn centre(dir: &Path) -> Home {
        drop(journal_in(dir));
        let home = Home::at(dir);
        fs::create_dir_all(home.key("")).unwrap();
        fs::create_dir_all(home.photos()).unwrap();
        fs::write(home.key("log.key"), "secret").unwrap();
        fs::set_permissions(home.key("log.key"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(home.config(), "a = 1").unwrap();
        let store = Store::open(&home.staff()).unwrap();
        let sri = account("sri", Role::Admin, Scope::Whole);
        store.add_account(&sri, &Hashed::kept("x".to_owned()), KnownTo::Owner).unwrap();
        store.begin_session(&Digest([7; 32]), &sri.name, 5).unwrap();
        home
    }

    #[test]
    fn a_centre_is_copied_with_its_keys_and_accounts_and_without_its_sessions() {
        let dir = tempfile::tempdir().unwrap();
        let (place, to) = (dir.path().join("home"), dir.path().join("copy"));
        fs::create_dir(&place).unwrap();
        let home = centre(&place);
        // A rest of an earlier try is in nobody's way.
        fs::create_dir_all(dir.path().join("copy.partial/keys")).unwrap();
        let holdings = back_up_centre(&home, &to, &provenance()).unwrap();
        let copy = Home::at(&to);
        assert_eq!(found(&copy.journal()).unwrap(), holdings);
        assert_eq!(fs::read_to_string(copy.key("log.key")).unwrap(), "secret");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&to), mode(&copy.key("log.key")), mode(&copy.staff())),
            (0o700, 0o600, 0o600)
        );
        let store = Store::open(&copy.staff()).unwrap();
        assert_eq!(store.accounts().unwrap().len(), 1);
        assert!(store.session(&Digest([7; 32]), false, 6).unwrap().is_none());
        let own = Store::open(&home.staff()).unwrap();
        assert!(own.session(&Digest([7; 32]), false, 6).unwrap().is_some(), "hers goes on");
        assert!(!is_there(&copy.photos()) && !is_there(&with_ending(&to, ".partial")));
        let again = back_up_centre(&home, &to, &provenance()).unwrap_err();
        assert!(matches!(again, CentreFault::Journal(BackupFault::Exists(path)) if path == to));
    }
}
