//! Who is let in.

use saksi_tests::clerk::{self, Clerk, PASSWORD};
use saksi_tests::collector;
use saksi_tests::scene::Scene;

fn desk() -> Scene {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    clerk::account(&scene.collector, "sri", "admin", None).unwrap();
    scene.collector.start(None).unwrap();
    scene
}

fn dir(scene: &Scene) -> &str {
    scene.collector.dir().to_str().unwrap()
}

#[test]
fn the_first_admin_comes_from_the_command_line_and_signs_in_and_out() {
    let scene = desk();
    let mut sri = Clerk::outside(&scene.collector).unwrap();
    let outside = sri.get("/").unwrap();
    assert_eq!((outside.status, outside.location.as_deref()), (303, Some("/sign-in")));
    let inside = sri.sign_in("sri", PASSWORD).unwrap();
    assert_eq!((inside.status, inside.location.as_deref()), (303, Some("/")));
    let home = sri.html("/").unwrap();
    assert!(home.contains("sri of the sample") && home.contains("REHEARSAL"), "{home}");
    let session = sri.cookie.clone();
    assert!(session.starts_with("__Host-saksi="), "{session}");
    let out = sri.post("/", "/sign-out", &[]).unwrap();
    assert_eq!(out.location.as_deref(), Some("/sign-in"));
    sri.cookie = session;
    assert_eq!(sri.get("/").unwrap().status, 303, "the cookie is worth nothing any more");
}

#[test]
fn a_wrong_password_and_a_name_that_is_not_there_look_alike() {
    let scene = desk();
    let mut clerk = Clerk::outside(&scene.collector).unwrap();
    let wrong = clerk.sign_in("sri", "another long password").unwrap();
    let nobody = clerk.sign_in("nobody", "another long password").unwrap();
    assert_eq!((wrong.status, nobody.status), (403, 403));
    assert_eq!(
        wrong.html.replace("value=\"sri\"", ""),
        nobody.html.replace("value=\"nobody\"", "")
    );
    assert!(wrong.cookie.is_none() && nobody.cookie.is_none());
}

#[test]
fn guesses_are_held_back_and_others_are_not() {
    let scene = desk();
    clerk::account(&scene.collector, "budi", "viewer", None).unwrap();
    let mut guesser = Clerk::outside(&scene.collector).unwrap();
    let mut guess = || guesser.sign_in("sri", "a guess, and a wrong one").unwrap().status;
    // One more may be tried every three minutes, which a slow machine may take.
    let looked_at = (0..60).take_while(|_| guess() == 403).count();
    assert!((20..60).contains(&looked_at), "{looked_at}");
    assert_eq!(guess(), 429);
    let right = guesser.sign_in("sri", PASSWORD).unwrap();
    assert_eq!(right.status, 429, "nor is the right one looked at");
    assert_eq!(guesser.sign_in("budi", PASSWORD).unwrap().status, 303);
}

#[test]
fn who_is_ended_is_out_at_once_and_a_new_password_ends_sessions() {
    let scene = desk();
    clerk::account(&scene.collector, "budi", "viewer", None).unwrap();
    let mut budi = Clerk::signed_in(&scene.collector, "budi").unwrap();
    assert_eq!(budi.get("/").unwrap().status, 200);
    let made = collector::succeed(&["staff", "password", dir(&scene), "budi", "--generate"]);
    let made = made.unwrap();
    let password = made
        .lines()
        .find_map(|line| line.strip_prefix("Its password, which is shown this once:  "));
    assert_eq!(budi.get("/").unwrap().status, 303);
    assert_eq!(budi.sign_in("budi", PASSWORD).unwrap().status, 403);
    assert_eq!(budi.sign_in("budi", password.unwrap()).unwrap().status, 303);
    let own = "a sentence of his own";
    budi.choose("budi", password.unwrap(), own).unwrap();
    assert_eq!(budi.get("/").unwrap().status, 200);
    collector::succeed(&["staff", "end", dir(&scene), "budi"]).unwrap();
    assert_eq!(budi.get("/").unwrap().status, 303);
    assert_eq!(budi.sign_in("budi", own).unwrap().status, 403);
    let again = clerk::account(&scene.collector, "budi", "admin", None).unwrap_err().to_string();
    assert!(again.contains("a name means one person for all time"), "{again}");
}

/// Whoever makes an account knows its password, and could use it beside its owner, unnoticed.
#[test]
fn who_was_given_a_password_chooses_another_before_the_desk_opens() {
    let scene = desk();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let fields = [("name", "budi"), ("full_name", "Budi"), ("role", "admin"), ("region", "")];
    let mut given = Vec::new();
    for (act, fields) in [("/accounts/add", &fields[..]), ("/accounts/budi/password", &[])] {
        let made = sri.post("/accounts", act, fields).unwrap();
        let password = made.html.split("<code id=\"made\">").nth(1).expect("a password");
        given.push(password.split('<').next().unwrap().to_owned());
        let password = given.last().unwrap();
        let mut budi = Clerk::outside(&scene.collector).unwrap();
        assert_eq!(budi.sign_in("budi", password).unwrap().status, 303);
        for page in ["/", "/accounts", "/proposals", "/second", "/missing.csv", "/live"] {
            let led = budi.get(page).unwrap();
            assert_eq!((led.status, led.location.as_deref()), (303, Some("/password")), "{page}");
        }
        let html = budi.html("/password").unwrap();
        assert!(html.contains("Whoever made your password knows it too"), "{html}");
        let wall = [("name", "hall"), ("region", "")];
        assert_eq!(budi.post("/password", "/walls/add", &wall).unwrap().status, 403);
        let same = budi.choose("budi", password, password).unwrap_err().to_string();
        assert!(same.contains("This is the present password"), "{same}");
        assert_eq!(budi.get("/").unwrap().status, 303);
        let own = format!("a sentence of his own, number {}", given.len());
        budi.choose("budi", password, &own).unwrap();
        assert_eq!(budi.get("/accounts").unwrap().status, 200);
        let html = budi.html("/password").unwrap();
        assert!(!html.contains("Whoever made your password"), "{html}");
        assert_eq!(budi.sign_in("budi", password).unwrap().status, 403);
    }
    assert_ne!(given[0], given[1]);
}

#[test]
fn one_changes_ones_own_password_and_signs_in_again() {
    let scene = desk();
    let mut sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let new = "a sentence of my own";
    let post = |old: &str, new: &str, again: &str| {
        sri.post("/password", "/password", &[("old", old), ("new", new), ("again", again)]).unwrap()
    };
    for (old, new, again) in [
        ("not this one, surely", new, new),
        (PASSWORD, "too short", "too short"),
        (PASSWORD, new, "x"),
    ] {
        assert_eq!(post(old, new, again).status, 422, "{old} {new} {again}");
    }
    assert_eq!(post(PASSWORD, new, new).location.as_deref(), Some("/sign-in"));
    assert_eq!(sri.get("/").unwrap().status, 303, "all sessions are ended");
    assert_eq!(sri.sign_in("sri", PASSWORD).unwrap().status, 403);
    assert_eq!(sri.sign_in("sri", new).unwrap().status, 303);
}

#[test]
fn sessions_and_accounts_outlive_the_process() {
    let mut scene = desk();
    let mut sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    scene.collector.kill().unwrap();
    scene.collector.start(None).unwrap();
    sri.base = scene.collector.staff().unwrap().to_owned();
    assert_eq!(sri.get("/").unwrap().status, 200);
}

#[test]
fn a_forged_form_does_nothing() {
    let scene = desk();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let station = scene.stations[0].code.as_str();
    let (page, to) = (format!("/devices/{station}"), format!("/devices/{station}/revoke"));
    let html = sri.html(&page).unwrap();
    let csrf = saksi_tests::officer::hidden_field(&html, "csrf").unwrap();
    let good = [("csrf", csrf), ("reason", "lost")];
    let ours = ("Origin", sri.base.as_str());
    let origin = |value| ("Origin", value);
    for (headers, fields) in [
        (&[ours][..], &[("reason", "lost")][..]),
        (&[ours], &[("csrf", "00000000000000000000000000000000"), ("reason", "lost")]),
        (&[], &good),
        (&[origin("null")], &good),
        (&[origin("https://evil.example")], &good),
        (&[ours, ("Sec-Fetch-Site", "cross-site")], &good),
        (&[ours, ("Sec-Fetch-Site", "same-site")], &good),
    ] {
        let answer = sri.send(&to, headers, fields).unwrap();
        assert_eq!(answer.status, 403, "{headers:?} {fields:?}");
        assert!(answer.html.contains("<code>forged</code>"), "{}", answer.html);
    }
    let listed =
        collector::succeed(&["device", "list", dir(&scene), "--state", "revoked"]).unwrap();
    assert!(listed.contains("0 of 12 stations"), "{listed}");
    let sign_in = [("name", "sri"), ("password", PASSWORD)];
    let forged = sri.send("/sign-in", &[origin("https://evil.example")], &sign_in).unwrap();
    assert_eq!((forged.status, forged.cookie), (403, None), "nor is anybody signed in unasked");
    let done = sri.send(&to, &[ours], &good).unwrap();
    assert_eq!(done.status, 303, "the same, from our own page: {}", done.html);
}
