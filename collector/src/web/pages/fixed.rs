//! The same pages as files of the static site, in the orders that it has, and with the time at
//! which they were made.

use askama::Template as _;
use saksi_proto::text::Language;
use saksi_proto::text::site;

use super::found::FoundPage;
use super::list::ListPage;
use super::parts::Order;
use super::publications::PublicationsPage;
use super::region::RegionPage;
use super::shell::Shell;
use super::station::StationPage;
use super::{ICON, SCRIPT, STYLE};
use crate::view::election::ElectionView;
use crate::view::found::FoundView;
use crate::view::listed::ListView;
use crate::view::publications::PublicationsView;
use crate::view::region::RegionView;
use crate::view::station::StationView;
use crate::web::links::{
    Links, NEWEST_PUBLICATIONS, Place, SORTED, found_path, list_file, publications_path,
    region_file, sorted_file, station_file,
};
use crate::web::locale::LANGUAGES;
use crate::web::times;

/// The files that all pages have, with their contents.
pub(crate) const ASSETS: [(&str, &str); 3] =
    [("style.css", STYLE), ("icon.svg", ICON), ("site.js", SCRIPT)];

/// From a region's or a station's page to the root of the site.
const UP: &str = "../../";
/// From a region's page with its parts in another order.
const UP_SORTED: &str = "../../../";

/// What pages are made of, so that those of another program are made anew.
pub(crate) const TEMPLATES: [&str; 23] = [
    include_str!("../../../templates/amendments.html"),
    include_str!("../../../templates/base.html"),
    include_str!("../../../templates/coverage.html"),
    include_str!("../../../templates/crumbs.html"),
    include_str!("../../../templates/form.html"),
    include_str!("../../../templates/form_link.html"),
    include_str!("../../../templates/found.html"),
    include_str!("../../../templates/grid.html"),
    include_str!("../../../templates/list.html"),
    include_str!("../../../templates/map.html"),
    include_str!("../../../templates/parts.html"),
    include_str!("../../../templates/position.html"),
    include_str!("../../../templates/progress.html"),
    include_str!("../../../templates/publications.html"),
    include_str!("../../../templates/questions.html"),
    include_str!("../../../templates/region.html"),
    include_str!("../../../templates/rulings.html"),
    include_str!("../../../templates/state.html"),
    include_str!("../../../templates/station.html"),
    include_str!("../../../templates/stations.html"),
    include_str!("../../../templates/tiles.html"),
    include_str!("../../../templates/time.html"),
    include_str!("../../../templates/votes.html"),
];

/// One publication of the site.
pub(crate) struct Edition<'a> {
    pub election: &'a ElectionView,
    /// When it is made, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// When the next is made at the earliest.
    pub next_ms: u64,
}

/// A page and its file, below the root of the site.
pub(crate) type Page = (String, String);

impl Edition<'_> {
    /// A region's pages, one a language and order. `json` is the file of its numbers.
    pub(crate) fn region(&self, view: &RegionView, json: &str) -> askama::Result<Vec<Page>> {
        let (code, contest) = (view.region.code, view.contest.code);
        let mut pages = Vec::new();
        for (language, _) in LANGUAGES {
            let file = region_file(language.code(), code, contest);
            let usual = Order::new(None, None);
            pages.push((file, self.region_in(language, view, UP, json, usual)?));
            for (sort, direction) in SORTED.into_iter().filter(|_| view.parts.len() > 1) {
                let file = sorted_file(language.code(), code, contest, sort);
                let order = Order::new(Some(sort), Some(direction));
                pages.push((file, self.region_in(language, view, UP_SORTED, json, order)?));
            }
        }
        Ok(pages)
    }

    /// The page that the site begins with, in the election's first language.
    pub(crate) fn index(&self, view: &RegionView, json: &str) -> askama::Result<Page> {
        let first = self.election.languages.first().and_then(|code| Language::from_code(code));
        let usual = Order::new(None, None);
        let page = self.region_in(first.unwrap_or_default(), view, "", json, usual)?;
        Ok(("index.html".to_owned(), page))
    }

    fn region_in(
        &self,
        language: Language,
        view: &RegionView,
        up: &'static str,
        json: &str,
        order: Order,
    ) -> askama::Result<String> {
        let links = Links { language: Some(language), place: Place::Site(up) };
        let mut page = RegionPage::new(self.election, view, links, order);
        self.sign(&mut page.shell, up, json);
        page.render()
    }

    /// A station's pages, one a language.
    pub(crate) fn station(&self, view: &StationView, json: &str) -> askama::Result<Vec<Page>> {
        let page = |language: Language| {
            let links = Links { language: Some(language), place: Place::Site(UP) };
            let mut page = StationPage::new(self.election, view, links);
            self.sign(&mut page.shell, UP, json);
            Ok((station_file(language.code(), view.code), page.render()?))
        };
        LANGUAGES.into_iter().map(|(language, _)| page(language)).collect()
    }

    /// The pages of the stations behind a count, one a language.
    pub(crate) fn list(&self, view: &ListView) -> askama::Result<Vec<Page>> {
        let page = |language: Language| {
            let links = Links { language: Some(language), place: Place::Site(UP) };
            let mut page = ListPage::new(self.election, view, links);
            self.date(&mut page.shell);
            let (region, contest) = (view.region.code, view.contest.code);
            Ok((list_file(language.code(), region, contest, view.kind), page.render()?))
        };
        LANGUAGES.into_iter().map(|(language, _)| page(language)).collect()
    }

    /// A page of the index of places, one a language.
    pub(crate) fn found(&self, view: &FoundView) -> askama::Result<Vec<Page>> {
        let page = |language: Language| {
            let links = Links { language: Some(language), place: Place::Site(UP) };
            let page = FoundPage::new(self.election, view, links).render()?;
            let path = found_path(view.by, view.level, view.page, view.is_first);
            Ok((format!("{}/{path}", language.code()), page))
        };
        LANGUAGES.into_iter().map(|(language, _)| page(language)).collect()
    }

    /// A page of publications, one a language; the newest one under a second name too.
    pub(crate) fn publications(&self, view: &PublicationsView) -> askama::Result<Vec<Page>> {
        let mut pages = Vec::new();
        for (language, _) in LANGUAGES {
            let links = Links { language: Some(language), place: Place::Site(UP) };
            for is_newest in [false, true] {
                if is_newest && view.page < view.pages {
                    continue;
                }
                let page = PublicationsPage::new(self.election, view, links, is_newest);
                let path = if is_newest {
                    NEWEST_PUBLICATIONS.to_owned()
                } else {
                    publications_path(view.page)
                };
                pages.push((format!("{}/{path}", language.code()), page.render()?));
            }
        }
        Ok(pages)
    }

    /// Says when the page was made, when the next one is, and which file has its numbers.
    fn sign(&self, shell: &mut Shell, up: &str, json: &str) {
        self.date(shell);
        shell.json = Some(format!("{up}{json}"));
    }

    /// Says when the page was made, and when the next one is.
    fn date(&self, shell: &mut Shell) {
        let zone = &self.election.time_zone;
        shell.published = Some(times::shown(self.at_ms, zone, &shell.locale));
        let next = times::clock(self.next_ms, zone, &shell.locale);
        shell.next = Some(shell.locale.fill(site::NEXT_IF, &[&next]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_small_and_is_read_by_old_browsers() {
        assert!(SCRIPT.len() < 6 << 10, "{} bytes", SCRIPT.len());
        // Of ES2016 and later.
        for newer in ["?.", "??", "async", "await", "...", "**", ".includes(", "replaceChildren"] {
            assert!(!SCRIPT.contains(newer), "{newer}");
        }
        for never in ["innerHTML", "eval", "http", "localStorage", "cookie"] {
            assert!(!SCRIPT.contains(never), "{never}");
        }
    }

    #[test]
    fn pages_are_made_anew_when_any_template_of_theirs_is_another() {
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let (mut waiting, mut seen) = (vec!["region.html", "station.html"], Vec::new());
        let read = |name: &str| std::fs::read_to_string(place.join(name)).unwrap();
        while let Some(name) = waiting.pop() {
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let text = read(name);
            let found = TEMPLATES.iter().find(|template| ***template == *text);
            let text = found.unwrap_or_else(|| panic!("{name} is not among TEMPLATES"));
            let named = ["{% include \"", "{% extends \""];
            let named = named.iter().flat_map(|start| text.split(start).skip(1));
            waiting.extend(named.filter_map(|rest| rest.split('"').next()));
        }
        assert!(seen.len() > 10, "{seen:?}");
    }
}
