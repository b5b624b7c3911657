//! The authority's key on another machine.

use std::fs;

use saksi_collector::authority::to_der;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::FromRegistrar;
use saksi_proto::message::{Renewal, ToAgent, ToCollector};
use saksi_tests::applicant::Applicant;
use saksi_tests::collector::{self, Collector};
use saksi_tests::kenya;
use saksi_tests::wire::Wire;

#[test]
fn certificates_are_signed_elsewhere_and_brought_back() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (pack, authority) = (kenya::pack(), path("authority"));
    let pack = pack.to_str().unwrap();
    collector::succeed(&["authority", "make", &authority, "--election", pack]).unwrap();
    let certificate = format!("{authority}/ca.pem");
    let mut served =
        Collector::make_with(place.path(), &kenya::pack(), &["--ca-external", &certificate])
            .unwrap();
    let dir = served.dir().to_str().unwrap().to_owned();
    assert!(!served.dir().join("keys/ca.key").exists());

    let (code, words) = served.fail_to_start().unwrap();
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("authority requests"), "it says what to do: {words}");
    let sign = |name: &str| {
        let (asked, signed) = (path(&format!("{name}-asked")), path(&format!("{name}-signed")));
        collector::succeed(&["authority", "requests", &dir, "--out", &asked]).unwrap();
        collector::succeed(&["authority", "sign", &authority, &asked, "--out", &signed]).unwrap();
        collector::succeed(&["authority", "import", &dir, &signed]).unwrap();
        asked
    };
    sign("server");
    served.start(None).unwrap();

    let station = kenya::stations().unwrap()[0].code.clone();
    let slips = path("slips");
    collector::succeed(&["device", "codes", &dir, &station, "--out", &slips]).unwrap();
    let list = fs::read_to_string(format!("{slips}/codes.csv")).unwrap();
    let slip = list.split(',').find(|field| field.starts_with("SAKSI:")).unwrap();
    let device = Applicant::new(&served, slip, 1).unwrap();
    let waiting = device.apply(&station).unwrap();
    assert!(matches!(waiting, FromRegistrar::Waiting { .. }), "{waiting:?}");
    let asked = sign("device");
    let bundle = device.enrol(&station).unwrap();
    let mut wire = Wire::begin(&served.address().unwrap(), &bundle).unwrap();
    let renewal = wire.ask(&ToCollector::Renew).unwrap();
    assert!(
        matches!(renewal, Some(ToAgent::Renewal(Renewal::Later { .. }))),
        "what it has is no news: {renewal:?}"
    );
    let nothing = path("nothing");
    let words = collector::succeed(&["authority", "requests", &dir, "--out", &nothing]).unwrap();
    assert!(words.contains("nothing to sign"), "{words}");

    // Another authority signs nothing of this one, and nothing of it is taken.
    let stranger = path("stranger");
    collector::succeed(&["authority", "make", &stranger, "--election", pack]).unwrap();
    let refused =
        collector::command(&["authority", "sign", &stranger, &asked, "--out", &nothing]).unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another authority"));
    // Not even if the files say that it is the one.
    let ours = read(&asked)["authority"].clone();
    let theirs =
        Digest::of(&to_der(&fs::read_to_string(format!("{stranger}/ca.pem")).unwrap()).unwrap());
    let (lying, forged) = (path("lying"), path("forged"));
    fs::write(&lying, with_authority(&asked, theirs.to_string().into())).unwrap();
    collector::succeed(&["authority", "sign", &stranger, &lying, "--out", &forged]).unwrap();
    fs::write(&forged, with_authority(&forged, ours)).unwrap();
    let refused = collector::command(&["authority", "import", &dir, &forged]).unwrap();
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("is not of this authority"), "{words}");
    Wire::begin(&served.address().unwrap(), &device.enrol(&station).unwrap()).unwrap();
    // No bundles are made where no key is.
    let issued = served.issue(&[&kenya::stations().unwrap()[1].code]).unwrap();
    let words = String::from_utf8(issued.stderr).unwrap();
    assert!(words.contains("device codes"), "{words}");
}

fn read(file: &str) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn with_authority(file: &str, authority: serde_json::Value) -> String {
    let mut value = read(file);
    value["authority"] = authority;
    value.to_string()
}
