//! Signed notes (C2SP `signed-note`): a text and any number of signature lines, each by a
//! key with a name; and verifier keys, `name+id+base64(type, key)`.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::VerifyingKey;

use crate::digest::Digest;

/// Most signature lines of a note that is read. The specification wants at least 16.
pub const MAX_SIGNATURES: usize = 100;

/// Why a text is not a signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signed note: {0}")]
pub struct NoteFault(pub &'static str);

/// A signed note, taken apart. Nothing of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What is signed, with its last line end.
    pub body: &'a str,
    /// The signature lines, in their order.
    pub signatures: Vec<SignatureLine<'a>>,
}

/// One signature line, not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine<'a> {
    /// Name of the key.
    pub name: &'a str,
    /// Its key id, which also says of what type it is.
    pub id: [u8; 4],
    /// The signature, in the form of its type.
    pub signature: Vec<u8>,
    /// The line as it stands, without its line end.
    pub line: &'a str,
}

impl<'a> Note<'a> {
    /// Takes a note apart. Lines by keys that nobody here knows are as good as others; a
    /// line that is no signature line is not.
    ///
    /// # Errors
    /// [`NoteFault`], by its first cause.
    pub fn parse(text: &'a str) -> Result<Self, NoteFault> {
        if text.contains(|letter: char| letter < ' ' && letter != '\n') {
            return Err(NoteFault("a control character"));
        }
        let end = text.rfind("\n\n").ok_or(NoteFault("no signatures"))?;
        let (body, lines) = (&text[..=end], &text[end + 2..]);
        Ok(Self { body, signatures: signature_lines(lines)? })
    }

    /// The lines that say they are by the key of this name and id.
    pub fn by<'b>(
        &'b self,
        name: &'b str,
        id: [u8; 4],
    ) -> impl Iterator<Item = &'b SignatureLine<'a>> {
        self.signatures.iter().filter(move |line| line.name == name && line.id == id)
    }
}

/// Takes signature lines apart: the end of a note, or what a witness answers.
///
/// # Errors
/// [`NoteFault`] if there is none, or too many, or one of them is not in the form.
pub fn signature_lines(text: &str) -> Result<Vec<SignatureLine<'_>>, NoteFault> {
    let text = text.strip_suffix('\n').ok_or(NoteFault("no last line end"))?;
    let lines = text.split('\n').take(MAX_SIGNATURES + 1).map(signature_line);
    let lines: Vec<_> = lines.collect::<Option<_>>().ok_or(NoteFault("a signature line"))?;
    if lines.len() > MAX_SIGNATURES {
        return Err(NoteFault("too many signatures"));
    }
    Ok(lines)
}

fn signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64.decode(encoded).ok()?;
    let (&id, signature) = bytes.split_first_chunk()?;
    let whole = is_key_name(name) && !signature.is_empty();
    whole.then(|| SignatureLine { name, id, signature: signature.to_vec(), line })
}

/// A signature line, with its line end.
#[must_use]
pub fn format_signature(name: &str, id: [u8; 4], signature: &[u8]) -> String {
    format!("— {name} {}\n", BASE64.encode([&id, signature].concat()))
}

/// Whether a key can have this name: not empty, without spaces, plus signs and control
/// characters.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    let unfit = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '+';
    !name.is_empty() && !name.contains(unfit)
}

/// The key id: the first four bytes of `SHA-256(name || 0x0A || type || key)`.
pub(crate) fn key_id(name: &str, kind: u8, key: &VerifyingKey) -> [u8; 4] {
    let digest = Digest::of_parts(&[name.as_bytes(), &[b'\n', kind], key.as_bytes()]).0;
    [digest[0], digest[1], digest[2], digest[3]]
}

/// A verifier key as text.
pub(crate) fn format_key(name: &str, kind: u8, key: &VerifyingKey) -> String {
    let id = key_id(name, kind, key).map(|byte| format!("{byte:02x}")).concat();
    format!("{name}+{id}+{}", BASE64.encode([&[kind], &key.as_bytes()[..]].concat()))
}

/// Name and key of a verifier key of this type. Keys that verify what nobody has signed
/// (of small order) are not taken.
pub(crate) fn parse_key(text: &str, kind: u8) -> Option<(String, VerifyingKey)> {
    let mut parts = text.splitn(3, '+');
    let (name, _id, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = BASE64.decode(encoded).ok()?;
    let (&found, key) = bytes.split_first()?;
    let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    let whole = found == kind && is_key_name(name) && !key.is_weak();
    // Also the id is that of name and key, and nothing has two spellings.
    (whole && format_key(name, kind, &key) == text).then(|| (name.to_owned(), key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "— a.example AAAAAAE=\n";

    #[test]
    fn a_note_has_a_body_and_signatures() {
        let text = format!("one\n\ntwo\n\n{LINE}{LINE}");
        let note = Note::parse(&text).expect("a note");
        assert_eq!(note.body, "one\n\ntwo\n");
        assert_eq!(note.signatures.len(), 2);
        let SignatureLine { name, id, signature, line } = &note.signatures[1];
        assert_eq!((*name, *id, &signature[..]), ("a.example", [0; 4], &[1][..]));
        assert_eq!(*line, LINE.trim_end());
    }

    #[test]
    fn what_is_not_in_the_form_is_no_note() {
        let fault = |text: String| Note::parse(&text).expect_err("no note").0;
        assert_eq!(fault("one\n".to_owned()), "no signatures");
        assert_eq!(fault("one\n\n".to_owned()), "no last line end");
        assert_eq!(fault(format!("one\n\n{}", LINE.trim_end())), "no last line end");
        assert_eq!(fault(format!("one\r\n\n{LINE}")), "a control character");
        assert_eq!(fault(format!("one\n\n{}", LINE.repeat(101))), "too many signatures");
        for line in [
            "- a.example AAAAAAE=\n",
            "— AAAAAAE=\n",
            "—  AAAAAAE=\n",
            "— a+b AAAAAAE=\n",
            "— a\u{a0}b AAAAAAE=\n",
            "— a.example AAAAAAE\n",
            "— a.example AAAAAA==\n",
            "— a.example AAAAAAE= \n",
        ] {
            assert_eq!(fault(format!("one\n\n{LINE}{line}")), "a signature line", "{line}");
        }
        assert!(Note::parse(&format!("one\n\n{}", LINE.repeat(100))).is_ok());
    }
}
