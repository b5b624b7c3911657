//! A device and a log with witnesses: its receipt leads to a cosigned checkpoint, and what is
//! forged or not enough proves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::cosignature::{WitnessKey, WitnessPolicy};
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Arrival, Kind};
use saksi_proto::policy::Policy;
use saksi_proto::receipt::Receipt;
use saksi_tests::collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::poll;
use saksi_tests::scene::Scene;
use saksi_tests::witness::{Witness, configure, until_published};
use serde_json::Value;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::tlog::{Hash, check_record, record_hash};

use crate::cosigned::witness_of;

/// A log with two witnesses, both needed, and a device of station 0 that knows of them.
fn scene() -> (Scene, [Witness; 2], AgentProcess) {
    let mut scene = Scene::new().unwrap();
    let mut witnesses = ["one", "two"].map(|name| witness_of(&scene, name));
    witnesses.iter_mut().for_each(|witness| witness.start(None).unwrap());
    let all = witnesses.each_ref().map(|witness| (witness.url().unwrap(), witness.key()));
    configure(&scene.collector, &all, 2).unwrap();
    // The bundles were made before there were any.
    let again = scene.collector.issue(&["--region", "0", "--replace"]).unwrap();
    assert!(again.status.success(), "{again:?}");
    scene.collector.start(None).unwrap();
    let agent = scene.agent("w", 0).unwrap();
    (scene, witnesses, agent)
}

/// Waits until the receipt of the form leads to a cosigned checkpoint.
fn witnessed(agent: &AgentProcess) -> Value {
    let looked = || {
        let delivery = agent.delivery(CONTEST)?;
        Ok((delivery["cosigned"]["witnessed"] == true).then_some(delivery))
    };
    poll::until("a cosigned receipt", looked).unwrap()
}

/// The one file of a kind that the device has.
fn only(dir: &Path) -> PathBuf {
    let files: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Verifies anywhere, by a policy; gives the exit code and what is said.
fn verify(receipt: &Path, form: &Path, policy: &Path) -> (Option<i32>, Value) {
    let anywhere = AgentProcess::not_set_up(Path::new("/nonexistent"));
    let asked =
        ["receipt", "verify", text(receipt), text(form), "--policy", text(policy), "--json"];
    let output = anywhere.command(&asked).unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// A policy of the log's own witnesses and one more, which wants so many.
fn stricter(own: &Path, needed: usize, to: &Path) {
    let own = Policy::parse(&fs::read_to_string(own).unwrap()).unwrap();
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    let mut keys = own.witnesses.witnesses().to_vec();
    keys.push(WitnessKey::new("third.example", key).unwrap());
    let witnesses = WitnessPolicy::new(keys, needed).unwrap();
    fs::write(to, Policy { logs: own.logs, witnesses }.to_string()).unwrap();
}

/// What two crates in other hands say to it: a note by the log's key with two more
/// signatures, and a proof that leads to its root.
fn others_believe(receipt: &Path, form: &Path, key: &LogKey) {
    let (form, receipt) = (fs::read(form).unwrap(), fs::read_to_string(receipt).unwrap());
    let (digest, receipt) = Receipt::from_tlog_proof(&receipt).unwrap();
    assert_eq!(digest, Digest::of(&form));
    let verifier = StandardVerifier::new(&key.to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let note = Note::from_bytes(receipt.checkpoint.as_bytes()).unwrap();
    let (verified, others) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 2));
    let head = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    // The leaf as LOG.md has it; hashed by them.
    let arrival = Arrival { arrived_ms: receipt.arrived_ms, sealed: form };
    let entry = Kind::Form.entry(arrival).encode();
    let proof = receipt.proof.iter().map(|hash| Hash(hash.0)).collect();
    check_record(&proof, head.size(), *head.hash(), receipt.index, record_hash(&entry)).unwrap();
}

#[test]
fn a_device_gets_a_receipt_that_witnesses_have_cosigned_and_anybody_can_check_it() {
    let (scene, _witnesses, mut agent) = scene();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let delivery = witnessed(&agent);
    let names = serde_json::json!(["one.example", "two.example"]);
    assert_eq!((&delivery["state"], &delivery["due"]), (&"received".into(), &false.into()));
    assert_eq!(delivery["cosigned"]["witnesses"], names);
    let said = agent.succeed(&["status"]).unwrap();
    assert!(said.contains("signed by 2 witnesses of other houses too: one.example"), "{said}");
    let shown = agent.json(&["receipt"]).unwrap();
    assert_eq!(shown["cosigned"]["witnesses"], names);
    // It stays, also when the form is sent once more.
    let dir = scene.agent_dir("w");
    let (receipt, sealed) = (only(&dir.join("receipts")), only(&dir.join("forms")));
    let before = fs::read_to_string(&receipt).unwrap();
    agent.succeed(&["resend"]).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(fs::read_to_string(&receipt).unwrap(), before);
    others_believe(&receipt, &sealed, &scene.log_key().unwrap());
    // Anywhere, with the policy alone.
    let policy = scene.collector.dir().join("public/witnesses");
    let (code, said) = verify(&receipt, &sealed, &policy);
    assert_eq!((code, &said["proven"], &said["witnesses"]), (Some(0), &true.into(), &names));
    let strict = scene.dir().join("strict");
    stricter(&policy, 3, &strict);
    let (code, said) = verify(&receipt, &sealed, &strict);
    let fault = said["fault"].as_str().unwrap().to_owned();
    assert!(code == Some(21) && fault.contains("3 are needed"), "{code:?} {fault}");
    // The last byte of the last cosignature is another.
    let at = before.len() - 10;
    let other = if before.as_bytes()[at] == b'A' { "B" } else { "A" };
    let forged = scene.dir().join("forged.tlog-proof");
    fs::write(&forged, [&before[..at], other, &before[at + 1..]].concat()).unwrap();
    let (code, said) = verify(&forged, &sealed, &policy);
    let fault = said["fault"].as_str().unwrap().to_owned();
    assert!(code == Some(21) && fault.contains("two.example is not valid"), "{code:?} {fault}");
}

#[test]
fn a_receipt_is_as_green_without_cosignatures_and_an_audit_tells_them_apart() {
    let (scene, mut witnesses, mut agent) = scene();
    witnesses[1].kill().unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let delivery = agent.received(CONTEST).unwrap();
    assert_eq!(delivery["cosigned"]["witnessed"], false);
    assert_eq!(delivery["cosigned"]["needed"], 2);
    let said = agent.succeed(&["status"]).unwrap();
    assert!(said.contains("The receipt holds all the same"), "{said}");
    let size = scene.entries().unwrap();
    let one = until_published(&scene.collector, "one cosignature", |published| {
        published.witnesses == ["one.example"] && published.checkpoint.size == size
    });
    assert!(!one.unwrap().is_witnessed);
    let public = scene.collector.dir().join("public");
    let totals = || {
        let list = fs::read_to_string(public.join("totals.json")).unwrap_or_default();
        Ok(list.contains(&format!("\"size\":{size},")).then_some(()))
    };
    poll::until("the totals of the whole log", totals).unwrap();
    let policy = public.join("witnesses");
    let audit = |policy: &Path| {
        let asked = ["audit", text(&public), "--policy", text(policy)];
        let output = collector::command(&asked).unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = audit(&policy);
    assert_eq!(code, Some(7), "{said}");
    assert!(said.contains("cosigned by 1 of the policy's witnesses, where 2 must have"), "{said}");
    let lenient = scene.dir().join("lenient");
    stricter(&policy, 1, &lenient);
    let (code, said) = audit(&lenient);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 of the policy's witnesses have cosigned"), "{said}");
    assert!(said.contains("(the key that was given)"), "the policy names it: {said}");
}
