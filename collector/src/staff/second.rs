//! The second factor: a code of six digits that an application on the officer's telephone
//! computes of a secret and the time (RFC 6238: HMAC-SHA-1, 30 seconds, as all of them know).
//! Pure; told the time.
//!
//! A guess fits one of three codes of a million. [`super::throttle`] looks at 20 wrong ones of a
//! name in an hour, whoever has the password: 480 a day are a chance of one in 700.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use saksi_proto::digest::Digest;

use super::session::{NoRandom, is_same};

/// Seconds that a code is shown.
const STEP: u64 = 30;

/// Steps that a telephone's clock may be off, each way.
const OFF: u64 = 1;

/// Bytes of a secret, as RFC 4226 wants: those of a SHA-1.
const SECRET: usize = 20;

/// Codes for the day when the telephone is lost.
pub const RECOVERY_CODES: usize = 10;

/// Letters of one of them, 5 bits each: of 80 bits nobody guesses one, nor computes it of the
/// SHA-256 that is kept.
const LETTERS: usize = 16;

/// RFC 4648's letters of 5 bits.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the officer's telephone and the desk know.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET]);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn fresh() -> Result<Self, NoRandom> {
        let mut bytes = [0; SECRET];
        getrandom::fill(&mut bytes).map_err(|_| NoRandom)?;
        Ok(Self(bytes))
    }

    /// From the bytes in which it is kept.
    #[must_use]
    pub fn kept(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// From the letters that a person types into a telephone.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
        for letter in text.bytes().filter(|letter| *letter != b' ') {
            let value = BASE32.iter().position(|of| of.eq_ignore_ascii_case(&letter))?;
            held = held << 5 | u32::try_from(value).ok()?;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits).to_le_bytes()[0]);
                held &= (1 << bits) - 1;
            }
        }
        Self::kept(&bytes)
    }

    /// The bytes in which it is kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The letters for whoever types it into a telephone, in groups of four.
    #[must_use]
    pub fn letters(&self) -> String {
        let letters = base32(&self.0);
        let groups = letters.as_bytes().chunks(4).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(" ")
    }

    /// What the telephone reads: for whom, and where, it is.
    #[must_use]
    pub fn address(&self, name: &str, place: &str) -> String {
        let (name, place, letters) = (percent(name), percent(place), base32(&self.0));
        format!(
            "otpauth://totp/Saksi:{name}%20({place})?secret={letters}&issuer=Saksi\
             &algorithm=SHA1&digits=6&period={STEP}"
        )
    }

    /// The code of a step.
    #[must_use]
    pub fn code(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let from = usize::from(tag[tag.len() - 1] & 15);
        let four = [tag[from] & 0x7f, tag[from + 1], tag[from + 2], tag[from + 3]];
        format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
    }

    /// The step of a code that was typed now; none, if it is not of one of the three that a
    /// telephone may be at, or of one whose code was taken before.
    #[must_use]
    pub fn step_of(&self, typed: &str, used: u64, now_ms: u64) -> Option<u64> {
        let now = step(now_ms);
        let mut steps = (now.saturating_sub(OFF).max(used + 1)..=now + OFF).rev();
        steps.find(|step| is_same(&self.code(*step), typed))
    }
}

/// The step of a time, milliseconds since 1970, UTC.
#[must_use]
pub fn step(now_ms: u64) -> u64 {
    now_ms / 1_000 / STEP
}

/// What was typed, without the spaces and lines that people put between.
#[must_use]
pub fn plain(typed: &str) -> String {
    typed.chars().filter(|it| !it.is_whitespace() && *it != '-').collect::<String>().to_lowercase()
}

/// New codes for the day when the telephone is lost, in four groups of four.
///
/// # Errors
/// [`NoRandom`].
pub fn recovery_codes() -> Result<Vec<String>, NoRandom> {
    let code = |_| {
        let mut bytes = [0; LETTERS];
        getrandom::fill(&mut bytes).map_err(|_| NoRandom)?;
        // 256 is a multiple of 32: all letters are alike.
        let letter = |byte: &u8| char::from(BASE32[usize::from(byte % 32)]).to_ascii_lowercase();
        let groups = bytes.chunks(4).map(|group| group.iter().map(letter).collect::<String>());
        Ok(groups.collect::<Vec<_>>().join("-"))
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// What is kept of a recovery code.
#[must_use]
pub fn recovery_digest(code: &str) -> Digest {
    Digest::of(format!("saksi recovery {}", plain(code)).as_bytes())
}

fn base32(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    text
}

fn percent(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("a String takes all");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::kept(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code(step(seconds * 1_000)), code, "{seconds}");
        }
        assert_eq!(secret().letters().replace(' ', ""), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(Secret::typed(&secret().letters()) == Some(secret()));
        assert!(Secret::typed("GEZD 1").is_none() && Secret::typed("GEZD").is_none());
    }

    #[test]
    fn a_code_holds_for_three_steps_and_is_taken_once() {
        let (secret, at) = (secret(), |step: u64| step * STEP * 1_000);
        let code = secret.code(100);
        let taken = |now_ms: u64, used: u64| secret.step_of(&code, used, now_ms);
        assert_eq!(taken(at(98), 0), None, "a telephone that is a minute ahead");
        assert_eq!(taken(at(99), 0), Some(100));
        assert_eq!(taken(at(101) + STEP * 1_000 - 1, 0), Some(100));
        assert_eq!(taken(at(102), 0), None);
        assert_eq!(taken(at(100), 99), Some(100));
        assert_eq!(taken(at(100), 100), None, "it was taken");
        assert_eq!(secret.step_of(&secret.code(99), 100, at(100)), None, "nor one before it");
        assert_eq!(secret.step_of("", 0, at(100)), None);
        assert_eq!(secret.step_of("000000", 0, 0), None);
    }

    #[test]
    fn the_telephone_is_told_for_whom_and_where_it_is() {
        assert_eq!(
            secret().address("sri", "Pemilu (gladi) & co"),
            "otpauth://totp/Saksi:sri%20(Pemilu%20%28gladi%29%20%26%20co)?secret=\
             GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Saksi&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn recovery_codes_are_many_and_known_however_they_are_typed() {
        let codes = recovery_codes().unwrap();
        let mut different = codes.clone();
        different.dedup();
        assert_eq!((codes.len(), different.len()), (RECOVERY_CODES, RECOVERY_CODES));
        let typed = codes[0].to_uppercase().replace('-', " ");
        assert!(recovery_digest(&typed) == recovery_digest(&codes[0]), "{typed}");
        assert!(recovery_digest(&codes[1]) != recovery_digest(&codes[0]));
    }
}
