//! The desk for the centre's staff: its own door, accounts, and pages that see the ledger and
//! change it.
//!
//! | step | module |
//! |---|---|
//! | who | [`account`], [`password`], [`second`], [`throttle`], [`session`] |
//! | kept | [`store`] |
//! | the door | [`certificate`], [`addresses`], [`listener`] |
//! | a request | [`signed_in`], [`typed`], [`pages`] |
//! | what it may change | [`deed`], [`desk`] |
//! | what two people decide | [`policy`], [`original`], [`proposal`], [`seconding`] |
//! | what it shows | [`order`], [`unheard`] |

pub mod account;
pub mod addresses;
pub mod certificate;
pub mod deed;
pub mod desk;
pub mod listener;
pub mod order;
pub mod original;
pub mod pages;
pub mod password;
pub mod policy;
pub mod proposal;
pub mod second;
pub mod seconding;
pub mod session;
pub mod signed_in;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
pub mod throttle;
pub mod typed;
pub mod unheard;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::clock;
use crate::codes::{CodeKey, CodeKeyFault};
use crate::config::Config;
use crate::device::{IssueFault, Issuer};
use crate::election::Election;
use crate::home::Home;
use crate::ledger::Ledger;
use crate::photos::{self, Photos};
use crate::sequencer::Work;
use certificate::CertificateFault;
use desk::Desk;
use order::Order;
use password::{Hashing, PasswordFault};
use policy::SecondFactor;
use seconding::Seconding;
use store::{Store, StoreFault};
use throttle::Throttle;

/// Threads that the desk may keep busy.
pub const HANDS: usize = desk::HANDS + password::HANDS + photos::HANDS;

/// Why there can be no desk.
#[derive(Debug, thiserror::Error)]
pub enum StaffFault {
    /// Its file.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// Its certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// Passwords.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// The key of codes.
    #[error(transparent)]
    Codes(#[from] CodeKeyFault),
    /// What papers are made with.
    #[error(transparent)]
    Issue(#[from] IssueFault),
    /// The photos.
    #[error("{0}: {1}")]
    Photos(String, std::io::Error),
    /// Its address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
}

/// A desk that listens and does not answer yet.
pub struct Bound {
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    desk: Parts,
    /// Where.
    pub address: SocketAddr,
}

/// What a desk has of its own.
struct Parts {
    home: Home,
    store: Store,
    hashing: Hashing,
    codes: CodeKey,
    issuer: Issuer,
    photos: Photos,
    seconding: Seconding,
    second_factor: SecondFactor,
    collector: String,
    certificate_days: u16,
}

/// What a desk shares with the rest of the collector.
pub struct Shared {
    /// The election.
    pub election: Arc<Election>,
    /// The ledger.
    pub ledger: Arc<RwLock<Ledger>>,
    /// The sequencer, as long as anybody else keeps it.
    pub sequencer: mpsc::WeakSender<Work>,
    /// Cancelled when the collector is being stopped.
    pub stopping: CancellationToken,
}

impl Bound {
    /// Opens the desk's file, makes its certificate if there is none, and listens. Nothing,
    /// if no desk is wanted.
    ///
    /// # Errors
    /// [`StaffFault`].
    pub async fn bind(
        address: Option<SocketAddr>,
        home: &Home,
        config: &Config,
    ) -> Result<Option<Self>, StaffFault> {
        let Some(address) = address else { return Ok(None) };
        certificate::make_if_missing(home, config, clock::now_ms())?;
        let tls = certificate::server(home)?;
        let desk = Parts {
            home: home.clone(),
            store: Store::open(&home.staff())?,
            hashing: Hashing::new()?,
            codes: CodeKey::of(home)?,
            issuer: Issuer::new(home, config)?,
            photos: Photos::open(home, config.limits.photo_spare)
                .map_err(|fault| StaffFault::Photos(home.photos().display().to_string(), fault))?,
            seconding: Seconding::new(config.desk.two_people.clone()),
            second_factor: config.desk.second_factor.clone(),
            collector: config.collectors.first().map(|it| it.address.clone()).unwrap_or_default(),
            certificate_days: config.certificate_days,
        };
        let fault = |fault| StaffFault::Listen(address, fault);
        let listener = TcpListener::bind(address).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        Ok(Some(Self { listener, tls, desk, address }))
    }

    /// Answers until the collector is being stopped. Gives how TLS can be changed, for new
    /// connections.
    #[must_use]
    pub fn serve(self, shared: Shared) -> (JoinHandle<()>, watch::Sender<Arc<ServerConfig>>) {
        let Shared { election, ledger, sequencer, stopping } = shared;
        let Parts { home, store, hashing, codes, issuer, photos, seconding, .. } = self.desk;
        let second_factor = self.desk.second_factor;
        let (collector, certificate_days) = (self.desk.collector, self.desk.certificate_days);
        let desk = Arc::new(Desk {
            order: Order::of(&election.definition),
            home,
            election,
            ledger,
            sequencer,
            store,
            hashing,
            codes,
            issuer,
            photos,
            photo_room: Arc::new(Semaphore::new(desk::PHOTOS)),
            seconding,
            second_factor,
            collector,
            certificate_days,
            stopping: stopping.clone(),
            throttle: Mutex::new(Throttle::new(clock::now_ms())),
            hands: Semaphore::new(desk::HANDS),
            streams: Arc::new(Semaphore::new(desk::STREAMS)),
            files: Arc::new(Semaphore::new(desk::FILES)),
        });
        let (terms, current) = watch::channel(self.tls);
        let listener = self.listener;
        let listening = async move {
            // What was confirmed when the collector stopped is known before anything new is.
            if let Err(fault) = desk.settle().await {
                warn!(%fault, "proposals cannot be looked up at the desk");
            }
            listener::listen(listener, current, pages::router(desk), stopping).await;
        };
        (tokio::spawn(listening), terms)
    }
}
