//! TLS of the devices' door: version 1.3 only, client certificates of the
//! election's authority, X25519, aws-lc-rs. The provider is passed explicitly.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use saksi_proto::message::ALPN;

use crate::home::Home;
use crate::secret::{self, SecretFault};

/// Sessions that can be resumed. By estimate, not measured: 2 KB each with the client's
/// certificate, 41 MB.
const RESUMABLE: usize = 20_480;

/// Why the collector cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A certificate file.
    #[error("{path} is not a certificate: {fault}", path = .0.display(), fault = .1)]
    Certificate(PathBuf, rustls::pki_types::pem::Error),
    /// A key file.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// The key is not one that TLS can use.
    #[error("the server's key cannot be used")]
    Key,
    /// The parts do not go together.
    #[error("the server's certificate and keys do not go together: {0}")]
    Rustls(#[from] rustls::Error),
    /// The authority cannot verify clients.
    #[error("the authority's certificate cannot verify devices: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The configuration for devices.
///
/// # Errors
/// [`TlsFault`].
pub fn server(home: &Home) -> Result<Arc<ServerConfig>, TlsFault> {
    let provider = Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    });
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&home.key("ca.pem"))? {
        roots.add(certificate)?;
    }
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()?;
    let key = secret::read_secret(&home.key("server.key"))?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| TlsFault::Key)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(clients)
        .with_single_cert(certificates(&home.key("server.pem"))?, key)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(RESUMABLE);
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let fault = |fault| TlsFault::Certificate(path.to_owned(), fault);
    CertificateDer::pem_file_iter(path).map_err(fault)?.collect::<Result<_, _>>().map_err(fault)
}
