//! A connection to a collector: TCP, then TLS 1.3 in which both sides prove who
//! they are.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::message::ALPN;
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::fault::LinkFault;
use crate::clock::Clock;
use crate::identity::{Identity, IdentityFault};

/// For each address of a collector. Linux sends SYNs after 0, 1, 3 and 7 s; the
/// fourth has 8 s for its answer.
const CONNECT: Duration = Duration::from_secs(15);

/// Two round trips and 3 KB: 6 s at 4 kbit/s and round trips of 3 s, with two
/// retransmissions of some seconds.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// Longest silence of a peer that was sent something: TCP resends meanwhile, six times
/// in a network of round trips of 1 s. The kernel's own bound is 15 minutes.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Silence after which the peer is asked whether it is still there, and how often it
/// is asked then. With [`UNACKNOWLEDGED`], one that vanished is noticed after 30 to 40 s.
const ASK_AFTER: Duration = Duration::from_secs(10);
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Why this device cannot speak TLS at all.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A certificate or key of the bundle cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    /// TLS refuses the bundle's certificates or key.
    #[error("the bundle's certificates or key: {0}")]
    Rustls(#[from] rustls::Error),
}

/// What this device offers in a handshake: as little as a cheap phone needs, for each form
/// pays for it on the wire.
///
/// - Suites with SHA-256, not SHA-384: its three values in a resumed handshake (both ends'
///   `Finished`, the binder of the ticket) are 16 bytes shorter each. `ChaCha20` first: the
///   processors that lack instructions for AES are the slow ones.
/// - X25519 alone, which is all that a collector speaks, and Ed25519 alone: every certificate
///   of an election is signed so by its authority. 4 and 16 bytes of names less.
pub(crate) fn cryptography() -> Arc<CryptoProvider> {
    let all = ring::default_provider();
    let ed25519 = |algorithms: WebPkiSupportedAlgorithms| {
        let at = algorithms.mapping.iter().position(|(is, _)| *is == SignatureScheme::ED25519);
        let at = at.expect("ring verifies Ed25519");
        let mapping = &algorithms.mapping[at..=at];
        WebPkiSupportedAlgorithms { all: mapping[0].1, mapping }
    };
    Arc::new(CryptoProvider {
        cipher_suites: vec![
            ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
            ring::cipher_suite::TLS13_AES_128_GCM_SHA256,
        ],
        kx_groups: vec![ring::kx_group::X25519],
        signature_verification_algorithms: ed25519(all.signature_verification_algorithms),
        ..all
    })
}

/// Makes connections in the device's name.
pub(crate) struct Dialler {
    tls: TlsConnector,
}

impl Dialler {
    pub(crate) fn new(identity: &Identity, clock: &Arc<Clock>) -> Result<Self, TlsFault> {
        let mut roots = RootCertStore::empty();
        roots.add(identity.authority()?)?;
        let time = Arc::<Clock>::clone(clock);
        let mut config = ClientConfig::builder_with_details(cryptography(), time)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(identity.certificates()?, identity.tls_key()?)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    pub(crate) async fn dial(
        &self,
        collector: &CollectorAddress,
    ) -> Result<TlsStream<TcpStream>, LinkFault> {
        let name = ServerName::try_from(collector.name.clone());
        let name = name.map_err(|_| LinkFault::Name(collector.name.clone()))?;
        connect_over_tls(&self.tls, name, &collector.address).await
    }
}

/// Connects, and shakes hands over the connection.
pub(crate) async fn connect_over_tls(
    tls: &TlsConnector,
    name: ServerName<'static>,
    address: &str,
) -> Result<TlsStream<TcpStream>, LinkFault> {
    let stream = connect(address).await?;
    stream.set_nodelay(true)?;
    notice_a_vanished_peer(&stream)?;
    Ok(within(HANDSHAKE, "the TLS handshake", tls.connect(name, stream)).await??)
}

/// Has the kernel end a connection whose peer is silently gone: power cut, network
/// changed, an address translator that forgot us.
fn notice_a_vanished_peer(stream: &TcpStream) -> io::Result<()> {
    let unacknowledged = u32::try_from(UNACKNOWLEDGED.as_millis()).unwrap_or(u32::MAX);
    sockopt::set_tcp_user_timeout(stream, unacknowledged)?;
    sockopt::set_tcp_keepidle(stream, ASK_AFTER)?;
    sockopt::set_tcp_keepintvl(stream, ASK_EVERY)?;
    sockopt::set_socket_keepalive(stream, true)?;
    Ok(())
}

async fn connect(address: &str) -> Result<TcpStream, LinkFault> {
    let resolved = within(CONNECT, "finding the address", lookup_host(address)).await?;
    let addresses: Vec<SocketAddr> = resolved.map_err(LinkFault::Address)?.collect();
    let mut last = LinkFault::Address(io::Error::from(io::ErrorKind::NotFound));
    for address in addresses {
        match within(CONNECT, "the connection", TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(fault)) => last = LinkFault::Connect(fault),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

/// Waits no longer than `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    step: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, LinkFault> {
    let done = tokio::time::timeout(limit, work).await;
    done.map_err(|_| LinkFault::TimedOut { step, limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_peer_that_vanished_is_noticed_in_under_a_minute() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = connect(&listener.local_addr().unwrap().to_string()).await.unwrap();
        notice_a_vanished_peer(&stream).unwrap();
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        let unacknowledged = sockopt::tcp_user_timeout(&stream).unwrap();
        let asked = sockopt::tcp_keepidle(&stream).unwrap();
        let again = sockopt::tcp_keepintvl(&stream).unwrap();
        let noticed = Duration::from_millis(unacknowledged.into()) + asked.max(again);
        assert!(noticed < Duration::from_secs(60), "{noticed:?}");
        assert!(unacknowledged >= 30_000, "a slow network is not a vanished peer");
    }
}
