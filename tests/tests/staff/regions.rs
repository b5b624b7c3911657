//! Roles and regions: who may do what, and where.

use saksi_tests::clerk::{self, Clerk, PASSWORD};
use saksi_tests::collector;
use saksi_tests::scene::Scene;

/// A desk with an operator of the first station's region, and the first station outside it.
fn desk() -> (Scene, usize) {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    let own = scene.stations[0].region.clone();
    let outside = scene.stations.iter().position(|station| station.region != own).unwrap();
    for (name, role, region) in [
        ("sri", "admin", None),
        ("rina", "admin", Some(own.as_str())),
        ("op", "operator", Some(own.as_str())),
        ("vi", "viewer", None),
        ("au", "auditor", None),
    ] {
        clerk::account(&scene.collector, name, role, region).unwrap();
    }
    scene.collector.start(None).unwrap();
    (scene, outside)
}

fn revoked(scene: &Scene) -> String {
    let dir = scene.collector.dir().to_str().unwrap();
    let listed = collector::succeed(&["device", "list", dir, "--state", "revoked"]).unwrap();
    listed.lines().last().unwrap().to_owned()
}

#[test]
fn a_regional_operator_sees_and_acts_in_the_region_alone() {
    let (scene, outside) = desk();
    let op = Clerk::signed_in(&scene.collector, "op").unwrap();
    let (own, other) = (&scene.stations[0], &scene.stations[outside]);
    for page in ["/missing", "/devices", "/missing.csv", "/devices.csv"] {
        let html = op.html(page).unwrap();
        assert!(html.contains(&own.code) && !html.contains(&other.code), "{page}: {html}");
        let elsewhere = op.get(&format!("{page}?region={}", other.region)).unwrap();
        let nowhere = op.get(&format!("{page}?region=nowhere")).unwrap();
        assert_eq!((elsewhere.status, nowhere.status), (404, 404), "{page}");
        assert_eq!(elsewhere.html, nowhere.html, "what is outside looks like what is not there");
        assert_eq!(op.get(&format!("{page}?region=0")).unwrap().status, 404, "{page}");
    }
    let there = op.get(&format!("/devices/{}", other.code)).unwrap();
    let nowhere = op.get("/devices/nowhere").unwrap();
    assert_eq!((there.status, &there.html), (404, &nowhere.html));
    let page = format!("/devices/{}", own.code);
    for what in ["revoke", "replace"] {
        let to = format!("/devices/{}/{what}", other.code);
        assert_eq!(op.post(&page, &to, &[("reason", "lost")]).unwrap().status, 404, "{what}");
    }
    assert_eq!(revoked(&scene), "0 of 12 stations");
    let to = format!("/devices/{}/revoke", own.code);
    assert_eq!(op.post(&page, &to, &[("reason", "lost")]).unwrap().status, 303);
    assert_eq!(revoked(&scene), "1 of 12 stations");
}

#[test]
fn each_role_may_do_what_the_table_says() {
    let (scene, _) = desk();
    let station = format!("/devices/{}", scene.stations[0].code);
    let clerk = |name| Clerk::signed_in(&scene.collector, name).unwrap();
    let (vi, au, op, sri) = (clerk("vi"), clerk("au"), clerk("op"), clerk("sri"));
    let lobby = sri.post("/accounts", "/walls/add", &[("name", "lobby"), ("region", "")]).unwrap();
    assert!(lobby.html.contains("/walls/1/end"), "{}", lobby.html);
    for (who, name) in [(&vi, "viewer"), (&au, "auditor")] {
        assert!(!who.html(&station).unwrap().contains("/revoke"), "{name} is not offered it");
        let refused = who.post("/", &format!("{station}/revoke"), &[("reason", "lost")]).unwrap();
        assert_eq!(refused.status, 403, "{name}");
    }
    for (who, name) in [(&vi, "viewer"), (&au, "auditor"), (&op, "operator")] {
        assert_eq!(who.get("/accounts").unwrap().status, 403, "{name}");
        let account = [("name", "mine"), ("full_name", "Mine"), ("role", "admin"), ("region", "")];
        assert_eq!(who.post("/", "/accounts/add", &account).unwrap().status, 403, "{name}");
        assert_eq!(who.post("/", "/accounts/vi/password", &[]).unwrap().status, 403, "{name}");
        assert_eq!(who.post("/", "/accounts/vi/end", &[]).unwrap().status, 403, "{name}");
        let hall = [("name", "hall"), ("region", "")];
        assert_eq!(who.post("/", "/walls/add", &hall).unwrap().status, 403, "{name}");
        assert_eq!(who.post("/", "/walls/1/end", &[]).unwrap().status, 403, "{name}");
    }
    assert_eq!(revoked(&scene), "0 of 12 stations");
    let (others, own) = (au.html("/activity").unwrap(), vi.html("/activity?account=op").unwrap());
    assert!(others.contains("op of the sample"), "an auditor sees everybody: {others}");
    assert!(own.contains("vi of the sample") && !own.contains("op of the sample"), "{own}");
    // Whatever was answered, nothing of it was done.
    let html = sri.html("/accounts").unwrap();
    assert!(html.contains("/accounts/vi/end") && !html.contains("/accounts/mine/"), "{html}");
    assert!(html.contains("<li>lobby ") && !html.contains("<li>hall "), "{html}");
}

#[test]
fn an_admin_of_a_region_gives_out_accounts_of_that_region_alone() {
    let (scene, outside) = desk();
    let rina = Clerk::signed_in(&scene.collector, "rina").unwrap();
    let add = |name: &str, region: &str| {
        let of = [("name", name), ("full_name", "Somebody Else"), ("role", "operator")];
        let fields = [&of[..], &[("region", region)]].concat();
        rina.post("/accounts", "/accounts/add", &fields).unwrap()
    };
    let html = rina.html("/accounts").unwrap();
    assert!(html.contains("op of the sample") && !html.contains("sri of the sample"), "{html}");
    assert_eq!(add("wide", "0").status, 422);
    assert_eq!(add("wide", &scene.stations[outside].region).status, 422);
    assert_eq!(rina.post("/accounts", "/accounts/sri/password", &[]).unwrap().status, 404);
    assert_eq!(rina.post("/accounts", "/accounts/sri/end", &[]).unwrap().status, 404);
    assert_eq!(rina.post("/accounts", "/accounts/rina/end", &[]).unwrap().status, 422);
    let made = add("narrow", "");
    assert_eq!(made.status, 200, "{}", made.html);
    let password = made.html.split("<code id=\"made\">").nth(1).unwrap();
    let password = password.split('<').next().unwrap();
    let mut narrow = Clerk::outside(&scene.collector).unwrap();
    assert_eq!(narrow.sign_in("narrow", password).unwrap().status, 303);
    narrow.choose("narrow", password, PASSWORD).unwrap();
    let html = narrow.html("/devices").unwrap();
    assert!(!html.contains(&scene.stations[outside].code), "an empty region is her own: {html}");
    assert_eq!(rina.post("/accounts", "/accounts/narrow/end", &[]).unwrap().status, 200);
    assert_eq!(narrow.get("/").unwrap().status, 303);
    assert_eq!(add("other", "").status, 200);
    assert_eq!(rina.post("/accounts", "/accounts/other/password", &[]).unwrap().status, 200);
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let (of_all, of_hers) = ("/activity?account=rina", "/activity");
    for (who, page) in [(&sri, of_all), (&rina, of_all), (&rina, of_hers)] {
        let activity = who.html(page).unwrap();
        for kind in ["account-add", "account-password", "account-end", "sign-in"] {
            assert!(activity.contains(kind), "{kind} is nowhere: {activity}");
        }
    }
    let own = rina.html("/activity").unwrap();
    assert!(!own.contains("sri of the sample"), "what has no place is of the whole: {own}");
    let here = rina.html(&format!("/activity?region={}", scene.stations[0].region)).unwrap();
    assert!(!here.contains("account-add"), "it was in no region: {here}");
    let ended = rina.post("/accounts", "/accounts/narrow/password", &[]).unwrap();
    assert_eq!(ended.status, 404, "what is ended gets no password: {}", ended.html);
}
