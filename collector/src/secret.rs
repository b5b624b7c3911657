//! Private keys in files: PKCS#8 v1 in PEM, mode 0600, refused if others can read them.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};

/// A key that cannot be made, kept or used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFault {
    /// The file cannot be written or read.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// Others than the owner can read the file.
    #[error("{path} can be read by others (mode {mode:o}); set it right with: chmod 600 {path}")]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not an Ed25519 key.
    #[error("{0} is not an Ed25519 private key (PKCS#8, PEM)")]
    NotAKey(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Makes a new key.
///
/// # Errors
/// [`SecretFault::Random`].
pub fn new_key() -> Result<SigningKey, SecretFault> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(SecretFault::Random)?;
    Ok(SigningKey::from_bytes(&seed))
}

/// The key as PKCS#8 **v1**, which OpenSSL reads; v2, with the public key inside,
/// it does not.
///
/// # Panics
/// Never: 32 bytes always encode.
#[must_use]
pub fn to_pem(key: &SigningKey) -> String {
    let v1 = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    v1.to_pkcs8_pem(LineEnding::LF).expect("32 bytes encode").to_string()
}

/// Writes a new file that only its owner can read, durably.
///
/// # Errors
/// [`SecretFault::File`], also if the file exists.
pub fn write_secret(path: &Path, contents: &str) -> Result<(), SecretFault> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(contents.as_bytes())?;
        file.sync_all()?;
        // The parent of a bare name is empty, and means here.
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|fault| SecretFault::File { path: path.to_owned(), fault })
}

/// Reads the text of a secret file.
///
/// # Errors
/// [`SecretFault`] if others can read it too.
pub fn read_secret(path: &Path) -> Result<String, SecretFault> {
    check_mode(path)?;
    let text = std::fs::read_to_string(path);
    text.map_err(|fault| SecretFault::File { path: path.to_owned(), fault })
}

/// Checks that nobody but its owner can read a secret file, which may be absent.
///
/// # Errors
/// [`SecretFault::Readable`], or [`SecretFault::File`].
pub fn check_mode(path: &Path) -> Result<(), SecretFault> {
    let mode = match std::fs::metadata(path) {
        Ok(file) => file.permissions().mode() & 0o777,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(SecretFault::File { path: path.to_owned(), fault }),
    };
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(SecretFault::Readable { path: path.to_owned(), mode })
    }
}

/// Reads a key.
///
/// # Errors
/// [`SecretFault`].
pub fn read_key(path: &Path) -> Result<SigningKey, SecretFault> {
    let pem = read_secret(path)?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|_| SecretFault::NotAKey(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_to_a_file_and_back_and_nobody_else_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.key");
        let key = new_key().unwrap();
        write_secret(&path, &to_pem(&key)).unwrap();
        assert_eq!(read_key(&path).unwrap().to_bytes(), key.to_bytes());
        assert!(write_secret(&path, "other").is_err(), "a secret is never overwritten");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_key(&path), Err(SecretFault::Readable { mode: 0o640, .. })));
    }

    #[test]
    fn keys_are_pkcs8_v1() {
        // RFC 8410, section 10.3: the 48-byte form without a public key.
        let pem = to_pem(&SigningKey::from_bytes(&[0; 32]));
        assert!(pem.contains("MC4CAQAwBQYDK2VwBCIEIAAA"), "{pem}");
    }
}
