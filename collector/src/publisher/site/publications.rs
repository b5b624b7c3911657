//! The log of all publications, for people: from the signed notes in `versions/`, each of which
//! names the one before.
//!
//! ```text
//! LANGUAGE/publications/newest.html     the newest page
//! LANGUAGE/publications/N.html          the Nth; the first has the oldest
//! ```
//!
//! A page has [`ON_A_PAGE`] publications. A full one is written once more, when the next begins
//! and it can lead there, and then never again. Pages come after the pointer: what stands on them
//! is published.

use saksi_proto::digest::Digest;
use tracing::warn;

use super::super::PublishFault;
use super::super::disk::Disk;
use super::version::{Current, Version};
use super::{Published, Site, path};
use crate::view::publications::{Added, PublicationRow, PublicationsView};
use crate::web::pages::fixed::Edition;

/// Publications on a page.
const ON_A_PAGE: usize = 40;

/// The sizes of all publications, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Publications {
    sizes: Vec<u64>,
    /// How many of them this process has shown.
    shown: Option<usize>,
}

impl<D: Disk> Site<D> {
    /// Follows the publications back from the newest one: a small file and its digest each, once
    /// in the life of a process.
    pub(super) fn publications(
        &self,
        current: Option<&Current>,
    ) -> Result<Publications, PublishFault> {
        let mut next = current.map(|current| (current.size, current.version_sha256));
        let mut sizes = Vec::new();
        while let Some((size, sha256)) = next {
            let Some(version) = self.version(size, Some(&sha256))? else {
                warn!(size, "a publication is missing or damaged; those before it are not listed");
                break;
            };
            sizes.push(size);
            // They grow, so this ends.
            next = version.previous.filter(|(before, _)| *before < size);
        }
        sizes.reverse();
        Ok(Publications { sizes, shown: None })
    }

    fn version(&self, size: u64, sha256: Option<&Digest>) -> Result<Option<Version>, PublishFault> {
        let note = self.directory.read(&path(&Version::file(size)))?.unwrap_or_default();
        if sha256.is_some_and(|sha256| Digest::of(&note) != *sha256) {
            return Ok(None);
        }
        Ok(Version::parse(&String::from_utf8_lossy(&note)).filter(|version| version.size == size))
    }

    /// Shows the newest publication on its page, unless it stands there.
    pub(super) fn write_publications(
        &mut self,
        published: &mut Published,
        (at_ms, next_ms): (u64, u64),
    ) -> Result<(), PublishFault> {
        let Some(current) = &published.current else { return Ok(()) };
        let sizes = &mut published.publications.sizes;
        if sizes.last() != Some(&current.size) {
            sizes.push(current.size);
        }
        let (all, shown) = (sizes.len(), published.publications.shown);
        if shown == Some(all) {
            return Ok(());
        }
        let sizes = published.publications.sizes.clone();
        let last = all.div_ceil(ON_A_PAGE);
        // The page before leads on to this one, once that is there; a new process cannot know.
        let is_first_of_page = all % ON_A_PAGE == 1 || shown.is_none();
        let first = if is_first_of_page { last.saturating_sub(1).max(1) } else { last };
        let election = self.election()?;
        let edition = Edition { election: &election, at_ms, next_ms };
        for page in first..=last {
            let rows = self.rows_of(&sizes, page)?;
            let view = PublicationsView { page, pages: last, publications: all, rows };
            for (file, page) in edition.publications(&view)? {
                self.put_packed(&file, page.as_bytes())?;
            }
        }
        self.directory.settle()?;
        published.publications.shown = Some(all);
        Ok(())
    }

    /// The publications of a page, the newest first.
    fn rows_of(&self, sizes: &[u64], page: usize) -> Result<Vec<PublicationRow>, PublishFault> {
        let begin = (page - 1) * ON_A_PAGE;
        let end = sizes.len().min(begin + ON_A_PAGE);
        let mut before = match begin.checked_sub(1) {
            Some(before) => self.version(sizes[before], None)?,
            None => None,
        };
        let mut rows = Vec::new();
        for size in &sizes[begin..end] {
            let Some(version) = self.version(*size, None)? else { continue };
            rows.push(row(&version, before.as_ref()));
            before = Some(version);
        }
        rows.reverse();
        Ok(rows)
    }
}

/// What a publication added to the one before.
fn row(version: &Version, before: Option<&Version>) -> PublicationRow {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let added = version.contests.iter().filter_map(|(contest, counted, expected, votes)| {
        let of = before.and_then(|before| before.contests.iter().find(|of| of.0 == *contest));
        let (stations, had) = of.map_or((0, 0), |(_, stations, _, votes)| (*stations, *votes));
        let added = Added {
            contest: *contest,
            stations: i64::from(*counted) - i64::from(stations),
            votes: number(*votes) - number(had),
            counted: *counted,
            expected: *expected,
        };
        (added.stations != 0 || added.votes != 0).then_some(added)
    });
    let Version { size, root, at_ms, .. } = version;
    PublicationRow { size: *size, root: *root, at_ms: *at_ms, added: added.collect() }
}
