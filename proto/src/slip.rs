//! The slip: what a station is handed to enrol its device with.
//!
//! ```text
//! SAKSI:COLLECTOR.EXAMPLE:7443/FFFF-FFFF-FFFF-FFFF-FFFF-FFFF/CCCC-CCCC-CCCC
//!       host and port          authority's fingerprint       code
//! ```
//!
//! As one line it is the text of the slip's QR code (all of it in the QR code's
//! alphanumeric mode); printed in its three parts it can be typed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use crate::crockford::SymbolFault;
use crate::crockford::Symbols;
use crate::digest::Digest;

/// Symbols of a code.
const CODE: usize = 12;

/// Symbols of a fingerprint.
const FINGERPRINT: usize = 24;

/// Random bytes that a code is made of; of the last, seven bits.
pub const CODE_BYTES: usize = 7;

/// A single-use code: 55 random bits and a check, twelve symbols in groups of four.
/// Whoever has it can enrol a device; it is shown to nobody but the person it is for.
///
/// Of a nation's 800,000 open codes a guess finds one in 4.5 × 10¹⁰ times: 86 years of a
/// thousand guesses a minute.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(Symbols<CODE>);

impl Code {
    /// The code of fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; CODE_BYTES]) -> Self {
        Self(Symbols::of(&random))
    }
}

/// The fingerprint of an authority: the first 115 bits of the SHA-256 of its
/// certificate (DER), and a check. Who would stand in for the authority must find
/// another certificate with the same ones: 2¹¹⁵ tries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(Symbols<FINGERPRINT>);

impl Fingerprint {
    /// The fingerprint of a certificate with this digest.
    #[must_use]
    pub fn new(certificate: Digest) -> Self {
        Self(Symbols::of(&certificate.0))
    }

    /// Whether it is that of this certificate (DER).
    #[must_use]
    pub fn is_of(&self, certificate: &[u8]) -> bool {
        *self == Self::new(Digest::of(certificate))
    }
}

/// What is printed for one station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Where to enrol, `HOST:PORT`, in small letters.
    pub collector: String,
    /// Which authority to believe.
    pub authority: Fingerprint,
    /// The code.
    pub code: Code,
}

/// Why a text is no slip, code or fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlipFault {
    /// Not three parts behind `SAKSI:`.
    #[error("this is not the text of a slip: SAKSI:HOST:PORT/FINGERPRINT/CODE")]
    Shape,
    /// Not a host and a port.
    #[error("“{0}” is not HOST:PORT")]
    Collector(String),
    /// The code.
    #[error("the code: {0}")]
    Code(SymbolFault),
    /// The fingerprint.
    #[error("the fingerprint: {0}")]
    Fingerprint(SymbolFault),
}

const SCHEME: &str = "SAKSI:";

impl Slip {
    /// A slip for a collector.
    ///
    /// # Errors
    /// [`SlipFault::Collector`].
    pub fn new(collector: &str, authority: Fingerprint, code: Code) -> Result<Self, SlipFault> {
        let wrong = || SlipFault::Collector(collector.to_owned());
        let (host, port) = collector.rsplit_once(':').ok_or_else(wrong)?;
        let plain = |mark: char| mark.is_ascii_alphanumeric() || ".-_[]:".contains(mark);
        if host.is_empty() || !host.chars().all(plain) || port.parse::<u16>().is_err() {
            return Err(wrong());
        }
        Ok(Self { collector: collector.to_ascii_lowercase(), authority, code })
    }
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collector, authority, code } = self;
        write!(f, "{SCHEME}{}/{authority}/{code}", collector.to_ascii_uppercase())
    }
}

impl FromStr for Slip {
    type Err = SlipFault;

    fn from_str(text: &str) -> Result<Self, SlipFault> {
        let (scheme, rest) = text.trim().split_at_checked(SCHEME.len()).ok_or(SlipFault::Shape)?;
        let parts: Vec<&str> = rest.split('/').collect();
        let [collector, authority, code] = parts[..] else { return Err(SlipFault::Shape) };
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(SlipFault::Shape);
        }
        Self::new(collector, authority.parse()?, code.parse()?)
    }
}

macro_rules! symbols {
    ($name:ident, $fault:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = SlipFault;

            fn from_str(text: &str) -> Result<Self, SlipFault> {
                Symbols::parse(text).map(Self).map_err(SlipFault::$fault)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

symbols!(Code, Code);
symbols!(Fingerprint, Fingerprint);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code (not shown)")
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip() -> Slip {
        let authority = Fingerprint::new(Digest::of(b"certificate"));
        Slip::new("Collector.example:7443", authority, Code::new(*b"saksi!!")).unwrap()
    }

    #[test]
    fn golden() {
        let text = slip().to_string();
        assert_eq!(text, include_str!("../golden/slip.txt").trim_end());
        let alphanumeric = |mark: char| {
            mark.is_ascii_digit() || mark.is_ascii_uppercase() || " $%*+-./:".contains(mark)
        };
        assert!(text.chars().all(alphanumeric), "a QR code's alphanumeric mode");
        assert_eq!(text.parse(), Ok(slip()));
        assert_eq!(text.to_lowercase().parse(), Ok(slip()));
    }

    #[test]
    fn a_fingerprint_is_of_one_certificate() {
        let Slip { authority, .. } = slip();
        assert!(authority.is_of(b"certificate"));
        assert!(!authority.is_of(b"another"));
    }

    #[test]
    fn what_is_no_slip_is_said() {
        let fault = |text: &str| text.parse::<Slip>().unwrap_err();
        let good = slip().to_string();
        assert_eq!(fault("https://collector.example"), SlipFault::Shape);
        assert_eq!(fault("SAK"), SlipFault::Shape);
        assert!(matches!(fault(&good.replace(":7443", "")), SlipFault::Collector(_)));
        assert!(matches!(fault(&good[..good.len() - 1]), SlipFault::Code(_)));
        let mistyped = good.replace(&slip().authority.to_string()[..4], "0000");
        assert_eq!(fault(&mistyped), SlipFault::Fingerprint(SymbolFault::Check));
    }

    #[test]
    fn a_code_is_not_shown_by_chance() {
        let code = slip().code.to_string();
        assert!(!format!("{:?}", slip()).contains(&code[..4]));
    }
}
