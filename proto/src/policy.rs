//! Which log is believed, and with whose cosignatures, as a file (C2SP `tlog-policy`).
//!
//! Of the format this reads what a [`WitnessPolicy`] can say: a quorum that is `none`, a
//! witness, or a group of witnesses. Groups of groups are refused in plain words.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::checkpoint::LogKey;
use crate::cosignature::{WitnessKey, WitnessPolicy};

/// Longest file that is read, in bytes: 32 logs and 32 witnesses, as the specification
/// wants at least, of 300 bytes each with their addresses, and comments.
pub const MAX_POLICY: usize = 32 * 1_024;

/// Name of the quorum that wants nobody.
const NONE: &str = "none";

/// Logs, and whose cosignatures make their checkpoints believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The logs.
    pub logs: Vec<LogKey>,
    /// The witnesses.
    pub witnesses: WitnessPolicy,
}

/// A line of a policy that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PolicyFileFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Policy {
    /// The file. Its witnesses are `w1`, `w2` … in their order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for log in &self.logs {
            writeln!(f, "log {log}")?;
        }
        let mut names = String::new();
        for (at, witness) in (1..).zip(self.witnesses.witnesses()) {
            writeln!(f, "witness w{at} {witness}")?;
            write!(names, " w{at}")?;
        }
        match self.witnesses.needed() {
            0 => writeln!(f, "quorum {NONE}"),
            needed => writeln!(f, "group witnesses {needed}{names}\nquorum witnesses"),
        }
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reading<'a> {
    logs: Vec<LogKey>,
    witnesses: BTreeMap<&'a str, WitnessKey>,
    groups: BTreeMap<&'a str, (usize, Vec<&'a str>)>,
    grouped: Vec<&'a str>,
    quorum: Option<(usize, Vec<WitnessKey>)>,
}

impl Policy {
    /// Reads a file.
    ///
    /// # Errors
    /// [`PolicyFileFault`] with the first line that cannot be used.
    pub fn parse(text: &str) -> Result<Self, PolicyFileFault> {
        let mut reading = Reading::default();
        let mut last = 0;
        if text.len() > MAX_POLICY {
            return Err(PolicyFileFault { line: 1, what: format!("over {MAX_POLICY} bytes") });
        }
        for (line, words) in (1..).zip(text.split_terminator('\n')) {
            reading.take(words).map_err(|what| PolicyFileFault { line, what })?;
            last = line;
        }
        let at_end = |what| PolicyFileFault { line: last, what };
        if !text.ends_with('\n') {
            return Err(at_end("the last line has no end".to_owned()));
        }
        let no_quorum = || at_end("there is no quorum".to_owned());
        let (needed, witnesses) = reading.quorum.ok_or_else(no_quorum)?;
        let witnesses = WitnessPolicy::new(witnesses, needed);
        let witnesses = witnesses.map_err(|fault| at_end(fault.to_string()))?;
        Ok(Self { logs: reading.logs, witnesses })
    }
}

impl<'a> Reading<'a> {
    fn take(&mut self, line: &'a str) -> Result<(), String> {
        if line.contains(|letter: char| letter.is_ascii_control() && letter != '\t') {
            return Err("a control character".to_owned());
        }
        let words: Vec<_> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match &words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] | ["witness", name, key, _] => self.witness(name, key),
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["quorum", name] => self.quorum(name),
            [first, ..] => Err(format!("“{first}” with these words is no line of a policy")),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), String> {
        let key: LogKey = key.parse().map_err(|fault| format!("{fault}"))?;
        if self.logs.iter().any(|known| known.key == key.key) {
            return Err("a log with the key of another".to_owned());
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &'a str, key: &str) -> Result<(), String> {
        self.new_name(name)?;
        let key: WitnessKey = key.parse().map_err(|fault| format!("{fault}"))?;
        if self.witnesses.values().any(|known| known.key() == key.key()) {
            return Err("a witness with the key of another".to_owned());
        }
        self.witnesses.insert(name, key);
        Ok(())
    }

    fn group(&mut self, name: &'a str, threshold: &str, members: &[&'a str]) -> Result<(), String> {
        self.new_name(name)?;
        for member in members {
            if self.groups.contains_key(member) {
                return Err(format!("“{member}” is a group; groups of groups are not read here"));
            }
            if !self.witnesses.contains_key(member) {
                return Err(format!("no witness “{member}” above this line"));
            }
            if self.grouped.contains(member) {
                return Err(format!("“{member}” is a member twice"));
            }
            self.grouped.push(member);
        }
        let needed = match threshold {
            "all" => members.len(),
            "any" => 1,
            // Nothing has two spellings.
            number => {
                number.parse().ok().filter(|read: &usize| read.to_string() == number).unwrap_or(0)
            }
        };
        if needed == 0 || needed > members.len() {
            return Err(format!("“{threshold}” of {} members", members.len()));
        }
        self.groups.insert(name, (needed, members.to_vec()));
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("a second quorum".to_owned());
        }
        let of = |names: &[&str]| names.iter().map(|name| self.witnesses[name].clone()).collect();
        self.quorum = Some(match (name, self.groups.get(name)) {
            // Nobody must cosign; who does can be shown.
            (NONE, _) => (0, self.witnesses.values().cloned().collect()),
            (_, Some((needed, members))) => (*needed, of(members)),
            (one, None) if self.witnesses.contains_key(one) => (1, of(&[one])),
            _ => return Err(format!("no witness or group “{name}” above this line")),
        });
        Ok(())
    }

    fn new_name(&self, name: &str) -> Result<(), String> {
        if name == NONE || self.witnesses.contains_key(name) || self.groups.contains_key(name) {
            return Err(format!("the name “{name}” is taken"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn witness(seed: u8) -> WitnessKey {
        let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
        WitnessKey::new(&format!("w{seed}.example"), key).expect("a name")
    }

    fn log() -> LogKey {
        include_str!("../golden/log.vkey").trim_end().parse().expect("a key")
    }

    fn policy(needed: usize) -> Policy {
        let witnesses = (1..=3).map(witness).collect();
        let witnesses = WitnessPolicy::new(witnesses, needed).expect("a policy");
        Policy { logs: vec![log()], witnesses }
    }

    #[test]
    fn what_is_written_reads_back() {
        for needed in 0..=3 {
            let text = policy(needed).to_string();
            assert_eq!(Policy::parse(&text), Ok(policy(needed)), "{text}");
        }
        let [one, two, three] = [1, 2, 3].map(witness);
        let wanted = format!(
            "log {}\nwitness w1 {one}\nwitness w2 {two}\nwitness w3 {three}\n\
             group witnesses 2 w1 w2 w3\nquorum witnesses\n",
            log()
        );
        assert_eq!(policy(2).to_string(), wanted);
    }

    #[test]
    fn what_others_write_is_read() {
        let [one, two] = [1, 2].map(witness);
        let text = format!(
            "# of the newspapers\n\n  log {} https://log.example/\n\twitness a {one}\t\n\
             witness b {two} https://b.example\ngroup both all a b\nquorum both\n",
            log()
        );
        let read = Policy::parse(&text).expect("a policy");
        assert_eq!((read.witnesses.witnesses().len(), read.witnesses.needed()), (2, 2));
        let of = |end: &str| Policy::parse(&text.replace("group both all a b\nquorum both\n", end));
        assert_eq!(of("group x any b a\nquorum x\n").expect("a policy").witnesses.needed(), 1);
        let one_alone = WitnessPolicy::new(vec![one], 1).expect("a policy");
        assert_eq!(of("quorum a\n").expect("a policy").witnesses, one_alone);
        assert_eq!(of("quorum none\n").expect("a policy").witnesses.needed(), 0);
    }

    #[test]
    fn mistakes_are_found_with_their_line() {
        let [one, two] = [1, 2].map(witness);
        let head = format!("witness a {one}\nwitness b {two}\n");
        for (rest, line, what) in [
            ("", 2, "there is no quorum"),
            ("quorum c\n", 3, "no witness or group “c”"),
            ("quorum a\nquorum b\n", 4, "a second quorum"),
            ("quorum a", 3, "the last line has no end"),
            ("group g 2 a\nquorum g\n", 3, "“2” of 1 members"),
            ("group g 0 a\nquorum g\n", 3, "“0” of 1 members"),
            ("group g 01 a\nquorum g\n", 3, "“01” of 1 members"),
            ("group g 1\nquorum g\n", 3, "“group” with these words"),
            ("group g all a a\nquorum g\n", 3, "“a” is a member twice"),
            ("group g all a c\nquorum g\n", 3, "no witness “c”"),
            ("group g all a\ngroup h all g b\nquorum h\n", 4, "“g” is a group"),
            ("group none all a\nquorum none\n", 3, "the name “none” is taken"),
            ("group a all b\nquorum a\n", 3, "the name “a” is taken"),
            (&format!("witness c {one}\nquorum a\n"), 3, "a witness with the key of another"),
            ("witness c x\nquorum a\n", 3, "not the key of a witness"),
            (&format!("log {one}\nquorum a\n"), 3, "not the key of a log"),
            ("quorum a\r\n", 3, "a control character"),
            ("quorums a\n", 3, "“quorums” with these words"),
        ] {
            let fault = Policy::parse(&format!("{head}{rest}")).expect_err(rest);
            assert!(fault.what.starts_with(what) && fault.line == line, "{rest}: {fault}");
        }
        assert!(Policy::parse(&"#\n".repeat(MAX_POLICY)).is_err());
    }
}
