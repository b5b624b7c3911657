//! Maps of boundaries, and tiles where the operator has placed them.

use super::example::router_with_boundaries;
use super::pages::{from, words};
use super::{Answer, get_of};
use crate::boundaries::Boundaries;
use crate::boundaries::drawing::{Drawing, Shape};
use crate::boundaries::kept::Kept;
use crate::boundaries::layout::{Layout, Place};

/// A drawing of squares in a row, each with so much room.
fn drawing(region: &str, parts: &[(&str, u16)]) -> Drawing {
    let shape = |(at, (part, room)): (u16, &(&str, u16))| Shape {
        part: part.parse().unwrap(),
        path: format!("M{at} 0l9 0 0 9z"),
        x: 100 * at,
        y: 7,
        room: *room,
    };
    Drawing {
        region: region.parse().unwrap(),
        credit: "Who <b>drew</b> it".to_owned(),
        width: 480,
        height: 300,
        shapes: (0..).zip(parts).map(shape).collect(),
    }
}

async fn page(kept: Kept, address: &str) -> String {
    let router = router_with_boundaries(Boundaries::new(kept));
    let Answer { status, body, .. } = get_of(router, address, "").await;
    assert_eq!(status, 200, "{address}");
    body
}

async fn page_with(drawing: Drawing, address: &str) -> String {
    page(Kept { drawings: vec![drawing], layouts: Vec::new() }, address).await
}

#[tokio::test]
async fn a_map_says_what_tiles_say_and_stands_in_their_place() {
    let page = page_with(drawing("0", &[("1", 50), ("2", 3)]), "/region/0?lang=en").await;
    assert!(!page.contains("class=\"grid"), "{page}");
    let map = from(&page, "<section class=\"tiles\"").split_once("</section>").unwrap().0;
    for said in [
        "<a href=\"/region/1?contest=head&#38;lang=en\" aria-label=\"Utara (1): 2 of 3 stations \
         counted (66.6%). Most votes: 01 Ani, 18 of 31 valid votes (58.1%).\">",
        "(2): 0 of 2 stations counted (0.0%). Not yet representative.",
        "<path class=\"step-3\" d=\"M0 0l9 0 0 9z\"/></a>",
        "<path class=\"step-0\" d=\"M1 0l9 0 0 9z\"/><circle class=\"step-0\" cx=\"100\" cy=\"7\"",
        "<text x=\"0\" y=\"7\">01</text>",
        "Boundaries: Who &#60;b&#62;drew&#60;/b&#62; it",
        "viewBox=\"0 0 480 300\"",
    ] {
        assert!(map.contains(said), "{said}\n{map}");
    }
    assert_eq!(map.matches("<text").count(), 1, "no number of what is not representative: {map}");
    assert!(words(map).contains("none\n(not yet representative)\nbelow 25%"), "{}", words(map));
    assert!(page.contains("<a href=\"#tiles\">The regions as a map</a>"));
}

#[tokio::test]
async fn what_is_too_small_lies_over_the_rest_and_has_no_number_that_does_not_fit() {
    let page = page_with(drawing("0", &[("1", 5), ("2", 50)]), "/region/0").await;
    let map = from(&page, "<svg class=\"map\"");
    let (small, large) = (map.find("Utara").unwrap(), map.find("(2)").unwrap());
    assert!(small > large, "the marks come last: {map}");
    assert!(!map.split_once("</svg>").unwrap().0.contains("<text"), "{map}");
}

#[tokio::test]
async fn every_hatch_that_the_style_names_is_there_and_what_is_wide_is_moved_sideways() {
    let style = include_str!("../style.css");
    let hatches = style.split("url(#mesh-").skip(1).map(|rest| rest.split(')').next().unwrap());
    let hatches: Vec<_> = hatches.collect();
    assert_eq!(hatches, ["0", "1", "2"]);
    for (width, class) in [(480, "class=\"map\""), (481, "class=\"map wide\"")] {
        let drawing = Drawing { width, ..drawing("0", &[("1", 50), ("2", 50)]) };
        let page = page_with(drawing, "/region/0").await;
        assert!(page.contains(class), "{page}");
        for hatch in &hatches {
            assert!(page.contains(&format!("<pattern id=\"mesh-{hatch}\"")), "{hatch}: {page}");
        }
    }
}

#[tokio::test]
async fn with_too_few_outlines_there_are_tiles() {
    let page = page_with(drawing("0", &[("1", 50)]), "/region/0").await;
    assert!(page.contains("class=\"grid") && !page.contains("class=\"map\""), "{page}");
    // And where a region has no drawing of its own.
    let page = page_with(drawing("0", &[("1", 50), ("2", 50)]), "/region/1").await;
    assert!(page.contains("class=\"grid") && !page.contains("class=\"map\""), "{page}");
}

#[tokio::test]
async fn each_region_has_its_own_map() {
    let parts = [("0", [("1", 50), ("2", 50)]), ("1", [("11", 50), ("12", 50)])];
    for address in ["/region/0", "/region/1"] {
        let drawings = parts.iter().map(|(region, parts)| drawing(region, parts)).collect();
        let page = page(Kept { drawings, layouts: Vec::new() }, address).await;
        assert!(page.contains("class=\"map\""), "{address}: {page}");
    }
}

#[tokio::test]
async fn an_outline_of_what_is_no_part_is_ground_without_a_link() {
    let parts = [("11", 50), ("12", 50), ("13", 50)];
    let page = page_with(drawing("1", &parts), "/region/1").await;
    let map = from(&page, "<svg class=\"map\"").split_once("</svg>").unwrap().0;
    assert_eq!(map.matches("<a ").count(), 2, "{map}");
    assert!(map.contains("<path class=\"outside\" d=\"M2 0l9 0 0 9z\"/>"), "{map}");
}

#[tokio::test]
async fn tiles_stand_where_they_were_placed_and_the_others_below() {
    let places = vec![Place { part: "2".parse().unwrap(), column: 7, row: 1 }];
    let layouts = vec![Layout { region: "0".parse().unwrap(), places }];
    let page = page(Kept { drawings: Vec::new(), layouts }, "/region/0").await;
    for said in [
        "<svg class=\"grid grid-8\" viewBox=\"0 0 480 180\"",
        "<rect class=\"tile\" x=\"2\" y=\"122\"",
        "<rect class=\"tile\" x=\"422\" y=\"62\"",
        "<div class=\"scroll\">\n<svg class=\"grid",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
}
