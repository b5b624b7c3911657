//! The lists behind the counts, and the list of all publications.

use super::*;
use crate::view::listed::Kind;

impl Night {
    /// Checks that the stations behind each count of a region with parts stand on its list.
    pub(super) fn check_lists(&self, disk: &MemoryDisk) {
        let ledger = self.ledger.read().unwrap();
        let definition = &ledger.election.definition;
        for (contest, region) in ledger.tally.held() {
            let view = view::region::region(&ledger, contest, region);
            let code = (view.contest.code, view.region.code);
            let page = unpacked(disk, &format!("en/region-{}/{}.html", code.0, code.1));
            let below: Vec<_> = definition.children(region).to_vec();
            let rows = below
                .iter()
                .flat_map(|part| view::region::stations(Moment::now(&ledger), contest, *part));
            let rows: Vec<_> = rows.collect();
            for kind in Kind::ALL {
                let count = kind.count(&view.totals.stations);
                let list = format!("list-{}-{}/{}.html", code.0, kind.code(), code.1);
                let link = if below.is_empty() { "#stations\"" } else { &list };
                assert!(count == 0 || page.contains(link), "{list}: {page}");
                assert!(count > 0 || !page.contains(&list), "{list}: {page}");
                if below.is_empty() || count == 0 {
                    continue;
                }
                for language in ["id", "en"] {
                    let page = unpacked(disk, &format!("{language}/{list}"));
                    assert!(page.contains(&format!(": {count}</h1>")), "{list}: {page}");
                    let listed = rows.iter().filter(|row| kind.has(row));
                    let place = |row: &view::region::StationRow| {
                        page.find(&format!("<small>{}</small>", row.code))
                    };
                    let places: Vec<_> = listed.map(place).collect();
                    assert!(places.is_sorted(), "{list}: {page}");
                    for row in &rows {
                        let is_listed = page.contains(&format!("<small>{}</small>", row.code));
                        assert_eq!(is_listed, kind.has(row), "{list}: {}\n{page}", row.code);
                    }
                }
            }
        }
    }
}

#[test]
fn a_list_is_written_when_it_changes_and_says_so_when_it_is_empty() {
    let mut night = Night::new();
    let missing = "site/en/list-mayor-missing/0.html.gz";
    let held = "site/en/list-mayor-held/0.html.gz";
    night.publish();
    night.check_lists(&night.disk);
    assert!(!night.disk.files("site").unwrap().iter().any(|file| file.contains("-held/")));
    let digest = night.form("1002", [1, 1, 9]);
    night.publish();
    night.check_lists(&night.disk);
    let before = [missing, held].map(|file| night.disk.read(file).unwrap().expect(file));
    night.form("1001", [3, 4, 7]);
    night.site.publish(99, 100).unwrap();
    let after = [missing, held].map(|file| night.disk.read(file).unwrap().unwrap());
    assert_eq!((before[0] == after[0], before[1] == after[1]), (false, true));
    night.rule("1002", &[digest], Decision::Accept(digest));
    night.publish();
    let second = night.form("2001", [1, 1, 9]);
    night.publish();
    night.check_lists(&night.disk);
    // One goes and another comes: as many, and others.
    night.rule("2001", &[second], Decision::Accept(second));
    night.rule("1002", &[digest], Decision::Withdraw);
    night.publish();
    night.check_lists(&night.disk);
    night.rule("1002", &[digest], Decision::Accept(digest));
    night.publish();
    let page = unpacked(&night.disk, "en/list-mayor-held/0.html");
    assert!(page.contains("Held: 0</h1>") && !page.contains("1002"), "{page}");
}

#[test]
fn a_list_of_many_stations_is_divided_by_parts() {
    let mut night = Night::new();
    night.site = night.site_on(&night.disk).with_lists_of(2);
    night.publish();
    let page = unpacked(&night.disk, "en/list-mayor-missing/0.html");
    assert!(page.contains("Missing: 3</h1>") && !page.contains("1001"), "{page}");
    for (part, stations) in [("1", 2), ("2", 1)] {
        let link = format!("<a href=\"../../en/region-mayor/{part}.html#stations\">{stations}</a>");
        assert!(page.contains(&link), "{link}: {page}");
    }
    night.form("2001", [5, 0, 5]);
    night.publish();
    night.check_lists(&night.disk);
}

#[test]
fn every_publication_is_listed_with_what_it_added_and_full_pages_stay() {
    let mut night = Night::new();
    let mut sizes = Vec::new();
    let page =
        |disk: &MemoryDisk, name: &str| unpacked(disk, &format!("en/publications/{name}.html"));
    for votes in 0..85 {
        let station = ["1001", "1002", "2001"][votes % 3];
        let number = u32::try_from(votes).unwrap();
        night.form(station, [number, 1, number + 1]);
        if votes == 41 {
            // Another process goes on with the list.
            night.site = night.site_on(&night.disk);
        }
        night.publish();
        sizes.push(night.entries.len());
        let newest = page(&night.disk, "newest");
        assert!(newest.contains(&format!("versions/{}\"", sizes[votes])), "{newest}");
        assert!(newest.contains(&format!("<small>{}</small></h1>", sizes.len())), "{newest}");
    }
    for (number, of) in [(1, 0..40), (2, 40..80), (3, 80..85)] {
        let page = page(&night.disk, &number.to_string());
        let at = |size: &usize| page.find(&format!("versions/{size}\"")).expect("listed");
        let places: Vec<_> = sizes[of.clone()].iter().map(at).collect();
        assert!(places.is_sorted_by(|older, newer| older > newer), "the newest first");
        assert_eq!(page.matches("versions/").count(), of.len());
        assert!(!page.contains("publications/4.html"));
        assert_eq!(page.contains(&format!("publications/{}.html", number + 1)), number < 3);
        assert_eq!(page.contains(&format!("publications/{}.html", number - 1)), number > 1);
        assert!(page.len() < 50_000, "{} bytes", page.len());
    }
    let newest = page(&night.disk, "newest");
    night.site.publish(99, 100).unwrap();
    assert_eq!(page(&night.disk, "newest"), newest, "nothing is new");
    let first = page(&night.disk, "1");
    for added in ["+1 <small>1/3</small>", "+1 <small>2/3</small>", "+1 <small>3/3</small>"] {
        assert!(first.contains(added), "{added}: {first}");
    }
    assert!(first.contains("<td class=\"number\">+1 <small>1/3</small></td>"), "{first}");
    assert!(
        !night
            .disk
            .files("site")
            .unwrap()
            .iter()
            .any(|file| file.ends_with("/0.html.gz") && file.contains("publications"))
    );
}

#[test]
fn a_publication_that_was_changed_is_not_listed_nor_those_before_it() {
    let mut night = Night::new();
    for votes in 1..=3 {
        night.form("2001", [votes, 0, votes]);
        night.publish();
    }
    let listed = |disk: &MemoryDisk| {
        let page = unpacked(disk, "en/publications/newest.html");
        [5, 6, 7].map(|size| page.contains(&format!("versions/{size}\"")))
    };
    assert_eq!(listed(&night.disk), [true; 3]);
    let note = night.disk.read("site/versions/6").unwrap().unwrap();
    let changed = String::from_utf8(note).unwrap().replace("at_ms 77", "at_ms 78");
    night.disk.damage("site/versions/6", Some(changed.as_bytes()));
    let mut other = night.site_on(&night.disk);
    other.publish(79, 90).unwrap();
    assert_eq!(listed(&night.disk), [false, false, true]);
}
