//! What the pages of a station weigh before they are compressed, with the script: the largest forms
//! of the Indonesian sample, each box filled and every rule broken.

use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::officer::Officer;

/// Most bytes of a page, but for the pictures of photos.
const MOST: usize = 60_000;

const STATION: &str = "8207012001001";

/// The pages that were asked for, and the heaviest of them.
struct Scale {
    officer: Officer,
    assets: usize,
    heaviest: (usize, String),
}

impl Scale {
    fn new(officer: Officer) -> Self {
        let home = officer.html("/").unwrap();
        let assets = home.split('"').filter(|text| text.starts_with("/page-"));
        let assets = assets.map(|path| officer.html(path).unwrap().len()).sum();
        assert!(assets > 5_000, "the script");
        Self { officer, assets, heaviest: (0, String::new()) }
    }

    /// Weighs a page, with what it draws besides.
    fn weigh(&mut self, path: &str, drawings: &[&str]) -> String {
        let html = self.officer.html(path).unwrap();
        let drawn: usize = drawings.iter().map(|path| self.officer.html(path).unwrap().len()).sum();
        let whole = html.len() + drawn + self.assets;
        eprintln!("{path}: {} + {drawn} + {} = {whole} bytes", html.len(), self.assets);
        self.heaviest = self.heaviest.clone().max((whole, path.to_owned()));
        html
    }

    /// Fills every sheet with numbers that are long in words, and weighs it.
    fn fill(&mut self, contest: &str) {
        let mut sheet = format!("/c/{contest}/1");
        while !sheet.ends_with("/photos") {
            let html = self.officer.html(&sheet).unwrap();
            let fields =
                html.split("name=\"f.").skip(1).map(|rest| rest.split_once('"').unwrap().0);
            let fields: Vec<_> = fields.map(|field| format!("f.{field}")).collect();
            let fields = fields.iter().map(|field| (field.as_str(), "888"));
            let fields: Vec<_> = fields.chain([("go", "next")]).collect();
            let led = self.officer.led(&sheet, &sheet, &fields).unwrap();
            sheet = led;
        }
    }
}

#[test]
fn every_page_is_light() {
    let place = tempfile::tempdir().unwrap();
    let pack = repository().join("deploy/elections/indonesia-2024");
    let mut collector = Collector::make_without_devices(place.path(), &pack).unwrap();
    let issued = collector.issue(&["--region", "8207012001"]).unwrap();
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    collector.start(None).unwrap();
    let directory = place.path().join("agent");
    let mut agent = AgentProcess::init(&directory, &collector.bundle_path(STATION)).unwrap();
    agent.run(&collector.address().unwrap()).unwrap();
    let mut officer = Officer::at(&agent).unwrap();
    // The first of two cookies of a name is the one that is taken.
    officer.cookie.push_str("; saksi_language=id");
    let home = officer.html("/").unwrap();
    assert!(home.contains("lang=\"id\""));
    let contests = home.split("href=\"/c/").skip(1).map(|rest| rest.split_once('/').unwrap().0);
    let contests: Vec<_> = contests.map(str::to_owned).collect();
    assert!(contests.len() >= 3, "{contests:?}");
    let mut scale = Scale::new(officer);
    for contest in &contests {
        scale.fill(contest);
        let sheets = scale.officer.html(&format!("/c/{contest}/1")).unwrap();
        let sheets = sheets.matches("name=\"go\" value=\"").count();
        for sheet in 1.. {
            let path = format!("/c/{contest}/{sheet}");
            if scale.officer.get(&path).unwrap().status != 200 {
                assert!(sheet > 1 && sheet <= sheets, "{sheet} of {sheets}");
                break;
            }
            scale.weigh(&path, &[]);
        }
        scale.weigh(&format!("/c/{contest}/photos"), &[]);
        scale.weigh(&format!("/c/{contest}/review"), &[]);
        scale.officer.seal(contest, &[("explanation", &"penjelasan ".repeat(40))]).unwrap();
        agent.received(contest).unwrap();
        scale.weigh(&format!("/c/{contest}"), &[]);
        let drawing = format!("/c/{contest}/receipt.svg");
        let receipt = scale.weigh(&format!("/c/{contest}/receipt"), &[&drawing]);
        assert!(receipt.contains(&drawing));
    }
    scale.weigh("/", &[]);
    let (bytes, path) = scale.heaviest;
    assert!(bytes < MOST, "{path} has {bytes} bytes");
}
