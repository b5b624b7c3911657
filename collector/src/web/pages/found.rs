//! A page of the index of regions and stations.

use askama::Template;
use saksi_proto::text;
use saksi_proto::text::site;

use super::shell::{Address, Shell};
use crate::view::election::ElectionView;
use crate::view::found::{By, FoundView};
use crate::web::links::{Links, found_path};

/// Places, or the pages that lead to them.
#[derive(Template)]
#[template(path = "found.html")]
pub(super) struct FoundPage {
    pub(super) shell: Shell,
    title: &'static str,
    /// The index in the other order.
    other: Option<String>,
    other_title: &'static str,
    below: Vec<Range>,
    places: Vec<PlaceLine>,
}

/// A page below.
struct Range {
    href: Option<String>,
    first: String,
    last: String,
}

/// A region or a station.
struct PlaceLine {
    name: String,
    code: String,
    href: String,
    /// What it lies in.
    above: String,
}

impl FoundPage {
    /// The page of a view.
    pub(super) fn new(election: &ElectionView, view: &FoundView, links: Links) -> Self {
        let path = |by, level, page, is_first| found_path(by, level, page, is_first);
        let file = path(view.by, view.level, view.page, view.is_first);
        let shell = Shell::new(election, &election.position, links, &Address::File(file));
        let title = |by| match by {
            By::Name => shell.say(site::FIND_NAMES),
            By::Code => shell.say(site::FIND_CODES),
        };
        let other = if view.by == By::Name { By::Code } else { By::Name };
        let below = view.below.iter().map(|(page, first, last)| Range {
            href: links.file(&path(view.by, view.level - 1, *page, false)),
            first: first.clone(),
            last: last.clone(),
        });
        let places = view.places.iter().map(|place| {
            let anchor = if place.is_station { "#stations" } else { "" };
            PlaceLine {
                name: place.name.clone(),
                code: place.code.clone(),
                href: links.region(place.page, place.contest) + anchor,
                above: place.above.as_ref().map_or_else(String::new, |above| above.name.clone()),
            }
        });
        Self {
            title: title(view.by),
            other: links.file(&path(other, 0, 0, true)),
            other_title: title(other),
            below: below.collect(),
            places: places.collect(),
            shell: shell.titled(&[]),
        }
    }
}
