//! The report as XML. What it is made of was described in the order of the schema.

use std::io::{self, Write};

use super::{Spelling, Type};
use crate::export::xml::Xml;

const NAMESPACE: &str = "http://itl.nist.gov/ns/voting/1500-100/v2";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// XML, written as it comes.
pub struct Elements<W: Write> {
    /// The document; nothing before its root, which opens it.
    xml: Document<W>,
}

enum Document<W: Write> {
    Unbegun(Option<W>),
    Begun(Xml<W>),
}

impl<W: Write> Elements<W> {
    /// A report that goes there.
    pub fn new(out: W) -> Self {
        Self { xml: Document::Unbegun(Some(out)) }
    }

    fn xml(&mut self) -> io::Result<&mut Xml<W>> {
        if let Document::Unbegun(out) = &mut self.xml {
            let out = out.take().ok_or_else(|| io::Error::other("a document begins once"))?;
            self.xml = Document::Begun(Xml::begin(out)?);
        }
        match &mut self.xml {
            Document::Begun(xml) => Ok(xml),
            Document::Unbegun(_) => Err(io::Error::other("a document that did not begin")),
        }
    }
}

impl<W: Write> Spelling for Elements<W> {
    fn begin(&mut self, name: &'static str, of: Type, id: Option<&str>) -> io::Result<()> {
        let is_root = matches!(self.xml, Document::Unbegun(_));
        let mut attributes = Vec::new();
        if is_root {
            attributes.extend([("xmlns", NAMESPACE), ("xmlns:xsi", INSTANCE)]);
        }
        attributes.extend(id.map(|id| ("ObjectId", id)));
        if let Type::Chosen(of) = of {
            attributes.push(("xsi:type", of));
        }
        self.xml()?.open(name, &attributes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.xml()?.close()
    }

    fn begin_list(&mut self, _: &'static str) -> io::Result<()> {
        Ok(())
    }

    fn end_list(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn text(&mut self, name: &'static str, text: &str) -> io::Result<()> {
        self.xml()?.text(name, &[], text)
    }

    fn number(&mut self, name: &'static str, number: u64) -> io::Result<()> {
        self.xml()?.number(name, &[], number)
    }

    fn truth(&mut self, name: &'static str, is_so: bool) -> io::Result<()> {
        self.xml()?.text(name, &[], if is_so { "true" } else { "false" })
    }

    fn references(&mut self, name: &'static str, ids: &[String]) -> io::Result<()> {
        self.xml()?.text(name, &[], &ids.join(" "))
    }

    fn in_language(&mut self, language: &str, text: &str) -> io::Result<()> {
        self.xml()?.text("Text", &[("Language", language)], text)
    }

    fn finish(self) -> io::Result<()> {
        match self.xml {
            Document::Begun(xml) => xml.end(),
            Document::Unbegun(_) => Ok(()),
        }
    }
}
