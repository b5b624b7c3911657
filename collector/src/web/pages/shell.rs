//! What every page has around its own content: title, phase, languages, and the
//! log position that its numbers were folded to.

use saksi_proto::ids::{ContestCode, Phase, RegionCode, StationCode};
use saksi_proto::text::site;
use saksi_proto::text::{self, Phrase};

use crate::publisher::site::STATIONS_FILE;
use crate::view::PositionView;
use crate::view::decisions::PublicationView;
use crate::view::election::ElectionView;
use crate::view::found::By;
use crate::view::place::RegionName;
use crate::web::api::OPENAPI_PATH;
use crate::web::links::{Links, NEWEST_PUBLICATIONS, Place, found_path};
use crate::web::locale::{LANGUAGES, Locale};
use crate::web::times::{self, TimeShown};

/// The frame of a page.
pub(super) struct Shell {
    pub locale: Locale,
    /// For the browser's tab, the most particular first.
    pub title: String,
    pub election: String,
    pub rehearsal: bool,
    /// Said where publication is paused.
    pub paused: Option<Paused>,
    /// The whole region in the first contest.
    pub home: String,
    pub languages: Vec<LanguageLink>,
    pub last_form: Option<TimeShown>,
    pub log: LogPosition,
    /// When the file was made, of the static site.
    pub published: Option<TimeShown>,
    /// When a newer one comes at the earliest.
    pub next: Option<String>,
    /// What a page of the static site has for its script.
    pub scripted: Option<Scripted>,
    /// The same numbers from the API.
    pub json: Option<String>,
    /// Where the API is described, and not on the static site.
    pub api: Option<&'static str>,
    /// The index of all regions and stations, of the static site.
    pub find: Option<String>,
    /// All publications, of the static site.
    pub publications: Option<String>,
    /// What leads to all stations of a contest in one file, of the static site.
    pub stations: Option<String>,
    pub style: String,
    pub icon: String,
}

/// What a page of the static site has for its script.
pub(super) struct Scripted {
    /// Address of the script.
    pub script: String,
    /// From the page to the root of the site.
    pub up: &'static str,
    /// Entries of the log that the page was made from.
    pub size: u64,
    /// Around the minutes by which a newer publication is late.
    pub late: (&'static str, &'static str),
}

impl Scripted {
    fn new(links: Links, size: u64, locale: &Locale) -> Option<Self> {
        let Place::Site(up) = links.place else { return None };
        let late = locale.say(site::STALE).split_once("{0}").unwrap_or_default();
        Some(Self { script: links.asset("site.js"), up, size, late })
    }
}

/// That publication is paused.
pub(super) struct Paused {
    pub since: String,
    pub reason: String,
}

impl Paused {
    fn new(of: &PublicationView, zone: &str, locale: &Locale) -> Option<Self> {
        let (since_ms, reason) = of.since_ms.zip(of.reason.clone())?;
        let since = times::shown(since_ms, zone, locale).text;
        Some(Self { since: locale.fill(text::SITE_PAUSED_SINCE, &[&since]), reason })
    }
}

/// The same page in another language.
pub(super) struct LanguageLink {
    pub code: &'static str,
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

/// How far the log was folded.
pub(super) struct LogPosition {
    pub entries: String,
    pub root: Option<DigestShown>,
}

/// A digest: enough of it to compare by eye, and all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DigestShown {
    pub short: String,
    pub full: String,
}

impl DigestShown {
    pub(crate) fn new(full: &str) -> Self {
        Self { short: full.chars().take(16).collect(), full: full.to_owned() }
    }
}

/// Which page it is, to link to it in another language.
pub(super) enum Address {
    /// The whole region; also where a page that is missing leads.
    Whole,
    /// A region in a contest, its parts sorted by a column in an order.
    Region(RegionCode, ContestCode, Option<(String, &'static str)>),
    /// A station.
    Station(StationCode),
    /// A file of the static site that the pages of the live one lack, below its language.
    File(String),
}

impl Address {
    fn href(&self, links: Links) -> String {
        match self {
            Address::Whole => links.whole(None),
            Address::Region(code, contest, order) => {
                let order = order.as_ref().map(|(sort, order)| (sort.as_str(), *order));
                let sorted = order.and_then(|order| links.sorted((*code, *contest), order));
                sorted.unwrap_or_else(|| links.region(*code, *contest))
            }
            Address::Station(code) => {
                links.station(*code, true).unwrap_or_else(|| links.whole(None))
            }
            Address::File(path) => links.file(path).unwrap_or_else(|| links.whole(None)),
        }
    }

    fn json(&self) -> Option<String> {
        match self {
            Address::Whole | Address::File(_) => None,
            Address::Region(code, contest, _) => {
                Some(format!("/api/v1/regions/{code}?contest={contest}"))
            }
            Address::Station(code) => Some(format!("/api/v1/stations/{code}")),
        }
    }
}

impl Shell {
    /// The frame of the page at `address`.
    pub(super) fn new(
        election: &ElectionView,
        position: &PositionView,
        links: Links,
        address: &Address,
    ) -> Self {
        let locale = Locale::new(links.language, &election.languages);
        let zone = &election.time_zone;
        let last_form = position.last_form_ms.map(|ms| times::shown(ms, zone, &locale));
        let entries = locale.fill(text::SITE_LOG_ENTRIES, &[&locale.number(position.size)]);
        let languages = LANGUAGES.map(|(language, name)| LanguageLink {
            code: language.code(),
            name,
            href: address.href(links.in_language(language)),
            current: language == locale.language,
        });
        let election_name = locale.text(&election.name).to_owned();
        let (first, is_served) = (election.contests.first(), links.place == Place::Served);
        Self {
            title: election_name.clone(),
            election: election_name,
            rehearsal: election.phase == Phase::Rehearsal,
            paused: Paused::new(&election.publication, zone, &locale),
            home: links.whole(first.map(|contest| (election.whole, contest.code))),
            languages: languages.into(),
            last_form,
            log: LogPosition { entries, root: position.root.as_deref().map(DigestShown::new) },
            published: None,
            next: None,
            scripted: Scripted::new(links, position.size, &locale),
            json: address.json().filter(|_| is_served),
            api: is_served.then_some(OPENAPI_PATH),
            find: links.file(&found_path(By::Name, 0, 0, true)),
            publications: links.file(NEWEST_PUBLICATIONS),
            stations: (!is_served).then(|| links.asset(STATIONS_FILE)),
            style: links.asset("style.css"),
            icon: links.asset("icon.svg"),
            locale,
        }
    }

    /// Names the page in its title. A rehearsal says so first: a tab, a bookmark
    /// or a printed page shows nothing else.
    pub(super) fn titled(mut self, names: &[&str]) -> Self {
        let rehearsal = self.rehearsal.then(|| self.say(text::SITE_REHEARSAL));
        let names = rehearsal.into_iter().chain(names.iter().copied());
        self.title = names.chain([self.election.as_str()]).collect::<Vec<_>>().join(" · ");
        self
    }

    /// A sentence of the catalogue.
    pub(super) fn say(&self, phrase: Phrase) -> &'static str {
        self.locale.say(phrase)
    }
}

/// A step of the way from the whole to the page.
pub(super) struct Crumb {
    pub name: String,
    pub href: String,
}

/// The regions above, each as a link.
pub(super) fn crumbs(above: &[RegionName], contest: ContestCode, links: Links) -> Vec<Crumb> {
    let crumb = |region: &RegionName| Crumb {
        name: region.name.clone(),
        href: links.region(region.code, contest),
    };
    above.iter().map(crumb).collect()
}
