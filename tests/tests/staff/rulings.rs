//! What is in doubt, ruled on at the desk: by two people, in their region, over the forms that
//! they have read.

use saksi_tests::clerk::{self, Clerk};
use saksi_tests::collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::hidden_field;
use saksi_tests::picture::Picture;
use saksi_tests::poll;
use saksi_tests::scene::Scene;
use serde_json::Value;

/// A desk with two operators, an admin, a viewer, and an operator of another region than that
/// of station 1.
pub(crate) fn desk() -> Scene {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    let own = scene.stations[1].region.clone();
    let other = scene.stations.iter().map(|of| of.region.clone()).find(|region| *region != own);
    for (name, role, region) in [
        ("ani", "operator", None),
        ("budi", "operator", None),
        ("sri", "admin", None),
        ("tuti", "admin", None),
        ("vi", "viewer", None),
        ("elsewhere", "operator", other.as_deref()),
    ] {
        clerk::account(&scene.collector, name, role, region).unwrap();
    }
    scene.collector.start(None).unwrap();
    scene
}

pub(crate) fn clerk(scene: &Scene, name: &str) -> Clerk {
    Clerk::signed_in(&scene.collector, name).unwrap()
}

/// Another device of station 1 sends a form, and goes.
pub(crate) fn send(scene: &Scene, name: &str, votes: [u32; 4]) {
    drop(device(scene, name, votes, &[]));
}

/// Another device of station 1 has sent a form.
fn device(scene: &Scene, name: &str, votes: [u32; 4], options: &[&str]) -> AgentProcess {
    let mut agent = scene.agent(name, 1).unwrap();
    let paper = scene.stations[1].paper(votes).to_json();
    let stored = agent.submit(&paper, options).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    agent
}

/// Two forms of station 1 contradict each other.
pub(crate) fn dispute(scene: &Scene) -> [String; 2] {
    send(scene, "one", [10, 4, 2, 1]);
    send(scene, "other", [4, 10, 2, 1]);
    digests(scene).try_into().unwrap()
}

/// The forms of station 1 in the order of the log.
fn digests(scene: &Scene) -> Vec<String> {
    let forms = shown(scene)["contests"][0]["forms"].clone();
    let digest = |form: &Value| form["digest"].as_str().unwrap().to_owned();
    forms.as_array().unwrap().iter().map(digest).collect()
}

fn shown(scene: &Scene) -> Value {
    let path = format!("/api/v1/stations/{}", scene.stations[1].code);
    scene.collector.get::<Value>(&path).unwrap()
}

pub(crate) fn public_page(scene: &Scene, path: &str) -> String {
    let url = format!("{}{path}", scene.collector.web().unwrap());
    ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap()
}

fn case(scene: &Scene) -> String {
    format!("/case/{}/{CONTEST}", scene.stations[1].code)
}

/// Reads an act back, then makes it: where that leads, or the status and words of who is not
/// led anywhere.
pub(crate) fn act(
    by: &Clerk,
    page: &str,
    fields: &[(&str, &str)],
) -> Result<String, (u16, String)> {
    let read = by.post(page, page, fields).unwrap();
    if read.status != 200 {
        return Err((read.status, read.html));
    }
    assert!(read.html.contains("Read it back before it is done"), "{}", read.html);
    let csrf = hidden_field(&read.html, "csrf").unwrap();
    let mut all = vec![("csrf", csrf), ("confirmed", "yes")];
    all.extend(hidden_field(&read.html, "seen").map(|seen| ("seen", seen)));
    all.extend(fields);
    let made = by.send(page, &[("Origin", &by.base)], &all).unwrap();
    made.location.ok_or((made.status, made.html))
}

/// Accepts a form of station 1: gives the page of the proposal.
pub(crate) fn propose(scene: &Scene, by: &Clerk, form: &str) -> String {
    let choice = format!("accept:{form}");
    let fields = [("choice", choice.as_str()), ("reason", "as on the photo")];
    let led = act(by, &case(scene), &fields).unwrap();
    let id = led.split_once("?proposed=").unwrap_or_else(|| panic!("{led}")).1;
    format!("/proposals/{id}")
}

fn confirm(by: &Clerk, proposal: &str) -> (u16, String) {
    let to = format!("{proposal}/confirm");
    // Not from its own page, which says at once if it has lapsed.
    let answer = by.post("/", &to, &[("remark", "I see it too")]).unwrap();
    (answer.status, answer.location.unwrap_or(answer.html))
}

fn journal_is_sound(scene: &Scene) {
    collector::succeed(&["journal", "verify", scene.collector.dir().to_str().unwrap()]).unwrap();
}

#[test]
fn a_dispute_is_ruled_by_two_and_the_totals_follow() {
    let scene = desk();
    let forms = dispute(&scene);
    let [ani, budi, vi] = ["ani", "budi", "vi"].map(|name| clerk(&scene, name));
    let code = scene.stations[1].code.as_str();
    let queue = ani.html("/queue?kind=disputed").unwrap();
    assert!(queue.contains(code) && queue.contains(&case(&scene)), "{queue}");
    assert!(!ani.html("/queue?kind=held").unwrap().contains(code));
    let aged = ani.html("/queue?kind=disputed&order=oldest").unwrap();
    assert!(aged.contains(code) && aged.contains("value=\"oldest\" selected"), "{aged}");
    let behind = format!("/queue?kind=disputed&order=oldest&at={}~president~{code}", u64::MAX);
    assert!(!ani.html(&behind).unwrap().contains(&case(&scene)));
    assert!(!ani.html("/queue?kind=held&order=oldest").unwrap().contains(code));
    let page = ani.html(&case(&scene)).unwrap();
    for form in &forms {
        assert!(page.contains(&format!("accept:{form}")), "{page}");
    }
    assert!(page.contains("2 of ") && page.contains("boxes differ"), "{page}");
    assert!(page.contains("the station&#39;s device"), "who signed: {page}");

    let proposal = propose(&scene, &ani, &forms[1]);
    assert_eq!(scene.votes().unwrap(), [0; 4], "one alone changes nothing");
    let (status, words) = confirm(&ani, &proposal);
    assert_eq!(status, 409);
    assert!(words.contains("You have proposed this yourself"), "{words}");
    let refused = vi.post("/proposals", &format!("{proposal}/confirm"), &[]).unwrap();
    assert_eq!(refused.status, 403, "{}", refused.html);
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    let waits = "Proposals <span class=\"waiting\">1</span>";
    assert!(budi.html("/").unwrap().contains(waits), "it waits for budi");
    assert!(!ani.html("/").unwrap().contains(waits) && !vi.html("/").unwrap().contains(waits));

    let (status, led) = confirm(&budi, &proposal);
    assert_eq!(status, 303, "{led}");
    assert_eq!(scene.votes().unwrap(), [4, 10, 2, 1]);
    let ruled = shown(&scene);
    let ruling = &ruled["contests"][0]["rulings"][0];
    assert_eq!(ruling["by"], "ani of the sample; budi of the sample");
    assert_eq!(ruling["reason"], "as on the photo / I see it too");
    assert!(led.ends_with(&format!("?logged={}", ruling["index"])), "{led}");
    let public = public_page(&scene, &format!("/station/{code}?lang=en"));
    assert!(public.contains("ani of the sample; budi of the sample"), "{public}");
    let (status, words) = confirm(&budi, &proposal);
    assert_eq!(status, 409, "once: {words}");
    assert_eq!(shown(&scene)["contests"][0]["rulings"].as_array().unwrap().len(), 1);
    assert!(!ani.html("/queue?kind=disputed").unwrap().contains(code));
    assert!(!ani.html("/queue?kind=disputed&order=oldest").unwrap().contains(code));
    journal_is_sound(&scene);
}

#[test]
fn a_form_that_comes_in_between_makes_what_was_read_lapse() {
    let scene = desk();
    let forms = dispute(&scene);
    let [ani, budi] = ["ani", "budi"].map(|name| clerk(&scene, name));
    let read = ani.html(&case(&scene)).unwrap();
    send(&scene, "third", [5, 9, 2, 1]);
    let (csrf, seen) = (hidden_field(&read, "csrf").unwrap(), hidden_field(&read, "seen").unwrap());
    let choice = format!("accept:{}", forms[0]);
    for confirmed in ["", "yes"] {
        let fields = [
            ("csrf", csrf),
            ("seen", seen),
            ("choice", &choice),
            ("reason", "as on the photo"),
            ("confirmed", confirmed),
        ];
        let late = ani.send(&case(&scene), &[("Origin", &ani.base)], &fields).unwrap();
        assert_eq!(late.status, 409, "{}", late.html);
        assert!(late.html.contains("Other forms have arrived since you looked"), "{}", late.html);
    }

    let proposal = propose(&scene, &ani, &forms[0]);
    let choice = [("choice", "reject"), ("reason", "none is right")];
    let (status, words) = act(&budi, &case(&scene), &choice).unwrap_err();
    assert!(status == 409 && words.contains("A proposal on the same waits already"), "{words}");
    send(&scene, "fourth", [6, 8, 2, 1]);
    let (status, words) = confirm(&budi, &proposal);
    assert!(status == 409 && words.contains("Other forms have arrived"), "{words}");
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    let page = budi.html(&proposal).unwrap();
    assert!(page.contains("lapsed: Other forms") && !page.contains("/confirm\""), "{page}");

    let proposal = propose(&scene, &ani, &forms[0]);
    let why = [("remark", "the photo is of another station")];
    let declined = budi.post(&proposal, &format!("{proposal}/decline"), &why).unwrap();
    assert_eq!(declined.status, 303, "{}", declined.html);
    assert!(ani.html(&proposal).unwrap().contains("declined: the photo is of another station"));
    assert_eq!(confirm(&budi, &proposal).0, 409, "what was declined");
    let proposal = propose(&scene, &budi, &forms[0]);
    assert_eq!(confirm(&ani, &proposal).0, 303);
    assert_eq!(scene.votes().unwrap(), [10, 4, 2, 1]);
    journal_is_sound(&scene);
}

#[test]
fn who_has_the_same_name_is_no_second_person_and_an_ended_account_no_first() {
    let scene = desk();
    let forms = dispute(&scene);
    let dir = scene.collector.dir().to_str().unwrap().to_owned();
    let ani = clerk(&scene, "ani");
    let proposal = propose(&scene, &ani, &forms[0]);
    let password = scene.collector.dir().join("ani.password");
    let twin = ["staff", "add", &dir, "ani2", "--full-name", "Ani of the Sample"];
    let file = ["--role", "operator", "--password-file", password.to_str().unwrap()];
    collector::succeed(&[&twin[..], &file].concat()).unwrap();
    let (status, words) = confirm(&clerk(&scene, "ani2"), &proposal);
    assert!(status == 409 && words.contains("has the same name as you"), "{words}");
    collector::succeed(&["staff", "end", &dir, "ani"]).unwrap();
    let (status, words) = confirm(&clerk(&scene, "budi"), &proposal);
    assert!(status == 409 && words.contains("has been ended"), "{words}");
    assert_eq!(scene.votes().unwrap(), [0; 4]);
}

#[test]
fn an_operator_of_another_region_sees_rules_and_fetches_nothing_there() {
    let scene = desk();
    let photo = scene.dir().join("sheet.jpg");
    std::fs::write(&photo, Picture::sheet().jpeg()).unwrap();
    let named = ["--photo", photo.to_str().unwrap()];
    let _agent = device(&scene, "one", [10, 4, 2, 1], &named);
    send(&scene, "other", [4, 10, 2, 1]);
    let forms = digests(&scene);
    let [ani, elsewhere] = ["ani", "elsewhere"].map(|name| clerk(&scene, name));
    // Its device sends the photo after the form's receipt.
    let address = poll::until("the photo", || {
        let page = ani.html(&case(&scene))?;
        let address = page.split("<img src=\"").nth(1).and_then(|rest| rest.split('"').next());
        Ok(address.map(str::to_owned))
    });
    let address = address.unwrap();
    let seen = ani.picture(&address).unwrap();
    assert_eq!((seen.status, seen.kind.as_str()), (200, "image/jpeg"));
    assert_eq!(seen.policy, "default-src 'none'; sandbox");
    assert!(seen.nosniff && seen.bytes.starts_with(&[0xff, 0xd8, 0xff]));

    let proposal = propose(&scene, &ani, &forms[0]);
    let code = scene.stations[1].code.as_str();
    let nowhere = elsewhere.get("/case/nowhere/president").unwrap();
    for path in [case(&scene), address.clone(), proposal.clone()] {
        let there = elsewhere.get(&path).unwrap();
        assert_eq!((there.status, &there.html), (404, &nowhere.html), "{path}");
    }
    for path in ["/queue?kind=disputed", "/queue.csv", "/proposals"] {
        assert!(ani.html(path).unwrap().contains(code), "{path}");
        assert!(!elsewhere.html(path).unwrap().contains(code), "{path}");
    }
    let region = format!("/queue?region={}", scene.stations[1].region);
    assert_eq!(elsewhere.get(&region).unwrap().status, 404);
    let choice = format!("accept:{}", forms[0]);
    let fields = [("choice", choice.as_str()), ("reason", "mine"), ("confirmed", "yes")];
    assert_eq!(elsewhere.post("/", &case(&scene), &fields).unwrap().status, 404);
    for what in ["confirm", "decline"] {
        let to = format!("{proposal}/{what}");
        let refused = elsewhere.post("/", &to, &[("remark", "mine")]).unwrap();
        assert_eq!(refused.status, 404, "{what}");
    }
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    let outside = Clerk::outside(&scene.collector).unwrap();
    assert_eq!(outside.get(&address).unwrap().status, 303, "nobody is signed in");
}

#[test]
fn one_person_is_enough_where_the_policy_says_so() {
    let mut scene = desk();
    let before = scene.collector.stop().unwrap();
    scene.collector.configure("two_people", "[\"pause\"]").unwrap();
    scene.collector.start(Some(before)).unwrap();
    let forms = dispute(&scene);
    let ani = clerk(&scene, "ani");
    let choice = format!("accept:{}", forms[1]);
    let fields = [("choice", choice.as_str()), ("reason", "as on the photo")];
    let led = act(&ani, &case(&scene), &fields).unwrap();
    assert!(led.contains("?logged="), "{led}");
    assert_eq!(scene.votes().unwrap(), [4, 10, 2, 1]);
    let fields = [("choice", "withdraw"), ("reason", "too early")];
    act(&ani, &case(&scene), &fields).unwrap();
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    let unsaid = [("choice", choice.as_str()), ("reason", " ")];
    let (status, words) = act(&ani, &case(&scene), &unsaid).unwrap_err();
    assert!(status == 409 && words.contains("Say why"), "{words}");
}
