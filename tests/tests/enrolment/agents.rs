//! The agent's side and the collector's, both as people run them.

use std::fs;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::results;
use saksi_tests::scene::free_address;

use crate::staff::Staff;

/// A collector that says on its slips where it is.
pub(crate) fn staff() -> Staff {
    let mut staff = Staff::new();
    let config = staff.collector.dir().join("collector.toml");
    let text = fs::read_to_string(&config).unwrap();
    let address = free_address().unwrap();
    fs::write(&config, text.replace("127.0.0.1:7443", &address.to_string())).unwrap();
    staff.collector.start(Some((address, free_address().unwrap()))).unwrap();
    staff
}

#[test]
fn a_slip_makes_an_agent_the_voice_of_its_station_and_the_list_knows_it_as_tested() {
    let staff = staff();
    let mut agent = AgentProcess::not_set_up(&staff.path("agent"));
    let words = agent.succeed(&["enrol", &staff.slip(0), "--yes"]).unwrap();
    assert!(words.contains(staff.code(0)), "{words}");
    assert_eq!(staff.listed(0)["state"], "tested", "enrol ends with a rehearsal form");
    let paper = staff.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&paper, &[]).unwrap().status.success());
    agent.run(&staff.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "counted");
    let region = results::region(&staff.collector, "0", CONTEST).unwrap();
    assert_eq!(region.totals.stations.counted, 1, "the rehearsal form is counted nowhere");
}

#[test]
fn an_agent_without_a_network_is_enrolled_by_two_files() {
    let staff = staff();
    let agent = AgentProcess::not_set_up(&staff.path("agent"));
    let (request, answers) = (staff.path("station.enrol"), staff.path("answers"));
    let (request, slip) = (request.to_str().unwrap(), staff.slip(0));
    agent.succeed(&["enrol", &slip, "--station", staff.code(0), "--request", request]).unwrap();
    staff.must("enrol", &[request, "--out", answers.to_str().unwrap()]);
    let answer = answers.join(format!("{}.papers.json", staff.code(0)));
    let answer = ["enrol", "--answer", answer.to_str().unwrap(), "--yes", "--no-rehearsal"];
    agent.succeed(&answer).unwrap();
    agent.succeed(&["rehearse"]).unwrap();
    assert_eq!(staff.listed(0)["state"], "tested");
}
