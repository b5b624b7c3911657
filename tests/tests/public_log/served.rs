//! What devices have delivered is published, as files and over HTTP.

use std::fs;

use saksi_proto::checkpoint::LogKey;
use saksi_tests::collector;
use saksi_tests::scene::{FIRST_FORM, Scene};

use crate::source::Source;

/// The key as the command prints it.
fn printed_key(scene: &Scene) -> LogKey {
    let printed = collector::succeed(&["log", "key", scene.collector.dir().to_str().unwrap()]);
    printed.unwrap().trim_end().parse().unwrap()
}

/// A header of an answer.
fn header(address: &str, path: &str, name: &str) -> String {
    let answer = ureq::get(format!("{address}/{path}")).call().unwrap();
    answer.headers()[name].to_str().unwrap().to_owned()
}

#[test]
fn a_form_that_was_delivered_is_in_the_log_that_anybody_can_read() {
    let mut scene = Scene::serving().unwrap();
    let key = printed_key(&scene);
    assert_eq!(key, scene.log_key().unwrap());
    let (directory, web) = (Source::directory(&scene), Source::web(&scene));
    let before = directory.wait_for(&key, FIRST_FORM);
    assert_eq!(before, web.read(&key).unwrap().unwrap());
    for station in 0..3 {
        scene.deliver(station, [30, 20, 2, 1]).unwrap();
    }
    let log = directory.wait_for(&key, FIRST_FORM + 3);
    assert_eq!(log, web.read(&key).unwrap().unwrap());
    assert_eq!(log.entries[..before.entries.len()], before.entries, "it only grows");
    let position = scene.region("0").unwrap().position;
    assert_eq!((position.size, position.root), (log.size, log.root.to_string()));

    let address = scene.collector.web().unwrap();
    let octets = "application/octet-stream";
    for (path, media_type, lifetime) in [
        ("checkpoint", "text/plain; charset=utf-8", "public, max-age=1"),
        ("tile/entries/000.p/16", octets, "public, max-age=31536000, immutable"),
        ("tile/0/000.p/16", octets, "public, max-age=31536000, immutable"),
    ] {
        assert_eq!(header(address, path, "content-type"), media_type, "{path}");
        assert_eq!(header(address, path, "cache-control"), lifetime, "{path}");
    }
    for path in ["tile/0/001", "tile/1/000.p/1", "keys/log.key", "tile/../keys/log.key"] {
        assert_eq!(web.get(path).unwrap(), None, "{path}");
    }
    assert_eq!(web.get("log.vkey").unwrap().unwrap(), format!("{key}\n").into_bytes());
    for name in ["election.toml", "regions.csv", "stations.csv"] {
        let given = fs::read(scene.collector.dir().join("election").join(name)).unwrap();
        for source in [&directory, &web] {
            assert_eq!(source.get(&format!("election/{name}")).unwrap().as_ref(), Some(&given));
        }
    }
    scene.collector.stop().unwrap();
    assert_eq!(directory.read(&key).unwrap().unwrap(), log);
}
