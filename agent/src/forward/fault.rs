//! Why an attempt ended without an answer, and what of it an operator is told.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError};
use saksi_proto::codec::DecodeFault;
use saksi_proto::refusal::Farewell;

use super::answer::AnswerFault;
use crate::reason::Reason;

/// Why an attempt ended without an answer to what was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkFault {
    #[error("the address does not resolve: {0}")]
    Address(io::Error),
    #[error("no connection: {0}")]
    Connect(io::Error),
    #[error("{step} took longer than {} s", limit.as_secs())]
    TimedOut { step: &'static str, limit: Duration },
    #[error("the connection failed: {0}")]
    Stream(#[from] io::Error),
    #[error("the connection ended before the answer")]
    Ended,
    #[error("the collector ended the session: {}", .0.code())]
    Farewell(Farewell),
    #[error("a message that cannot be understood: {0}")]
    Decode(#[from] DecodeFault),
    #[error("an answer out of turn: {0}")]
    OutOfTurn(&'static str),
    #[error(transparent)]
    Answer(#[from] AnswerFault),
    #[error("a collector's name that is none: {0}")]
    Name(String),
}

impl LinkFault {
    /// What the operator is told.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            LinkFault::Address(_) | LinkFault::Name(_) => Reason::NoAddress,
            LinkFault::Connect(_) => Reason::Unreachable,
            LinkFault::TimedOut { .. } => Reason::TimedOut,
            LinkFault::Stream(fault) => of_stream(fault),
            LinkFault::Ended => Reason::CutOff,
            LinkFault::Farewell(farewell) => Reason::Farewell(*farewell),
            LinkFault::Decode(_) | LinkFault::OutOfTurn(_) => Reason::Misunderstood,
            LinkFault::Answer(AnswerFault::Unproven(_)) => Reason::UnprovenReceipt,
            LinkFault::Answer(AnswerFault::NotKept(_)) => Reason::NotKept,
            LinkFault::Answer(AnswerFault::OtherLog(_)) => Reason::OtherLog,
        }
    }
}

fn of_stream(fault: &io::Error) -> Reason {
    let tls = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        // The kernel gave a vanished peer up.
        None if fault.kind() == io::ErrorKind::TimedOut => Reason::TimedOut,
        None => Reason::CutOff,
        Some(rustls::Error::AlertReceived(alert)) => of_alert(*alert),
        Some(rustls::Error::InvalidCertificate(fault)) => of_certificate(fault),
        Some(_) => Reason::Misunderstood,
    }
}

/// What the collector says of the device's certificate.
fn of_alert(alert: AlertDescription) -> Reason {
    match alert {
        AlertDescription::CertificateExpired => Reason::DeviceExpired,
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRequired
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => Reason::DeviceRefused,
        _ => Reason::Misunderstood,
    }
}

/// What the device says of the collector's certificate.
fn of_certificate(fault: &CertificateError) -> Reason {
    match fault {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Reason::CollectorExpired,
        _ => Reason::NotTrusted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_and_certificates_become_words() {
        let of = |fault| LinkFault::Stream(io::Error::other::<rustls::Error>(fault)).reason();
        use rustls::Error::{AlertReceived, InvalidCertificate};
        assert_eq!(of(AlertReceived(AlertDescription::CertificateExpired)), Reason::DeviceExpired);
        assert_eq!(of(AlertReceived(AlertDescription::UnknownCA)), Reason::DeviceRefused);
        assert_eq!(of(InvalidCertificate(CertificateError::Expired)), Reason::CollectorExpired);
        assert_eq!(of(InvalidCertificate(CertificateError::UnknownIssuer)), Reason::NotTrusted);
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(LinkFault::Stream(reset).reason(), Reason::CutOff);
    }
}
