//! The index of places: each stands where its name and its code lead.

use super::*;

/// Follows the ranges of an index down to the places, and gives what stands on the last pages.
fn places(disk: &MemoryDisk, page: &str, found: &mut Vec<String>) {
    let text = unpacked(disk, page);
    assert!(text.len() < 50_000, "{page}: {} bytes", text.len());
    let content = text.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    for link in content.split("<li><a href=\"../../").skip(1) {
        let (href, rest) = link.split_once("\">").unwrap();
        if href.contains("/find/") {
            places(disk, href, found);
        } else {
            let file = href.split('#').next().unwrap();
            assert!(disk.read(&format!("site/{file}.gz")).unwrap().is_some(), "{href}");
            let code = rest.split_once("<small>").unwrap().1;
            found.push(code.split([' ', '<']).next().unwrap().to_owned());
        }
    }
}

#[test]
fn every_region_and_station_is_found_by_name_and_by_code_through_ranges() {
    for lines in [100, 3, 2] {
        let mut night = Night::new();
        night.site = night.site_on(&night.disk).with_index_of(lines);
        night.form("1001", [3, 4, 7]);
        night.publish();
        for language in ["id", "en"] {
            let [mut names, mut codes] = [Vec::new(), Vec::new()];
            places(&night.disk, &format!("{language}/find/names.html"), &mut names);
            places(&night.disk, &format!("{language}/find/codes.html"), &mut codes);
            assert_eq!(codes, ["0", "1", "1001", "1002", "2", "2001"], "{lines} a page");
            // “Dua” before “Negara”, “Satu” and “TPS”; alike ones by their codes.
            assert_eq!(names, ["2", "0", "1", "1001", "2001", "1002"], "{lines} a page");
            let above = "<small>1002 · Satu</small>";
            let page = if lines == 100 { "codes" } else { "codes-0-1" };
            let of_last = unpacked(&night.disk, &format!("{language}/find/{page}.html"));
            assert!(of_last.contains(above), "{of_last}");
            let page = if lines == 100 { "codes" } else { "codes-0-0" };
            let page = unpacked(&night.disk, &format!("{language}/find/{page}.html"));
            assert!(page.contains("<small>1 · Negara</small>"), "{page}");
            let first = unpacked(&night.disk, &format!("{language}/find/codes.html"));
            let ranges = [">0 – 2001<", ">0 – 1001<", ">0 – 1002<"];
            let range = ranges[[100, 3, 2].iter().position(|it| *it == lines).unwrap()];
            assert_eq!(first.contains(range), lines < 100, "{range}: {first}");
        }
        let before = night.disk.files("site/en/find").unwrap().len();
        assert_eq!(before, [2, 6, 12][[100, 3, 2].iter().position(|it| *it == lines).unwrap()]);
    }
}
