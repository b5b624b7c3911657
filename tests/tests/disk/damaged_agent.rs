//! T2 at the station: every file of an agent is damaged in turn. No form is lost, none
//! is sent as another one, and what had to be put right is said.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use saksi_agent::Agent;
use saksi_proto::digest::Digest;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::{FIRST_FORM, Scene};

use super::damage::{Damage, files, put_back};

/// The identity cannot be used: `saksi-agent --help`.
const IDENTITY: i32 = 13;
/// The doctor found something.
const UNWELL: i32 = 15;

/// An agent with a form that has its receipt and a photo, and a correction that waits.
struct Device {
    scene: Scene,
    agent: AgentProcess,
    forms: BTreeSet<Digest>,
}

impl Device {
    fn new() -> Self {
        let scene = Scene::serving().unwrap();
        let mut agent = scene.agent("damaged", 0).unwrap();
        let photo = scene.dir().join("photo.jpg");
        fs::write(&photo, vec![7; 20_000]).unwrap();
        let [first, correction] =
            [30, 31].map(|votes| scene.stations[0].paper([votes, 20, 2, 1]).to_json());
        let photo = ["--as-is", "--photo", photo.to_str().unwrap()];
        assert!(agent.submit(&first, &photo).unwrap().status.success());
        agent.run(&scene.collector.address().unwrap()).unwrap();
        agent.received(CONTEST).unwrap();
        agent.kill().unwrap();
        let correct = ["--correct", "--reason", "miscopied"];
        assert!(agent.submit(&correction, &correct).unwrap().status.success());
        let dir = scene.agent_dir("damaged");
        let forms = Agent::open(&dir).unwrap().forms().unwrap();
        let forms = forms.iter().map(|form| form.sealed.digest()).collect();
        Self { scene, agent, forms }
    }

    /// What a command says, and its code, which is one that `--help` has.
    fn ask(&self, command: &[&str], case: &str) -> (i32, String) {
        let output = self.agent.command(command).unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let code = output.status.code().unwrap_or_else(|| panic!("{case}: no code, {said}"));
        assert!((0..=16).contains(&code), "{case}: {code} {said}");
        (code, said)
    }

    /// The device starts, if need be after what it said was to be done.
    fn starts(&self, file: &Path, case: &str) {
        let (code, said) = self.ask(&["status"], case);
        if code == 0 {
            return;
        }
        assert_eq!((code, file.to_str()), (IDENTITY, Some("identity.json")), "{case}: {said}");
        assert!(said.contains("identity.json is damaged") && said.contains("init"), "{said}");
        let bundle = self.scene.collector.bundle_path(&self.scene.stations[0].code);
        self.agent.succeed(&["init", "--bundle", bundle.to_str().unwrap()]).unwrap();
        self.agent.succeed(&["status"]).unwrap();
    }

    fn files_are_whole(&self, dir: &Path, case: &str) {
        for digest in &self.forms {
            let file = fs::read(dir.join(format!("forms/{digest}.saksi")));
            let file = file.unwrap_or_else(|fault| panic!("{case}: {fault}"));
            assert_eq!(Digest::of(&file), *digest, "{case}");
        }
    }

    /// Both forms are there, go to the collector, and come to what they always did.
    fn lost_nothing(&self, dir: &Path, case: &str) {
        let agent = Agent::open(dir).unwrap_or_else(|fault| panic!("{case}: {fault}"));
        agent.resend(None).unwrap();
        let delivered = device::deliver(&agent, &self.scene.collector.address().unwrap());
        let delivered = delivered.unwrap_or_else(|fault| panic!("{case}: {fault:#}"));
        assert_eq!((delivered.received, delivered.refused), (2, 0), "{case}");
        let key = self.scene.log_key().unwrap();
        let forms = agent.forms().unwrap();
        for form in &forms {
            let receipt = form.receipt.as_ref().unwrap_or_else(|| panic!("{case}: no receipt"));
            assert!(receipt.verify(&form.sealed, &key).is_ok(), "{case}");
        }
        let forms: BTreeSet<_> = forms.iter().map(|form| form.sealed.digest()).collect();
        assert_eq!(forms, self.forms, "{case}");
        assert_eq!(self.scene.votes().unwrap(), [31, 20, 2, 1], "{case}");
        assert_eq!(self.scene.entries().unwrap(), FIRST_FORM + 2, "{case}");
    }
}

#[test]
fn t2_whatever_befalls_a_file_of_an_agent_it_starts_puts_it_right_and_says_so() {
    let device = Device::new();
    let dir = device.scene.agent_dir("damaged");
    let template = device.scene.dir().join("template");
    put_back(&dir, &template);
    let mut told = 0;
    for file in files(&template) {
        for damage in Damage::ALL {
            put_back(&template, &dir);
            if !damage.to(&dir.join(&file)) {
                continue;
            }
            let case = format!("{} {damage:?}", file.display());
            device.starts(&file, &case);
            // Put right by the start, not by the doctor.
            device.files_are_whole(&dir, &case);
            let (code, said) = device.ask(&["doctor"], &case);
            told += usize::from(code == UNWELL);
            let kept = ["forms", "receipts", "photos"].iter().any(|part| file.starts_with(part));
            assert!(!kept || code == UNWELL, "{case}: {said}");
            device.lost_nothing(&dir, &case);
        }
    }
    // The store's own files are whole again after an opening, or were set aside and told.
    assert!(told > 20, "told {told} times");
}

#[test]
fn t2_a_damaged_receipt_is_not_shown_and_comes_again() {
    let mut device = Device::new();
    device.agent.run(&device.scene.collector.address().unwrap()).unwrap();
    device.agent.received(CONTEST).unwrap();
    let receipt = device.agent.succeed(&["receipt", CONTEST]).unwrap();
    let newest = device.agent.json(&["status"]).unwrap()["contests"][0]["digest"].clone();
    let file = format!("receipts/{}.tlog-proof", newest.as_str().unwrap());
    let file = device.scene.agent_dir("damaged").join(file);
    assert_eq!(fs::read_to_string(&file).unwrap(), receipt);
    for damage in Damage::ALL {
        assert!(damage.to(&file));
        let (code, said) = device.ask(&["receipt", CONTEST], &format!("{damage:?}"));
        assert_eq!(code, 8, "{damage:?}: {said}");
        assert!(said.contains("saksi-agent resend president"), "{said}");
        device.agent.succeed(&["resend", CONTEST]).unwrap();
        device.agent.received(CONTEST).unwrap();
        assert_eq!(device.agent.succeed(&["receipt", CONTEST]).unwrap(), receipt);
    }
}
