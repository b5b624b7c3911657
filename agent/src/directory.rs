//! The agent's directory: what lies where.
//!
//! ```text
//! identity.json              the bundle: station, election, keys (mode 0600)
//! enrol.json                 an enrolment that was begun: slip and key (mode 0600)
//! checkpoint                 the newest checkpoint of the log that was verified
//! evidence/<name>.notes      two checkpoints of it that do not fit together
//! lock                       held by the one process that has the store open
//! door                       socket of the running agent
//! page.key                   what lets a browser into the station's page (mode 0600)
//! page.address               where the page is while the device is being enrolled (mode 0600)
//! forms/<digest>.saksi       each sealed form, a file of its own
//! receipts/<digest>.tlog-proof
//! rehearsal/                 rehearsal forms and their receipts, named as the others
//! carried/                   other stations' forms, with their receipts or refusals
//! photos/<digest>            photos, named by their SHA-256
//! photos/<digest>.damaged    what was found in the place of one
//! drafts/<election>-<contest>.draft   a second copy of what is being typed
//! taken-in/                  photos made small, until their form is stored
//! store/                     sled: forms, delivery states, drafts, the last time learnt
//! store.aside-<n>/           a store that could not be read, kept
//! reserve                    room that is given up when the disk is full
//! ```

use std::io;
use std::path::{Path, PathBuf};

use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;

use crate::durable;

/// Ends the name of a sealed form's file.
pub(crate) const FORM: &str = "saksi";
/// Ends the name of a receipt's file.
pub(crate) const RECEIPT: &str = "tlog-proof";
/// Ends the name of the second copy of a draft.
pub(crate) const DRAFT: &str = "draft";
/// Begins the name of a store that was set aside.
const ASIDE: &str = "store.aside-";

/// The agent's directory. Only its owner can enter it.
#[derive(Debug, Clone)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Names a directory; makes nothing.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Makes the directory and those in it, durably.
    pub(crate) fn create(&self) -> io::Result<()> {
        let own = self.path.clone();
        for directory in [own, self.forms(), self.receipts(), self.photos(), self.drafts()] {
            durable::create_directory(&directory)?;
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn identity(&self) -> PathBuf {
        self.path.join("identity.json")
    }

    pub(crate) fn begun(&self) -> PathBuf {
        self.path.join("enrol.json")
    }

    pub(crate) fn rehearsal(&self) -> PathBuf {
        self.path.join("rehearsal")
    }

    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint")
    }

    pub(crate) fn evidence(&self) -> PathBuf {
        self.path.join("evidence")
    }

    pub(crate) fn page_key(&self) -> PathBuf {
        self.path.join("page.key")
    }

    pub(crate) fn page_address(&self) -> PathBuf {
        self.path.join("page.address")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    pub(crate) fn reserve(&self) -> PathBuf {
        self.path.join("reserve")
    }

    pub(crate) fn forms(&self) -> PathBuf {
        self.path.join("forms")
    }

    pub(crate) fn form(&self, digest: Digest) -> PathBuf {
        self.forms().join(format!("{digest}.{FORM}"))
    }

    pub(crate) fn receipts(&self) -> PathBuf {
        self.path.join("receipts")
    }

    pub(crate) fn receipt(&self, digest: Digest) -> PathBuf {
        self.receipts().join(format!("{digest}.{RECEIPT}"))
    }

    pub(crate) fn photos(&self) -> PathBuf {
        self.path.join("photos")
    }

    pub(crate) fn photo(&self, digest: Digest) -> PathBuf {
        self.photos().join(digest.to_string())
    }

    pub(crate) fn drafts(&self) -> PathBuf {
        self.path.join("drafts")
    }

    pub(crate) fn draft(&self, election: Digest, contest: ContestCode) -> PathBuf {
        self.drafts().join(format!("{election}-{contest}.{DRAFT}"))
    }

    pub(crate) fn carried(&self) -> PathBuf {
        self.path.join("carried")
    }

    pub(crate) fn taken_in(&self) -> PathBuf {
        self.path.join("taken-in")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// Stores that were set aside, in the order of their numbers.
    pub(crate) fn aside(&self) -> io::Result<Vec<PathBuf>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(ASIDE));
            numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers.into_iter().map(|number| self.aside_path(number)).collect())
    }

    /// A name for the next store to be set aside.
    pub(crate) fn next_aside(&self) -> io::Result<PathBuf> {
        let taken = self.aside()?;
        let free = (1..).map(|number| self.aside_path(number)).find(|path| !taken.contains(path));
        Ok(free.expect("fewer than 2³² stores were set aside"))
    }

    fn aside_path(&self, number: u32) -> PathBuf {
        self.path.join(format!("{ASIDE}{number}"))
    }
}
