//! TLS of the desk: version 1.3, a certificate and key that the operator puts at
//! `keys/staff.pem` and `keys/staff.key`, or one that is made here, signed by itself.
//!
//! Not by the election's authority: its key is of Ed25519, which no browser takes in a
//! certificate. What is made here is of P-256; its fingerprint is shown by `staff add`, to
//! be compared when the browser asks.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use saksi_proto::digest::Digest;

use crate::config::Config;
use crate::home::Home;
use crate::secret::{self, SecretFault};

/// Seconds that a certificate made here lasts: 397 days, the most that all browsers take.
const SECONDS: i64 = 397 * 24 * 60 * 60;

/// Why the desk cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    /// A file.
    #[error(transparent)]
    File(#[from] SecretFault),
    /// The certificate cannot be read or written.
    #[error("{path}: {what}", path = .0.display(), what = .1)]
    Certificate(PathBuf, String),
    /// A certificate cannot be made.
    #[error("cannot make the desk's certificate: {0}")]
    Make(String),
    /// The key is none, or not that of the certificate.
    #[error("{key} is not the key of {certificate}: {fault}", key = .key.display(), certificate = .certificate.display())]
    Key {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
        /// What TLS says.
        fault: rustls::Error,
    },
}

/// Makes a certificate if there is none. Says whether it was made.
///
/// # Errors
/// [`CertificateFault`].
pub fn make_if_missing(
    home: &Home,
    config: &Config,
    now_ms: u64,
) -> Result<bool, CertificateFault> {
    let (key_path, path) = (home.key("staff.key"), home.key("staff.pem"));
    if path.exists() {
        return Ok(false);
    }
    let make = |fault: rcgen::Error| CertificateFault::Make(fault.to_string());
    // Of an earlier try that was cut off between the two.
    let key = if key_path.exists() {
        KeyPair::from_pem(&secret::read_secret(&key_path)?).map_err(make)?
    } else {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(make)?;
        secret::write_secret(&key_path, &key.serialize_pem())?;
        key
    };
    let params = params(config, now_ms).map_err(make)?;
    let certificate = params.self_signed(&key).map_err(make)?;
    std::fs::write(&path, certificate.pem())
        .map_err(|fault| CertificateFault::Certificate(path, fault.to_string()))?;
    Ok(true)
}

fn params(config: &Config, now_ms: u64) -> Result<CertificateParams, rcgen::Error> {
    let mut names: Vec<String> = config.collectors.iter().map(|told| told.name.clone()).collect();
    names.extend(config.staff.map(|staff| staff.ip().to_string()));
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    names.sort();
    names.dedup();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Saksi desk");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now_s = i64::try_from(now_ms / 1_000).unwrap_or_default();
    let date = |seconds: i64| {
        let day =
            Timestamp::from_second(seconds).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
        let (month, date) = (day.month().unsigned_abs(), day.day().unsigned_abs());
        rcgen::date_time_ymd(day.year().into(), month, date)
    };
    params.not_before = date(now_s);
    params.not_after = date(now_s + SECONDS);
    Ok(params)
}

/// The desk's TLS.
///
/// # Errors
/// [`CertificateFault`].
pub fn server(home: &Home) -> Result<Arc<ServerConfig>, CertificateFault> {
    let chain = chain(home)?;
    let (key_path, certificate) = (home.key("staff.key"), home.key("staff.pem"));
    let pem = secret::read_secret(&key_path)?;
    let not_key = |fault| CertificateFault::Key { key: key_path.clone(), certificate, fault };
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes());
    let Ok(key) = key else {
        return Err(not_key(rustls::Error::General("it is no private key in PEM".to_owned())));
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13]);
    let made = builder.and_then(|it| it.with_no_client_auth().with_single_cert(chain, key));
    let mut tls = made.map_err(not_key)?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

/// SHA-256 of the desk's certificate, as browsers show it.
///
/// # Errors
/// [`CertificateFault`].
pub fn fingerprint(home: &Home) -> Result<String, CertificateFault> {
    let chain = chain(home)?;
    // There is one at least.
    let own = chain.first().map_or(&[][..], AsRef::as_ref);
    Ok(Digest::of(own).0.map(|byte| format!("{byte:02X}")).join(":"))
}

fn chain(home: &Home) -> Result<Vec<CertificateDer<'static>>, CertificateFault> {
    let path = home.key("staff.pem");
    let chain = CertificateDer::pem_file_iter(&path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|fault| CertificateFault::Certificate(path.clone(), fault.to_string()))?;
    if chain.is_empty() {
        return Err(CertificateFault::Certificate(path, "it has no certificate".to_owned()));
    }
    Ok(chain)
}
