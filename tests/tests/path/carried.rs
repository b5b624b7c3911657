//! Move and send: a station without a link has its forms carried by another's device, and
//! gets its receipts back.

use std::fs;
use std::path::Path;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, nowhere};

/// The station without a link, and that of the device which carries its form.
const ORIGIN: usize = 0;
const CARRIER: usize = 1;

/// The form of the first station, as a file in the scene's place.
fn carried_out(scene: &Scene) -> (AgentProcess, String) {
    let origin = scene.agent("origin", ORIGIN).unwrap();
    let paper = scene.stations[ORIGIN].paper([30, 20, 2, 1]).to_json();
    assert!(origin.submit(&paper, &[]).unwrap().status.success());
    let file = scene.dir().join("forms.saksi").to_str().unwrap().to_owned();
    origin.succeed(&["export", "--out", &file]).unwrap();
    (origin, file)
}

fn received(carrier: &AgentProcess, forms: u64) {
    poll::until("receipts of what is carried", || {
        let carried = carrier.json(&["status"])?["carried"].clone();
        Ok((carried["received"] == forms && carried["waiting"] == 0).then_some(()))
    })
    .unwrap();
}

#[test]
fn a_form_and_its_receipt_travel_by_hand_and_the_origin_never_has_a_link() {
    let scene = Scene::serving().unwrap();
    let (mut origin, forms) = carried_out(&scene);
    origin.run(&nowhere()).unwrap();
    let mut carrier = scene.agent("carrier", CARRIER).unwrap();
    carrier.run(&scene.collector.address().unwrap()).unwrap();
    let said = carrier.succeed(&["import", &forms]).unwrap();
    assert!(said.contains("1 new, 0 there already"), "{said}");
    received(&carrier, 1);
    let status = carrier.succeed(&["status"]).unwrap();
    let code = &scene.stations[ORIGIN].code;
    assert!(
        status.contains(&format!("Carried for station {code}: 1 of 1 have arrived")),
        "{status}"
    );
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1], "counted for the station that sealed it");
    let receipts = scene.dir().join("back.receipts").to_str().unwrap().to_owned();
    assert!(
        carrier
            .succeed(&["export", "--receipts", "--out", &receipts])
            .unwrap()
            .contains("1 receipts")
    );
    let said = origin.succeed(&["import", &receipts]).unwrap();
    assert!(said.contains("1 of this station"), "{said}");
    let delivery = origin.delivery(CONTEST).unwrap();
    assert_eq!(
        (delivery["state"].as_str(), delivery["due"].as_bool()),
        (Some("received"), Some(false))
    );
    // Proven anywhere, from the form that the origin has.
    let receipt = scene.dir().join("receipt.tlog-proof").to_str().unwrap().to_owned();
    origin.succeed(&["receipt", CONTEST, "--out", &receipt]).unwrap();
    let key = scene.log_key().unwrap().to_string();
    origin.succeed(&["receipt", "verify", &receipt, &forms, "--key", &key]).unwrap();
    // The same file again: nothing new, and no second entry.
    let entries = scene.entries().unwrap();
    let said = carrier.succeed(&["import", &forms]).unwrap();
    assert!(said.contains("0 new, 1 there already"), "{said}");
    assert_eq!(scene.entries().unwrap(), entries);
}

#[test]
fn with_a_link_again_the_origin_gets_the_same_receipt_and_photos_are_its_own_affair() {
    let scene = Scene::serving().unwrap();
    let (mut origin, forms) = carried_out(&scene);
    let mut carrier = scene.agent("carrier", CARRIER).unwrap();
    carrier.run(&scene.collector.address().unwrap()).unwrap();
    carrier.succeed(&["import", &forms]).unwrap();
    received(&carrier, 1);
    let entries = scene.entries().unwrap();
    origin.run(&scene.collector.address().unwrap()).unwrap();
    let index = origin.received(CONTEST).unwrap()["index"].clone();
    assert_eq!(index, entries - 1);
    assert_eq!(scene.entries().unwrap(), entries, "one entry");
}

#[test]
fn a_tampered_file_is_refused_in_plain_words_and_a_forged_form_by_the_centre() {
    let scene = Scene::serving().unwrap();
    let (_origin, forms) = carried_out(&scene);
    let mut carrier = scene.agent("carrier", CARRIER).unwrap();
    let mut bytes = fs::read(&forms).unwrap();
    // In the signature: what it says can still be read.
    bytes[30] ^= 1;
    fs::write(&forms, &bytes).unwrap();
    let refused = carrier.command(&["import", &forms]).unwrap();
    assert_eq!(refused.status.code(), Some(14));
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("damaged, cut off, or was changed"), "{words}");
    // Whoever makes the digest right again has still not the station's signature.
    let content = bytes.len() - 32;
    let digest = saksi_proto::digest::Digest::of(&bytes[..content]);
    bytes[content..].copy_from_slice(&digest.0);
    fs::write(&forms, &bytes).unwrap();
    carrier.succeed(&["import", &forms]).unwrap();
    carrier.run(&scene.collector.address().unwrap()).unwrap();
    let refused = poll::until("a refusal", || {
        let carried = carrier.json(&["status"])?["carried"].clone();
        let refused = carried["stations"][0]["refused"].clone();
        Ok((refused != serde_json::json!([])).then_some(refused))
    });
    assert_eq!(refused.unwrap(), serde_json::json!(["bad-signature"]));
    assert_eq!(scene.votes().unwrap(), [0; 4]);
}

#[test]
fn a_killed_carrier_goes_on_where_it_was() {
    let scene = Scene::serving().unwrap();
    let (_origin, forms) = carried_out(&scene);
    let mut carrier = scene.agent("carrier", CARRIER).unwrap();
    carrier.run(&nowhere()).unwrap();
    carrier.succeed(&["import", &forms]).unwrap();
    carrier.kill().unwrap();
    // What a kill in the midst of taking in leaves: a file that never got its name.
    let digest = "0".repeat(64);
    let unfinished = scene.agent_dir("carrier").join(format!("carried/{digest}.saksi.part"));
    fs::write(&unfinished, "half").unwrap();
    carrier.run(&scene.collector.address().unwrap()).unwrap();
    received(&carrier, 1);
    assert!(!Path::new(&unfinished).exists());
    carrier.kill().unwrap();
    // A receipt that was lost with the kernel's memory comes again, the same.
    let place = scene.agent_dir("carrier").join("carried");
    let receipt = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
    let receipt =
        receipt.into_iter().find(|path| path.extension().is_some_and(|it| it == "tlog-proof"));
    let receipt = receipt.unwrap();
    let before = fs::read_to_string(&receipt).unwrap();
    fs::remove_file(&receipt).unwrap();
    carrier.run(&scene.collector.address().unwrap()).unwrap();
    received(&carrier, 1);
    assert_eq!(fs::read_to_string(&receipt).unwrap(), before);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}
