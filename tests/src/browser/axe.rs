//! axe-core: what would keep people out of a page. `tests/run` fetches it by npm, for its
//! licence (MPL-2.0) is not ours; it is put into a page by DevTools, whatever the page's
//! content security policy says.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use saksi_proto::digest::Digest;
use serde_json::Value;

use super::{Page, skip};
use crate::binaries::repository;

/// Of `axe.min.js` of axe-core 4.14.1, the version that `tests/run` names.
const SHA_256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// The size of what is touched (WCAG 2.2, 2.5.8), which axe looks at only when asked to,
/// besides all that it looks at anyway.
const EVERYTHING: &str = "rules: { 'target-size': { enabled: true } }";

/// What is another in the dark.
const COLOURS: &str = "runOnly: ['color-contrast', 'link-in-text-block']";

/// A list of findings as text: the rule, the elements, and what is wrong with the first.
const SHOWN: &str = "
.then(found => found.violations.map(({ id, nodes }) => {
  const elements = nodes.map(node => node.target.join(' ')).join(' | ');
  return `axe ${id}: ${elements}: ${nodes[0].failureSummary.replace(/\\s+/g, ' ')}`;
}))
";

impl Page<'_> {
    /// What axe finds: each rule's id with its elements and what is wrong with them. Finds
    /// nothing, and says so, where axe is not there.
    ///
    /// # Errors
    /// If it cannot run, is another one, or is not there and `CI=true`.
    pub fn axe(&self) -> anyhow::Result<Vec<String>> {
        self.run_axe(EVERYTHING)
    }

    /// What axe finds in the colours alone, when they are others than they were.
    ///
    /// # Errors
    /// As [`Page::axe`].
    pub fn axe_colours(&self) -> anyhow::Result<Vec<String>> {
        self.run_axe(COLOURS)
    }

    fn run_axe(&self, rules: &str) -> anyhow::Result<Vec<String>> {
        let Some(axe) = source()? else { return Ok(Vec::new()) };
        let found = self.with_scripts(|| {
            if self.evaluate("typeof axe")? == "undefined" {
                self.evaluate(&format!("{axe}\n;0"))?;
            }
            let run = format!("axe.run(document, {{ resultTypes: ['violations'], {rules} }})");
            self.evaluate(&(run + SHOWN))
        })?;
        let found = found.as_array().context("axe gives a list")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(found.iter().map(text).collect())
    }
}

/// Whether axe is there.
#[must_use]
pub fn has_axe() -> bool {
    place().is_file()
}

fn place() -> PathBuf {
    repository().join("target/tools/node_modules/axe-core/axe.min.js")
}

fn source() -> anyhow::Result<Option<String>> {
    let Ok(source) = fs::read_to_string(place()) else {
        skip("axe-core, which tests/run fetches")?;
        return Ok(None);
    };
    let digest = Digest::of(source.as_bytes()).to_string();
    ensure!(digest == SHA_256, "{} is another axe-core: {digest}", place().display());
    Ok(Some(source))
}
