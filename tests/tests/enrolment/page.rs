//! A device is enrolled in the browser, without a script: the process that asks for the slip
//! is the one that sends the forms.

use std::fs;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::poll;

use crate::agents::staff;
use crate::staff::Staff;

/// A device that nobody has set up, and the officer at its page.
fn started(staff: &Staff, name: &str) -> (AgentProcess, Officer) {
    let mut agent = AgentProcess::not_set_up(&staff.path(name));
    agent.run(&staff.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    (agent, officer)
}

/// What the page says to a step that goes no further.
fn refused(officer: &Officer, to: &str, fields: &[(&str, &str)]) -> String {
    let page = officer.post("/", to, fields).unwrap();
    assert_eq!(page.status, 409, "{}", page.html);
    page.html
}

/// The page that comes once the device has its papers.
fn enrolled(officer: &Officer, station: &str) {
    let page = poll::until("the page of the enrolled device", || {
        let page = officer.get("/enrolled")?;
        Ok((page.status == 200).then_some(page.html))
    })
    .unwrap();
    assert!(page.contains("This device is enrolled") && page.contains(station), "{page}");
    assert!(!page.contains("See to it"), "clock, disk, certificate and link are well: {page}");
}

#[test]
fn a_slip_typed_into_the_page_makes_the_device_and_the_same_process_sends_its_forms() {
    let staff = staff();
    let (agent, officer) = started(&staff, "agent");
    assert!(officer.html("/").unwrap().contains("Enrol this device"));
    assert_eq!(officer.led("/", "/enrol/ask", &[("slip", &staff.slip(0))]).unwrap(), "/");
    let confirm = officer.html("/").unwrap();
    assert!(confirm.contains("Is this your station?") && confirm.contains(staff.code(0)));
    assert_eq!(staff.listed(0)["state"], "code-open", "asking uses nothing up");
    assert_eq!(officer.led("/", "/enrol/yes", &[]).unwrap(), "/enrolled");
    enrolled(&officer, staff.code(0));
    assert!(!staff.path("agent/enrol.json").exists() && !staff.path("agent/page.address").exists());
    assert_eq!(officer.led("/enrolled", "/rehearse", &[]).unwrap(), "/");
    assert!(officer.html("/").unwrap().contains("Rehearsed: entry"));
    assert_eq!(staff.listed(0)["state"], "tested");
    officer.fill(&staff.stations[0].paper([30, 20, 2, 1])).unwrap();
    officer.seal(CONTEST, &[]).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "counted");
    let told = agent.succeed(&["page"]).unwrap();
    assert!(told.starts_with(&officer.base), "the same page goes on: {told}");
}

#[test]
fn what_is_mistyped_unknown_or_anothers_is_said_and_uses_nothing_up() {
    let staff = staff();
    let (agent, officer) = started(&staff, "agent");
    let slip = staff.slip(0);
    let parts: Vec<_> = slip.trim_start_matches("SAKSI:").split('/').collect();
    let [collector, authority, code] = parts[..] else { panic!("{slip}") };
    let typed = |authority: &str, code: &str| {
        refused(
            &officer,
            "/enrol/ask",
            &[("collector", collector), ("authority", authority), ("code", code)],
        )
    };
    let swapped = |text: &str| {
        let last = if text.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &text[..text.len() - 1])
    };
    let page = typed(authority, &swapped(code));
    assert!(page.contains("The code: it is mistyped"), "{page}");
    assert!(page.contains(&format!("value=\"{authority}\"")), "what was typed is still there");
    assert!(typed(authority, "").contains("The code: it has 0 characters"));
    let other_code = saksi_proto::slip::Code::new(*b"nobody!").to_string();
    assert!(typed(authority, &other_code).contains("This code is not known"));
    let other_authority = saksi_proto::slip::Fingerprint::new(saksi_proto::digest::Digest([7; 32]));
    let page = typed(&other_authority.to_string(), code);
    assert!(page.contains("the code was not sent"), "{page}");
    assert!(refused(&officer, "/enrol/ask", &[]).contains("This is not the text of a slip"));
    // Looked at, and not ours.
    officer.led("/", "/enrol/ask", &[("slip", &slip)]).unwrap();
    assert!(refused(&officer, "/enrol/no", &[]).contains("is not used up"));
    assert_eq!(staff.listed(0)["state"], "code-open");
    assert!(!staff.path("agent/enrol.json").exists());
    assert_eq!(agent.command(&["status"]).unwrap().status.code(), Some(13), "not set up");
    // Strangers learn nothing, and no form of theirs is taken.
    let mut stranger = Officer::at(&agent).unwrap();
    stranger.cookie = "saksi_1=x".to_owned();
    assert_eq!(stranger.get("/").unwrap().status, 401);
    let forged = officer.post_file_with(&"0".repeat(32), "/enrol/answer", b"{}").unwrap();
    assert_eq!(forged.status, 403);
}

#[test]
fn an_enrolment_that_was_cut_off_goes_on_after_a_kill_with_the_same_key() {
    let mut staff = staff();
    let (mut agent, officer) = started(&staff, "agent");
    officer.led("/", "/enrol/ask", &[("slip", &staff.slip(0))]).unwrap();
    let address = staff.collector.address().unwrap();
    let before = staff.collector.stop().unwrap();
    let page = refused(&officer, "/enrol/yes", &[]);
    assert!(
        page.contains("Not enrolled yet.") && page.contains("The enrolment was begun"),
        "{page}"
    );
    let begun = fs::read(staff.path("agent/enrol.json")).unwrap();
    agent.kill().unwrap();
    assert!(agent.command(&["page"]).unwrap().status.code() != Some(0), "nobody serves it");
    agent.run(&address).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let page = officer.html("/").unwrap();
    assert!(page.contains("The enrolment was begun") && page.contains(staff.code(0)), "{page}");
    assert_eq!(fs::read(staff.path("agent/enrol.json")).unwrap(), begun);
    staff.collector.start(Some(before)).unwrap();
    assert_eq!(officer.led("/", "/enrol/go-on", &[]).unwrap(), "/enrolled");
    enrolled(&officer, staff.code(0));
    assert_eq!(staff.listed(0)["state"], "enrolled");
}

#[test]
fn without_a_network_two_files_do_and_anothers_answer_is_refused() {
    let staff = staff();
    let (_agent, officer) = started(&staff, "agent");
    let station = staff.code(0).to_owned();
    let fields = [("slip", &*staff.slip(0)), ("station", &*station)];
    let page = refused(&officer, "/enrol/request", &fields[..1]);
    assert!(page.contains("Give the station&#39;s code too"), "{page}");
    let request = officer.post("/", "/enrol/request", &fields).unwrap();
    assert_eq!(request.status, 200, "{}", request.html);
    let (_other, at_other) = started(&staff, "other");
    let other_station = staff.code(1).to_owned();
    let fields = [("slip", &*staff.slip(1)), ("station", &*other_station)];
    let other = at_other.post("/", "/enrol/request", &fields).unwrap();
    let write = |name: &str, text: &str| {
        let path = staff.path(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (one, two) = (write("one.enrol", &request.html), write("two.enrol", &other.html));
    let out = staff.path("answers");
    staff.must("enrol", &[&one, &two, "--out", out.to_str().unwrap()]);
    let answer = |station: &str| fs::read(out.join(format!("{station}.papers.json"))).unwrap();
    let take = |file: &[u8]| officer.post_file("/", "/enrol/answer", file).unwrap();
    let anothers = take(&answer(&other_station));
    assert_eq!(anothers.status, 409);
    assert!(anothers.html.contains("Nothing was kept"), "{}", anothers.html);
    assert!(take(b"a letter").html.contains("no answer of the centre"));
    assert_eq!(take(&answer(&station)).location.as_deref(), Some("/"));
    let confirm = officer.html("/").unwrap();
    assert!(confirm.contains("Is this your station?") && confirm.contains(&station), "{confirm}");
    officer.led("/", "/enrol/yes", &[]).unwrap();
    enrolled(&officer, &station);
}
