//! A connection to a collector: TCP, then TLS 1.3 in which both sides prove who
//! they are.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
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

/// Makes connections in the device's name.
pub(super) struct Dialler {
    tls: TlsConnector,
}

impl Dialler {
    pub(super) fn new(identity: &Identity, clock: &Arc<Clock>) -> Result<Self, TlsFault> {
        let mut roots = RootCertStore::empty();
        roots.add(identity.authority()?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let time = Arc::<Clock>::clone(clock);
        let mut config = ClientConfig::builder_with_details(provider, time)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(identity.certificates()?, identity.tls_key()?)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    pub(super) async fn dial(
        &self,
        collector: &CollectorAddress,
    ) -> Result<TlsStream<TcpStream>, LinkFault> {
        let name = ServerName::try_from(collector.name.clone());
        let name = name.map_err(|_| LinkFault::Name(collector.name.clone()))?;
        let stream = connect(&collector.address).await?;
        stream.set_nodelay(true)?;
        let handshake = self.tls.connect(name, stream);
        Ok(within(HANDSHAKE, "the TLS handshake", handshake).await??)
    }
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
pub(super) async fn within<T>(
    limit: Duration,
    step: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, LinkFault> {
    let done = tokio::time::timeout(limit, work).await;
    done.map_err(|_| LinkFault::TimedOut { step, limit })
}
