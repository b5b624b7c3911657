//! T10: the same station and contest with other content.

use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::{FIRST_FORM, Scene};
use serde_json::Value;

use super::*;

/// Digests and standings of a station's forms.
fn standings(scene: &Scene, station: usize) -> Vec<(Value, Value)> {
    let forms = forms(scene, station).into_iter();
    forms.map(|form| (form["digest"].clone(), form["standing"].clone())).collect()
}

#[test]
fn t10_other_content_for_the_same_contest_is_a_dispute_and_both_are_kept() {
    let mut scene = Scene::serving().unwrap();
    let pass = Proxy::start(&scene.collector.address().unwrap(), |_| Fault::Pass).unwrap();
    let agents = [("one", [30, 20, 2, 1]), ("other", [20, 30, 2, 1])]
        .map(|(name, votes)| agent_with_form(&scene, name, 0, votes));
    for agent in &agents {
        assert_eq!(deliver(agent, &pass).received, 1, "a dispute is no refusal");
        all_proven(&scene, agent);
    }
    let digests = agents.each_ref().map(|agent| agent.forms().unwrap()[0].sealed.digest());
    let wanted = digests.map(|digest| (digest.to_string().into(), "disputed".into()));
    assert_eq!(standings(&scene, 0), wanted);
    assert_eq!(scene.votes().unwrap(), [0; 4], "neither is summed");

    // The one that came first, again and last, overwrites nothing; nor does a restart.
    agents[0].resend(None).unwrap();
    deliver(&agents[0], &pass);
    drop(pass);
    let addresses = scene.collector.kill().unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    assert_eq!(standings(&scene, 0), wanted);
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 2);
    assert_eq!(scene.votes().unwrap(), [0; 4]);
}
