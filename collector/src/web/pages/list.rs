//! The page of the stations behind a count.

use askama::Template;
use saksi_proto::text::site;
use saksi_proto::text::{self, Phrase};

use super::region::{StationLine, station_line};
use super::shell::{Address, Crumb, Shell, crumbs};
use crate::view::election::ElectionView;
use crate::view::listed::{Kind, ListView};
use crate::web::links::{Links, list_path};

/// Stations, or parts that have such.
#[derive(Template)]
#[template(path = "list.html")]
pub(super) struct ListPage {
    pub(super) shell: Shell,
    crumbs: Vec<Crumb>,
    name: String,
    contest: String,
    word: &'static str,
    meaning: &'static str,
    stations: String,
    parts: Vec<PartLine>,
    rows: Vec<Row>,
}

/// A part.
struct PartLine {
    name: String,
    code: String,
    href: Option<String>,
    stations: String,
}

/// A station, and the region that it lies in.
struct Row {
    station: StationLine,
    region: Crumb,
}

/// What a kind is called, and what that means.
pub(super) fn words(kind: Kind) -> (Phrase, Phrase) {
    match kind {
        Kind::Held => (text::SITE_HELD, text::SITE_MEANS_HELD),
        Kind::Disputed => (text::SITE_DISPUTED, text::SITE_MEANS_DISPUTED),
        Kind::Corrected => (text::SITE_CORRECTED, text::SITE_MEANS_CORRECTED),
        Kind::Missing => (text::SITE_MISSING, text::SITE_MEANS_MISSING),
    }
}

impl ListPage {
    /// The page of a view.
    pub(super) fn new(election: &ElectionView, view: &ListView, links: Links) -> Self {
        let (region, contest, kind) = (view.region.code, view.contest.code, view.kind);
        let address = Address::File(list_path(region, contest, kind));
        let shell = Shell::new(election, &view.position, links, &address);
        let (locale, (word, meaning)) = (shell.locale.clone(), words(kind));
        let (word, meaning) = (locale.say(word), locale.say(meaning));
        let contest_name = locale.text(&view.contest.name).to_owned();
        let above: Vec<_> = view.above.iter().chain([&view.region]).cloned().collect();
        let parts = view.parts.iter().map(|part| PartLine {
            name: part.region.name.clone(),
            code: part.region.code.to_string(),
            href: links.list((part.region.code, part.has_parts), contest, kind),
            stations: locale.number(part.stations),
        });
        let rows = view.rows.iter().map(|listed| Row {
            station: station_line(&listed.row, links, &locale),
            region: Crumb {
                name: listed.region.name.clone(),
                href: links.region(listed.region.code, contest),
            },
        });
        Self {
            crumbs: crumbs(&above, contest, links),
            name: view.region.name.clone(),
            word,
            meaning,
            stations: locale.number(view.stations),
            parts: parts.collect(),
            rows: rows.collect(),
            shell: shell.titled(&[word, &view.region.name, &contest_name]),
            contest: contest_name,
        }
    }
}
