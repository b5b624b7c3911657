//! The page of all publications of the static site.

use askama::Template;
use saksi_proto::text;
use saksi_proto::text::site;

use super::shell::{Address, DigestShown, Shell};
use crate::view::election::ElectionView;
use crate::view::publications::{Added, PublicationRow, PublicationsView};
use crate::web::links::{Links, NEWEST_PUBLICATIONS, publications_path};
use crate::web::locale::Locale;
use crate::web::times::{self, TimeShown};

/// Most contests of a publication that are listed; an election of 2,800 contests would have
/// pages of megabytes.
const CONTESTS: usize = 5;

/// Publications, the newest first.
#[derive(Template)]
#[template(path = "publications.html")]
pub(super) struct PublicationsPage {
    pub(super) shell: Shell,
    all: String,
    older: Option<String>,
    newer: Option<String>,
    rows: Vec<Row>,
}

/// A publication.
struct Row {
    time: TimeShown,
    size: String,
    href: String,
    root: DigestShown,
    /// By contest, as many as have changed most.
    added: Vec<AddedLine>,
    /// Contests besides.
    more: Option<String>,
}

/// What it added to a contest.
struct AddedLine {
    contest: String,
    stations: String,
    votes: String,
    fraction: String,
}

impl PublicationsPage {
    /// The page of a view; the newest under the name that stays, if it is to be that.
    pub(super) fn new(
        election: &ElectionView,
        view: &PublicationsView,
        links: Links,
        is_newest: bool,
    ) -> Self {
        let file =
            if is_newest { NEWEST_PUBLICATIONS.to_owned() } else { publications_path(view.page) };
        let shell = Shell::new(election, &election.position, links, &Address::File(file));
        let locale = shell.locale.clone();
        let page = |page: usize| {
            let is_there = (1..=view.pages).contains(&page);
            is_there.then(|| links.file(&publications_path(page)))?
        };
        let title = shell.say(site::PUBLICATIONS);
        Self {
            all: locale.number(view.publications as u64),
            older: page(view.page - 1),
            newer: page(view.page + 1),
            rows: view.rows.iter().map(|row| publication(row, election, links, &locale)).collect(),
            shell: shell.titled(&[title]),
        }
    }
}

fn publication(
    row: &PublicationRow,
    election: &ElectionView,
    links: Links,
    locale: &Locale,
) -> Row {
    let mut added: Vec<_> = row.added.iter().collect();
    added.sort_by_key(|added| std::cmp::Reverse(added.stations.unsigned_abs()));
    let more = added.len().saturating_sub(CONTESTS);
    Row {
        time: times::shown(row.at_ms, &election.time_zone, locale),
        size: locale.number(row.size),
        href: links.asset(&format!("versions/{}", row.size)),
        root: DigestShown::new(&row.root.to_string()),
        added: added.iter().take(CONTESTS).map(|of| line(of, election, locale)).collect(),
        more: (more > 0).then(|| locale.fill(site::MORE_CONTESTS, &[&locale.number(more as u64)])),
    }
}

fn line(of: &Added, election: &ElectionView, locale: &Locale) -> AddedLine {
    let contest = election.contests.iter().find(|contest| contest.code == of.contest);
    let signed = |number: i64| {
        let sign = if number < 0 { '−' } else { '+' };
        format!("{sign}{}", locale.number(number.unsigned_abs()))
    };
    AddedLine {
        contest: contest.map_or_else(String::new, |it| locale.text(&it.name).to_owned()),
        stations: signed(of.stations),
        votes: signed(of.votes),
        fraction: format!("{}/{}", locale.number(of.counted), locale.number(of.expected)),
    }
}
