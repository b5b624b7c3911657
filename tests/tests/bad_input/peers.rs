//! Peers that are no device of this election: TLS itself turns them away.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use rustls::AlertDescription;
use saksi_collector::authority::Authority;
use saksi_collector::{clock, secret};
use saksi_proto::SigningKey;
use saksi_proto::bundle::{Bundle, CollectorAddress, Papers};
use saksi_proto::ids::ElectionId;
use saksi_proto::message::ToAgent;
use saksi_proto::refusal::Farewell;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::Scene;
use saksi_tests::wire::{self, Voice, Wire, alert_in, hello};
use serde_json::Value;

use crate::{BAD, unharmed};

/// The bundle with a certificate for the same key and station by this authority, made
/// at this time.
fn certified(bundle: Bundle, authority: &Authority, now_ms: u64) -> Bundle {
    let voice = Voice::new(&bundle).unwrap();
    let (key, station) = (voice.key().verifying_key(), bundle.papers.station);
    let certified =
        authority.issue_device(&key, voice.election_id(), station, now_ms, 730).unwrap();
    let papers = Papers { certificate: certified.pem, ..bundle.papers };
    Bundle { papers, ..bundle }
}

/// A bundle whose certificate ended a year ago.
fn expired(scene: &Scene) -> Bundle {
    let keys = scene.collector.dir().join("keys");
    let key = secret::read_key(&keys.join("ca.key")).unwrap();
    let certificate = std::fs::read_to_string(keys.join("ca.pem")).unwrap();
    let three_years = 3 * 365 * 24 * 3_600 * 1_000;
    let then_ms = clock::now_ms() - three_years;
    let authority = Authority::new(&key, certificate).unwrap();
    certified(scene.bundle(BAD).unwrap(), &authority, then_ms)
}

/// An authority with a key of its own and a name for this election.
fn other_authority(election: ElectionId) -> Authority {
    let key = secret::new_key().unwrap();
    let certificate = Authority::certificate(&key, election, clock::now_ms()).unwrap();
    Authority::new(&key, certificate).unwrap()
}

/// A bundle that another authority certified, of another name.
fn foreign(scene: &Scene) -> Bundle {
    let authority = other_authority("another".parse().unwrap());
    certified(scene.bundle(BAD).unwrap(), &authority, clock::now_ms())
}

/// A bundle that another authority certified under the name of this election's.
fn forged(scene: &Scene) -> Bundle {
    let bundle = scene.bundle(BAD).unwrap();
    let authority = other_authority(Voice::new(&bundle).unwrap().election_id());
    certified(bundle, &authority, clock::now_ms())
}

/// The alert with which a connection ends. In TLS 1.3 the client's side of the
/// handshake is done before the server has seen its certificate.
fn alert(connected: anyhow::Result<Wire>) -> Option<AlertDescription> {
    let ended = connected.and_then(|mut wire| wire.answer());
    alert_in(&ended.expect_err("an alert"))
}

#[test]
fn a_peer_without_a_certificate_is_turned_away() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let connected = Wire::without_certificate(&address, &bundle);
    assert_eq!(alert(connected), Some(AlertDescription::CertificateRequired));
    unharmed(&scene, 0);
}

#[test]
fn a_peer_with_a_certificate_of_another_authority_is_turned_away() {
    let scene = Scene::serving().unwrap();
    let address = scene.collector.address().unwrap();
    let connected = Wire::with_certificate(&address, &foreign(&scene));
    assert_eq!(alert(connected), Some(AlertDescription::UnknownCA));
    let connected = Wire::with_certificate(&address, &forged(&scene));
    assert_eq!(alert(connected), Some(AlertDescription::DecryptError));
    unharmed(&scene, 0);
}

#[test]
fn a_peer_with_an_expired_certificate_is_turned_away() {
    let scene = Scene::serving().unwrap();
    let address = scene.collector.address().unwrap();
    let connected = Wire::with_certificate(&address, &expired(&scene));
    assert_eq!(alert(connected), Some(AlertDescription::CertificateExpired));
    unharmed(&scene, 0);
}

#[test]
fn a_certificate_for_a_key_that_is_not_enrolled_is_sent_away() {
    let scene = Scene::serving().unwrap();
    let keys = scene.collector.dir().join("keys");
    let ca = secret::read_key(&keys.join("ca.key")).unwrap();
    let certificate = std::fs::read_to_string(keys.join("ca.pem")).unwrap();
    let authority = Authority::new(&ca, certificate).unwrap();
    let key = secret::to_pem(&SigningKey::from_bytes(&[9; 32]));
    let bundle = Bundle { key, ..scene.bundle(BAD).unwrap() };
    let bundle = certified(bundle, &authority, clock::now_ms());
    let address = scene.collector.address().unwrap();
    let mut wire = Wire::with_certificate(&address, &bundle).unwrap();
    assert_eq!(wire.answer().unwrap(), Some(ToAgent::Farewell(Farewell::NotEnrolled)));
    assert_eq!(wire.answer().unwrap(), None, "it hangs up");
    unharmed(&scene, 0);
}

/// An agent that uses this bundle keeps its form, with this reason and sentence.
fn agent_keeps_its_form(scene: &Scene, bundle: &Bundle, reason: &str, sentence: &str) {
    let path = scene.dir().join("bundle.json");
    std::fs::write(&path, serde_json::to_string(bundle).unwrap()).unwrap();
    let mut agent = AgentProcess::init(&scene.agent_dir("strange"), &path).unwrap();
    let form = scene.stations[BAD].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let failed: Value = agent.failed(CONTEST).unwrap();
    assert_eq!(failed["last_failure"]["reason"], reason, "{failed}");
    assert_eq!(failed["last_failure"]["sentence"], sentence);
    assert_eq!((&failed["due"], &failed["index"]), (&true.into(), &Value::Null));
    unharmed(scene, 0);
}

#[test]
fn an_agent_with_an_expired_certificate_keeps_its_form_and_says_why() {
    let scene = Scene::serving().unwrap();
    let sentence = "This device's certificate has ended. Call the centre.";
    agent_keeps_its_form(&scene, &expired(&scene), "device-expired", sentence);
}

#[test]
fn an_agent_with_a_certificate_of_another_authority_keeps_its_form_and_says_why() {
    let scene = Scene::serving().unwrap();
    let sentence = "The centre does not accept this device's certificate. Call the centre.";
    agent_keeps_its_form(&scene, &foreign(&scene), "device-refused", sentence);
}

#[test]
fn an_agent_with_a_forged_certificate_keeps_its_form_and_says_why() {
    let scene = Scene::serving().unwrap();
    let sentence = "The centre does not accept this device's certificate. Call the centre.";
    agent_keeps_its_form(&scene, &forged(&scene), "device-refused", sentence);
}

#[test]
fn an_agent_does_not_speak_to_a_collector_of_another_authority() {
    let scene = Scene::serving().unwrap();
    let bundle = scene.bundle(BAD).unwrap();
    let election = Voice::new(&bundle).unwrap().election_id();
    let authority = other_authority(election).certificate_pem().to_owned();
    let sentence = "What answers is not the centre of this election. \
        Do not use this network; call the centre.";
    agent_keeps_its_form(
        &scene,
        &Bundle {
            papers: Papers { authority, ..bundle.papers },
            key: bundle.key,
            format: bundle.format,
        },
        "not-trusted",
        sentence,
    );
}

/// All bytes until the collector hangs up. Where it leaves bytes unread, the system
/// resets the connection, and its last words may be lost.
fn answer_to(address: &CollectorAddress, bytes: &[u8]) -> Vec<u8> {
    let mut stream = wire::connect(address).unwrap();
    let mut answer = Vec::new();
    let spoken = stream.write_all(bytes).and_then(|()| stream.read_to_end(&mut answer));
    if let Err(fault) = spoken {
        let hung_up = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
        assert!(hung_up.contains(&fault.kind()), "{fault}");
    }
    answer
}

/// A fatal TLS alert (RFC 8446, 5.1 and 6): its record, level and description.
fn fatal(description: AlertDescription) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, u8::from(description)]
}

#[test]
fn tls_1_2_is_refused() {
    // ClientHello (RFC 5246, 7.4.1.2): ECDHE-ECDSA with AES-256-GCM, X25519, Ed25519.
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 29][..],
        &[0, 11, 0, 2, 1, 0],
        &[0, 13, 0, 6, 0, 4, 8, 7, 4, 3],
        &[0, 23, 0, 0],
    ]
    .concat();
    let length = u8::try_from(extensions.len()).unwrap();
    let head = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0xc0, 0x2c], &[1, 0], &[0, length]].concat();
    let hello = [head, extensions].concat();
    let length = u8::try_from(hello.len()).unwrap();
    let record = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &hello].concat();
    let scene = Scene::serving().unwrap();
    let answer = answer_to(&scene.collector.address().unwrap(), &record);
    assert_eq!(answer, fatal(AlertDescription::ProtocolVersion));
    unharmed(&scene, 0);
}

#[test]
fn garbage_before_tls_is_answered_by_an_alert() {
    let scene = Scene::serving().unwrap();
    let address = scene.collector.address().unwrap();
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"EHLO saksi\r\n", &[0; 5], &[0xff; 5]] {
        let answer = answer_to(&address, garbage);
        assert_eq!(answer, fatal(AlertDescription::DecodeError), "{garbage:?}");
    }
    unharmed(&scene, 0);
}

#[test]
fn a_megabyte_of_garbage_before_tls_is_hung_up_on() {
    let scene = Scene::serving().unwrap();
    let answer = answer_to(&scene.collector.address().unwrap(), &vec![0xff; 1 << 20]);
    assert!(answer.len() <= 7, "an alert at most: {answer:?}");
    unharmed(&scene, 0);
}

#[test]
fn fifty_silent_connections_keep_nobody_waiting() {
    let scene = Scene::serving().unwrap();
    let address = scene.collector.address().unwrap();
    let silent: Vec<TcpStream> = (0..50).map(|_| wire::connect(&address).unwrap()).collect();
    let begun: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = wire::connect(&address).unwrap();
            stream.write_all(&[22, 3, 1, 2]).unwrap();
            stream
        })
        .collect();
    let bundle = scene.bundle(BAD).unwrap();
    let greeted: Vec<Wire> = (0..20).map(|_| Wire::begin(&address, &bundle).unwrap()).collect();
    let mut more = Wire::with_certificate(&address, &bundle).unwrap();
    assert!(matches!(more.ask(&hello(bundle.papers.election)).unwrap(), Some(ToAgent::Welcome(_))));
    unharmed(&scene, 0);
    assert_eq!((silent.len(), begun.len(), greeted.len()), (50, 50, 20), "they held all the while");
}
