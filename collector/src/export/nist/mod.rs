//! NIST SP 1500-100 version 2, an `ElectionReport`: one description ([`document`]) for its two
//! spellings, JSON ([`json`]) and XML ([`xml`]).
//!
//! Elements are described in the order of the XML schema, which JSON does not mind.

pub mod counts;
pub mod document;
pub mod json;
pub mod units;
pub mod xml;

use std::io;

use super::ExportFault;
use super::content::Export;

/// One of the two spellings of a report.
pub trait Spelling {
    /// Begins an element with others in it. `of` is its type where the schema leaves a choice,
    /// `id` what others refer to it by.
    ///
    /// # Errors
    /// The writer's, as of all that follows.
    fn begin(&mut self, name: &'static str, of: Type, id: Option<&str>) -> io::Result<()>;

    /// Ends the element that was begun last.
    ///
    /// # Errors
    /// The writer's.
    fn end(&mut self) -> io::Result<()>;

    /// Begins elements of one name, of which there may be any number.
    ///
    /// # Errors
    /// The writer's.
    fn begin_list(&mut self, name: &'static str) -> io::Result<()>;

    /// Ends them.
    ///
    /// # Errors
    /// The writer's.
    fn end_list(&mut self) -> io::Result<()>;

    /// An element of text, or of a word of the schema.
    ///
    /// # Errors
    /// The writer's.
    fn text(&mut self, name: &'static str, text: &str) -> io::Result<()>;

    /// An element with a number.
    ///
    /// # Errors
    /// The writer's.
    fn number(&mut self, name: &'static str, number: u64) -> io::Result<()>;

    /// An element that is true or false.
    ///
    /// # Errors
    /// The writer's.
    fn truth(&mut self, name: &'static str, is_so: bool) -> io::Result<()>;

    /// An element that refers to others.
    ///
    /// # Errors
    /// The writer's.
    fn references(&mut self, name: &'static str, ids: &[String]) -> io::Result<()>;

    /// A text in one language, in a list of them.
    ///
    /// # Errors
    /// The writer's.
    fn in_language(&mut self, language: &str, text: &str) -> io::Result<()>;

    /// Ends the report.
    ///
    /// # Errors
    /// The writer's.
    fn finish(self) -> io::Result<()>;
}

/// The type of an element.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// The only one that can stand there.
    Plain(&'static str),
    /// One of several that can.
    Chosen(&'static str),
}

/// Writes the report.
///
/// # Errors
/// [`ExportFault`].
pub fn write(export: &Export<'_>, mut spelling: impl Spelling) -> Result<(), ExportFault> {
    let date = export.date()?;
    document::report(export, &date.to_string(), &mut spelling)?;
    Ok(spelling.finish()?)
}
