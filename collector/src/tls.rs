//! TLS of the devices' door: version 1.3 only, client certificates of the
//! election's authority, X25519, aws-lc-rs. The provider is passed explicitly. Devices that
//! enrol have no certificate yet, and speak another protocol over the same port.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::Signature;
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{
    ClientHello, ParsedCertificate, ServerSessionMemoryCache, WebPkiClientVerifier,
};
use rustls::{RootCertStore, ServerConfig};
use saksi_proto::VerifyingKey;
use saksi_proto::enrolment::ENROL_ALPN;
use saksi_proto::message::ALPN;
use x509_parser::prelude::{FromDer as _, X509Certificate};

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
    /// The server's certificate has not come yet.
    #[error(
        "the collector has no certificate yet; have it signed where the authority's key is:\n  \
         saksi-collector authority requests {dir} --out requests.json\n  \
         saksi-collector authority sign AUTHORITY requests.json --out signed.json   (there)\n  \
         saksi-collector authority import {dir} signed.json", dir = .0.display()
    )]
    NoCertificate(PathBuf),
    /// A certificate that was changed since it was signed.
    #[error(
        "{0} is damaged: the authority did not sign it so; put it back from your backup of the keys"
    )]
    Unsigned(PathBuf),
    /// A key file.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// The key is none, or not that of the certificate.
    #[error(
        "{0} is not the key of the server's certificate; put it back from your backup of the keys"
    )]
    Key(PathBuf),
    /// A certificate before or after its time.
    #[error("{path} is valid from {from} to {to}, and not now", path = .path.display())]
    OutOfTime {
        /// Its file.
        path: PathBuf,
        /// Its first moment.
        from: String,
        /// Its last moment.
        to: String,
    },
    /// A certificate for names that no device is told.
    #[error("{path} is for none of the names in “[[collector]]”, and no device would accept it", path = .0.display())]
    OtherName(PathBuf),
    /// TLS cannot be spoken with all this.
    #[error("TLS cannot be spoken: {0}")]
    Rustls(#[from] rustls::Error),
    /// The authority cannot verify clients.
    #[error("the authority's certificate cannot verify devices: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// TLS, as each kind of guest is spoken with.
#[derive(Debug, Clone)]
pub struct Tls {
    /// With devices: certificates on both sides.
    devices: Arc<ServerConfig>,
    /// With those that enrol: ours only, and the authority's with it, for they know
    /// nothing of it but its fingerprint.
    enrolling: Arc<ServerConfig>,
}

impl Tls {
    /// The configuration for devices that have a certificate.
    #[must_use]
    pub fn for_devices(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.devices)
    }

    /// The configuration for whoever says hello, and whether they come to enrol.
    #[must_use]
    pub fn for_guest(&self, hello: &ClientHello<'_>) -> (Arc<ServerConfig>, bool) {
        let asks = |protocol| hello.alpn().is_some_and(|mut asked| asked.any(|of| of == protocol));
        if asks(ENROL_ALPN) && !asks(ALPN) {
            (Arc::clone(&self.enrolling), true)
        } else {
            (self.for_devices(), false)
        }
    }
}

/// The configurations of the devices' door.
///
/// # Errors
/// [`TlsFault`].
pub fn server(home: &Home) -> Result<Tls, TlsFault> {
    let provider = Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    });
    // Not used here, or not any more, and secret all the same.
    for name in ["ca.key", "log.key"] {
        secret::check_mode(&home.key(name))?;
    }
    let mut roots = RootCertStore::empty();
    let authority = home.key("ca.pem");
    let authorities = certificates(&authority)?;
    let own = home.key("server.pem");
    if !own.exists() {
        return Err(TlsFault::NoCertificate(home.path().to_owned()));
    }
    let chain = certificates(&own)?;
    // TLS would find out at the first device, which then is refused, and all after it.
    check_signed(&authority, &authorities, &authorities)?;
    check_signed(&own, &chain[..1.min(chain.len())], &authorities)?;
    for certificate in authorities.clone() {
        roots.add(certificate)?;
    }
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()?;
    let path = home.key("server.key");
    let key = secret::read_secret(&path)?;
    let is_none = || TlsFault::Key(path.clone());
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| is_none())?;
    let builder = || {
        ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
    };
    let with_authority = [&chain[..], &authorities[..]].concat();
    let mut enrolling = builder()?
        .with_no_client_auth()
        .with_single_cert(with_authority, key.clone_key())
        .map_err(|_| is_none())?;
    enrolling.alpn_protocols = vec![ENROL_ALPN.to_vec()];
    // They come once: nothing is kept for another time.
    enrolling.send_tls13_tickets = 0;
    let mut devices = builder()?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map_err(|_| is_none())?;
    devices.alpn_protocols = vec![ALPN.to_vec()];
    devices.session_storage = ServerSessionMemoryCache::new(RESUMABLE);
    devices.send_tls13_tickets = 1;
    Ok(Tls { devices: Arc::new(devices), enrolling: Arc::new(enrolling) })
}

/// Checks that devices can use the collector's certificate: it is valid at `now_ms`, and
/// for one at least of the names that they are told.
///
/// # Errors
/// [`TlsFault::OutOfTime`] or [`TlsFault::OtherName`].
pub fn check_usable(home: &Home, names: &[String], now_ms: u64) -> Result<(), TlsFault> {
    let path = home.key("server.pem");
    let chain = certificates(&path)?;
    let Some(own) = chain.first() else { return Err(TlsFault::Unsigned(path)) };
    let Ok((_, parsed)) = X509Certificate::from_der(own) else {
        return Err(TlsFault::Unsigned(path));
    };
    let (from, to) = (parsed.validity().not_before, parsed.validity().not_after);
    let now = i64::try_from(now_ms / 1_000).unwrap_or(i64::MAX);
    if now < from.timestamp() || now > to.timestamp() {
        return Err(TlsFault::OutOfTime { path, from: from.to_string(), to: to.to_string() });
    }
    let parsed = ParsedCertificate::try_from(own)?;
    let is_for = |name: &String| {
        let name = ServerName::try_from(name.as_str());
        name.is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    };
    if names.iter().any(is_for) { Ok(()) } else { Err(TlsFault::OtherName(path)) }
}

/// Checks that each certificate was signed by one of the authorities.
fn check_signed(
    path: &Path,
    certificates: &[CertificateDer<'_>],
    authorities: &[CertificateDer<'_>],
) -> Result<(), TlsFault> {
    let is_signed = |certificate| authorities.iter().any(|by| is_signed_by(certificate, by));
    if !certificates.is_empty() && certificates.iter().all(is_signed) {
        Ok(())
    } else {
        Err(TlsFault::Unsigned(path.to_owned()))
    }
}

/// Whether the authority signed a certificate (DER) as it is.
pub(crate) fn is_signed_by(
    certificate: &CertificateDer<'_>,
    authority: &CertificateDer<'_>,
) -> bool {
    let parsed = X509Certificate::from_der(certificate);
    let (Ok((_, signed)), Ok((_, by))) = (parsed, X509Certificate::from_der(authority)) else {
        return false;
    };
    let key = <&[u8; 32]>::try_from(by.public_key().subject_public_key.data.as_ref()).ok();
    let key = key.and_then(|key| VerifyingKey::from_bytes(key).ok());
    let signature = Signature::from_slice(&signed.signature_value.data).ok();
    key.zip(signature).is_some_and(|(key, signature)| {
        key.verify_strict(signed.tbs_certificate.as_ref(), &signature).is_ok()
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let fault = |fault| TlsFault::Certificate(path.to_owned(), fault);
    CertificateDer::pem_file_iter(path).map_err(fault)?.collect::<Result<_, _>>().map_err(fault)
}
