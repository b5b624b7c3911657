//! Keys and certificates, as TLS wants them, and whether they fit together.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use saksi_proto::VerifyingKey;
use saksi_proto::bundle::Papers;

use super::{Identity, IdentityFault};

impl Identity {
    /// Certificate of the authority that certifies collectors.
    pub(crate) fn authority(&self) -> Result<CertificateDer<'static>, IdentityFault> {
        authority(&self.papers())
    }

    /// The device's certificate and, where the authority is not its issuer, the rest
    /// of the chain.
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, IdentityFault> {
        certificates(&self.papers())
    }

    /// Checks that the authority has signed the certificate, for as long as the papers
    /// say. Of papers that come over the wire; a bundle was made where the authority is.
    pub(crate) fn check_certificate(&self) -> Result<(), IdentityFault> {
        let (certificates, until_ms) = (self.certificates()?, self.certified_until_ms());
        let is_signed = is_signed(&certificates, self.authority()?, until_ms);
        let fault = "certificate is not the authority's, or ends before its papers";
        if is_signed { Ok(()) } else { Err(IdentityFault::Credential(fault)) }
    }

    /// The private key as TLS wants it.
    pub(crate) fn tls_key(&self) -> Result<PrivateKeyDer<'static>, IdentityFault> {
        let parsed = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes());
        parsed.map_err(|_| IdentityFault::Credential("key is not a PKCS#8 key"))
    }
}

/// Certificate of the authority of these papers.
fn authority(papers: &Papers) -> Result<CertificateDer<'static>, IdentityFault> {
    let parsed = CertificateDer::from_pem_slice(papers.authority.as_bytes());
    parsed.map_err(|_| IdentityFault::Credential("authority is not a certificate"))
}

fn certificates(papers: &Papers) -> Result<Vec<CertificateDer<'static>>, IdentityFault> {
    let parsed = CertificateDer::pem_slice_iter(papers.certificate.as_bytes());
    let parsed = parsed.collect::<Result<Vec<_>, _>>().unwrap_or_default();
    let missing = IdentityFault::Credential("certificate is not one");
    if parsed.is_empty() { Err(missing) } else { Ok(parsed) }
}

/// Checks that the certificate is for this key.
pub(super) fn check(papers: &Papers, key: &VerifyingKey) -> Result<(), IdentityFault> {
    authority(papers)?;
    // RFC 8410, 4: SubjectPublicKeyInfo of an Ed25519 key, then its 32 bytes.
    let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let wanted = [&head[..], key.as_bytes()].concat();
    let own = certificates(papers)?[0].windows(wanted.len()).any(|part| part == wanted);
    if own { Ok(()) } else { Err(IdentityFault::Credential("certificate is of another key")) }
}

/// Looked at one second before its end, which asks nothing of the device's clock.
fn is_signed(
    certificates: &[CertificateDer<'_>],
    authority: CertificateDer<'static>,
    until_ms: u64,
) -> bool {
    let mut roots = RootCertStore::empty();
    if roots.add(authority).is_err() {
        return false;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let last =
        UnixTime::since_unix_epoch(Duration::from_secs((until_ms / 1_000).saturating_sub(1)));
    verifier.is_ok_and(|verifier| {
        verifier.verify_client_cert(&certificates[0], &certificates[1..], last).is_ok()
    })
}
