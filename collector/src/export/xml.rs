//! XML, element after element, as NIST's and EML's documents are written.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// Attributes by their names.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

/// Writes XML with a line an element.
pub struct Xml<W: Write> {
    writer: Writer<W>,
    /// The elements that are open.
    open: Vec<&'static str>,
}

impl<W: Write> Xml<W> {
    /// Begins a document.
    ///
    /// # Errors
    /// The writer's.
    pub fn begin(out: W) -> io::Result<Self> {
        let mut writer = Writer::new_with_indent(out, b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Self { writer, open: Vec::new() })
    }

    /// Opens an element.
    ///
    /// # Errors
    /// The writer's.
    pub fn open(&mut self, name: &'static str, attributes: Attributes<'_>) -> io::Result<()> {
        self.writer.write_event(Event::Start(start(name, attributes)))?;
        self.open.push(name);
        Ok(())
    }

    /// Closes the element that was opened last.
    ///
    /// # Errors
    /// The writer's.
    pub fn close(&mut self) -> io::Result<()> {
        let name = self.open.pop().expect("what is closed was opened");
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element without content.
    ///
    /// # Errors
    /// The writer's.
    pub fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.writer.write_event(Event::Empty(start(name, attributes)))
    }

    /// An element with text in it.
    ///
    /// # Errors
    /// The writer's.
    pub fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) -> io::Result<()> {
        self.writer.write_event(Event::Start(start(name, attributes)))?;
        self.writer.write_event(Event::Text(BytesText::new(&allowed(text))))?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element with a number in it.
    ///
    /// # Errors
    /// The writer's.
    pub fn number(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        number: u64,
    ) -> io::Result<()> {
        self.text(name, attributes, &number.to_string())
    }

    /// Ends the document.
    ///
    /// # Errors
    /// The writer's.
    pub fn end(mut self) -> io::Result<()> {
        while !self.open.is_empty() {
            self.close()?;
        }
        let out = self.writer.get_mut();
        out.write_all(b"\n")?;
        out.flush()
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'_>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, &*allowed(value)));
    }
    start
}

/// The text without characters that XML 1.0 has no way to write.
fn allowed(text: &str) -> Cow<'_, str> {
    let is_allowed = |c: char| {
        let is_control = c < '\u{20}' && !matches!(c, '\t' | '\n' | '\r');
        !is_control && !matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.chars().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_allowed(c) { c } else { '\u{fffd}' }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_is_made_of_the_document_can_be_read() {
        let mut written = Vec::new();
        let mut xml = Xml::begin(&mut written).unwrap();
        xml.open("a", &[("of", "\"<&>'\u{1}")]).unwrap();
        xml.text("b", &[], "x < y & \u{0}\u{ffff}z\u{e9}").unwrap();
        xml.empty("c", &[]).unwrap();
        xml.end().unwrap();
        let text = String::from_utf8(written).unwrap();
        let wanted = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                      <a of=\"&quot;&lt;&amp;&gt;&apos;\u{fffd}\">\n \
                      <b>x &lt; y &amp; \u{fffd}\u{fffd}z\u{e9}</b>\n <c/>\n</a>\n";
        assert_eq!(text, wanted);
    }
}
