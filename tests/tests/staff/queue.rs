//! The queue, by age and by region, without a script.

use saksi_tests::clerk::Clerk;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::Scene;

use crate::rulings::{clerk, desk};

/// Two devices of a station contradict each other.
fn dispute_at(scene: &Scene, station: usize) {
    for (name, votes) in [("one", [10, 4, 2, 1]), ("other", [4, 10, 2, 1])] {
        let mut agent = scene.agent(&format!("{name}-{station}"), station).unwrap();
        let paper = scene.stations[station].paper(votes).to_json();
        let stored = agent.submit(&paper, &[]).unwrap();
        assert!(stored.status.success(), "{stored:?}");
        agent.run(&scene.collector.address().unwrap()).unwrap();
        agent.received(CONTEST).unwrap();
    }
}

/// The stations of a page of the queue, in its order.
fn shown(by: &Clerk, scene: &Scene, query: &str) -> Vec<usize> {
    let html = by.html(&format!("/queue?kind=disputed&{query}")).unwrap();
    let mut found: Vec<(usize, usize)> = (0..scene.stations.len())
        .filter_map(|at| {
            let case = format!("/case/{}/{CONTEST}", scene.stations[at].code);
            html.find(&case).map(|place| (place, at))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
}

#[test]
fn what_waits_is_shown_by_age_and_by_region() {
    let scene = desk();
    // Not in the order of places.
    let came = [2, 0, 1];
    came.iter().for_each(|station| dispute_at(&scene, *station));
    let ani = clerk(&scene, "ani");
    assert_eq!(shown(&ani, &scene, "order=oldest"), came);
    assert_eq!(shown(&ani, &scene, "order=newest"), [1, 0, 2]);
    let by_place = shown(&ani, &scene, "order=");
    assert_eq!(by_place.len(), 3);
    assert_eq!(shown(&ani, &scene, "order=rubbish"), by_place);
    let region = &scene.stations[came[0]].region;
    let there: Vec<_> =
        came.into_iter().filter(|at| scene.stations[*at].region == *region).collect();
    assert_eq!(shown(&ani, &scene, &format!("order=oldest&region={region}")), there);

    let html = ani.html("/queue?kind=disputed&order=oldest").unwrap();
    let regions = html.split("<select id=\"region\"").nth(1).unwrap();
    let regions = regions.split("</select>").next().unwrap();
    assert!(regions.contains("value=\"0\" selected"), "where one is: {regions}");
    assert!(html.contains("<option value=\"oldest\" selected>Oldest first"), "{html}");
    // Behind the first of the oldest come the others, and behind the last nothing.
    let moment = |at: usize| {
        let path = format!("/api/v1/stations/{}", scene.stations[at].code);
        let shown: serde_json::Value = scene.collector.get(&path).unwrap();
        let forms = shown["contests"][0]["forms"].clone();
        let since = forms.as_array().unwrap()[1]["arrived_ms"].as_u64().unwrap();
        format!("{since}~{CONTEST}~{}", scene.stations[at].code)
    };
    let behind = |at: usize| format!("order=oldest&at={}", moment(at));
    assert_eq!(shown(&ani, &scene, &behind(2)), [0, 1]);
    assert!(shown(&ani, &scene, &behind(1)).is_empty());
}
