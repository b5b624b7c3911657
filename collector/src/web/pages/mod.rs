//! The plain pages for watchers: server-rendered, without any script. Those of the static site
//! have one, and do without it.
//!
//! [`region`] and [`station`] turn a view into a page, which holds words and
//! numbers as they are shown; the templates only place them. [`fixed`] has the same pages as
//! files of the static site.

pub(crate) mod decided;
mod figures;
pub(crate) mod fixed;
mod found;
mod list;
mod map;
mod paper;
mod parts;
mod progress;
mod publications;
mod region;
mod shell;
pub(crate) mod state;
mod station;
mod tiles;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use saksi_proto::text;
use saksi_proto::text::site;

use super::Route;
use super::asked::Asked;
use super::content::Content;
use super::links::{Links, SORTED, region_file, sorted_file, station_file};
use super::locale::Locale;
use super::missing::{self, Missing};
use super::reader::{Fault, Reader};
use crate::view;
use crate::view::election::ElectionView;
use crate::view::region::RegionView;
use parts::Order;
use region::RegionPage;
use shell::{Address, Shell};
use station::StationPage;

pub(crate) const STYLE: &str = include_str!("../style.css");
pub(crate) const ICON: &str = include_str!("../icon.svg");
const SCRIPT: &str = include_str!("../site.js");

pub(super) fn routes() -> [Route; 5] {
    [
        ("/", get(whole)),
        ("/region/{code}", get(region)),
        ("/station/{code}", get(station)),
        ("/style.css", get(async |asked: Asked| Content::style(STYLE).unless(asked.seen))),
        ("/icon.svg", get(async |asked: Asked| Content::drawing(ICON).unless(asked.seen))),
    ]
}

async fn whole(State(reader): State<Reader>, asked: Asked) -> Result<Response, Fault> {
    let election = reader.read(view::election::election)?;
    let links = Links::served(asked.language);
    if asked.language.is_none()
        && let Some(lead) = reader.instead.to_index().await
    {
        return Ok(lead);
    }
    Ok(match election.contests.first() {
        Some(first) => Redirect::to(&links.region(election.whole, first.code)).into_response(),
        None => missing(&reader, &asked, Missing::Address).into_response(),
    })
}

async fn region(State(reader): State<Reader>, asked: Asked) -> Result<Response, Fault> {
    let view = reader.read(|ledger| {
        let contest = missing::contest(&ledger.election, asked.contest.as_deref())?;
        let region = missing::region(&ledger.election, &asked.code)?;
        let election = view::election::election(ledger);
        Ok((election, view::region::region(ledger, contest, region)))
    })?;
    match view {
        Ok((election, view)) => {
            let order = Order::new(asked.sort.as_deref(), asked.order.as_deref());
            if let Some(file) = file_of_region(&election, &view, &asked, order)
                && let Some(lead) = reader.instead.of(&file).await
            {
                return Ok(lead);
            }
            let links = Links::served(asked.language);
            let page = RegionPage::new(&election, &view, links, order);
            Ok(Content::page(&page)?.unless(asked.seen).into_response())
        }
        Err(what) => Ok(missing(&reader, &asked, what)?.into_response()),
    }
}

/// The file that has a region's parts in an order, if the static site has such files.
fn file_of_region(
    election: &ElectionView,
    view: &RegionView,
    asked: &Asked,
    order: Order,
) -> Option<String> {
    let language = Locale::new(asked.language, &election.languages).language.code();
    let (code, contest) = (view.region.code, view.contest.code);
    let Some((sort, direction)) = order.in_link() else {
        return Some(region_file(language, code, contest));
    };
    let is_there = SORTED.contains(&(sort.as_str(), direction));
    is_there.then(|| sorted_file(language, code, contest, &sort))
}

async fn station(State(reader): State<Reader>, asked: Asked) -> Result<Response, Fault> {
    let view = reader.read(|ledger| {
        let station = missing::station(&ledger.election, &asked.code)?;
        let election = view::election::election(ledger);
        Ok((election, view::station::station(ledger, station)))
    })?;
    match view {
        Ok((election, mut view)) => {
            let language = Locale::new(asked.language, &election.languages).language.code();
            let file = station_file(language, view.code);
            if let Some(lead) = reader.instead.of(&file).await {
                return Ok(lead);
            }
            reader.album.fill(&mut view).await;
            let page = StationPage::new(&election, &view, Links::served(asked.language));
            Ok(Content::page(&page)?.unless(asked.seen).into_response())
        }
        Err(what) => Ok(missing(&reader, &asked, what)?.into_response()),
    }
}

/// The page that says what is not there, and leads back.
#[derive(Template)]
#[template(path = "missing.html")]
struct MissingPage {
    shell: Shell,
    sentence: &'static str,
}

pub(super) fn missing(reader: &Reader, asked: &Asked, what: Missing) -> Result<Content, Fault> {
    let election = reader.read(view::election::election)?;
    let links = Links::served(asked.language);
    let shell = Shell::new(&election, &election.position, links, &Address::Whole);
    let nothing_here = shell.say(text::SITE_NOTHING_HERE);
    let shell = shell.titled(&[nothing_here]);
    let sentence = shell.say(what.sentence());
    Ok(Content::page(&MissingPage { shell, sentence })?.with_status(what.status()))
}
