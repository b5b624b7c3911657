//! The station's page: what the officers see in a browser on the device itself.
//!
//! | step | module |
//! |---|---|
//! | a connection, its bounds, one request and its answer | this one |
//! | who may ask | `guard` |
//! | what is asked, what is answered | `asked`, `reply`, `site` |
//! | the paper in sheets, one screen each | `sheet` |
//! | what should be the same on all forms | `across` |
//! | where everything stands, and a rehearsal | `home`, `state`, `rehearsing` |
//! | what the centre has to say of a form | `notices` |
//! | what is typed, read back and sealed, and its receipt | `entry`, `read`, `review`, `contest`, `receipt` |
//! | frame, words and numbers of every page | `shell`, [`text`], `spoken` |
//!
//! The pages are made here, whole, and work without a script. The one script saves each
//! field as it is left, and puts in what has changed.

mod across;
mod asked;
mod contest;
mod entry;
mod guard;
mod home;
mod notices;
mod read;
mod receipt;
mod rehearsing;
mod reply;
mod review;
mod sheet;
mod shell;
mod site;
mod spoken;
mod state;
pub mod text;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use saksi_proto::bundle::CollectorAddress;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::desk::Desk;
use asked::Asked;
use guard::Guard;
use site::Site;

/// The usual port. Nobody has registered it.
const PORT: u16 = 7_470;

/// Most connections at a time; more wait in the socket's queue. A browser opens six, and
/// keeps some that it does not use.
const MAX_CONNECTIONS: usize = 32;

/// Most bytes of a request's first line and headers, which browsers keep below 2 KB.
const MAX_HEAD: usize = 16 * 1024;

/// For a request's headers to come, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// For a request and its answer: commits on a slow card, behind some others.
const ANSWER: Duration = Duration::from_secs(90);

/// Where the page is served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageAt {
    /// At 127.0.0.1:7470, or at another port of this device if that is taken.
    #[default]
    Usual,
    /// There and nowhere else.
    Address(SocketAddr),
    /// Not at all.
    Nowhere,
}

/// The station's page at its address.
pub struct Page {
    listener: std::net::TcpListener,
    guard: Guard,
}

impl Page {
    /// Takes the address. Where the usual one is not to be had, the forms go on without a
    /// page rather than not at all.
    pub(crate) fn open(desk: &Desk, at: PageAt) -> io::Result<Option<Self>> {
        let listener = match at {
            PageAt::Nowhere => return Ok(None),
            PageAt::Address(address) => std::net::TcpListener::bind(address)?,
            PageAt::Usual => {
                let usual = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, PORT));
                let found =
                    usual.or_else(|_| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
                match found {
                    Ok(listener) => listener,
                    Err(fault) => {
                        tracing::warn!(%fault, "there is no room for the station's page; it is off");
                        return Ok(None);
                    }
                }
            }
        };
        listener.set_nonblocking(true)?;
        let guard = Guard::new(listener.local_addr()?, guard::secret(desk.directory())?);
        desk.has_page(guard.address());
        Ok(Some(Self { listener, guard }))
    }

    /// The address that lets a browser in: to be kept as a key is.
    #[must_use]
    pub fn address(&self) -> String {
        self.guard.address()
    }

    async fn serve(self, desk: &Arc<Desk>, collectors: &[CollectorAddress]) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener)?;
        let site = Arc::new(Site::new(Arc::clone(desk), self.guard, collectors));
        let mut visitors = JoinSet::new();
        loop {
            tokio::select! {
                visitor = listener.accept(), if visitors.len() < MAX_CONNECTIONS => match visitor {
                    Ok((visitor, _)) => {
                        visitors.spawn(attended(visitor, Arc::clone(&site)));
                    }
                    Err(fault) => {
                        tracing::warn!(%fault, "the station's page does not answer for now");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                },
                Some(_) = visitors.join_next() => {
                    if !desk.store().is_whole() {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// Serves the page, if there is one, until the store has failed. `collectors` are those in
/// the place of the papers', for rehearsals.
pub(crate) async fn served(page: Option<Page>, desk: &Arc<Desk>, collectors: &[CollectorAddress]) {
    let Some(page) = page else { return std::future::pending().await };
    if let Err(fault) = page.serve(desk, collectors).await {
        tracing::error!(%fault, "the station's page is not served");
        std::future::pending().await
    }
}

/// One request a connection: on loopback a new one costs nothing, and none stays idle.
async fn attended(visitor: TcpStream, site: Arc<Site>) {
    let answer = service_fn(|request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(answer(request, &site).await) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    server.max_buf_size(MAX_HEAD).keep_alive(false);
    let served = server.serve_connection(TokioIo::new(visitor), answer);
    match tokio::time::timeout(ANSWER, served).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => tracing::debug!(%fault, "a connection to the page ended early"),
        Err(_) => tracing::debug!("a connection to the page took too long"),
    }
}

async fn answer(request: Request<Incoming>, site: &Site) -> Response<Full<Bytes>> {
    match tokio::time::timeout(PATIENCE, Asked::read(request)).await {
        Ok(Ok(asked)) => site.answer(&asked).await.into_response(),
        Ok(Err(refused)) => refused.into_response(),
        Err(_) => reply::Reply::too_slow().into_response(),
    }
}
