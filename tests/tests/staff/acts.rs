//! What is done at the desk, and what is kept of it.

use saksi_tests::clerk::{self, Clerk};
use saksi_tests::collector;
use saksi_tests::scene::Scene;

fn desk() -> (Scene, Clerk) {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    clerk::account(&scene.collector, "sri", "admin", None).unwrap();
    scene.collector.start(None).unwrap();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    (scene, sri)
}

#[test]
fn a_device_is_replaced_and_the_log_says_by_whom_and_why() {
    let (scene, sri) = desk();
    let station = scene.stations[3].code.as_str();
    let page = format!("/devices/{station}");
    let unsaid = sri.post(&page, &format!("{page}/replace"), &[("reason", " ")]).unwrap();
    assert_eq!(unsaid.status, 422, "{}", unsaid.html);
    let reason = ("reason", "fell into the river <b>");
    let made = sri.post(&page, &format!("{page}/replace"), &[reason]).unwrap();
    assert_eq!(made.status, 200, "{}", made.html);
    let code = made.html.split("<code id=\"new-code\">").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(code.len(), 14, "{code}");
    assert!(!sri.html(&page).unwrap().contains(code), "it is shown once");
    let dir = scene.collector.dir().to_str().unwrap();
    let listed = collector::succeed(&["device", "list", dir, "--state", "code-open"]).unwrap();
    assert!(listed.contains(station) && listed.contains("1 of 12"), "{listed}");
    for (filter, lines) in [
        ("state=code-open", 2),
        ("state=enrolled", 12),
        ("only=never-seen", 12),
        ("only=not-tested&state=tested", 1),
        ("silent=1", 12),
        ("state=revoked", 1),
        ("q=no-such", 1),
    ] {
        let found = sri.html(&format!("/devices.csv?{filter}")).unwrap();
        assert_eq!(found.lines().count(), lines, "{filter}, with a header: {found}");
        let shown = sri.html(&format!("/devices?{filter}")).unwrap();
        let rows = shown.matches("href=\"/devices/").count();
        assert_eq!(rows, lines - 1, "{filter}: {shown}");
    }
    let activity = sri.html("/activity?kind=device-replace").unwrap();
    assert!(activity.contains("fell into the river &#60;b&#62;"), "{activity}");
    // After the manifest and twelve devices: the revocation, then the code.
    assert!(
        activity.contains("done</td><td class=\"number\" data-label=\"Entry\">13</td>"),
        "{activity}"
    );
    assert!(!activity.contains(code) && !activity.contains("sign-in"), "{activity}");
    let logged = sri.html("/activity/log?kind=device-revoke").unwrap();
    assert!(logged.contains("sri of the sample") && logged.contains(station), "{logged}");
    let refused = sri.post(&page, &format!("{page}/revoke"), &[("reason", "again")]).unwrap();
    assert_eq!(refused.status, 422, "there is no device any more: {}", refused.html);
    let activity = sri.html("/activity?kind=device-revoke").unwrap();
    assert!(activity.contains("refused: these stations have no device"), "{activity}");
}

#[test]
fn who_has_not_reported_is_listed_until_the_form_has_come() {
    let (scene, sri) = desk();
    let code = scene.stations[0].code.as_str();
    let csv = sri.html("/missing.csv").unwrap();
    assert_eq!(csv.lines().count(), 13, "a header and twelve stations: {csv}");
    assert!(sri.html("/missing").unwrap().contains("12 of 12 forms have not come"));
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let html = sri.html("/missing").unwrap();
    assert!(html.contains("11 of 12 forms have not come") && !html.contains(code), "{html}");
    let csv = sri.html("/missing.csv").unwrap();
    assert!(csv.lines().count() == 12 && !csv.contains(code), "{csv}");
    let of = sri.html(&format!("/missing?q={}", scene.stations[1].code)).unwrap();
    assert!(of.contains(&scene.stations[1].code) && !of.contains(&scene.stations[2].code), "{of}");
    let second = scene.stations[1].code.as_str();
    let after = sri.html(&format!("/missing.csv?after={second}")).unwrap();
    let rest: Vec<_> = csv.lines().skip_while(|line| !line.starts_with(second)).skip(1).collect();
    assert!(!rest.is_empty(), "{csv}");
    assert_eq!(after.lines().skip(1).collect::<Vec<_>>(), rest, "from the next one on");
}

#[test]
fn a_wall_view_needs_its_link_alone_and_hangs_until_it_is_ended() {
    let (mut scene, sri) = desk();
    let made = sri.post("/accounts", "/walls/add", &[("name", "hall"), ("region", "")]).unwrap();
    let link = made.html.split("<code id=\"made\">").nth(1).unwrap().split('<').next().unwrap();
    let path = link.strip_prefix(&sri.base).unwrap().to_owned();
    let mut projector = Clerk::outside(&scene.collector).unwrap();
    let seen = projector.html(&path).unwrap();
    assert!(
        seen.contains("data-stream") && !seen.contains("csrf") && !seen.contains("/devices"),
        "{seen}"
    );
    assert!(projector.stream(&format!("{path}/live")).unwrap().event().unwrap().is_some());
    assert_eq!(projector.get("/").unwrap().status, 303, "it opens nothing else");
    assert_eq!(projector.get(&format!("/wall/{}", "0".repeat(64))).unwrap().status, 404);
    scene.collector.stop().unwrap();
    scene.collector.start(None).unwrap();
    projector.base = scene.collector.staff().unwrap().to_owned();
    assert_eq!(projector.get(&path).unwrap().status, 200, "it outlives the process");
    let dir = scene.collector.dir().to_str().unwrap();
    collector::succeed(&["staff", "wall", "end", dir, "1"]).unwrap();
    assert_eq!(projector.get(&path).unwrap().status, 404);
    assert_eq!(projector.get(&format!("{path}/live")).unwrap().status, 404);
}
