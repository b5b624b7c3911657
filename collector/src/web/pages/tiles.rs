//! A region's parts as a grid of tiles, drawn by us: it is no map, and needs no boundaries. They
//! stand by code, as near to a square as it gets, or where the operator has placed them.
//!
//! A tile is a link. It fills from below as its stations are counted, and has the number of
//! who has the most votes once enough is counted to say so; until then it is hatched. All of
//! that is said in words too: to who hears the page, who points at a tile, and in the table.

use std::cmp::Reverse;

use saksi_proto::ids::{PartCode, RegionCode};
use saksi_proto::text;
use saksi_proto::text::site;

use super::figures::{NONE, is_thin, percent, share, whole_of_shares};
use super::parts::coverage;
use crate::boundaries::layout::Layout;
use crate::view::region::{PartView, RegionView};
use crate::web::links::Links;
use crate::web::locale::Locale;
use crate::web::percent::Percent;

/// More than any region of a nation has: some districts have 100 villages. A grid of this many
/// is 60 KB before it is compressed and 8 after it; of more, the table alone is there.
pub(super) const MAX_TILES: usize = 120;
/// At 360 px a tile of six columns is 54 px wide: a finger's width, with letters of 10 px.
const MAX_COLUMNS: usize = 6;

/// Side of a tile's place in the drawing, and of the tile itself.
const PLACE: usize = 60;
const SIDE: usize = 56;
/// Letters of a name that fit.
const LETTERS: usize = 6;

/// A region's parts as tiles.
pub(super) struct Tiles {
    pub width: usize,
    pub height: usize,
    /// Tiles a row, which the style sheet has the width for.
    pub columns: usize,
    /// Whether a telephone has to move it sideways.
    pub is_wide: bool,
    /// Id of the heading above it.
    pub heading: &'static str,
    pub tiles: Vec<Tile>,
    pub side: usize,
}

/// A part.
pub(super) struct Tile {
    pub href: String,
    /// All that it says, in words.
    pub words: String,
    pub x: usize,
    pub y: usize,
    /// How far it is filled: from where, and how high.
    pub from: usize,
    pub high: usize,
    pub thin: bool,
    pub code: String,
    pub name: String,
    /// Number of who has the most votes, or a dash.
    pub first: String,
}

impl Tiles {
    /// The tiles of a region with at least two parts.
    pub(super) fn new(view: &RegionView, links: Links, locale: &Locale) -> Option<Self> {
        if !(2..=MAX_TILES).contains(&view.parts.len()) {
            return None;
        }
        let parts: Vec<_> = view.parts.iter().collect();
        let placed = view.layout.as_ref().and_then(|layout| placed(&parts, layout));
        Some(Self::at(view, &parts, placed, "tiles", links, locale))
    }

    /// Tiles of these parts of a region alone, below a heading with this id.
    pub(super) fn of(
        view: &RegionView,
        parts: &[&PartView],
        heading: &'static str,
        links: Links,
        locale: &Locale,
    ) -> Self {
        // A few beside a map stand in rows.
        let places = (0..parts.len()).map(|at| (at % MAX_COLUMNS, at / MAX_COLUMNS)).collect();
        Self::at(view, parts, Some(places), heading, links, locale)
    }

    fn at(
        view: &RegionView,
        parts: &[&PartView],
        placed: Option<Vec<(usize, usize)>>,
        heading: &'static str,
        links: Links,
        locale: &Locale,
    ) -> Self {
        let places = placed.unwrap_or_else(|| {
            let columns = columns(parts.len());
            (0..parts.len()).map(|at| (at % columns, at / columns)).collect()
        });
        let columns = places.iter().map(|place| place.0 + 1).max().unwrap_or(1);
        let rows = places.iter().map(|place| place.1 + 1).max().unwrap_or(1);
        let tile =
            |(part, place): (&&PartView, (usize, usize))| tile(view, part, place, links, locale);
        Self {
            width: columns * PLACE,
            height: rows * PLACE,
            columns,
            is_wide: columns > MAX_COLUMNS,
            heading,
            tiles: parts.iter().zip(places).map(tile).collect(),
            side: SIDE,
        }
    }
}

/// Where parts stand as the operator has placed them; those without a place come below, by code.
/// None if none of them has one.
fn placed(parts: &[&PartView], layout: &Layout) -> Option<Vec<(usize, usize)>> {
    let place = |part: &&PartView| {
        let at = layout.places.binary_search_by_key(&part.region.code, |place| place.part).ok()?;
        let place = layout.places[at];
        Some((usize::from(place.column), usize::from(place.row)))
    };
    let places: Vec<_> = parts.iter().map(place).collect();
    let columns = places.iter().flatten().map(|place| place.0 + 1).max()?;
    let rows = places.iter().flatten().map(|place| place.1 + 1).max()?;
    let mut below = (0..).map(|at| (at % columns, rows + at / columns));
    Some(places.into_iter().filter_map(|place| place.or_else(|| below.next())).collect())
}

/// As near to a square as it gets.
fn columns(many: usize) -> usize {
    let square = (1..).find(|side| side * side >= many).unwrap_or(1);
    square.min(MAX_COLUMNS)
}

fn tile(
    view: &RegionView,
    part: &PartView,
    (column, row): (usize, usize),
    links: Links,
    locale: &Locale,
) -> Tile {
    let reached = coverage(&part.totals);
    let bar = usize::try_from(reached.map_or(0, Percent::bar)).unwrap_or(0);
    // Something is seen from the first station on, and the whole is full before it is.
    let high = (SIDE * bar).div_ceil(1_000);
    let (x, y) = (column * PLACE + 2, row * PLACE + 2);
    Tile {
        href: links.region(part.region.code, view.contest.code),
        words: in_words(view, part, locale),
        x,
        y,
        from: y + SIDE - high,
        high,
        thin: is_thin(&part.totals.stations),
        code: short_code(part.region.code, view.region.code),
        name: short_name(&part.region.name),
        first: first(part).unwrap_or_else(|| NONE.to_owned()),
    }
}

/// Number of who has the most votes, where anything can be said of that.
pub(super) fn first(part: &PartView) -> Option<String> {
    match most_votes(part) {
        Most::Nobody | Most::Unsaid => None,
        Most::Several => Some("=".to_owned()),
        Most::One(code) => Some(code.to_string()),
    }
}

/// Who has the most votes in a part.
enum Most {
    /// No station is counted, or nobody has a vote.
    Nobody,
    /// Too little is counted to say.
    Unsaid,
    Several,
    One(PartCode),
}

fn most_votes(part: &PartView) -> Most {
    if is_thin(&part.totals.stations) {
        return Most::Unsaid;
    }
    let mut votes: Vec<_> = part.totals.votes.iter().filter(|(_, sum)| sum.total > 0).collect();
    votes.sort_by_key(|(_, sum)| Reverse(sum.total));
    match votes[..] {
        [] => Most::Nobody,
        [(_, one), (_, other), ..] if one.total == other.total => Most::Several,
        [(code, _), ..] => Most::One(*code),
    }
}

/// All that a part's tile says, in words.
pub(super) fn in_words(view: &RegionView, part: &PartView, locale: &Locale) -> String {
    let (totals, stations) = (&part.totals, &part.totals.stations);
    let (counted, expected) = (locale.number(stations.counted), locale.number(stations.expected));
    let counted = locale.fill(text::SITE_STATIONS_COUNTED, &[&counted, &expected]);
    let reached = percent(coverage(totals), locale);
    let mut words = format!("{} ({}): {counted} ({reached}).", part.region.name, part.region.code);
    let more = match most_votes(part) {
        Most::Nobody => return words,
        Most::Unsaid => format!("{}.", locale.say(text::SITE_THIN)),
        Most::Several => locale.say(site::TILE_SEVERAL).to_owned(),
        Most::One(code) => {
            let sum = totals.votes.get(&code).copied().unwrap_or_default();
            let mut standing = view.contest.contestants.iter();
            let name = standing.find(|of| of.code == code).map_or("", |of| of.name.as_str());
            let whole = locale.number(whole_of_shares(totals));
            let share = percent(share(sum, totals), locale);
            let votes = locale.number(sum.total);
            locale.fill(site::TILE_MOST, &[&code, &name, &votes, &whole, &share])
        }
    };
    words.push(' ');
    words.push_str(&more);
    words
}

/// What of a part's code its neighbours do not have: where codes are built so.
fn short_code(code: RegionCode, above: RegionCode) -> String {
    let rest = code.as_str().strip_prefix(above.as_str()).filter(|rest| !rest.is_empty());
    let rest = rest.unwrap_or(code.as_str());
    rest.chars().take(LETTERS - 1).collect()
}

fn short_name(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let start: String = name.chars().take(LETTERS - 1).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_near_a_square_and_fits_a_telephone() {
        for (many, wanted) in [(2, 2), (4, 2), (5, 3), (38, 6), (47, 6), (120, 6)] {
            assert_eq!(columns(many), wanted, "{many}");
        }
    }

    #[test]
    fn names_and_codes_are_cut_to_what_fits() {
        let short =
            |code: &str, above: &str| short_code(code.parse().unwrap(), above.parse().unwrap());
        assert_eq!(short("8207", "82"), "07");
        assert_eq!(short("11", "0"), "11");
        assert_eq!(short("82", "82"), "82");
        assert_eq!(short_name("Aceh"), "Aceh");
        assert_eq!(short_name("Maluku"), "Maluku");
        assert_eq!(short_name("Maluku Utara"), "Maluk…");
        assert_eq!(short_name("Jawa Timur"), "Jawa…");
    }
}
