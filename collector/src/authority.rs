//! The certificate authority of one election: certificates for collectors and
//! devices, all Ed25519 (RFC 8410).

use std::net::IpAddr;

use ed25519_dalek::{SigningKey, VerifyingKey};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, PublicKeyData, SanType, SubjectPublicKeyInfo, string::Ia5String,
};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use saksi_proto::ids::{ElectionId, StationCode};

use crate::identity::DeviceIdentity;
use crate::secret;

/// Years an authority lasts: an election, its disputes, and the archive after it.
const AUTHORITY_YEARS: i16 = 10;
/// Days a collector's certificate lasts: two years, as devices' do unless the
/// configuration says otherwise.
pub const SERVER_DAYS: u16 = 730;

/// What stands before the 32 bytes of an Ed25519 key in a certificate (RFC 8410, 4).
const SPKI_HEAD: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A device's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// The certificate, PEM.
    pub pem: String,
    /// When it ends, milliseconds since 1970, UTC.
    pub until_ms: u64,
}

/// A certificate that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the certificate: {0}")]
pub struct AuthorityFault(String);

impl From<rcgen::Error> for AuthorityFault {
    fn from(fault: rcgen::Error) -> Self {
        Self(fault.to_string())
    }
}

/// Signs certificates with the authority's key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
}

impl Authority {
    /// A new authority's certificate, self-signed, in PEM.
    ///
    /// # Errors
    /// [`AuthorityFault`].
    pub fn certificate(
        key: &SigningKey,
        election: ElectionId,
        now_ms: u64,
    ) -> Result<String, AuthorityFault> {
        let span = i64::from(AUTHORITY_YEARS).years();
        let mut params = params(&authority_name(election), now_ms, span)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(params.self_signed(&key_pair(key)?)?.pem())
    }

    /// The authority of a key and its certificate.
    ///
    /// # Errors
    /// [`AuthorityFault`], also if the one is not of the other: what they signed
    /// nobody would accept.
    pub fn new(key: &SigningKey, certificate_pem: String) -> Result<Self, AuthorityFault> {
        let der = to_der(&certificate_pem)
            .map_err(|fault| AuthorityFault(format!("ca.pem is damaged: {}", fault.0)))?;
        let own = key.verifying_key();
        if !der.windows(own.as_bytes().len()).any(|part| part == own.as_bytes()) {
            let fault =
                "keys/ca.key and keys/ca.pem do not go together; put both back from your backup";
            return Err(AuthorityFault(fault.to_owned()));
        }
        let issuer = Issuer::from_ca_cert_pem(&certificate_pem, key_pair(key)?)?;
        Ok(Self { issuer, certificate_pem })
    }

    /// Its own certificate, PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A collector's certificate for these DNS names and IP addresses, PEM.
    ///
    /// # Errors
    /// [`AuthorityFault`], for example for a name that is none.
    pub fn issue_collector(
        &self,
        key: &VerifyingKey,
        names: &[String],
        now_ms: u64,
    ) -> Result<String, AuthorityFault> {
        let mut params = params("Saksi collector", now_ms, i64::from(SERVER_DAYS).days())?;
        for name in names {
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(ia5(name)?),
            });
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params, &public(key)?)
    }

    /// A device's certificate for so many days, PEM. Its one alternative name is the URI
    /// of [`DeviceIdentity`].
    ///
    /// # Errors
    /// [`AuthorityFault`].
    pub fn issue_device(
        &self,
        key: &VerifyingKey,
        election: ElectionId,
        station: StationCode,
        now_ms: u64,
        days: u16,
    ) -> Result<Certified, AuthorityFault> {
        let mut params = params(&format!("TPS {station}"), now_ms, i64::from(days).days())?;
        let uri = DeviceIdentity::uri(election, station);
        params.subject_alt_names.push(SanType::URI(ia5(&uri)?));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let until_s = params.not_after.unix_timestamp();
        let until_ms = u64::try_from(until_s).map_or(0, |seconds| seconds * 1_000);
        Ok(Certified { pem: self.issue(params, &public(key)?)?, until_ms })
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        key: &impl PublicKeyData,
    ) -> Result<String, AuthorityFault> {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        Ok(params.signed_by(key, &self.issuer)?.pem())
    }
}

/// Common name of the authority of an election.
#[must_use]
pub fn authority_name(election: ElectionId) -> String {
    format!("Saksi {election}")
}

/// A certificate as TLS carries it, from PEM.
///
/// # Errors
/// [`AuthorityFault`] if it is none.
pub fn to_der(pem: &str) -> Result<CertificateDer<'static>, AuthorityFault> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes());
    der.map_err(|fault| AuthorityFault(format!("this is no certificate: {fault}")))
}

fn public(key: &VerifyingKey) -> Result<SubjectPublicKeyInfo, AuthorityFault> {
    Ok(SubjectPublicKeyInfo::from_der(&[&SPKI_HEAD, &key.as_bytes()[..]].concat())?)
}

fn params(name: &str, now_ms: u64, span: Span) -> Result<CertificateParams, AuthorityFault> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    // Two days back: devices' and servers' clocks need not agree to the day.
    let today = date_of(now_ms)?;
    let not_before = today.checked_sub(2.days());
    let not_after = today.checked_add(span);
    let date = |date: Result<Date, jiff::Error>| match date {
        Ok(date) => {
            let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
            Ok(rcgen::date_time_ymd(i32::from(date.year()), month, day))
        }
        Err(fault) => Err(AuthorityFault(fault.to_string())),
    };
    params.not_before = date(not_before)?;
    params.not_after = date(not_after)?;
    Ok(params)
}

fn date_of(now_ms: u64) -> Result<Date, AuthorityFault> {
    let fault = |fault: String| AuthorityFault(format!("the clock: {fault}"));
    let millisecond = i64::try_from(now_ms).map_err(|wrong| fault(wrong.to_string()))?;
    let time =
        Timestamp::from_millisecond(millisecond).map_err(|wrong| fault(wrong.to_string()))?;
    Ok(time.to_zoned(TimeZone::UTC).date())
}

fn ia5(text: &str) -> Result<Ia5String, AuthorityFault> {
    Ia5String::try_from(text).map_err(|_| AuthorityFault(format!("“{text}” is not a plain name")))
}

fn key_pair(key: &SigningKey) -> Result<KeyPair, AuthorityFault> {
    Ok(KeyPair::from_pkcs8_pem_and_sign_algo(&secret::to_pem(key), &PKCS_ED25519)?)
}
