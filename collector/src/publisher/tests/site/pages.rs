//! What is written again, tables of stations, and stations as they were.

use super::*;
use crate::boundaries::Boundaries;
use crate::boundaries::drawing::{Drawing, Shape};
use crate::boundaries::kept::Kept;

#[test]
fn only_the_pages_of_what_has_changed_are_written_again() {
    let mut night = Night::new();
    night.publish();
    night.form("2001", [5, 0, 5]);
    night.publish();
    let pages = |night: &Night| {
        let files = night.disk.files("site").unwrap();
        let pages = files.into_iter().filter(|file| file.ends_with(".html.gz"));
        let bytes = |file: &String| night.disk.read(file).unwrap();
        pages.map(|file| (file.clone(), bytes(&file))).collect::<BTreeMap<_, _>>()
    };
    let before = pages(&night);
    night.form("1001", [3, 4, 7]);
    night.site.publish(99, 100).unwrap();
    let after = pages(&night);
    let changed = after.iter().filter(|(file, bytes)| before.get(*file) != Some(bytes));
    let mut changed: Vec<_> = changed.map(|(file, _)| file.trim_start_matches("site/")).collect();
    changed.retain(|file| !file.starts_with("en/"));
    let wanted =
        ["0", "1", "coverage/0", "name/0"].map(|code| format!("id/region-mayor/{code}.html.gz"));
    let hamlet = "id/region-hamlet/0.html.gz".to_owned();
    let station = "id/station/1001.html.gz".to_owned();
    let index = "index.html.gz".to_owned();
    // The list of who is missing, and that of publications.
    let lists = ["list-mayor-missing/0", "publications/1", "publications/newest"];
    let lists = lists.map(|page| format!("id/{page}.html.gz")).into_iter();
    let wanted: Vec<_> = lists.chain([hamlet]).chain(wanted).chain([station, index]).collect();
    assert_eq!(changed, wanted);
}

#[test]
fn all_stations_are_a_table_and_a_later_one_takes_its_place_after_a_while() {
    let mut night = Night::new();
    let first = night.form("1001", [3, 4, 7]);
    let mut correction = sample::form("1001", [3, 5, 8]);
    (correction.revision, correction.supersedes) = (2, Some(first));
    let digest = night.send(&correction);
    night.form("1002", [1, 1, 9]);
    let held = night.ledger.read().unwrap().tally.station(0, 1).unwrap().all()[0].report.digest;
    night.site.publish(1_000, 1_010).unwrap();
    let pointer = json(&night.disk.read("site/stations.json").unwrap().unwrap());
    assert_eq!((&pointer["size"], &pointer["at_ms"]), (&7.into(), &1_000.into()));
    let mayor = &pointer["contests"][0];
    assert_eq!((&mayor["contest"], &mayor["stations"]), (&"mayor".into(), &3.into()));
    let table = unpacked(&night.disk, text(&mayor["file"]));
    assert_eq!(mayor["sha256"], Digest::of(table.as_bytes()).to_string());
    let wanted = format!(
        "code,region,state,corrected,ruled,registered,index,digest,revision,device_ms,arrived_ms,\
         findings,V.01,V.02,S\n\
         1001,1,counted,1,0,30,5,{digest},2,3,4,,3,5,8\n\
         1002,1,held,0,0,,6,{held},1,3,4,A4,1,1,9\n\
         2001,2,missing,0,0,2,,,,,,,,,\n"
    );
    assert_eq!(table, wanted);
    let table = unpacked(&night.disk, text(&mayor["json"]));
    assert_eq!(mayor["json_sha256"], Digest::of(table.as_bytes()).to_string());
    let table = json(table.as_bytes());
    let named = serde_json::json!({
        "format": 1, "contest": "mayor", "size": 7, "fields": ["V.01", "V.02", "S"],
        "stations": [
            {
                "code": "1001", "region": "1", "state": "counted", "corrected": 1, "ruled": 0,
                "registered": 30, "index": 5, "digest": digest, "revision": 2, "device_ms": 3,
                "arrived_ms": 4, "findings": [], "counts": [3, 5, 8]
            },
            {
                "code": "1002", "region": "1", "state": "held", "corrected": 0, "ruled": 0,
                "registered": null, "index": 6, "digest": held, "revision": 1, "device_ms": 3,
                "arrived_ms": 4, "findings": ["A4"], "counts": [1, 1, 9]
            },
            {
                "code": "2001", "region": "2", "state": "missing", "corrected": 0, "ruled": 0,
                "registered": 2
            }
        ]
    });
    assert_eq!(table, named);
    let mut size = 7;
    let mut after = |ms: u64, night: &mut Night| {
        let station = if size % 2 == 0 { "1001" } else { "2001" };
        night.form(station, [size, 0, size]);
        size += 1;
        night.site.publish(ms, ms + 10).unwrap();
        let pointer = json(&night.disk.read("site/stations.json").unwrap().unwrap());
        pointer["size"].as_u64().unwrap()
    };
    assert_eq!(after(1_000 + 599_999, &mut night), 7);
    assert_eq!(after(1_000 + 600_000, &mut night), 9);
    assert_eq!(after(1_000 + 1_200_000, &mut night), 10);
    let mut left: Vec<_> = night.disk.files("site/stations").unwrap();
    left.sort();
    let wanted = ["10", "9"].map(|size| {
        ["hamlet.csv", "hamlet.json", "mayor.csv", "mayor.json"]
            .map(|file| format!("site/stations/{size}/{file}.gz"))
    });
    assert_eq!(left, wanted.concat());
}

#[test]
fn a_table_says_what_is_illegible_and_whether_a_ruling_stands_and_outlives_one_that_was_cut_off() {
    let mut night = Night::new();
    let mut form = sample::form("2001", [2, 1, 3]);
    form.counts[1] = saksi_proto::count::Count::Illegible;
    night.send(&form);
    let held = night.form("1002", [1, 1, 9]);
    night.rule("1002", &[held], Decision::Accept(held));
    let table = |night: &mut Night, at_ms| {
        night.site.publish(at_ms, at_ms + 10).unwrap();
        let pointer = json(&night.disk.read("site/stations.json").unwrap().unwrap());
        unpacked(&night.disk, text(&pointer["contests"][0]["file"]))
    };
    let ruled = table(&mut night, 1_000);
    assert!(ruled.contains("1002,1,counted,0,1,") && ruled.contains(",2,illegible,3\n"), "{ruled}");
    // Whoever wrote this one was stopped before the pointer named it.
    night.disk.make_dirs("site/stations/99").unwrap();
    night.disk.write("site/stations/99/mayor.csv.gz", b"half").unwrap();
    night.rule("1002", &[held], Decision::Withdraw);
    let withdrawn = table(&mut night, 1_000_000);
    assert!(withdrawn.contains("1002,1,held,0,0,"), "{withdrawn}");
    let first = night.disk.files("site/stations/7").unwrap();
    assert_eq!(first.len(), 4, "a reader of the pointer before still reads them: {first:?}");
}

#[test]
fn stations_are_shown_as_they_were_when_the_log_had_so_many_entries() {
    let mut night = Night::new();
    happenings(&mut night, |_| {});
    // A question, another, and a form that is the answer to both; then one that waits.
    night.ask("2001");
    night.ask("2001");
    night.form("2001", [5, 1, 6]);
    night.ask("2001");
    let ledger = night.ledger.read().unwrap();
    let last = night.entries.len() as u64;
    for size in 1..=last {
        let then = night.folded_to(size);
        for station in 0..3 {
            let wanted = view::station::station(&then, station);
            let moment = Moment::at(&ledger, size);
            let (open, position) = (PublicationView::open(), wanted.position.clone());
            let found = view::station::station_at(moment, station, open, position);
            let [wanted, found] = [wanted, found].map(|it| serde_json::to_value(it).unwrap());
            assert_eq!(found, wanted, "station {station} at {size}");
            let rows = [Moment::now(&then), moment].map(|of| view::region::stations(of, 0, 1));
            assert_eq!(rows[0], rows[1], "at {size}");
            let since = Moment::at(&ledger, last).changed_since(station, size);
            let is_same = found == shown(&ledger, station, &then);
            assert_eq!(since.is_empty(), is_same, "station {station} since {size}");
        }
    }
}

/// A station as it is now, but for the position.
fn shown(ledger: &Ledger, station: u32, then: &Ledger) -> Value {
    let position = view::PositionView::new(&then.position);
    let open = PublicationView::open();
    let view = view::station::station_at(Moment::now(ledger), station, open, position);
    serde_json::to_value(view).unwrap()
}

#[test]
fn pages_that_another_program_has_made_are_made_anew_and_the_publication_stays() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    let read = |file: &str| night.disk.read(&format!("site/{file}")).unwrap();
    let note = read("versions/5");
    let mut current = json(&read("current.json").unwrap());
    current["made_with"] = Digest([1; 32]).to_string().into();
    night.disk.damage("site/current.json", Some(&serde_json::to_vec(&current).unwrap()));
    night.disk.damage("site/en/station/1001.html.gz", None);
    let mut site = night.site_on(&night.disk);
    assert_eq!(site.publish(500, 510).unwrap(), Outcome::Published(5));
    night.check_pages(&night.disk);
    assert_eq!((night.check(&night.disk), read("versions/5")), (Some(5), note));
    assert_eq!(json(&read("current.json").unwrap())["at_ms"], 500);
}

#[test]
fn pages_are_made_anew_when_other_boundaries_were_imported() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    let page = |night: &Night| unpacked(&night.disk, "id/region-mayor/0.html");
    assert!(!page(&night).contains("class=\"map\""));
    let [one, other] = ["1", "2"].map(|part| Shape {
        part: part.parse().unwrap(),
        path: "M1 1l2 0 0 2z".to_owned(),
        x: 1,
        y: 1,
        room: 50,
    });
    let (region, credit) = ("0".parse().unwrap(), String::new());
    let drawing = Drawing { region, credit, width: 9, height: 9, shapes: vec![one, other] };
    let kept = Kept { drawings: vec![drawing], layouts: Vec::new() };
    let election = sample::election().with_boundaries(Boundaries::new(kept));
    night.ledger.write().unwrap().election = Arc::new(election);
    let mut site = night.site_on(&night.disk);
    assert_eq!(site.publish(500, 510).unwrap(), Outcome::Published(5));
    assert!(page(&night).contains("class=\"map\""), "{}", page(&night));
    night.check_pages(&night.disk);
    // The next start finds them as they are.
    let before = night.disk.read("site/id/region-mayor/0.html.gz").unwrap();
    assert_eq!(night.site_on(&night.disk).publish(600, 610).unwrap(), Outcome::Published(5));
    assert_eq!(night.disk.read("site/id/region-mayor/0.html.gz").unwrap(), before);
}
