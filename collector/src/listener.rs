//! The devices' door: accept, TLS handshake, session; each connection on its own,
//! so that a slow or silent one keeps nobody waiting.

use std::sync::Arc;
use std::time::Duration;

use rustls::server::Acceptor;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, info, warn};

use crate::identity::DeviceIdentity;
use crate::registrar::converse;
use crate::session::{Collector, SessionFault, speak};
use crate::tls::Tls;
use saksi_proto::refusal::Farewell;

/// Rest after a connection could not be accepted: the system is out of file
/// descriptors, most likely, and gets some back as others end.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Accepts connections until the collector is being stopped, then waits for the
/// sessions to end; each ends at its next message. Dropping it ends them at once.
pub async fn listen(listener: TcpListener, tls: Tls, collector: Arc<Collector>) {
    let tls = Arc::new(tls);
    let slots = Arc::new(Semaphore::new(collector.limits.connections));
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            Some(_) = sessions.join_next() => continue,
            () = collector.stopping.cancelled() => break,
        };
        let Some((stream, slot)) = accepted else { continue };
        let (tls, collector) = (Arc::clone(&tls), Arc::clone(&collector));
        sessions.spawn(async move {
            serve_connection(stream, &tls, &collector).await;
            drop(slot);
        });
    }
    while sessions.join_next().await.is_some() {}
}

/// A connection and its slot. Beyond the bound, connections wait in the system's
/// queue until a slot is free.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, slot)),
        Err(fault) => {
            warn!(%fault, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_REST).await;
            None
        }
    }
}

async fn serve_connection(stream: TcpStream, tls: &Tls, collector: &Collector) {
    let Ok(from) = stream.peer_addr() else { return debug!("a connection was gone at once") };
    let peer = from.to_string();
    if let Err(fault) = stream.set_nodelay(true) {
        debug!(%peer, %fault, "a connection was gone at once");
        return;
    }
    let handshake = timeout(collector.limits.handshake, shake_hands(stream, tls));
    let stream = tokio::select! {
        handshake = handshake => handshake,
        () = collector.stopping.cancelled() => return,
    };
    // Boxed: unboxed, every future that it passes through would hold a place for it.
    let (stream, enrols) = match stream {
        Ok(Ok((stream, enrols))) => (Box::new(stream), enrols),
        Ok(Err(fault)) => return info!(%peer, %fault, "no TLS session"),
        Err(_) => return info!(%peer, "no TLS handshake in time"),
    };
    if enrols {
        let conversation = Box::pin(converse(stream, from.ip(), &collector.registrar));
        if let Err(fault) = conversation.await {
            info!(%peer, %fault, "a device that enrols was left");
        }
        return;
    }
    let (_, tls) = stream.get_ref();
    let certificate = tls.peer_certificates().and_then(|chain| chain.first());
    let identity = certificate.map(|der| DeviceIdentity::from_certificate(der));
    let identity = match identity {
        Some(Ok(identity)) => identity,
        Some(Err(fault)) => return warn!(%peer, %fault, "a certificate of ours names no device"),
        None => return warn!(%peer, "no client certificate"),
    };
    let station = identity.station;
    match speak(stream, identity, collector).await {
        Ok(()) | Err(SessionFault::Farewell(Farewell::Stopping)) => {}
        Err(fault) => info!(%peer, %station, %fault, "a session has ended"),
    }
}

/// The TLS session, and whether it is with a device that enrols.
async fn shake_hands(
    stream: TcpStream,
    tls: &Tls,
) -> std::io::Result<(TlsStream<TcpStream>, bool)> {
    let started = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let (config, enrols) = tls.for_guest(&started.client_hello());
    Ok((started.into_stream(config).await?, enrols))
}
