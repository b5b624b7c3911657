//! Passwords: argon2id (RFC 9106), a few at a time.
//!
//! Parameters of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. One
//! takes some 14 ms of a core; [`HANDS`] of them at once are 38 MiB and hold the guesses of
//! everybody together to some 140 a second, which [`super::throttle`] makes fewer still.
//!
//! Rules of NIST SP 800-63B-4 for a password that stands alone: 15 characters at least, no
//! rules of composition, no end of its time, and what is easily guessed refused.

use std::fmt::Write as _;

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Passwords that are hashed at a time; the others wait.
pub const HANDS: usize = 2;

/// Fewest characters of a password.
pub const SHORTEST: usize = 15;

/// Most bytes of a password: what is longer costs us, and its owner nothing.
pub const LONGEST: usize = 256;

/// Fewest different characters: “aaaaaaaaaaaaaaaaa” is long, and guessed at once.
const DIFFERENT: usize = 5;

/// Memory in KiB, passes and lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// Bytes of salt, as RFC 9106 has it.
const SALT: usize = 16;

/// Bytes of a password that is made here: 20 letters of 5 bits are 100 bits.
const MADE: usize = 20;

/// The letters of a password that is made: 32, none of which looks like another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstvwxyz0123456789";

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Its length.
    #[error("a password has {SHORTEST} characters at least, and {LONGEST} bytes at most")]
    Length,
    /// It is one that others try first.
    #[error(
        "this password is easily guessed: it is the name, or has fewer than {DIFFERENT} different characters"
    )]
    Guessed,
    /// The system gives no random bytes, or no memory.
    #[error("the password cannot be hashed: the system gives no random bytes, or no memory")]
    System,
}

/// Who knows a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownTo {
    /// Its owner, who has chosen it.
    Owner,
    /// Whoever has made it for its owner, too, and could go on as the owner unnoticed. The desk
    /// opens when another has been chosen, which only one of them knows.
    Giver,
}

/// A password as it is kept: a PHC string with its salt and its parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed(String);

impl Hashed {
    /// From the text in which it is kept.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The text in which it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks that a password can be taken for an account.
///
/// # Errors
/// [`PasswordFault`].
pub fn check(password: &str, name: &str, full_name: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(PasswordFault::Length);
    }
    let mut different: Vec<char> = password.to_lowercase().chars().collect();
    different.sort_unstable();
    different.dedup();
    let same = |other: &str| password.trim().to_lowercase() == other.to_lowercase();
    if different.len() < DIFFERENT || same(name) || same(full_name) {
        return Err(PasswordFault::Guessed);
    }
    Ok(())
}

/// A new password, in four groups of five.
///
/// # Errors
/// [`PasswordFault::System`].
pub fn fresh() -> Result<String, PasswordFault> {
    let mut bytes = [0; MADE];
    getrandom::fill(&mut bytes).map_err(|_| PasswordFault::System)?;
    let groups = bytes.chunks(5).map(|group| {
        // 256 is a multiple of 32: all letters are alike.
        group.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect::<String>()
    });
    Ok(groups.collect::<Vec<_>>().join("-"))
}

/// Hashes a password; takes some 14 ms.
///
/// # Errors
/// [`PasswordFault::System`].
pub fn hash(password: &str) -> Result<Hashed, PasswordFault> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).map_err(|_| PasswordFault::System)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordFault::System)?;
    let hashed = hasher()?.hash_password(password.as_bytes(), &salt);
    Ok(Hashed(hashed.map_err(|_| PasswordFault::System)?.to_string()))
}

/// Whether it is this password; takes some 14 ms whatever the answer.
#[must_use]
pub fn is_right(password: &str, hashed: &Hashed) -> bool {
    let Ok(kept) = PasswordHash::new(&hashed.0) else { return false };
    hasher().is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &kept).is_ok())
}

fn hasher() -> Result<Argon2<'static>, PasswordFault> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| PasswordFault::System)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes passwords for the desk, [`HANDS`] at a time.
pub struct Hashing {
    hands: Semaphore,
    /// What a password is compared with where there is no account: so that the answer takes
    /// as long.
    decoy: Hashed,
}

impl Hashing {
    /// Made at the start; takes some 14 ms.
    ///
    /// # Errors
    /// [`PasswordFault::System`].
    pub fn new() -> Result<Self, PasswordFault> {
        Ok(Self { hands: Semaphore::new(HANDS), decoy: hash(&fresh()?)? })
    }

    /// Whether it is the password of an account, which may not be there.
    ///
    /// # Panics
    /// Never: the hands are never closed.
    pub async fn is_right(&self, password: String, of: Option<Hashed>) -> bool {
        let (is_there, against) = (of.is_some(), of.unwrap_or_else(|| self.decoy.clone()));
        let hand = self.hands.acquire().await.expect("never closed");
        let right = spawn_blocking(move || is_right(&password, &against)).await;
        drop(hand);
        right.unwrap_or(false) && is_there
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordFault::System`].
    ///
    /// # Panics
    /// Never: the hands are never closed.
    pub async fn hash(&self, password: String) -> Result<Hashed, PasswordFault> {
        let hand = self.hands.acquire().await.expect("never closed");
        let hashed = spawn_blocking(move || hash(&password)).await;
        drop(hand);
        hashed.unwrap_or(Err(PasswordFault::System))
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.as_str());
        assert!(is_right("correct horse battery", &kept));
        assert!(!is_right("correct horse batterx", &kept));
        assert!(hash("correct horse battery").unwrap() != kept, "each has its own salt");
        assert!(!is_right("", &Hashed::kept("rubbish".to_owned())));
    }

    #[test]
    fn length_counts_and_composition_does_not() {
        let checked = |password: &str| check(password, "sri.rahayu.bandung", "Sri Rahayu Bandung");
        assert_eq!(checked("lima belas huruf"), Ok(()));
        assert_eq!(checked("fourteen chars"), Err(PasswordFault::Length));
        assert_eq!(checked(&"ab cd ef".repeat(33)), Err(PasswordFault::Length));
        for guessed in
            ["aaaaaaaaaaaaaaaaaaa", "1212121212121212", "SRI.rahayu.bandung", "Sri rahayu Bandung "]
        {
            assert_eq!(checked(guessed), Err(PasswordFault::Guessed), "{guessed}");
        }
    }

    #[test]
    fn what_is_made_can_be_taken_and_is_never_the_same() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_eq!(check(&one, "sri", "Sri"), Ok(()));
        assert!(one != other && one.len() == 23, "{one}");
    }

    #[tokio::test]
    async fn without_an_account_no_password_is_right() {
        let hashing = Hashing::new().unwrap();
        let kept = hashing.hash("a password of mine".to_owned()).await.unwrap();
        assert!(hashing.is_right("a password of mine".to_owned(), Some(kept)).await);
        assert!(!hashing.is_right("a password of mine".to_owned(), None).await);
    }
}
