//! The report as XML. What it is made of was described in the order of the schema.

use std::io::{self, Write};

use super::{Spelling, Type};
use crate::export::xml::Xml;

const NAMESPACE: &str = "http://itl.nist.gov/ns/voting/1500-100/v2";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// XML, written as it comes.
pub struct Elements<W: Write> {
    xml: Xml<W>,
    /// Whether the root is open, which names the namespaces.
    is_begun: bool,
}

impl<W: Write> Elements<W> {
    /// A report that goes there.
    ///
    /// # Errors
    /// The writer's.
    pub fn new(out: W) -> io::Result<Self> {
        Ok(Self { xml: Xml::begin(out)?, is_begun: false })
    }
}

impl<W: Write> Spelling for Elements<W> {
    fn begin(&mut self, name: &'static str, of: Type, id: Option<&str>) -> io::Result<()> {
        let mut attributes = Vec::new();
        if !std::mem::replace(&mut self.is_begun, true) {
            attributes.extend([("xmlns", NAMESPACE), ("xmlns:xsi", INSTANCE)]);
        }
        attributes.extend(id.map(|id| ("ObjectId", id)));
        if let Type::Chosen(of) = of {
            attributes.push(("xsi:type", of));
        }
        self.xml.open(name, &attributes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.xml.close()
    }

    fn begin_list(&mut self, _: &'static str) -> io::Result<()> {
        Ok(())
    }

    fn end_list(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn text(&mut self, name: &'static str, text: &str) -> io::Result<()> {
        self.xml.text(name, &[], text)
    }

    fn number(&mut self, name: &'static str, number: u64) -> io::Result<()> {
        self.xml.number(name, &[], number)
    }

    fn truth(&mut self, name: &'static str, is_so: bool) -> io::Result<()> {
        self.xml.text(name, &[], if is_so { "true" } else { "false" })
    }

    fn references(&mut self, name: &'static str, ids: &[String]) -> io::Result<()> {
        self.xml.text(name, &[], &ids.join(" "))
    }

    fn in_language(&mut self, language: &str, text: &str) -> io::Result<()> {
        self.xml.text("Text", &[("Language", language)], text)
    }

    fn finish(self) -> io::Result<()> {
        self.xml.end()
    }
}
