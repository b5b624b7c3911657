//! When nothing newer is published, and how that is said.

use super::*;
use crate::publisher::{PublishFault, SPARE};

#[test]
fn a_pause_and_its_reason_are_said_and_nothing_is_renewed_until_its_end() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    night.pause(true);
    night.form("2001", [5, 0, 5]);
    assert_eq!(night.publish(), Outcome::Paused);
    assert_eq!(night.check(&night.disk), Some(5));
    let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
    assert_eq!((&current["state"], &current["reason"]), (&"paused".into(), &"kertas".into()));
    for page in ["index.html", "id/region-mayor/0.html"] {
        assert!(unpacked(&night.disk, page).contains("<q>kertas</q>"), "{page}");
    }
    night.pause(false);
    assert_eq!(night.publish(), Outcome::Published(8));
    assert_eq!(night.check(&night.disk), Some(8));
    night.check_pages(&night.disk);
    let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
    assert_eq!((&current["state"], current.get("reason")), (&"open".into(), None));
    assert!(!unpacked(&night.disk, "index.html").contains("<q>"));
}

/// Changes the numbers of the whole that are published, with the hash that they have then.
fn tamper(disk: &MemoryDisk, change: impl FnOnce(&mut Value)) {
    let mut current = json(&disk.read("site/current.json").unwrap().unwrap());
    let mut numbers = json(unpacked(disk, text(&current["numbers"])).as_bytes());
    change(&mut numbers);
    let bytes = serde_json::to_vec(&numbers).unwrap();
    let sha256 = Digest::of(&bytes).to_string();
    let file = format!("data/{}/{sha256}.json", &sha256[..2]);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, &bytes).unwrap();
    disk.make_dirs(&format!("site/data/{}", &sha256[..2])).unwrap();
    disk.damage(&format!("site/{file}.gz"), Some(&packer.finish().unwrap()));
    (current["numbers"], current["numbers_sha256"]) = (file.into(), sha256.into());
    disk.damage("site/current.json", Some(&serde_json::to_vec(&current).unwrap()));
}

#[test]
fn numbers_that_go_back_without_a_reason_are_refused_and_that_is_said() {
    let counted = |numbers: &mut Value| {
        numbers["contests"][0]["totals"]["stations"]["counted"] = 3.into();
    };
    let votes = |numbers: &mut Value| {
        numbers["parts"][0]["contests"][0]["totals"]["votes"]["01"]["total"] = 99.into();
    };
    let cases = [
        (
            counted as fn(&mut Value),
            "0 mayor: 3 stations were counted, now 2, and no entry says why",
        ),
        (votes, "1 mayor: 01 had 99 votes, now 4, and no entry says why"),
    ];
    for (change, why) in cases {
        let mut night = Night::new();
        night.form("1001", [3, 4, 7]);
        night.publish();
        tamper(&night.disk, change);
        let before = night.disk.read("site/id/region-mayor/1.html.gz").unwrap();
        night.form("1002", [1, 1, 2]);
        let mut site = night.site_on(&night.disk);
        assert_eq!(site.publish(79, 90).unwrap(), Outcome::Refused);
        let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
        assert_eq!((&current["state"], &current["reason"]), (&"refused".into(), &why.into()));
        assert_eq!((&current["size"], &current["since_ms"]), (&5.into(), &79.into()));
        assert_eq!(night.disk.read("site/id/region-mayor/1.html.gz").unwrap(), before);
        // It is refused until somebody looks, and each time the same is said.
        assert_eq!(site.publish(89, 99).unwrap(), Outcome::Refused);
        let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
        assert_eq!((&current["since_ms"], &current["checked_ms"]), (&79.into(), &89.into()));
        night.disk.remove("site").unwrap();
        assert_eq!(night.site_on(&night.disk).publish(99, 100).unwrap(), Outcome::Published(6));
        assert_eq!(night.check(&night.disk), Some(6));
    }
}

#[test]
fn an_entry_explains_less_only_if_it_is_newer_than_what_was_published() {
    let mut night = Night::new();
    let first = night.form("1001", [3, 4, 7]);
    let mut correction = sample::form("1001", [3, 5, 8]);
    (correction.revision, correction.supersedes) = (2, Some(first));
    night.send(&correction);
    night.publish();
    tamper(&night.disk, |numbers| {
        numbers["parts"][0]["contests"][0]["totals"]["votes"]["01"]["total"] = 99.into();
    });
    // It changes the station's page and none of its numbers.
    night.ask("1001");
    let mut site = night.site_on(&night.disk);
    assert_eq!(site.publish(79, 90).unwrap(), Outcome::Published(7), "its numbers are the same");
    night.form("1002", [1, 1, 2]);
    night.ask("1001");
    tamper(&night.disk, |numbers| {
        numbers["parts"][0]["contests"][0]["totals"]["votes"]["01"]["total"] = 99.into();
    });
    let mut site = night.site_on(&night.disk);
    assert_eq!(site.publish(89, 99).unwrap(), Outcome::Refused);
    correction.revision = 3;
    correction.supersedes = Some(
        sample::sealed(&{
            let mut second = correction.clone();
            (second.revision, second.supersedes) = (2, Some(first));
            second.photos = vec![PHOTO.1];
            second
        })
        .digest(),
    );
    night.send(&correction);
    assert_eq!(site.publish(99, 109).unwrap(), Outcome::Published(10), "now one says why");
}

#[test]
fn the_site_of_a_log_that_was_restored_is_refused() {
    let mut long = Night::new();
    long.form("1001", [3, 4, 7]);
    long.publish();
    // The second has more of everything, and is another log all the same.
    for forms in [[[5, 0, 5], [1, 1, 2]], [[4, 5, 9], [1, 1, 2]], [[3, 4, 7], [1, 1, 2]]] {
        let mut other = Night::new();
        let same = forms[0] == [3, 4, 7];
        other.form("1001", forms[0]);
        other.form("1002", forms[1]);
        let disk = long.disk.after_kill();
        other.publish_log(&disk);
        let wanted = if same { Outcome::Published(6) } else { Outcome::Refused };
        assert_eq!(other.site_on(&disk).publish(79, 90).unwrap(), wanted);
    }
    let shorter = Night::new();
    let disk = long.disk.after_kill();
    assert_eq!(shorter.site_on(&disk).publish(79, 90).unwrap(), Outcome::Refused);
    let current = json(&disk.read("site/current.json").unwrap().unwrap());
    assert!(text(&current["reason"]).starts_with("5 entries were published"), "{current}");
}

#[test]
fn numbers_that_are_damaged_on_the_disk_are_not_compared() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
    let file = text(&current["numbers"]);
    let numbers = unpacked(&night.disk, file).replace("\"counted\":1", "\"counted\":3");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, numbers.as_bytes()).unwrap();
    night.disk.damage(&format!("site/{file}.gz"), Some(&packer.finish().unwrap()));
    night.form("1002", [1, 1, 2]);
    assert_eq!(night.publish(), Outcome::Published(6));
    assert_eq!(night.check(&night.disk), Some(6));
}

#[test]
fn a_disk_that_is_nearly_full_is_left_to_the_log() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    night.disk.leave(SPARE - 1);
    night.form("1002", [1, 1, 2]);
    let fault = night.site.publish(79, 90).unwrap_err();
    assert!(matches!(fault, PublishFault::Room(_)), "{fault}");
    assert_eq!(night.check(&night.disk), Some(5));
    night.disk.leave(SPARE);
    assert_eq!(night.publish(), Outcome::Published(6));
}

#[test]
fn a_ruling_explains_less_only_if_it_is_newer_than_what_was_published() {
    let mut night = Night::new();
    let held = night.form("1002", [1, 1, 9]);
    night.rule("1002", &[held], Decision::Accept(held));
    night.publish();
    tamper(&night.disk, |numbers| {
        numbers["parts"][0]["contests"][0]["totals"]["votes"]["01"]["total"] = 99.into();
    });
    // One touches the station that was ruled on, the other changes its region's numbers.
    night.ask("1002");
    night.form("1001", [3, 4, 7]);
    let mut site = night.site_on(&night.disk);
    assert_eq!(site.publish(79, 90).unwrap(), Outcome::Refused);
    night.rule("1002", &[held], Decision::Reject);
    assert_eq!(site.publish(89, 99).unwrap(), Outcome::Published(9), "now one says why");
}
