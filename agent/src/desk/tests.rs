//! What an operator may do, and what not.

use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::photo::MAX_PHOTO;
use saksi_proto::text::Language;

use super::*;
use crate::agent::Agent;
use crate::testing::{Device, ISSUED_MS};

fn submit(agent: &Agent, submission: Submission) -> Result<Submitted, SubmitFault> {
    agent.submit(submission, ISSUED_MS)
}

fn corrected(submission: Submission, reason: &str) -> Submission {
    Submission { correction: Some(reason.to_owned()), ..submission }
}

#[test]
fn a_broken_rule_wants_an_explanation_whatever_its_severity() {
    let device = Device::new();
    let agent = device.agent();
    for (voters, valid, code) in [([147, 145, 292], 184, "A4"), ([147, 146, 293], 183, "B7")] {
        let form = device.form("ppwp", voters, [100, 83], valid);
        let fault = submit(&agent, form.clone()).unwrap_err();
        let SubmitFault::NeedsExplanation(findings) = fault else { panic!("{fault}") };
        assert_eq!(findings[0].code, code);
        let spaces = Submission { explanation: Some("  ".to_owned()), ..form };
        assert!(matches!(submit(&agent, spaces), Err(SubmitFault::NeedsExplanation(_))));
    }
    assert!(agent.forms().unwrap().is_empty(), "nothing is sealed");
    assert_eq!(std::fs::read_dir(device.directory().forms()).unwrap().count(), 0);
}

#[test]
fn a_finding_is_one_line_with_the_numbers_first() {
    let device = Device::new();
    let form = device.form("ppwp", [147, 145, 292], [100, 83], 184);
    let fault = submit(&device.agent(), form).unwrap_err();
    let SubmitFault::NeedsExplanation(findings) = fault else { panic!("{fault}") };
    assert_eq!(findings[0].lines(), ["183 ≠ 184 · A4 · aturan A4 (IV.01, IV.02, V.A)"]);
}

#[test]
fn an_explained_form_is_stored_with_its_findings() {
    let device = Device::new();
    let agent = device.agent();
    let explanation = Some("satu suara rusak".to_owned());
    let form = device.form("ppwp", [147, 145, 292], [100, 83], 184);
    let stored = submit(&agent, Submission { explanation: explanation.clone(), ..form }).unwrap();
    assert!(stored.is_new);
    let form = agent.forms().unwrap().remove(0);
    assert_eq!((form.form.explanation, form.form.device_ms), (explanation, ISSUED_MS));
    assert!(form.sealed.is_signed_by(&agent.identity().key().verifying_key()));
}

#[test]
fn the_same_numbers_again_are_the_same_form() {
    let device = Device::new();
    let agent = device.agent();
    let first = submit(&agent, device.good_form("ppwp")).unwrap();
    let again = agent.submit(device.good_form("ppwp"), ISSUED_MS + 5_000).unwrap();
    assert_eq!((again.digest, again.is_new), (first.digest, false));
    assert_eq!(agent.forms().unwrap().len(), 1);
}

#[test]
fn a_correction_names_what_it_supersedes() {
    let device = Device::new();
    let agent = device.agent();
    let first = submit(&agent, device.good_form("ppwp")).unwrap();
    let other = device.form("ppwp", [147, 145, 292], [101, 82], 183);
    let without = submit(&agent, other.clone());
    assert!(matches!(without, Err(SubmitFault::NeedsCorrection { revision: 1, .. })));
    let blank = submit(&agent, corrected(other.clone(), " "));
    assert!(matches!(blank, Err(SubmitFault::NeedsReason)));
    let second = submit(&agent, corrected(other, "salah salin")).unwrap();
    assert_eq!((second.revision, second.supersedes), (2, Some(first.digest)));
    let third = submit(&agent, corrected(device.good_form("ppwp"), "kembali")).unwrap();
    assert_eq!((third.revision, third.supersedes), (3, Some(second.digest)));
    let none = submit(&agent, corrected(device.good_form("dpd"), "apa"));
    assert!(matches!(none, Err(SubmitFault::NothingToCorrect(_))));
}

#[test]
fn photos_are_kept_before_the_form_and_named_in_it() {
    let device = Device::new();
    let agent = device.agent();
    let path = device.path().join("page.jpg");
    std::fs::write(&path, b"a photo").unwrap();
    let photo = |path: PathBuf| Submission { photos: vec![path], ..device.good_form("ppwp") };
    let missing = submit(&agent, photo(device.path().join("none.jpg")));
    assert!(matches!(missing, Err(SubmitFault::Photo { .. })));
    submit(&agent, photo(path)).unwrap();
    let digest = Digest::of(b"a photo");
    assert_eq!(agent.forms().unwrap()[0].form.photos, [digest]);
    assert_eq!(std::fs::read(device.directory().photo(digest)).unwrap(), b"a photo");
    assert_eq!(agent.status().photos_waiting, 1);
}

#[test]
fn another_photo_of_the_same_numbers_is_not_passed_over_in_silence() {
    let device = Device::new();
    let agent = device.agent();
    let photo = |name: &str, bytes: &[u8]| {
        let path = device.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let with = |photos: Vec<PathBuf>| Submission { photos, ..device.good_form("ppwp") };
    let (first, second) = (photo("first.jpg", b"first"), photo("second.jpg", b"second"));
    let stored = submit(&agent, with(vec![first.clone()])).unwrap();
    for photos in [vec![], vec![first.clone()]] {
        let again = submit(&agent, with(photos)).unwrap();
        assert_eq!((again.digest, again.is_new), (stored.digest, false));
    }
    let both = with(vec![first, second]);
    let fault = submit(&agent, both.clone()).unwrap_err();
    assert!(matches!(fault, SubmitFault::NeedsCorrection { revision: 1, .. }), "{fault}");
    submit(&agent, corrected(both, "the second page")).unwrap();
    assert_eq!(agent.status().photos_waiting, 2);
}

#[test]
fn photos_of_a_form_that_is_not_stored_leave_nothing_behind() {
    let device = Device::new();
    let agent = device.agent();
    let path = device.path().join("page.jpg");
    std::fs::write(&path, b"a photo").unwrap();
    let kept = || std::fs::read_dir(device.directory().photos()).unwrap().count();
    let missing = device.path().join("none.jpg");
    let photos = vec![path.clone(), missing];
    let form = Submission { photos, ..device.good_form("ppwp") };
    assert!(matches!(submit(&agent, form), Err(SubmitFault::Photo { .. })));
    assert_eq!(kept(), 0);
    let explanation = Some("x".repeat(481));
    let form = Submission { photos: vec![path.clone()], explanation, ..device.good_form("ppwp") };
    assert!(matches!(submit(&agent, form.clone()), Err(SubmitFault::Seal(_))));
    assert_eq!(kept(), 0);
    submit(&agent, Submission { explanation: None, ..form.clone() }).unwrap();
    let correction = Some("sekali lagi".to_owned());
    assert!(matches!(submit(&agent, Submission { correction, ..form }), Err(SubmitFault::Seal(_))));
    assert_eq!(kept(), 1, "what a stored form names stays");
}

#[test]
fn photos_and_remarks_have_bounds() {
    let device = Device::new();
    let agent = device.agent();
    let large = device.path().join("large.jpg");
    std::fs::File::create(&large).unwrap().set_len(u64::from(MAX_PHOTO) + 1).unwrap();
    let form = Submission { photos: vec![large], ..device.good_form("ppwp") };
    assert!(matches!(submit(&agent, form), Err(SubmitFault::PhotoTooLarge(_))));
    let form =
        Submission { photos: vec![PathBuf::from("/dev/null"); 9], ..device.good_form("ppwp") };
    assert!(matches!(submit(&agent, form), Err(SubmitFault::Seal(_))));
    let explanation = Some("x".repeat(481));
    let form = Submission { explanation, ..device.good_form("ppwp") };
    assert!(matches!(submit(&agent, form), Err(SubmitFault::Seal(_))));
    assert!(agent.forms().unwrap().is_empty());
}

#[test]
fn show_finds_a_form_by_contest_and_by_digest() {
    let device = Device::new();
    let agent = device.agent();
    let stored = submit(&agent, device.good_form("ppwp")).unwrap();
    let show = |what: Option<&str>| {
        let request = Request::Show { what: what.map(str::to_owned) };
        agent.execute(Envelope::new(Language::English, request))
    };
    for what in [None, Some("ppwp"), Some(&stored.digest.to_string()[..8])] {
        let Answer::Forms(forms) = show(what) else { panic!("{what:?}") };
        assert_eq!((forms.len(), forms[0].digest), (1, stored.digest));
        assert_eq!(forms[0].fields[3].name, "IV (en) · Satu");
    }
    for what in ["dpd", "ffffffffff", &stored.digest.to_string()[..3]] {
        let Answer::Trouble(trouble) = show(Some(what)) else { panic!("{what}") };
        assert_eq!(trouble.kind, TroubleKind::Unknown);
    }
}

#[test]
fn a_second_identity_is_refused_and_the_same_is_fine() {
    use crate::identity::{Identity, IdentityFault};
    let device = Device::new();
    assert!(Agent::init(device.path(), &device.bundle).is_ok());
    let other = Device::new();
    let refused = Agent::init(device.path(), &other.bundle);
    assert!(matches!(refused, Err(IdentityFault::Another { .. })));
    let identity = Identity::open(&device.directory()).unwrap();
    assert_eq!(identity.issued_ms(), ISSUED_MS);
}

#[test]
fn an_identity_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    use crate::identity::{Identity, IdentityFault};
    let device = Device::new();
    let path = device.path().join("identity.json");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let refused = Identity::open(&device.directory());
    assert!(matches!(refused, Err(IdentityFault::ReadableByOthers { mode: 0o640, .. })));
}

#[test]
fn a_bundle_whose_parts_do_not_fit_is_refused() {
    use crate::identity::{Identity, IdentityFault};
    let device = Device::new();
    let other = Device::new();
    let changed = |change: fn(&mut Bundle, &Bundle)| {
        let mut bundle = device.bundle.clone();
        change(&mut bundle, &other.bundle);
        Identity::new(bundle).map(|_| ()).unwrap_err()
    };
    use saksi_proto::bundle::Bundle;
    let fault = changed(|bundle, _| bundle.format = 9);
    assert!(matches!(fault, IdentityFault::Format(9)));
    let fault = changed(|bundle, _| bundle.papers.election = Digest([0; 32]));
    assert!(matches!(fault, IdentityFault::OtherElection(_)));
    let fault = changed(|bundle, _| bundle.papers.station = "1".parse().unwrap());
    assert!(matches!(fault, IdentityFault::OtherStation { .. }));
    let fault = changed(|bundle, other| bundle.papers.certificate = other.papers.authority.clone());
    assert!(matches!(fault, IdentityFault::Credential(_)));
    let fault = changed(|bundle, _| bundle.papers.log_key.push('x'));
    assert!(matches!(fault, IdentityFault::LogKey(_)));
}

/// A device whose definition has votes and totals typed twice.
fn careful() -> Device {
    Device::of(&crate::testing::careful_definition(2))
}

fn again(votes: [u32; 2], valid: u32) -> Option<String> {
    let lines = serde_json::json!({ "IV.01": votes[0], "IV.02": votes[1], "V.A": valid });
    Some(serde_json::json!({ "contest": "ppwp", "lines": lines }).to_string())
}

#[test]
fn a_second_entry_is_wanted_where_the_definition_asks_and_must_be_the_same() {
    let device = careful();
    let agent = device.agent();
    let form = device.good_form("ppwp");
    let kind = |again: Option<String>| {
        let fault = submit(&agent, Submission { again, ..form.clone() }).unwrap_err();
        let labels = Labels::new(agent.desk.identity(), Language::English);
        fault.trouble(labels)
    };
    let none = kind(None);
    assert_eq!(none.kind, TroubleKind::NeedsSecondEntry);
    assert!(none.sentence.contains("IV, V.A") && none.sentence.contains("--again"));
    let other = kind(again([10, 83], 138));
    assert_eq!(other.kind, TroubleKind::SecondDiffers);
    assert_eq!(other.details, ["IV.01: first 100, second 10", "V.A: first 183, second 138"]);
    let short = r#"{"contest": "ppwp", "lines": {"IV.01": 100}}"#;
    let short = kind(Some(short.to_owned()));
    assert_eq!(short.kind, TroubleKind::Mistakes);
    assert!(short.sentence.contains("second entry") && short.details[0].contains("IV.02, V.A"));
    let dpd = again([100, 83], 183).map(|again| again.replace("ppwp", "dpd"));
    assert!(kind(dpd).details[0].contains("of the contest dpd"));
    // What nobody asked for is compared too.
    let whole = form.form.replace("147", "174");
    assert_eq!(kind(Some(whole)).details, ["I.A.L: first 147, second 174"]);
    assert!(agent.forms().unwrap().is_empty(), "nothing is stored by any of them");
    let twice = Submission { again: Some(form.form.clone()), ..form.clone() };
    let stored =
        submit(&agent, Submission { again: again([100, 83], 183), ..form.clone() }).unwrap();
    assert!(stored.is_new);
    assert!(!submit(&agent, twice).unwrap().is_new);
    assert!(!submit(&agent, form.clone()).unwrap().is_new, "what is stored is stored");
    let wrong = corrected(device.form("ppwp", [147, 145, 292], [101, 82], 183), "misread");
    assert!(matches!(submit(&agent, wrong.clone()), Err(SubmitFault::NeedsSecondEntry(_))));
    let wrong = Submission { again: again([101, 82], 183), ..wrong };
    assert_eq!(submit(&agent, wrong).unwrap().revision, 2);
}

#[test]
fn a_second_entry_that_nobody_asked_for_is_compared_all_the_same() {
    let device = Device::new();
    let agent = device.agent();
    let form = Submission { again: again([10, 83], 183), ..device.good_form("ppwp") };
    assert!(matches!(submit(&agent, form), Err(SubmitFault::SecondDiffers(_))));
}

#[test]
fn what_differs_from_the_station_s_other_forms_wants_an_explanation() {
    let device = Device::new();
    let agent = device.agent();
    submit(&agent, device.good_form("ppwp")).unwrap();
    let other = device.form("dpd", [146, 145, 291], [100, 83], 183);
    let Err(SubmitFault::NeedsExplanation(found)) = submit(&agent, other.clone()) else {
        panic!("B7 and X1")
    };
    let codes: Vec<_> = found.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["B7", "X1"]);
    assert!(found[1].lines()[0].starts_with("291 ≠ 292 · X1 · "), "{:?}", found[1].lines());
    let explanation = Some("the paper says so".to_owned());
    let stored = submit(&agent, Submission { explanation, ..other }).unwrap();
    assert_eq!(stored.findings.len(), 2, "recorded with the form");
    submit(&agent, device.form("dpr", [147, 145, 292], [100, 83], 183)).unwrap_err();
}
