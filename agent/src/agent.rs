//! The agent as a library: one device, in this process.

use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use saksi_proto::bundle::Bundle;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::ContestCode;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;

use crate::delivery::Delivery;
use crate::desk::{Answer, Desk, Envelope, Status, Submission, SubmitFault, Submitted};
use crate::directory::Directory;
use crate::door::Door;
use crate::forward::{Delivered, ForwardFault, Forwarder, Forwarding, Until};
use crate::identity::{Identity, IdentityFault};
use crate::page::{self, Page, PageAt};
use crate::store::{Repairs, StoreFault};

/// One device: its store, open, and its identity.
pub struct Agent {
    pub(crate) desk: Arc<Desk>,
}

/// Why an agent cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The directory holds no identity, or one that cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// The local door cannot be opened.
    #[error("the local door cannot be opened: {0}")]
    Door(io::Error),
    /// The station's page cannot be served where it was wanted.
    #[error("the station's page cannot be served: {0}")]
    Page(io::Error),
    /// The forwarder cannot go on.
    #[error(transparent)]
    Forward(#[from] ForwardFault),
}

/// A form in the store, for whoever inspects it.
#[derive(Debug, Clone)]
pub struct StoredForm {
    /// The exact bytes.
    pub sealed: SealedForm,
    /// What they say.
    pub form: TallyForm,
    /// How far it has come.
    pub delivery: Delivery,
    /// Its receipt.
    pub receipt: Option<Receipt>,
}

impl Agent {
    /// Makes a directory the device of a bundle. The same bundle again is fine.
    ///
    /// # Errors
    /// [`IdentityFault`]; a directory with another identity is left as it is.
    pub fn init(directory: &Path, bundle: &Bundle) -> Result<Identity, IdentityFault> {
        Identity::init(&Directory::new(directory), bundle)
    }

    /// Opens a directory that was set up.
    ///
    /// # Errors
    /// [`OpenFault`]; [`StoreFault::InUse`] while another agent has it open.
    pub fn open(directory: &Path) -> Result<Self, OpenFault> {
        let directory = Directory::new(directory);
        let identity = Identity::open(&directory)?;
        Ok(Self { desk: Arc::new(Desk::open(directory, identity)?) })
    }

    /// Who the device is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.desk.identity()
    }

    /// The device's time, milliseconds since 1970, UTC.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.desk.clock().now_ms()
    }

    /// Does what was asked; every command of the CLI is one request.
    #[must_use]
    pub fn execute(&self, envelope: Envelope) -> Answer {
        self.desk.execute(envelope)
    }

    /// Checks, seals and stores a form at `now_ms`. When this returns, it survives a
    /// power cut.
    ///
    /// # Errors
    /// [`SubmitFault`]; nothing is stored then.
    pub fn submit(&self, submission: Submission, now_ms: u64) -> Result<Submitted, SubmitFault> {
        self.desk.submit(submission, now_ms, self.identity().language())
    }

    /// How far everything has come.
    #[must_use]
    pub fn status(&self) -> Status {
        self.desk.status(self.identity().language())
    }

    /// Puts answered forms back on the work list, of one contest or all; returns how
    /// many. The same receipts come back.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing is sent again then.
    pub fn resend(&self, contest: Option<ContestCode>) -> Result<usize, StoreFault> {
        self.desk.resend(contest)
    }

    /// Every form in the store, first forms before corrections, then by age.
    ///
    /// # Errors
    /// [`StoreFault`] if one cannot be read.
    pub fn forms(&self) -> Result<Vec<StoredForm>, StoreFault> {
        let store = self.desk.store();
        let known = store.ledger().all().into_iter();
        known
            .map(|known| {
                let sealed = store.sealed(known.digest)?;
                let form = sealed.open().map_err(|_| StoreFault::Unknown(known.digest))?;
                let receipt = store.receipt(known.digest)?;
                Ok(StoredForm { sealed, form, delivery: known.delivery.clone(), receipt })
            })
            .collect()
    }

    /// The verified receipt of a form.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    pub fn receipt(&self, form: Digest) -> Result<Option<Receipt>, StoreFault> {
        self.desk.store().receipt(form)
    }

    /// What had to be put right when the store was opened.
    #[must_use]
    pub fn repairs(&self) -> Repairs {
        self.desk.store().repairs()
    }

    /// Delivers until nothing is due, retrying as the daemon does.
    ///
    /// # Errors
    /// [`ForwardFault`]; a collector that is not there is none.
    pub async fn deliver(&self, forwarding: &Forwarding) -> Result<Delivered, ForwardFault> {
        Forwarder::new(&self.desk, forwarding)?.run(Until::NothingIsDue).await
    }

    /// Takes the station's page to its address, ready to be served.
    ///
    /// # Errors
    /// [`RunFault::Page`] if it was wanted at one address and cannot be there.
    pub fn page(&self, at: PageAt) -> Result<Option<Page>, RunFault> {
        Page::open(&self.desk, at).map_err(RunFault::Page)
    }

    /// Goes on with a page that was there before this agent: a device was enrolled on it.
    #[must_use]
    pub fn with_page(&self, page: Page) -> Page {
        page.goes_on(&self.desk);
        page
    }

    /// Runs the daemon without the station's page: see [`Agent::serve`].
    ///
    /// # Errors
    /// [`RunFault`] if it cannot begin or the store fails.
    pub async fn run(
        &self,
        forwarding: &Forwarding,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), RunFault> {
        self.serve(forwarding, None, shutdown).await
    }

    /// Runs the daemon: the forwarder, the local door and the station's page, until
    /// `shutdown` or until the store fails. What was sent and not answered then is due at
    /// the next start.
    ///
    /// # Errors
    /// [`RunFault`] if it cannot begin or the store fails.
    pub async fn serve(
        &self,
        forwarding: &Forwarding,
        page: Option<Page>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), RunFault> {
        let forwarder = Forwarder::new(&self.desk, forwarding).map_err(ForwardFault::from)?;
        let door = Door::open(self.desk.directory()).map_err(RunFault::Door)?;
        let ended = tokio::select! {
            () = shutdown => Ok(()),
            () = door.serve(&self.desk) => Err(StoreFault::Broken.into()),
            () = page::served(page, &self.desk, &forwarding.collectors) => Err(StoreFault::Broken.into()),
            ended = forwarder.run(Until::Stopped) => ended.map(|_| ()),
        };
        if ended.is_err() {
            // A disk that hangs would hold us here too. The next start replaces a door
            // that nobody is behind.
            std::mem::forget(door);
        }
        Ok(ended?)
    }
}
