//! The report as JSON, with a line an element of a list.

use std::io::{self, Write};

use super::{Spelling, Type};

/// JSON, written as it comes.
pub struct Json<W> {
    out: W,
    /// For each object and list that is open, whether it is empty so far and what closes it.
    open: Vec<(bool, &'static [u8])>,
}

impl<W: Write> Json<W> {
    /// A report that goes there.
    pub fn new(out: W) -> Self {
        Self { out, open: Vec::new() }
    }

    /// What stands between two members, and the name of the next one, if it has one.
    fn member(&mut self, name: &str) -> io::Result<()> {
        let Some((is_empty, closing)) = self.open.last_mut() else { return Ok(()) };
        let is_first = std::mem::replace(is_empty, false);
        let is_in_list = *closing == b"]";
        if !is_first {
            self.out.write_all(b",")?;
        }
        if is_in_list {
            return self.out.write_all(b"\n");
        }
        self.string(name)?;
        self.out.write_all(b":")
    }

    fn open(&mut self, opening: &[u8], closing: &'static [u8]) -> io::Result<()> {
        self.open.push((true, closing));
        self.out.write_all(opening)
    }

    fn close(&mut self) -> io::Result<()> {
        let (_, closing) = self.open.pop().expect("what is closed was opened");
        self.out.write_all(closing)
    }

    fn string(&mut self, text: &str) -> io::Result<()> {
        Ok(serde_json::to_writer(&mut self.out, text)?)
    }
}

impl<W: Write> Spelling for Json<W> {
    fn begin(&mut self, name: &'static str, of: Type, id: Option<&str>) -> io::Result<()> {
        self.member(name)?;
        self.open(b"{", b"}")?;
        let (Type::Plain(of) | Type::Chosen(of)) = of;
        if let Some(id) = id {
            self.text("@id", id)?;
        }
        self.text("@type", &format!("ElectionResults.{of}"))
    }

    fn end(&mut self) -> io::Result<()> {
        self.close()
    }

    fn begin_list(&mut self, name: &'static str) -> io::Result<()> {
        self.member(name)?;
        self.open(b"[", b"]")
    }

    fn end_list(&mut self) -> io::Result<()> {
        self.close()
    }

    fn text(&mut self, name: &'static str, text: &str) -> io::Result<()> {
        self.member(name)?;
        self.string(text)
    }

    fn number(&mut self, name: &'static str, number: u64) -> io::Result<()> {
        self.member(name)?;
        write!(self.out, "{number}")
    }

    fn truth(&mut self, name: &'static str, is_so: bool) -> io::Result<()> {
        self.member(name)?;
        write!(self.out, "{is_so}")
    }

    fn references(&mut self, name: &'static str, ids: &[String]) -> io::Result<()> {
        self.member(name)?;
        Ok(serde_json::to_writer(&mut self.out, ids)?)
    }

    fn in_language(&mut self, language: &str, text: &str) -> io::Result<()> {
        self.begin("Text", Type::Plain("LanguageString"), None)?;
        self.text("Language", language)?;
        self.text("Content", text)?;
        self.end()
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
