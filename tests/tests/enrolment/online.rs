//! A device enrols over a connection.

use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{
    Application, EnrolRefusal, FromRegistrar, ToRegistrar, UNSEEN_AUTHORITY,
};
use saksi_proto::message::{Renewal, ToAgent, ToCollector};
use saksi_tests::applicant::Applicant;
use saksi_tests::kenya;
use saksi_tests::poll;
use saksi_tests::wire::{Voice, Wire, receipts};

use crate::staff::Staff;

#[test]
fn a_code_enrols_one_device_whose_forms_are_counted() {
    let staff = Staff::serving();
    let code = staff.code(0).to_owned();
    let device = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let mut call = device.call().unwrap();
    let offered = call.station(device.slip.code, None).unwrap();
    let FromRegistrar::Station(offer) = offered else { panic!("no station but {offered:?}") };
    assert_eq!(offer.station.as_str(), code);
    assert!(offer.name.contains("stream") && offer.regions.last().unwrap() == "Kenya");
    let bundle = device.enrol(&code).unwrap();
    bundle.papers.decode_slice().unwrap().verify(bundle.papers.election).unwrap();
    let voice = Voice::new(&bundle).unwrap();
    let mut wire = Wire::begin(&staff.collector.address().unwrap(), &bundle).unwrap();
    let sealed =
        voice.seal(&voice.form(kenya::counts(&staff.stations[0].paper([30, 20, 2, 1])))).unwrap();
    let key = bundle.papers.log_key.parse().unwrap();
    assert_eq!(receipts(&mut wire, &[sealed], &key).unwrap().len(), 1);
}

#[test]
fn the_same_key_again_gets_papers_and_another_never() {
    let mut staff = Staff::serving();
    let code = staff.code(0).to_owned();
    let device = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let first = device.enrol(&code).unwrap().papers;
    let again = device.enrol(&code).unwrap().papers;
    assert_eq!((first.station, first.slice), (again.station, again.slice));
    let other = device.with_key(2);
    assert_eq!(other.refused(&code).unwrap(), EnrolRefusal::CodeUsed);
    assert_eq!(device.refused(staff.code(1)).unwrap(), EnrolRefusal::OtherStation);
    let before = staff.collector.stop().unwrap();
    staff.collector.start(Some(before)).unwrap();
    device.enrol(&code).unwrap();
    assert_eq!(other.refused(&code).unwrap(), EnrolRefusal::CodeUsed);
}

#[test]
fn what_is_not_signed_or_for_another_authority_is_refused() {
    let staff = Staff::serving();
    let device = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let good = device.application(staff.code(0).parse().unwrap());
    let apply = |application: Application| {
        device.call().unwrap().ask(&ToRegistrar::Apply(application)).unwrap()
    };
    let bad = FromRegistrar::Refused(EnrolRefusal::BadApplication);
    let mut unsigned = good.clone();
    unsigned.signature[9] ^= 1;
    assert_eq!(apply(unsigned), bad);
    let mut of_another_key = good.clone();
    of_another_key.key = Digest(device.with_key(2).key.verifying_key().to_bytes());
    assert_eq!(apply(of_another_key), bad);
    // Signed as it should be, and for another authority or for none.
    for authority in [Digest([7; 32]), UNSEEN_AUTHORITY] {
        let elsewhere = Application { authority, ..good.clone() };
        assert_eq!(apply(Application::sign(elsewhere, &device.key)), bad);
    }
    assert_eq!(staff.listed(0)["state"], "code-open", "nothing is used up");
}

#[test]
fn a_spare_is_bound_on_the_spot_in_its_region_where_no_device_is() {
    let staff = Staff::serving();
    staff.collector.issue(&[staff.code(0)]).unwrap();
    // The ward of the first station.
    let ward = &staff.code(0)[..10].to_owned();
    let spares = staff.codes("spares", &["--region", ward, "--spares", "2"]);
    assert_eq!(spares.len(), 2);
    let spare = Applicant::new(&staff.collector, &spares[0].slip, 1).unwrap();
    let mut call = spare.call().unwrap();
    let unnamed = call.station(spare.slip.code, None).unwrap();
    assert_eq!(unnamed, FromRegistrar::Refused(EnrolRefusal::StationMissing));
    let outside = staff.stations.iter().find(|of| !of.code.starts_with(ward)).unwrap();
    assert_eq!(spare.refused(&outside.code).unwrap(), EnrolRefusal::OtherStation);
    assert_eq!(spare.refused(staff.code(0)).unwrap(), EnrolRefusal::StationHasDevice);
    staff.must("revoke", &[staff.code(0), "--reason", "it fell into the water"]);
    spare.enrol(staff.code(0)).unwrap();
    assert_eq!(spare.refused(staff.code(1)).unwrap(), EnrolRefusal::CodeUsed);
}

#[test]
fn a_device_renews_its_papers_in_its_session() {
    let staff = Staff::serving();
    let device = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let bundle = device.enrol(staff.code(0)).unwrap();
    let mut wire = Wire::begin(&staff.collector.address().unwrap(), &bundle).unwrap();
    let Some(ToAgent::Renewal(Renewal::Papers(papers))) = wire.ask(&ToCollector::Renew).unwrap()
    else {
        panic!("no papers");
    };
    assert!(papers.issued_ms >= bundle.papers.issued_ms);
    assert_eq!((papers.station, &papers.slice), (bundle.papers.station, &bundle.papers.slice));
    let days = (papers.certified_until_ms - papers.issued_ms) / (24 * 60 * 60 * 1_000);
    assert!((729..=730).contains(&days), "{days}: the default, to the day");
    let renewed = device.bundle(*papers);
    Wire::begin(&staff.collector.address().unwrap(), &renewed).unwrap();
    // Who was there is noted every few seconds.
    poll::until("the device in the list", || {
        let listed = staff.listed(0);
        let seen = listed["seen_ms"].is_u64() && listed["version"] == "scripted";
        Ok(seen.then_some(listed))
    })
    .unwrap();
    let code = staff.code(0).to_owned();
    let mine = std::slice::from_ref(&code);
    assert_eq!(staff.stations_with(&["--clock-off", "60"]), mine, "its clock is at 1970");
    assert_eq!(staff.stations_with(&["--not-tested"]), mine);
    assert_eq!(staff.stations_with(&["--agent", "scripted"]), mine);
    assert_eq!(staff.stations_with(&["--ending", "740"]), mine);
    for filter in [&["--never-seen"][..], &["--silent", "1"], &["--ending", "700"]] {
        assert_eq!(staff.stations_with(filter), [""; 0], "{filter:?}");
    }
}
