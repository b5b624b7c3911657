//! Whoever is not the officer: a site whose name leads here, a page that posts, a program
//! on the device that does not know the word.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use saksi_tests::officer::{Officer, hidden_field};
use saksi_tests::scene::{Scene, nowhere};

/// Sends these bytes and gives the status of the answer.
fn status(officer: &Officer, request: &str) -> u16 {
    let host = officer.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap_or_else(|| panic!("no status in “{answer}”"));
    status.parse().unwrap()
}

#[test]
fn only_the_officers_own_page_is_answered() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("strangers", 0).unwrap();
    agent.run(&nowhere()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let host = officer.base.trim_start_matches("http://").to_owned();
    let port = host.rsplit(':').next().unwrap().to_owned();
    let cookie = &officer.cookie;
    let ask = |host: &str, cookie: &str, more: &str| {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{more}Connection: close\r\n\r\n"
        );
        status(&officer, &request)
    };
    assert_eq!(ask(&host, cookie, ""), 200);
    // A site's own name that leads to this device: its browser sends its name.
    assert_eq!(ask(&format!("evil.example:{port}"), cookie, ""), 421);
    assert_eq!(ask("127.0.0.1", cookie, ""), 421);
    assert_eq!(ask(&host, cookie, &format!("Host: {host}\r\n")), 421, "two names are none");
    assert_eq!(ask(&host, "", ""), 401);
    assert_eq!(ask(&host, "saksi_1=x", ""), 401);
    assert_eq!(ask(&host, cookie, "Sec-Fetch-Site: cross-site\r\n"), 403);
    let page = officer.html("/c/president/1").unwrap();
    let word = hidden_field(&page, "csrf").unwrap();
    let post = |word: &str, more: &str| {
        let body = format!("csrf={word}&f.A.1=7&go=save");
        let head = format!(
            "POST /c/president/1 HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{more}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        status(&officer, &(head + &body))
    };
    let is_saved =
        || officer.html("/c/president/1").unwrap().contains("name=\"f.A.1\" value=\"7\"");
    assert_eq!(post("", ""), 403);
    assert_eq!(post(&"0".repeat(32), ""), 403);
    assert_eq!(post(word, "Origin: http://evil.example\r\n"), 403);
    assert_eq!(post(word, "Sec-Fetch-Site: same-site\r\n"), 403);
    assert!(!is_saved(), "nobody else has changed anything");
    assert_eq!(
        post(word, &format!("Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n")),
        303
    );
    assert!(is_saved());
}

#[test]
fn the_page_is_nowhere_if_so_told_and_on_this_device_only() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("off", 0).unwrap();
    let open = agent.command(&["run", "--page", "0.0.0.0:0"]).unwrap();
    assert_eq!(open.status.code(), Some(2), "the page is for this device only");
    agent.page_at("off");
    agent.run(&nowhere()).unwrap();
    let told = saksi_tests::poll::until("the agent's answer", || {
        let told = agent.command(&["page"])?;
        Ok(scene.agent_dir("off").join("door").exists().then_some(told))
    });
    let told = told.unwrap();
    assert_eq!(told.status.code(), Some(8), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(!scene.agent_dir("off").join("page.key").exists());
}
