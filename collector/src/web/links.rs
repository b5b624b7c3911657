//! Addresses of pages. They keep the language that the reader chose.

use std::fmt::{Display, Write};

use saksi_proto::digest::Digest;
use saksi_proto::ids::{ContestCode, RegionCode, StationCode};
use saksi_proto::text::Language;

use crate::publisher::site::SITE;
use crate::view::found::By;
use crate::view::listed::Kind;

/// Makes links for one reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Links {
    /// Chosen by the reader; without it the election's first language is used.
    pub language: Option<Language>,
    /// Where the pages are.
    pub place: Place,
}

/// Where pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Made when they are asked for.
    Served,
    /// Files of the static site, which lie so far below its root: `../` for each directory.
    Site(&'static str),
}

impl Links {
    /// To pages that are made when they are asked for.
    pub(super) fn served(language: Option<Language>) -> Self {
        Self { language, place: Place::Served }
    }

    /// The same page in another language.
    pub(super) fn in_language(self, language: Language) -> Self {
        Self { language: Some(language), ..self }
    }

    /// Leads on to the whole region, whose code and first contest are these.
    pub(super) fn whole(self, whole: Option<(RegionCode, ContestCode)>) -> String {
        match (self.place, whole) {
            (Place::Site(_), Some((region, contest))) => self.region(region, contest),
            _ => self.to("/", &[]),
        }
    }

    /// A region in a contest.
    pub(super) fn region(self, code: RegionCode, contest: ContestCode) -> String {
        match self.place {
            Place::Served => self.to(&format!("/region/{code}"), &[("contest", &contest)]),
            Place::Site(up) => format!("{up}{}", region_file(self.code(), code, contest)),
        }
    }

    /// A region in a contest, its parts sorted. The static site has files of some orders only.
    pub(super) fn sorted(
        self,
        (code, contest): (RegionCode, ContestCode),
        (sort, order): (&str, &str),
    ) -> Option<String> {
        let query: [(&str, &dyn Display); 3] =
            [("contest", &contest), ("sort", &sort), ("order", &order)];
        let address = match self.place {
            Place::Served => self.to(&format!("/region/{code}"), &query),
            Place::Site(_) if (sort, order) == ("code", "asc") => self.region(code, contest),
            Place::Site(up) if SORTED.contains(&(sort, order)) => {
                format!("{up}{}", sorted_file(self.code(), code, contest, sort))
            }
            Place::Site(_) => return None,
        };
        Some(address + "#parts")
    }

    /// A station. On the site only those of which something has come have a page.
    pub(super) fn station(self, code: StationCode, is_heard: bool) -> Option<String> {
        match self.place {
            Place::Served => Some(self.to(&format!("/station/{code}"), &[])),
            Place::Site(up) => is_heard.then(|| format!("{up}{}", station_file(self.code(), code))),
        }
    }

    /// A file that all pages have.
    pub(super) fn asset(self, name: &str) -> String {
        match self.place {
            Place::Served => format!("/{name}"),
            Place::Site(up) => format!("{up}{name}"),
        }
    }

    /// The stations of a region behind a count; where it has no parts, they stand on its page.
    pub(super) fn list(
        self,
        (region, has_parts): (RegionCode, bool),
        contest: ContestCode,
        kind: Kind,
    ) -> Option<String> {
        if !has_parts {
            return Some(self.region(region, contest) + "#stations");
        }
        self.file(&list_path(region, contest, kind))
    }

    /// A file of the static site in the reader's language.
    pub(super) fn file(self, path: &str) -> Option<String> {
        match self.place {
            Place::Served => None,
            Place::Site(up) => Some(format!("{up}{}/{path}", self.code())),
        }
    }

    /// A photo, or its thumbnail; they are files of the site, also where that has no pages.
    pub(super) fn photo(self, digest: &Digest, ending: &str) -> String {
        let file = photo_file(digest, ending);
        match self.place {
            Place::Served => format!("/{SITE}/{file}"),
            Place::Site(up) => format!("{up}{file}"),
        }
    }

    fn code(self) -> &'static str {
        self.language.unwrap_or_default().code()
    }

    /// A path with a query. Codes need no escaping: they have letters, digits, `.`,
    /// `_` and `-` only.
    fn to(self, path: &str, query: &[(&str, &dyn Display)]) -> String {
        let mut address = path.to_owned();
        let language = self.language.map(Language::code);
        let language = language.as_ref().map(|code| ("lang", code as &dyn Display));
        for (at, (name, value)) in query.iter().copied().chain(language).enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            write!(address, "{mark}{name}={value}").expect("writing to a String cannot fail");
        }
        address
    }
}

/// The file of a region's page in a language, below the root of the static site. A code may be
/// `..`, so none of them stands alone between two slashes.
pub(crate) fn region_file(language: &str, code: RegionCode, contest: ContestCode) -> String {
    format!("{language}/region-{contest}/{code}.html")
}

/// The orders of a region's parts that the static site has as files, besides the one by code.
/// Of a nation's 92,000 regions 7,830 have parts: with five contests and two languages 78,300
/// pages. Two orders of each are 0.6 GB of the disk in blocks of 4 KiB, a fifth more than the
/// regions have; all orders of a page with three who stand, eighteen, would be 1.4 million
/// files, and a publication would write them again. So whoever has no script finds a region by
/// its name, and those that are furthest; the script sorts by the rest.
pub(crate) const SORTED: [(&str, &str); 2] = [("name", "asc"), ("coverage", "desc")];

/// The file of a region's page with its parts sorted by a column. No region's page is a
/// directory, so it is no other region's.
pub(crate) fn sorted_file(
    language: &str,
    code: RegionCode,
    contest: ContestCode,
    sort: &str,
) -> String {
    format!("{language}/region-{contest}/{sort}/{code}.html")
}

/// The file of a station's page in a language, below the root of the static site.
pub(crate) fn station_file(language: &str, code: StationCode) -> String {
    format!("{language}/station/{code}.html")
}

/// The file of a photo, below the root of the static site.
pub(crate) fn photo_file(digest: &Digest, ending: &str) -> String {
    let name = digest.to_string();
    format!("photos/{}/{name}{ending}", &name[..2])
}

/// Behind the name of a photo that is shown, of its thumbnail, and of one that cannot be shown.
pub(crate) const PICTURE: &str = ".jpg";
pub(crate) const THUMBNAIL: &str = ".thumb.jpg";
pub(crate) const FILE: &str = ".bin";

/// The file of a list, below the directory of its language.
pub(super) fn list_path(region: RegionCode, contest: ContestCode, kind: Kind) -> String {
    format!("list-{contest}-{}/{region}.html", kind.code())
}

/// The file of a list in a language, below the root of the static site.
pub(crate) fn list_file(
    language: &str,
    region: RegionCode,
    contest: ContestCode,
    kind: Kind,
) -> String {
    format!("{language}/{}", list_path(region, contest, kind))
}

/// The page of the newest publications, below the directory of its language.
pub(super) const NEWEST_PUBLICATIONS: &str = "publications/newest.html";

/// A page of publications, below the directory of its language.
pub(super) fn publications_path(page: usize) -> String {
    format!("publications/{page}.html")
}

/// A page of the index of places, below the directory of its language.
pub(super) fn found_path(by: By, level: usize, page: usize, is_first: bool) -> String {
    let by = by.code();
    if is_first { format!("find/{by}.html") } else { format!("find/{by}-{level}-{page}.html") }
}
