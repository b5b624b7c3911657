//! A receipt leaves the device, and proves its form wherever the log's key is known.

use std::fs;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::{FIRST_FORM, Scene};

#[test]
fn a_receipt_is_verified_anywhere_with_the_form_and_the_log_s_key() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("witness", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();

    let path = |name: &str| scene.dir().join(name).to_str().unwrap().to_owned();
    let (receipt, carried, drawn) = (path("a.tlog-proof"), path("a.forms"), path("a.svg"));
    let (key, changed) = (path("log.vkey"), path("changed.tlog-proof"));
    agent.succeed(&["receipt", CONTEST, "--out", &receipt]).unwrap();
    agent.succeed(&["export", "--out", &carried]).unwrap();
    agent.succeed(&["receipt", "--qr", &drawn]).unwrap();
    fs::write(&key, scene.bundle(0).unwrap().papers.log_key + "\n").unwrap();
    let text = fs::read_to_string(&receipt).unwrap();
    assert!(fs::read_to_string(&drawn).unwrap().starts_with("<svg "));
    assert!(agent.succeed(&["receipt", "--qr"]).unwrap().contains('▀'));
    let shown = agent.json(&["receipt"]).unwrap();
    assert_eq!((&shown["text"], &shown["index"]), (&text.clone().into(), &FIRST_FORM.into()));
    assert_eq!(shown["entries"], FIRST_FORM + 1);
    let digest = shown["form"].as_str().unwrap();
    assert_eq!(agent.succeed(&["receipt", &digest[..8]]).unwrap(), text, "by digest");
    let sealed = scene.agent_dir("witness").join(format!("forms/{digest}.saksi"));

    let nobody = AgentProcess::not_set_up(&scene.dir().join("nobody"));
    for form in [sealed.to_str().unwrap(), &carried] {
        let verify = ["receipt", "verify", &receipt, form];
        let said = nobody.succeed(&[&verify[..], &["--key", &key]].concat()).unwrap();
        let station = &scene.stations[0].code;
        for wanted in [
            format!("Proven: the form {}", &digest[..8]),
            format!("station {station}, {CONTEST}, revision 1"),
            format!("Entry {FIRST_FORM} of the log"),
            "UTC by the centre's clock".to_owned(),
            format!("The log had {} entries", FIRST_FORM + 1),
        ] {
            assert!(said.contains(&wanted), "{wanted}: {said}");
        }
        let asks = nobody.command(&verify).unwrap();
        let words = String::from_utf8(asks.stderr).unwrap();
        assert_eq!(asks.status.code(), Some(2), "{words}");
        assert!(words.contains("--key"), "{words}");
        assert!(agent.succeed(&verify).unwrap().contains("Proven"), "by its own key");
        fs::write(&changed, text.replacen("index 1", "index 2", 1)).unwrap();
        let refused = agent.command(&["receipt", "verify", &changed, form]).unwrap();
        let words = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(21), "{words}");
        assert!(words.contains("Not proven"), "{words}");
    }
    assert!(!scene.dir().join("nobody").exists(), "nothing is made where nobody is");
}
