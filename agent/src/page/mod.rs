//! The station's page: what the officers see in a browser on the device itself.
//!
//! | step | module |
//! |---|---|
//! | a connection, its bounds, one request and its answer | this one |
//! | who may ask | `guard` |
//! | what is asked, what is answered | `asked`, `reply`, `packed`, `site` |
//! | the paper in sheets, one screen each | `sheet` |
//! | where everything stands, and a rehearsal | `home`, `state`, `rehearsing` |
//! | photos of the paper, from the browser's bytes on | `parts`, `upload`, `photos` |
//! | what is typed, read back and sealed, and its receipt | `entry`, `again`, `read`, `review`, `contest`, `receipt` |
//! | what the centre has to say of a form | `notices` |
//! | carried in and out as files | `brought`, `carried` |
//! | before the device has its papers, and when it has | `enrol`, `enrolled` |
//! | frame, words and numbers of every page | `shell`, [`text`], `spoken` |
//!
//! The pages are made here, whole, and work without a script. The one script saves each
//! field as it is left, and puts in what has changed.

mod again;
mod asked;
mod brought;
mod carried;
mod contest;
mod enrol;
mod enrolled;
mod entry;
mod guard;
mod home;
mod notices;
mod packed;
mod parts;
mod photos;
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
mod upload;

pub use enrol::{EnrolPage, text as enrol_text, waiting_address};

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::ACCEPT_ENCODING;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use saksi_proto::bundle::CollectorAddress;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::desk::Desk;
use crate::directory::Directory;
use asked::Asked;
use guard::Guard;
use reply::Reply;
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

/// For the last visitors, once nobody else is let in.
const LAST: Duration = Duration::from_secs(5);

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
        let page = Self::at(desk.directory(), at)?;
        page.iter().for_each(|page| page.goes_on(desk));
        Ok(page)
    }

    /// The desk tells from now on where the page is.
    pub(crate) fn goes_on(&self, desk: &Desk) {
        desk.has_page(self.address());
    }

    fn at(directory: &Directory, at: PageAt) -> io::Result<Option<Self>> {
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
        let guard = Guard::new(listener.local_addr()?, guard::secret(directory)?);
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
        serve_until(&listener, &site, || !desk.store().is_whole()).await;
        Ok(())
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

/// What answers requests.
trait Answers: Send + Sync + 'static {
    fn answer(
        &self,
        asked: Asked,
        head: Parts,
        body: Incoming,
    ) -> impl Future<Output = Reply> + Send;
}

/// Serves a site until, after some visitor, it is done; then the others are heard out.
async fn serve_until<S: Answers>(
    listener: &TcpListener,
    site: &Arc<S>,
    is_done: impl Fn() -> bool,
) {
    let mut visitors = JoinSet::new();
    while !is_done() {
        tokio::select! {
            visitor = listener.accept(), if visitors.len() < MAX_CONNECTIONS => match visitor {
                Ok((visitor, _)) => {
                    visitors.spawn(attended(visitor, Arc::clone(site)));
                }
                Err(fault) => {
                    tracing::warn!(%fault, "the station's page does not answer for now");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
            Some(_) = visitors.join_next() => {}
        }
    }
    let heard_out = async { while visitors.join_next().await.is_some() {} };
    // Whoever has no answer by now asks again.
    drop(tokio::time::timeout(LAST, heard_out).await);
}

/// One request a connection: on loopback a new one costs nothing, and none stays idle.
async fn attended<S: Answers>(visitor: TcpStream, site: Arc<S>) {
    let answer = service_fn(|request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(answer(request, &*site).await) }
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

impl Answers for Site {
    async fn answer(&self, asked: Asked, head: Parts, body: Incoming) -> Reply {
        if asked.path == carried::TAKE && brought::has_files(&head.headers) {
            return carried::taken_in(self, asked, &head.headers, body).await;
        }
        if upload::contest(&asked, &head.headers).is_some() {
            return upload::answer(self, asked, &head.headers, body).await;
        }
        match within_patience(asked.with_body(&head, body)).await {
            Ok(asked) => Site::answer(self, &asked).await,
            Err(refused) => refused,
        }
    }
}

/// Waits for what is posted, so long as a browser takes for it.
async fn within_patience(read: impl Future<Output = Result<Asked, Reply>>) -> Result<Asked, Reply> {
    let read = tokio::time::timeout(PATIENCE, read).await;
    read.unwrap_or_else(|_| Err(Reply::too_slow()))
}

async fn answer(request: Request<Incoming>, site: &impl Answers) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let accepted = head.headers.get(ACCEPT_ENCODING).cloned();
    let reply = match Asked::of(&head) {
        Ok(asked) => site.answer(asked, head, body).await,
        Err(refused) => refused,
    };
    reply.packed(accepted.as_ref()).into_response()
}
