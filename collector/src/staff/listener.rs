//! The desk's own door: TLS 1.3 and HTTP/1.1, with bounds on connections, headers, bodies
//! and time. It ends with the collector: requests under way are answered, streams end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::net::sockopt::set_tcp_user_timeout;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::addresses::{Addresses, Entered};

/// Connections at a time; more wait in the system's queue. A browser has six at most: 80
/// officers with all of them, or 500 with one. Some 50 KB each: 25 MB.
const CONNECTIONS: usize = 500;

/// … of one address (IPv6: one /64): half of them, so that no one address keeps all others
/// out. That is 41 officers behind one address with six each; behind a proxy, which has one
/// address, 250 that look on at once with a stream each. More are closed before anything is said.
const ADDRESS_CONNECTIONS: usize = CONNECTIONS / 2;

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Time for the head of a request, and between two requests.
const HEAD: Duration = Duration::from_secs(30);

/// Most bytes of a request's head; browsers send one or two KB.
const HEAD_BYTES: usize = 16 << 10;

/// Most headers of a request.
const HEADERS: usize = 64;

/// Time after which the system closes a connection whose other end takes nothing, in
/// milliseconds.
const UNHEARD_MS: u32 = 60_000;

/// Rest after a connection could not be accepted, most likely for want of descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Whoever is at the other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Accepts connections until the collector is being stopped, then waits for those that are
/// there to end. Dropping it ends them at once.
///
/// # Panics
/// Never: the places are never closed.
pub async fn listen(
    listener: TcpListener,
    tls: watch::Receiver<Arc<ServerConfig>>,
    router: Router,
    stopping: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let addresses = Addresses::new(ADDRESS_CONNECTIONS);
    let mut connections = JoinSet::new();
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let place = tokio::select! {
            place = place => place.expect("never closed"),
            () = stopping.cancelled() => break,
        };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let Some(entered) = addresses.enter(peer.ip()) else {
                        debug!(%peer, "an address has all its connections to the desk");
                        continue;
                    };
                    let acceptor = TlsAcceptor::from(Arc::clone(&tls.borrow()));
                    let serving =
                        serve(stream, Peer(peer), acceptor, router.clone(), stopping.clone());
                    connections.spawn(hold((place, entered), serving));
                }
                Err(fault) => {
                    warn!(%fault, "a connection to the desk could not be accepted");
                    tokio::time::sleep(ACCEPT_REST).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = stopping.cancelled() => break,
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn hold(place: (OwnedSemaphorePermit, Entered), serving: impl Future<Output = ()>) {
    serving.await;
    drop(place);
}

async fn serve(
    stream: TcpStream,
    peer: Peer,
    acceptor: TlsAcceptor,
    router: Router,
    stopping: CancellationToken,
) {
    // Whoever reaches the port can cause all of this without end.
    if let Err(fault) = set_tcp_user_timeout(&stream, UNHEARD_MS) {
        debug!(%fault, "a connection without a bound on its silence");
    }
    let stream = tokio::select! {
        shaken = timeout(HANDSHAKE, acceptor.accept(stream)) => match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(fault)) => return debug!(peer = %peer.0, %fault, "no TLS session at the desk"),
            Err(_) => return debug!(peer = %peer.0, "a handshake at the desk took too long"),
        },
        () = stopping.cancelled() => return,
    };
    let router = tower_service_fn(router, peer);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    http.max_headers(HEADERS);
    let connection = http.serve_connection(TokioIo::new(stream), router);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(fault) = ended {
        debug!(peer = %peer.0, %fault, "a connection to the desk has ended");
    }
}

/// The router, which is told who asks.
fn tower_service_fn(
    router: Router,
    peer: Peer,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> + Send {
    let service = TowerToHyperService::new(router);
    hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        hyper::service::Service::call(&service, request)
    })
}
