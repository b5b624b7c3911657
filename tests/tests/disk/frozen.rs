//! T21: a flush that hangs. The disk under a running agent is frozen, as by a card that
//! is dying; the kernel itself holds whoever writes to it.

use std::fs;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::poll;
use saksi_tests::scene::Scene;

/// The store failed: `saksi-agent --help`.
const STORE: Option<i32> = Some(11);

#[test]
fn t21_a_disk_that_hangs_ends_the_agent_with_its_code_and_nothing_is_lost() {
    let Some(disk) = LoopDisk::mount(64).unwrap() else { return };
    let scene = Scene::serving().unwrap();
    let bundle = scene.collector.bundle_path(&scene.stations[0].code);
    let mut agent = AgentProcess::init(&disk.path().join("agent"), &bundle).unwrap();
    let words = scene.dir().join("words");
    agent.words_to(&words);
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let [first, correction] =
        [30, 31].map(|votes| scene.stations[0].paper([votes, 20, 2, 1]).to_json());
    assert!(agent.submit_from(scene.dir(), &first, &[]).unwrap().status.success());
    agent.received(CONTEST).unwrap();
    let receipt = agent.succeed(&["receipt", CONTEST]).unwrap();

    let frozen = disk.freeze().unwrap();
    let correct = ["--correct", "--reason", "miscopied"];
    let refused = agent.submit_from(scene.dir(), &correction, &correct).unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), STORE, "{said}");
    assert!(said.contains("the disk hangs"), "{said}");
    let told = poll::until("the daemon's last words", || {
        let said = fs::read_to_string(&words)?;
        Ok(said.contains("saksi-agent: the agent stopped").then_some(said))
    });
    assert!(told.unwrap().contains("the disk hangs"));
    // No process ends while the kernel holds it; when it lets go, nothing is between.
    drop(frozen);
    assert_eq!(agent.ended().unwrap(), STORE);

    agent.run(&scene.collector.address().unwrap()).unwrap();
    let newest = agent.received(CONTEST).unwrap();
    assert_eq!(agent.json(&["doctor"]).unwrap()["store"]["is_whole"], true);
    // The correction was never called stored; whether it is, the disk has decided.
    let (one, two) = (scene.votes().unwrap() == [30, 20, 2, 1], [31, 20, 2, 1]);
    assert!(one || scene.votes().unwrap() == two, "{newest}");
    if one {
        assert_eq!(agent.succeed(&["receipt", CONTEST]).unwrap(), receipt);
        let again = agent.submit_from(scene.dir(), &correction, &correct).unwrap();
        assert!(again.status.success(), "{again:?}");
        agent.received(CONTEST).unwrap();
        assert_eq!(scene.votes().unwrap(), two);
    }
}
