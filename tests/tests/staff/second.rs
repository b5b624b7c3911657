//! The second factor, over TLS, with codes that are computed here as a telephone computes them.

use std::time::{SystemTime, UNIX_EPOCH};

use saksi_collector::staff::second::{Secret, step};
use saksi_tests::clerk::{self, Clerk, PASSWORD};
use saksi_tests::collector;
use saksi_tests::officer::Page;
use saksi_tests::poll;
use saksi_tests::scene::Scene;

/// Somebody's telephone.
struct Telephone {
    secret: Secret,
    shown: u64,
}

impl Telephone {
    /// A code that it has not shown before: of the next step, so that there is at least half a
    /// minute for it to arrive.
    fn code(&mut self) -> String {
        let now = || step(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() * 1_000);
        let next = poll::until("a code that was not used", || {
            let next = now() + 1;
            Ok((next > self.shown).then_some(next))
        });
        self.shown = next.unwrap();
        self.secret.code(self.shown)
    }
}

fn sign_in(clerk: &mut Clerk, name: &str, password: &str, code: &str) -> Page {
    let fields = [("name", name), ("password", password), ("code", code)];
    let answer = clerk.send("/sign-in", &[("Origin", &clerk.base)], &fields).unwrap();
    clerk.cookie = answer.cookie.clone().unwrap_or_default();
    answer
}

/// Sets a second factor up: gives the telephone and the recovery codes. The session is a new one.
fn set_up(by: &mut Clerk, code: &str) -> (Telephone, Vec<String>) {
    let fields = [("password", PASSWORD), ("code", code)];
    let begun = by.post("/second", "/second/begin", &fields).unwrap();
    assert_eq!(begun.status, 200, "{}", begun.html);
    let letters = begun.html.split("<code id=\"secret\">").nth(1).unwrap();
    let secret = Secret::typed(letters.split('<').next().unwrap()).unwrap();
    let mut telephone = Telephone { secret, shown: 0 };
    let wrong = by.post("/second", "/second/confirm", &[("code", "12345")]).unwrap();
    assert!(wrong.status == 422 && wrong.html.contains("<svg"), "again, the same: {}", wrong.html);
    let done = by.post("/second", "/second/confirm", &[("code", &telephone.code())]).unwrap();
    assert_eq!(done.status, 200, "{}", done.html);
    by.cookie = done.cookie.clone().unwrap();
    let codes = done.html.split("<li><code>").skip(1);
    let codes: Vec<_> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{}", done.html);
    (telephone, codes)
}

fn desk(demanded: &str) -> Scene {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    scene.collector.configure("second_factor", demanded).unwrap();
    for (name, role) in
        [("sri", "admin"), ("tuti", "admin"), ("budi", "operator"), ("vi", "viewer")]
    {
        clerk::account(&scene.collector, name, role, None).unwrap();
    }
    scene.collector.start(None).unwrap();
    scene
}

#[test]
fn who_has_a_second_factor_signs_in_with_it_and_each_code_is_good_once() {
    let scene = desk("[\"none\"]");
    let mut budi = Clerk::signed_in(&scene.collector, "budi").unwrap();
    let other = Clerk::signed_in(&scene.collector, "budi").unwrap();
    let stranger = [("password", "not this one, surely"), ("code", "")];
    let refused = budi.post("/second", "/second/begin", &stranger).unwrap();
    assert_eq!(refused.status, 422, "an open page is not enough: {}", refused.html);
    let (mut telephone, codes) = set_up(&mut budi, "");
    assert_eq!(other.get("/").unwrap().status, 303, "sessions from before are ended");
    assert_eq!(budi.get("/").unwrap().status, 200, "and a new one has begun");
    assert!(!budi.html("/second").unwrap().contains(&codes[0]), "they are shown once");

    let mut at = Clerk::outside(&scene.collector).unwrap();
    assert_eq!(sign_in(&mut at, "budi", PASSWORD, "").status, 403);
    let wrong = sign_in(&mut at, "budi", PASSWORD, "12345");
    let other = sign_in(&mut at, "budi", "not this one, surely", "12345");
    assert_eq!((wrong.status, other.status), (403, 403));
    assert_eq!(wrong.html, other.html, "whoever has the password alone does not learn it");
    let code = telephone.code();
    assert_eq!(sign_in(&mut at, "budi", PASSWORD, &code).status, 303);
    assert_eq!(at.get("/").unwrap().status, 200);
    assert_eq!(sign_in(&mut at, "budi", PASSWORD, &code).status, 403, "a code is good once");
    let led = sign_in(&mut at, "budi", PASSWORD, &codes[3].to_uppercase());
    assert_eq!(led.location.as_deref(), Some("/second"), "{}", led.html);
    assert!(at.html("/second").unwrap().contains("<dd>9</dd>"), "nine are left");
    assert_eq!(sign_in(&mut at, "budi", PASSWORD, &codes[3]).status, 403, "and so is that one");
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let activity = sri.html("/activity?account=budi").unwrap();
    for kind in ["second-factor-set", "recovery-code"] {
        assert!(activity.contains(kind), "{kind}: {activity}");
    }
    // Guesses at the code spend what guesses at the password do.
    let tried = (0..60).take_while(|_| sign_in(&mut at, "budi", PASSWORD, "1").status == 403);
    assert!(tried.count() < 60);
}

#[test]
fn of_whom_it_is_demanded_does_nothing_before() {
    let scene = desk("[\"admin\", \"operator\"]");
    let mut budi = Clerk::signed_in(&scene.collector, "budi").unwrap();
    let station = &scene.stations[0].code;
    for path in ["/", "/queue", "/devices", "/missing.csv", "/live"] {
        let led = budi.get(path).unwrap();
        assert_eq!(led.location.as_deref(), Some("/second"), "{path}");
    }
    let page = budi.html("/second").unwrap();
    assert!(page.contains("Your role needs a second factor"), "{page}");
    let revoke = format!("/devices/{station}/revoke");
    let refused = budi.post("/second", &revoke, &[("reason", "lost")]).unwrap();
    assert_eq!(refused.status, 403, "{}", refused.html);
    set_up(&mut budi, "");
    assert_eq!(budi.get("/queue").unwrap().status, 200);
    let vi = Clerk::signed_in(&scene.collector, "vi").unwrap();
    assert_eq!(vi.get("/").unwrap().status, 200, "nobody asks viewers");
}

#[test]
fn a_lost_telephone_needs_two_admins_or_the_command_line() {
    let scene = desk("[\"none\"]");
    let mut budi = Clerk::signed_in(&scene.collector, "budi").unwrap();
    let (_, codes) = set_up(&mut budi, "");
    let [sri, tuti] = ["sri", "tuti"].map(|name| Clerk::signed_in(&scene.collector, name).unwrap());
    let reset = |by: &Clerk| by.post("/accounts", "/accounts/budi/second", &[]).unwrap();
    let own = sri.post("/accounts", "/accounts/sri/second", &[]).unwrap();
    assert_eq!(own.status, 422, "nobody asks for herself: {}", own.html);
    for _ in 0..2 {
        let asked = reset(&sri);
        assert!(asked.html.contains("sri asks to reset"), "{}", asked.html);
    }
    // With another account she is no second person.
    let dir = scene.collector.dir().to_str().unwrap();
    let password = scene.collector.dir().join("sri.password");
    let twin = ["staff", "add", dir, "sri2", "--full-name", "Sri of the Sample"];
    let file = ["--role", "admin", "--password-file", password.to_str().unwrap()];
    collector::succeed(&[&twin[..], &file].concat()).unwrap();
    let asked = reset(&Clerk::signed_in(&scene.collector, "sri2").unwrap());
    assert!(asked.html.contains("sri2 asks to reset"), "{}", asked.html);
    assert_eq!(budi.get("/").unwrap().status, 200, "one alone, however often, changes nothing");
    assert_eq!(reset(&tuti).status, 200);
    assert_eq!(budi.get("/").unwrap().status, 303, "its sessions are ended");
    let mut budi = Clerk::signed_in(&scene.collector, "budi").unwrap();
    assert_eq!(reset(&tuti).status, 404, "there is none to take away");
    assert_eq!(sign_in(&mut budi, "budi", PASSWORD, &codes[0]).status, 303);
    let activity = sri.html("/activity").unwrap();
    assert!(activity.contains("second-factor-reset-ask"), "{activity}");

    let (_, codes) = set_up(&mut budi, "");
    set_up(&mut budi, &codes[0]);
    let listed = collector::succeed(&["staff", "list", dir]).unwrap();
    assert_eq!(listed.matches("second factor").count(), 1, "{listed}");
    collector::succeed(&["staff", "reset-second", dir, "budi"]).unwrap();
    assert_eq!(budi.get("/").unwrap().status, 303);
    Clerk::signed_in(&scene.collector, "budi").unwrap();
    let none = collector::succeed(&["staff", "reset-second", dir, "budi"]).unwrap_err();
    assert!(none.to_string().contains("has no second factor"), "{none}");
}
