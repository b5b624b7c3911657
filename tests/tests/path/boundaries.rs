//! Boundaries that the operator imports: by the command line, and what the pages show of them.

use std::fs;
use std::path::{Path, PathBuf};

use saksi_tests::binaries::repository;
use saksi_tests::collector::{self, Collector, succeed};
use saksi_tests::{patchwork, public_data, register};
use tempfile::TempDir;

/// A district of the Indonesian sample with 25 villages.
const DISTRICT: &str = "820701";

/// A collector of the sample that does not run, and a place for files.
struct Place {
    collector: Collector,
    place: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let pack = repository().join("deploy/elections/indonesia-2024");
        let collector = Collector::make_without_devices(place.path(), &pack).unwrap();
        Self { collector, place }
    }

    /// Codes of the district's villages.
    fn villages(&self) -> Vec<String> {
        let regions = self.collector.dir().join("election/regions.csv");
        let regions = fs::read_to_string(regions).unwrap();
        let parent = format!(",{DISTRICT},");
        let villages = regions.lines().filter(|line| line.contains(&parent));
        let codes: Vec<_> =
            villages.map(|line| line.split(',').next().unwrap().to_owned()).collect();
        assert_eq!(codes.len(), 25);
        codes
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.place.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs `boundaries` with a command, the collector's directory and these arguments; gives
    /// its code, its output and its errors.
    fn run(&self, command: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        let home = self.collector.dir().to_str().unwrap();
        let output =
            collector::command(&[&["boundaries", command, home], arguments].concat()).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn import(&self, file: &Path) -> (Option<i32>, String, String) {
        self.run("import", &[file.to_str().unwrap(), "--code", "KODE", "--credit", "A & B"])
    }

    fn kept(&self) -> Option<Vec<u8>> {
        fs::read(self.collector.dir().join("boundaries.json")).ok()
    }

    /// The page of the district, without its table and scripts.
    fn page(&mut self) -> String {
        self.collector.start(None).unwrap();
        let url = format!("{}/region/{DISTRICT}?lang=en", self.collector.web().unwrap());
        let page = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
        self.collector.stop().unwrap();
        page
    }
}

#[test]
fn both_formats_come_to_the_same_map_and_what_is_missing_is_said() {
    let mut place = Place::new();
    let tiles = place.page();
    assert!(tiles.contains("class=\"grid") && !tiles.contains("class=\"map"), "{tiles}");
    let mut codes = place.villages();
    let last = codes.pop().unwrap();
    // The speck, the last of the patches, is of a village; another code is nobody's.
    codes.insert(3, "99.99".to_owned());
    let mut pages = Vec::new();
    for (name, file) in [
        ("patches.geojson", patchwork::geojson(&codes)),
        ("patches.topojson", patchwork::topojson(&codes)),
    ] {
        let file = place.file(name, &file.to_string());
        let (code, said, errors) = place.import(&file);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{said}");
        for wanted in [
            "820701 Morotai Selatan: 24 of 25 parts have an outline",
            "1 too small to be seen and marked with a circle",
            &format!("without: {last} "),
            "Codes that no region of the election has: 1 – 99.99",
            "after its next start",
        ] {
            assert!(said.contains(wanted), "{wanted}\n{said}");
        }
        let again = !pages.is_empty();
        assert_eq!(said.contains("in the place of a map with outlines of 24"), again, "{said}");
        let page = place.page();
        assert_eq!(page.matches("<circle").count(), 1, "{page}");
        assert!(page.contains("Boundaries: A &#38; B") && page.contains("id=\"beside\""));
        let map = page.split_once("<svg class=\"map").unwrap().1;
        let map = map.split_once("</svg>").unwrap().0.to_owned();
        assert_eq!(map.matches("<a ").count(), 24, "{map}");
        pages.push(map);
    }
    // The one has seven digits, the other steps of a ten-thousandth of a degree.
    let shapes = |map: &String| map.matches(" d=\"M").count();
    assert_eq!(shapes(&pages[0]), shapes(&pages[1]));
    let (_, listed, _) = place.run("list", &[]);
    assert!(listed.starts_with("map     820701  24 parts, "), "{listed}");
    assert_eq!(place.run("remove", &["--region", "8207"]).0, Some(1), "it has none");
    assert_eq!(place.run("remove", &["--region", DISTRICT]).0, Some(0));
    assert!(place.run("list", &[]).1.starts_with("Nothing was imported"));
}

/// A file of so many MiB and a byte.
fn too_large(place: &Place, mib: u64) -> PathBuf {
    let path = place.file("large", "");
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len((mib << 20) + 1).unwrap();
    path
}

#[test]
fn who_names_nobody_to_be_thanked_is_told() {
    let place = Place::new();
    let file = place.file("good.json", &patchwork::geojson(&place.villages()).to_string());
    let file = file.to_str().unwrap();
    for (credit, is_told) in [(&[][..], true), (&["--credit", "A & B"][..], false)] {
        let (code, said, errors) =
            place.run("import", &[&[file, "--code", "KODE"], credit].concat());
        assert_eq!(code, Some(0), "{errors}");
        assert_eq!(said.contains("No credit is shown below the maps"), is_told, "{said}");
    }
}

#[test]
fn a_file_that_is_no_good_changes_nothing_and_the_words_say_what_to_do() {
    let place = Place::new();
    let good = patchwork::geojson(&place.villages()).to_string();
    let file = place.file("good.json", &good);
    assert_eq!(place.import(&file).0, Some(0));
    let kept = place.kept();
    let strangers = patchwork::geojson(&["1".to_owned(), "2".to_owned()]).to_string();
    for (text, wanted) in [
        (&good[..good.len() - 100], "damaged, or cut off"),
        ("", "damaged, or cut off"),
        ("{\"type\":\"Point\"}", "Export the boundaries as one of them"),
        (&good.replace("KODE", "CODE"), "name that of the codes with --code: CODE, NAME"),
        (&good.replace("[128.", "[12800."), "export it in WGS 84"),
        (&strangers, "no part of any region has a code of its; it has 1, 2"),
    ] {
        let file = place.file("bad.json", text);
        let (code, said, errors) = place.import(&file);
        assert_eq!((code, said.as_str()), (Some(1), ""), "{errors}");
        assert!(errors.contains("bad.json") && errors.contains(wanted), "{wanted}\n{errors}");
        assert!(place.kept() == kept, "{wanted}");
    }
    let (code, _, errors) = place.import(&too_large(&place, 32));
    assert!(code == Some(1) && errors.contains("it has more than 32 MiB"), "{errors}");
    let absent = place.place.path().join("absent.json");
    let (code, _, errors) = place.import(&absent);
    assert_eq!(code, Some(1));
    assert!(errors.contains("absent.json"), "{errors}");
    assert!(place.kept() == kept);
}

#[test]
fn a_damaged_map_keeps_no_collector_from_serving() {
    let mut place = Place::new();
    let file = place.file("good.json", &patchwork::geojson(&place.villages()).to_string());
    assert_eq!(place.import(&file).0, Some(0));
    let path = place.collector.dir().join("boundaries.json");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let words = place.place.path().join("words");
    place.collector.words_to(&words);
    let page = place.page();
    assert!(page.contains("class=\"grid") && !page.contains("class=\"map"), "{page}");
    let words = fs::read_to_string(&words).unwrap();
    assert!(words.contains("pages show tiles") && words.contains("is damaged"), "{words}");
    let (code, _, errors) = place.import(&file);
    assert_eq!(code, Some(1), "nothing is lost in silence");
    assert!(errors.contains("remove it, and import the boundaries again"), "{errors}");
    assert_eq!(place.run("remove", &["--all"]).0, Some(0));
    assert_eq!(place.import(&file).0, Some(0));
    assert!(place.page().contains("class=\"map"));
}

#[test]
fn tiles_stand_where_the_operator_has_placed_them() {
    let mut place = Place::new();
    let villages = place.villages();
    let lines = villages.iter().take(20).enumerate();
    let lines: String =
        lines.map(|(at, code)| format!("{code},{},{}\n", 9 - at % 9, at / 9 + 1)).collect();
    let good = place.file("good.csv", &format!("code,column,row\n{lines}"));
    let (code, said, errors) = place.run("layout", &[good.to_str().unwrap()]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(said.contains("820701: 20 of 25 tiles have a place"), "{said}");
    let page = place.page();
    assert!(page.contains("class=\"grid grid-9\""), "{page}");
    // The first stands at the right, eight places of 60 from the left; what has no place comes
    // below the three rows.
    assert!(page.contains("<rect class=\"tile\" x=\"482\" y=\"2\""), "{page}");
    assert!(page.contains("<rect class=\"tile\" x=\"242\" y=\"182\""), "{page}");
    let kept = place.kept();
    let bad = place.file("bad.csv", &format!("code,column,row\n{lines}1,1,1\n"));
    let (code, _, errors) = place.run("layout", &[bad.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("line 22: no region has the code 1"), "{errors}");
    let (code, _, errors) = place.run("layout", &[too_large(&place, 8).to_str().unwrap()]);
    assert!(code == Some(1) && errors.contains("large has more than 8 MiB"), "{errors}");
    assert!(place.kept() == kept, "nothing is changed");
    // A map and a layout are kept beside each other, and go together.
    let map = place.file("good.json", &patchwork::geojson(&villages).to_string());
    assert_eq!(place.import(&map).0, Some(0));
    assert_eq!(place.run("layout", &[good.to_str().unwrap()]).0, Some(0));
    let (_, listed, _) = place.run("list", &[]);
    assert!(listed.contains("map     820701") && listed.contains("layout  820701"), "{listed}");
    assert_eq!(place.run("remove", &["--region", DISTRICT]).0, Some(0));
    assert!(place.run("list", &[]).1.starts_with("Nothing was imported"));
}

#[test]
fn the_boundaries_of_a_country_are_imported() {
    let Some(data) = public_data::directory() else { return };
    let place = tempfile::tempdir().unwrap();
    let pack = place.path().join("pack");
    register::write_regencies(&pack, register::RECORDS, &data.join("regions"), 1).unwrap();
    let collector = Collector::make_without_devices(place.path(), &pack).unwrap();
    let home = collector.dir().to_str().unwrap();
    let import = |file: &str, property: &str| {
        let file = data.join("geo").join(file);
        let begun = std::time::Instant::now();
        let import = ["boundaries", "import", home, file.to_str().unwrap(), "--code", property];
        let said = succeed(&import).unwrap();
        eprintln!("imported in {} ms", begun.elapsed().as_millis());
        said
    };
    let said = import("indonesia-38-provinces.topo.json", "KODE_PROV");
    for wanted in [
        "38 outlines, 2758 points",
        "0 Indonesia: 34 of 39 parts have an outline",
        "93 PAPUA SELATAN, 94 PAPUA TENGAH, 95 PAPUA PEGUNUNGAN, 96 PAPUA BARAT DAYA, 99 Luar",
        "Several outlines of one code, drawn as one: is the file as new as the register?: 2 – 91 (4), 92 (2)",
    ] {
        assert!(said.contains(wanted), "{wanted}\n{said}");
    }
    let said = import("regencies.geojson", "KDPKAB");
    for wanted in [
        "507 outlines",
        "11 ACEH: 23 of 23 parts have an outline",
        "12 SUMATERA UTARA: 31 of 33 parts have an outline",
        "without: 1273 KOTA SIBOLGA, 1276 KOTA TEBING TINGGI",
        "Features without an area: 10 – ",
        "Features without a code: 1",
    ] {
        assert!(said.contains(wanted), "{wanted}\n{said}");
    }
    let listed = succeed(&["boundaries", "list", home]).unwrap();
    assert_eq!(listed.lines().count(), 1 + 34, "{listed}");
    for line in listed.lines() {
        let bytes = line.split_whitespace().nth(4).and_then(|bytes| bytes.parse::<usize>().ok());
        assert!(bytes.is_some_and(|bytes| bytes > 200 && bytes <= 24_000), "{line}");
    }
}
