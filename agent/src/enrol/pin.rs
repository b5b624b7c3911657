//! Whom a device without papers believes: the collector whose authority's certificate has
//! the fingerprint on the slip, and nobody else.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use saksi_proto::digest::Digest;
use saksi_proto::slip::Fingerprint;

/// Certificates whose beginning may have to be waited for: the collector's own, and one
/// between it and the authority.
const BEGINNINGS: usize = 2;

/// Believes one authority, by its fingerprint.
#[derive(Debug)]
pub(super) struct Pin {
    authority: Fingerprint,
    provider: Arc<CryptoProvider>,
    /// The authority's certificate, once a collector has shown it and proven to be its.
    seen: Mutex<Option<Digest>>,
}

impl Pin {
    pub(super) fn new(authority: Fingerprint, provider: Arc<CryptoProvider>) -> Self {
        Self { authority, provider, seen: Mutex::new(None) }
    }

    /// SHA-256 of the authority's certificate, after a handshake.
    pub(super) fn seen(&self) -> Option<Digest> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerCertVerifier for Pin {
    /// The collector sends its authority's certificate after its own. The one with the
    /// slip's fingerprint is the only root.
    ///
    /// The device may stand in 1970 and knows no later time yet. So where a certificate
    /// is not valid yet, its beginning is taken for now: the fingerprint proves already
    /// who the collector is, and a certificate of its authority was valid once it began.
    /// A certificate that has ended by the device's clock is refused. In 1970 that is not
    /// noticed; whoever has the key of an ended certificate still needs a code.
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pinned = intermediates.iter().find(|shown| self.authority.is_of(shown));
        let pinned = pinned.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut roots = RootCertStore::empty();
        roots.add(pinned.clone().into_owned())?;
        let provider = Arc::clone(&self.provider);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = verifier.build().map_err(|fault| Error::General(fault.to_string()))?;
        let verify =
            |at| verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp, at);
        let mut verified = verify(now);
        for _ in 0..BEGINNINGS {
            verified = match verified {
                Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before,
                    ..
                })) => verify(not_before),
                other => other,
            };
        }
        let verified = verified?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Digest::of(pinned));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
