//! Cosignatures (C2SP `tlog-cosignature`): a witness states that at some time a checkpoint
//! was the largest of its log that it knew, and consistent with all that it knew before.
//!
//! Who believes a log only with the cosignatures of witnesses that are not of the log's
//! house cannot be shown another log than everybody else.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::note::{self, Note, NoteFault, SignatureLine};

/// Signature type of a timestamped Ed25519 cosignature in `signed-note`.
const COSIGNATURE: u8 = 4;

/// Longest name of a witness, in bytes. With it a signature line is 160 bytes: a dash and
/// two spaces of 5, the line end, and 104 for key id, time and signature.
pub const MAX_WITNESS_NAME: usize = 50;

/// Most witnesses that are asked and believed: a checkpoint has room for as many
/// cosignatures (see [`MAX_CHECKPOINT`](crate::checkpoint::MAX_CHECKPOINT)).
pub const MAX_WITNESSES: usize = 10;

/// What one must know to believe a witness: its name and public key.
///
/// As text it is a `vkey` of `signed-note` with type 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key: VerifyingKey,
}

/// Why a text is not the key of a witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessKeyFault {
    /// Not in the form.
    #[error("not the key of a witness (name+id+key, of type 4): “{0}”")]
    Malformed(String),
    /// The name cannot be carried.
    #[error(
        "the name of a witness has 1 to {MAX_WITNESS_NAME} bytes without spaces and plus signs: “{0}”"
    )]
    Name(String),
}

impl WitnessKey {
    /// The witness of this name and key.
    ///
    /// # Errors
    /// [`WitnessKeyFault::Name`].
    pub fn new(name: &str, key: VerifyingKey) -> Result<Self, WitnessKeyFault> {
        let name = name.to_owned();
        if note::is_key_name(&name) && name.len() <= MAX_WITNESS_NAME {
            Ok(Self { name, key })
        } else {
            Err(WitnessKeyFault::Name(name))
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its public key.
    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    fn id(&self) -> [u8; 4] {
        note::key_id(&self.name, COSIGNATURE, &self.key)
    }

    /// What this witness says of the body, if the line is its own.
    fn says(&self, body: &str, line: &SignatureLine<'_>) -> Result<u64, CosignatureFault> {
        let checked = || {
            let (&time, signature) = line.signature.split_first_chunk()?;
            // A time above 2⁶³ - 1 s is none.
            let time = u64::from_be_bytes(time);
            let signature = Signature::from_slice(signature).ok()?;
            let plain = i64::try_from(time).is_ok();
            let right = self.key.verify_strict(statement(body, time).as_bytes(), &signature);
            (plain && right.is_ok()).then_some(time)
        };
        checked().ok_or_else(|| CosignatureFault::Invalid(self.name.clone()))
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&note::format_key(&self.name, COSIGNATURE, &self.key))
    }
}

impl FromStr for WitnessKey {
    type Err = WitnessKeyFault;
    fn from_str(text: &str) -> Result<Self, WitnessKeyFault> {
        let malformed = || WitnessKeyFault::Malformed(text.to_owned());
        let (name, key) = note::parse_key(text, COSIGNATURE).ok_or_else(malformed)?;
        Self::new(&name, key)
    }
}

/// The bytes that are signed.
fn statement(body: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{body}")
}

/// The signature line, with its line end, of the witness `name` that saw this body of a
/// checkpoint at `time`, in seconds since 1970, UTC.
#[must_use]
pub fn cosign(name: &str, key: &SigningKey, body: &str, time: u64) -> String {
    let signature = key.sign(statement(body, time).as_bytes()).to_bytes();
    let id = note::key_id(name, COSIGNATURE, &key.verifying_key());
    note::format_signature(name, id, &[&time.to_be_bytes()[..], &signature].concat())
}

/// That a known witness has cosigned, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Which of the witnesses that were asked for, from 0.
    pub witness: usize,
    /// When it did, by its own clock: seconds since 1970, UTC.
    pub time: u64,
    /// Its signature line, without the line end.
    pub line: String,
}

/// Why the cosignatures of a note are not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureFault {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// A line of a known witness that does not verify, or several.
    #[error("the cosignature of {0} is not valid")]
    Invalid(String),
}

/// The cosignatures of known witnesses among the lines of a note, one of each at most, in
/// the witnesses' order. Those by others are no matter. The log's own signature is not
/// looked at: open the note with its [`LogKey`](crate::checkpoint::LogKey).
///
/// # Errors
/// [`CosignatureFault`]; one false cosignature of a known witness makes the whole note
/// suspect.
pub fn cosignatures(
    note: &str,
    witnesses: &[WitnessKey],
) -> Result<Vec<Cosignature>, CosignatureFault> {
    let note = Note::parse(note)?;
    let mut found = Vec::new();
    for (at, witness) in witnesses.iter().enumerate() {
        let mut lines = note.by(&witness.name, witness.id());
        if let Some(line) = lines.next() {
            let time = witness.says(note.body, line)?;
            if lines.next().is_some() {
                return Err(CosignatureFault::Invalid(witness.name.clone()));
            }
            found.push(Cosignature { witness: at, time, line: line.line.to_owned() });
        }
    }
    Ok(found)
}

/// The note with these cosignatures added.
#[must_use]
pub fn with_cosignatures(note: &str, cosignatures: &[Cosignature]) -> String {
    let lines = cosignatures.iter().map(|Cosignature { line, .. }| format!("{line}\n"));
    note.to_owned() + &lines.collect::<String>()
}

/// Whose cosignatures make a checkpoint believed, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WitnessPolicy {
    witnesses: Vec<WitnessKey>,
    needed: usize,
}

/// Why witnesses and a number make no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// More than a checkpoint has room for.
    #[error("{0} witnesses; a checkpoint has room for {MAX_WITNESSES}")]
    TooMany(usize),
    /// More are needed than there are.
    #[error("{needed} cosignatures are needed, of {witnesses} witnesses")]
    NeedsMore {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        witnesses: usize,
    },
    /// One key would count twice.
    #[error("{0} and {1} have the same key")]
    SameKey(String, String),
    /// Two that nobody could tell apart.
    #[error("two witnesses have the name {0}")]
    SameName(String),
}

impl WitnessPolicy {
    /// That `needed` of these witnesses must have cosigned. With 0, nobody must.
    ///
    /// # Errors
    /// [`PolicyFault`].
    pub fn new(witnesses: Vec<WitnessKey>, needed: usize) -> Result<Self, PolicyFault> {
        if witnesses.len() > MAX_WITNESSES {
            return Err(PolicyFault::TooMany(witnesses.len()));
        }
        for (at, one) in witnesses.iter().enumerate() {
            for other in &witnesses[at + 1..] {
                if one.key == other.key {
                    return Err(PolicyFault::SameKey(one.name.clone(), other.name.clone()));
                }
                if one.name == other.name {
                    return Err(PolicyFault::SameName(one.name.clone()));
                }
            }
        }
        if needed > witnesses.len() {
            return Err(PolicyFault::NeedsMore { needed, witnesses: witnesses.len() });
        }
        Ok(Self { witnesses, needed })
    }

    /// The witnesses that are believed.
    #[must_use]
    pub fn witnesses(&self) -> &[WitnessKey] {
        &self.witnesses
    }

    /// How many of them must have cosigned.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Whether enough of them have cosigned this note. See [`cosignatures`] for what this
    /// does not look at.
    #[must_use]
    pub fn is_witnessed(&self, note: &str) -> bool {
        cosignatures(note, &self.witnesses).is_ok_and(|found| found.len() >= self.needed)
    }
}

#[cfg(test)]
mod tests;
