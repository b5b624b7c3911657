//! The desk at its bounds: connections of an address, streams, the size of a request; and a new
//! certificate while it serves.

use std::net::{SocketAddr, TcpListener as StdListener};

use saksi_tests::clerk::{self, Clerk};
use saksi_tests::poll;
use saksi_tests::scene::Scene;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;

/// Connections of one address, half of all; and streams in all.
const MOST: usize = 250;

fn desk() -> Scene {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    clerk::account(&scene.collector, "sri", "admin", None).unwrap();
    scene.collector.start(None).unwrap();
    scene
}

/// Another way to the desk: what goes it comes from 127.0.0.2. Gives where it begins; it ends
/// with the runtime.
fn from_elsewhere(runtime: &Runtime, desk: SocketAddr) -> String {
    let way = StdListener::bind("127.0.0.1:0").unwrap();
    way.set_nonblocking(true).unwrap();
    let begin = way.local_addr().unwrap();
    runtime.spawn(async move {
        let way = TcpListener::from_std(way).unwrap();
        while let Ok((mut near, _)) = way.accept().await {
            tokio::spawn(async move {
                let socket = TcpSocket::new_v4().unwrap();
                socket.bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
                let mut far = socket.connect(desk).await.unwrap();
                drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
            });
        }
    });
    format!("https://{begin}")
}

#[test]
fn one_address_takes_half_of_the_desk_and_the_others_have_the_rest() {
    let scene = desk();
    let base = scene.collector.staff().unwrap().to_owned();
    let runtime = Runtime::new().unwrap();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let mut streams = Vec::new();
    for number in 0..MOST {
        let stream = sri.stream("/live").and_then(|mut stream| {
            let told = stream.event()?.is_some();
            Ok((stream, told))
        });
        let (stream, told) = stream.unwrap_or_else(|fault| panic!("stream {number}: {fault:#}"));
        assert!(told, "stream {number}");
        streams.push(stream);
    }
    assert!(sri.get("/").is_err(), "the next connection is closed before anything is said");

    let mut other = Clerk::outside(&scene.collector).unwrap();
    let address = base.strip_prefix("https://").unwrap().parse().unwrap();
    other.base = from_elsewhere(&runtime, address);
    other.sign_in("sri", clerk::PASSWORD).unwrap();
    assert!(other.html("/").unwrap().contains("data-stream"), "another address is let in");
    let full = other.get("/live").unwrap();
    assert_eq!(full.status, 503, "there are as many streams as there can be: {}", full.html);
    assert!(full.html.contains("Too much is asked at once"), "{}", full.html);
    drop(streams);
    let mut stream =
        poll::until("a stream for another", || Ok(other.stream("/live").ok())).unwrap();
    assert!(stream.event().unwrap().is_some());
    poll::until("the address is let in again", || Ok(sri.get("/").ok())).unwrap();
}

#[test]
fn a_request_that_is_too_large_is_refused_in_words() {
    let scene = desk();
    let mut sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let long = "x".repeat(65 << 10);
    sri.language = "id";
    let refused = sri.send("/publication", &[("Origin", &sri.base)], &[("reason", &long)]).unwrap();
    assert_eq!(refused.status, 413);
    assert!(refused.html.contains("Isian ini lebih besar"), "{}", refused.html);
    let head = "y".repeat(17 << 10);
    let refused = sri.send("/publication", &[("Origin", &sri.base), ("X-Long", &head)], &[]);
    assert!(refused.map_or(true, |refused| refused.status == 431));
    assert_eq!(sri.get("/").unwrap().status, 200, "others, and the same, are answered");
}

#[test]
fn a_new_certificate_is_taken_at_sighup_and_nobody_is_cut_off() {
    let scene = desk();
    let other = Scene::new().unwrap();
    clerk::account(&other.collector, "sri", "admin", None).unwrap();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let mut stream = sri.stream("/live").unwrap();
    assert!(stream.event().unwrap().is_some());
    for name in ["keys/staff.pem", "keys/staff.key"] {
        std::fs::copy(other.collector.dir().join(name), scene.collector.dir().join(name)).unwrap();
    }
    // Who expects the new certificate, and who the one from before.
    let new = Clerk::outside(&scene.collector).unwrap();
    assert!(new.get("/sign-in").is_err(), "not before it is told");
    scene.collector.signal("HUP").unwrap();
    poll::until("the new certificate", || Ok(new.get("/sign-in").ok())).unwrap();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let told = stream.event().unwrap().unwrap();
    assert_eq!(told["president.counted"], "1", "a stream from before goes on");
}
