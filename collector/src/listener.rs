//! The devices' door: accept, TLS handshake, session; each connection on its own,
//! so that a slow or silent one keeps nobody waiting. Who gets in when there is no room
//! for all, [`crate::places`] says.
//!
//! When the house is full, connections wait in the system's queue, and are served in
//! their order as others end: to close them would only have them come again, each with
//! a handshake more.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tracing::{debug, info, warn};

use crate::handshake::{HandshakeFault, Known, Metered, Terms, shake_hands};
use crate::places::{Place, Places};
use crate::registrar::converse;
use crate::session::{Collector, Patience, SessionFault, speak};
use saksi_proto::refusal::Farewell;

/// Rest after a connection could not be accepted: the system is out of file
/// descriptors, most likely, and gets some back as others end.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// What a connection needs, besides itself.
struct Entrance {
    peer: SocketAddr,
    place: Place,
    /// Ends when its place is wanted, unless it is known as a device by then.
    wanted: oneshot::Receiver<()>,
    terms: Arc<Terms>,
}

/// A connection whose other end is known.
struct Entered {
    known: Known,
    patience: Patience,
    place: Place,
    wanted: oneshot::Receiver<()>,
}

/// Accepts connections until the collector is being stopped, then waits for the
/// sessions to end; each ends at its next message. Dropping it ends them at once.
///
/// Each connection is served by the `terms` of the moment when it came.
pub async fn listen(
    listener: TcpListener,
    terms: watch::Receiver<Arc<Terms>>,
    places: Places,
    collector: Arc<Collector>,
) {
    let mut sessions = JoinSet::new();
    // The next one, which waits for its place here.
    let mut arrived = None;
    loop {
        tokio::select! {
            accepted = listener.accept(), if arrived.is_none() => match accepted {
                Ok(accepted) => arrived = Some(accepted),
                Err(fault) => {
                    warn!(%fault, "a connection could not be accepted");
                    collector.metrics.accept_failed();
                    tokio::time::sleep(ACCEPT_REST).await;
                }
            },
            () = places.room(), if arrived.is_some() => {
                let Some((stream, peer)) = arrived.take() else { continue };
                let Ok((place, wanted)) = places.enter(peer.ip()) else {
                    debug!(%peer, "closed: its address has all the connections that it may have");
                    collector.metrics.address_was_full();
                    continue;
                };
                let entrance = Entrance { peer, place, wanted, terms: Arc::clone(&terms.borrow()) };
                let (places, collector) = (places.clone(), Arc::clone(&collector));
                sessions.spawn(serve_connection(stream, entrance, places, collector));
            }
            Some(_) = sessions.join_next() => {}
            () = collector.stopping.cancelled() => break,
        }
    }
    while sessions.join_next().await.is_some() {}
}

async fn serve_connection(
    stream: TcpStream,
    entrance: Entrance,
    places: Places,
    collector: Arc<Collector>,
) {
    let peer = entrance.peer;
    // Boxed: a session holds no place for the handshake before it.
    let Entered { known, patience, place, wanted } =
        match Box::pin(enter(stream, entrance, &collector)).await {
            Ok(entered) => entered,
            Err(fault) => {
                collector.metrics.handshake_failed(&fault);
                return match fault {
                    HandshakeFault::Identity(_) => {
                        warn!(%peer, %fault, "a certificate of ours names no device");
                    }
                    // Whoever reaches the port can cause these without end: they are counted.
                    _ => debug!(%peer, %fault, "no TLS session"),
                };
            }
        };
    let Known { stream, identity, protocol, kind } = known;
    let Some(identity) = identity else {
        collector.metrics.session_begins(protocol, kind, 0);
        return Box::pin(enrol(stream, peer, wanted, &collector)).await;
    };
    drop(wanted);
    let station = identity.station;
    let end = collector.stopping.child_token();
    let (seat, displaced) = places.seat(identity.key.to_bytes(), end.clone());
    collector.metrics.session_begins(protocol, kind, displaced);
    if displaced > 0 {
        info!(%peer, %station, displaced, "the device's oldest sessions end for a new one");
    }
    let spoken = speak(stream, identity, patience, end, &collector).await;
    if let Err(SessionFault::Farewell(farewell)) = &spoken {
        collector.metrics.said_farewell(*farewell);
    }
    match spoken {
        Ok(()) | Err(SessionFault::Farewell(Farewell::Stopping)) => {}
        Err(fault) => info!(%peer, %station, %fault, "a session has ended"),
    }
    drop((seat, place));
}

/// With a device that has no certificate yet, for as long as nobody else wants its place.
async fn enrol(
    stream: Box<TlsStream<Metered>>,
    peer: SocketAddr,
    wanted: oneshot::Receiver<()>,
    collector: &Collector,
) {
    tokio::select! {
        ended = converse(stream, peer.ip(), &collector.registrar) => if let Err(fault) = ended {
            info!(%peer, %fault, "a device that enrols was left");
        },
        _ = wanted => collector.metrics.handshake_failed(&HandshakeFault::Displaced),
    }
}

/// The handshake, within its limits.
async fn enter(
    stream: TcpStream,
    entrance: Entrance,
    collector: &Collector,
) -> Result<Entered, HandshakeFault> {
    let Entrance { place, mut wanted, terms, .. } = entrance;
    let limits = &terms.limits;
    let known = tokio::select! {
        // A handshake that is done is not looked for any more.
        biased;
        known = timeout(limits.handshake, shake_hands(stream, &terms, &place)) => known,
        _ = &mut wanted => return Err(HandshakeFault::Displaced),
        () = collector.stopping.cancelled() => return Err(HandshakeFault::Stopping),
    };
    let known = known.map_err(|_| HandshakeFault::Late)??;
    let patience = Patience { greeting: limits.handshake, silence: limits.silence };
    Ok(Entered { known, patience, place, wanted })
}
