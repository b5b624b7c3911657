//! Addresses of pages. They keep the language that the reader chose.

use std::fmt::{Display, Write};

use saksi_proto::ids::{ContestCode, RegionCode, StationCode};
use saksi_proto::text::Language;

/// Makes links for one reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links {
    /// Chosen by the reader; without it the election's first language is used.
    pub language: Option<Language>,
}

impl Links {
    /// Leads on to the whole region.
    pub(super) fn whole(self) -> String {
        self.to("/", &[])
    }

    /// A region in a contest.
    pub(super) fn region(self, code: RegionCode, contest: ContestCode) -> String {
        self.to(&format!("/region/{code}"), &[("contest", &contest)])
    }

    /// A region in a contest, its parts sorted.
    pub(super) fn sorted(
        self,
        (code, contest): (RegionCode, ContestCode),
        (sort, order): (&str, &str),
    ) -> String {
        let query: [(&str, &dyn Display); 3] =
            [("contest", &contest), ("sort", &sort), ("order", &order)];
        self.to(&format!("/region/{code}"), &query) + "#parts"
    }

    /// A station.
    pub(super) fn station(self, code: StationCode) -> String {
        self.to(&format!("/station/{code}"), &[])
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
