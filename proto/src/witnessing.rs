//! What a log asks of a witness (C2SP `tlog-witness`): the new checkpoint, and the proof
//! that it goes on from the one that the witness cosigned last.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::checkpoint::{MAX_CHECKPOINT, parse_size};
use crate::digest::Digest;

/// Most lines of a proof: a tree of 2⁶³ leaves.
pub const MAX_PROOF_LINES: usize = 63;

/// Longest request, in bytes: `old `, a size of 20 and the line end; proof lines of 44 and
/// the line end; the empty line; and the checkpoint.
pub const MAX_REQUEST: usize = 25 + MAX_PROOF_LINES * 45 + 1 + MAX_CHECKPOINT;

/// Type of an answer that is a size: the witness has cosigned one of this size last.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// The body of `add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the checkpoint that the witness cosigned last; 0 if none.
    pub old: u64,
    /// The consistency proof from there (RFC 6962, 2.1.2).
    pub proof: Vec<Digest>,
    /// The signed checkpoint, not verified.
    pub note: String,
}

/// Why bytes are no such request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an add-checkpoint request: {0}")]
pub struct AddCheckpointFault(&'static str);

impl AddCheckpoint {
    /// Reads a request.
    ///
    /// # Errors
    /// [`AddCheckpointFault`], by its first cause.
    pub fn parse(body: &[u8]) -> Result<Self, AddCheckpointFault> {
        let fault = AddCheckpointFault;
        if body.len() > MAX_REQUEST {
            return Err(fault("too long"));
        }
        let text = std::str::from_utf8(body).map_err(|_| fault("not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or(fault("no empty line"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(parse_size).ok_or(fault("the old size"))?;
        let hash = |line| BASE64.decode(line).ok()?.try_into().ok().map(Digest);
        let proof = lines.take(MAX_PROOF_LINES + 1).map(hash).collect::<Option<Vec<_>>>();
        let proof = proof.filter(|proof| proof.len() <= MAX_PROOF_LINES);
        Ok(Self { old, proof: proof.ok_or(fault("the proof"))?, note: note.to_owned() })
    }
}

impl fmt::Display for AddCheckpoint {
    /// The bytes that are sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", BASE64.encode(hash.0))?;
        }
        write!(f, "\n{}", self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> AddCheckpoint {
        let proof = (0..63).map(|at| Digest([at; 32])).collect();
        let note = include_str!("../golden/cosigned.txt").to_owned();
        AddCheckpoint { old: 20_852_014, proof, note }
    }

    #[test]
    fn what_is_sent_is_read() {
        for request in [sample(), AddCheckpoint { old: 0, proof: Vec::new(), ..sample() }] {
            assert_eq!(AddCheckpoint::parse(request.to_string().as_bytes()), Ok(request));
        }
        let longest = AddCheckpoint { old: u64::MAX, ..sample() };
        let longest = AddCheckpoint { note: "n".repeat(MAX_CHECKPOINT), ..longest };
        assert_eq!(longest.to_string().len(), MAX_REQUEST);
    }

    /// The request of the specification's example.
    #[test]
    fn golden() {
        let text = "old 20852014\n\
                    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
                    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
                    5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
                    /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
                    \n\
                    example.com/behind-the-sofa\n20852163\n\
                    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let request = AddCheckpoint::parse(text.as_bytes()).expect("the example");
        assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
        assert!(request.note.starts_with("example.com/behind-the-sofa\n20852163\n"));
        assert_eq!(request.to_string(), text);
    }

    #[test]
    fn what_is_not_in_the_form_is_refused() {
        let text = sample().to_string();
        let fault = |text: &str| AddCheckpoint::parse(text.as_bytes()).expect_err("no request").0;
        for old in ["020852014", "+20852014", "-1", "", " 1", "18446744073709551616", "1 "] {
            assert_eq!(fault(&text.replace("20852014", old)), "the old size", "{old}");
        }
        assert_eq!(fault(&text.replace("old ", "old")), "the old size");
        assert_eq!(fault(&text.replace("AAA=\n", "AAA\n")), "the proof");
        assert_eq!(fault(&text.replace("AAA=\n", "AAA= \n")), "the proof");
        assert_eq!(fault(&text.replace("AAA=\n", "=\n")), "the proof");
        let hash = format!("{}\n", BASE64.encode([0; 32]));
        assert_eq!(fault(&text.replace(&hash, &hash.repeat(2))), "the proof");
        assert_eq!(fault(&text.replace(&hash, &hash.repeat(100))), "too long");
        assert_eq!(fault("old 1\n"), "no empty line");
        assert!(AddCheckpoint::parse(b"old 1\n\n\xff").is_err());
    }
}
