//! Photos: after the numbers, whole, under their hash, whatever stops it.

use std::fs;

use super::*;

impl Night {
    /// Puts a photo of a station where the collector keeps it.
    fn keep_photo(&self, station: &str, digest: &Digest, bytes: &[u8]) {
        let station = self.centre.home().photos().join(format!("station-{station}"));
        fs::create_dir_all(&station).unwrap();
        fs::write(station.join(digest.to_string()), bytes).unwrap();
    }

    /// Has the site be told that a photo of the station is whole, and publish.
    fn publish_photo_of(&mut self, station: &str) {
        self.newly_whole.note(station.parse().unwrap());
        self.publish();
    }
}

fn file(digest: &Digest, ending: &str) -> String {
    let name = digest.to_string();
    format!("photos/{}/{name}{ending}", &name[..2])
}

fn page(disk: &MemoryDisk, station: &str) -> String {
    unpacked(disk, &format!("en/station/{station}.html"))
}

/// Whether the page of station 1001 shows the photo; then it is there, with its thumbnail.
fn shows(disk: &MemoryDisk) -> bool {
    let (page, (bytes, digest)) = (page(disk, "1001"), &*PHOTO);
    let [whole, small] = [".jpg", ".thumb.jpg"].map(|ending| file(digest, ending));
    let is_shown = page.contains(&format!("<img src=\"../../{small}\""));
    assert_eq!(page.contains("not here yet"), !is_shown, "{page}");
    if is_shown {
        assert!(page.contains(&format!("<a href=\"../../{whole}\">")), "{page}");
        let read = |file: &str| disk.read(&format!("site/{file}")).unwrap().expect(file);
        assert!(read(&whole) == *bytes && read(&small).len() < 10_000);
    }
    is_shown
}

#[test]
fn a_photo_is_awaited_until_it_is_whole_and_its_hash_is_among_the_numbers_before() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    assert!(!shows(&night.disk));
    let numbers = json(unpacked(&night.disk, "numbers/1.json").as_bytes());
    let form = &numbers["stations"][0]["contests"][0]["forms"][0];
    assert_eq!(form["photos"], serde_json::json!([PHOTO.1.to_string()]));
    let before = night.disk.read("site/current.json").unwrap();
    night.keep_photo("1001", &PHOTO.1, &PHOTO.0);
    night.publish_photo_of("1001");
    assert!(shows(&night.disk));
    let shown = page(&night.disk, "1001");
    night.site.publish(98, 99).unwrap();
    assert_eq!(page(&night.disk, "1001"), shown, "it is written once");
    night.publish();
    assert_eq!(night.disk.read("site/current.json").unwrap(), before, "numbers are the same");
    // With the next form it is shown from the beginning.
    night.form("1001", [4, 3, 7]);
    night.publish();
    assert_eq!(page(&night.disk, "1001").matches("<img ").count(), 2);
    assert!(night.disk.read("site/.photos").unwrap().is_none());
}

#[test]
fn what_is_no_picture_is_a_download_and_what_has_changed_is_nothing() {
    let mut night = Night::new();
    let bytes = b"<script>alert(1)</script>";
    let digest = Digest::of(bytes);
    let mut form = sample::form("1002", [1, 1, 2]);
    form.photos = vec![digest, Digest([7; 32])];
    night.add(sample::arrival(&sample::sealed(&form)));
    night.keep_photo("1002", &digest, bytes);
    night.keep_photo("1002", &Digest([7; 32]), &PHOTO.0);
    // Nobody names this one.
    night.keep_photo("1002", &PHOTO.1, &PHOTO.0);
    night.publish();
    let page = page(&night.disk, "1002");
    let download = format!("<a href=\"../../{}\" download>", file(&digest, ".bin"));
    assert!(page.contains(&download) && !page.contains("<img "), "{page}");
    assert_eq!(page.matches("not here yet").count(), 1, "{page}");
    let photos = night.disk.files("site/photos").unwrap();
    assert_eq!(photos, [format!("site/{}", file(&digest, ".bin"))]);
}

#[test]
fn what_stops_at_any_step_shows_no_photo_that_is_not_there_and_the_next_shows_it() {
    for failure in [Failure::Undone, Failure::Done] {
        for at in 1.. {
            let mut night = Night::new();
            night.form("1001", [3, 4, 7]);
            night.publish();
            night.keep_photo("1001", &PHOTO.1, &PHOTO.0);
            night.newly_whole.note("1001".parse().unwrap());
            night.disk.fail_at(at, failure);
            let published = night.site.publish(78, 89);
            let steps = night.disk.work();
            if steps < at {
                assert_eq!(published.unwrap(), Outcome::Published(5));
                assert!(steps > 20 && shows(&night.disk), "{steps} steps");
                break;
            }
            let left = match failure {
                Failure::Undone => night.disk.after_power_cut(),
                Failure::Done => night.disk.after_kill(),
            };
            shows(&left);
            assert_eq!(night.check(&left), Some(5), "step {at}");
            // The same process goes on when its disk does, and another where it failed.
            night.publish();
            night.site_on(&left).publish(79, 90).unwrap();
            for disk in [&night.disk, &left.after_power_cut()] {
                assert!(shows(disk), "step {at}");
                assert!(disk.read("site/.photos").unwrap().is_none(), "step {at}");
            }
        }
    }
}

#[test]
fn photos_that_came_while_nobody_published_are_found_and_a_pause_holds_them_back() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    night.keep_photo("1001", &PHOTO.1, &PHOTO.0);
    night.pause(true);
    night.publish_photo_of("1001");
    assert!(!shows(&night.disk));
    let mut other = night.site_on(&night.disk);
    other.publish(79, 90).unwrap();
    assert!(!shows(&night.disk));
    night.pause(false);
    assert_eq!(other.publish(80, 90).unwrap(), Outcome::Published(7));
    assert!(shows(&night.disk));
}

#[test]
fn without_the_site_photos_are_published_alone_whatever_stops_it_and_a_pause_holds_them_back() {
    let (whole, small) = (file(&PHOTO.1, ".jpg"), file(&PHOTO.1, ".thumb.jpg"));
    let published = [whole, small].map(|file| format!("site/{file}"));
    let mut steps = 0;
    for failure in [Failure::Undone, Failure::Done] {
        for at in 1.. {
            let mut night = Night::new();
            night.form("1001", [3, 4, 7]);
            let mut alone = night.site_on(&night.disk).with_photos_alone();
            assert_eq!(alone.publish(77, 88).unwrap(), Outcome::Photos);
            assert_eq!(night.disk.files("site").unwrap(), [""; 0]);
            night.keep_photo("1001", &PHOTO.1, &PHOTO.0);
            night.pause(true);
            let mut alone = night.site_on(&night.disk).with_photos_alone();
            assert_eq!(alone.publish(77, 88).unwrap(), Outcome::Paused);
            assert_eq!(night.disk.files("site").unwrap(), [""; 0]);
            night.pause(false);
            night.disk.fail_at(at, failure);
            let outcome = alone.publish(77, 88);
            if night.disk.work() < at {
                assert_eq!(outcome.unwrap(), Outcome::Photos);
                assert_eq!(night.disk.files("site").unwrap(), published);
                steps = at;
                break;
            }
            let left = night.disk.after_power_cut();
            // The thumbnail is there last: no page shows one without its photo.
            let there = left.files("site").unwrap();
            assert!(!there.contains(&published[1]) || there.contains(&published[0]), "{at}");
            for (disk, mut site) in
                [(&night.disk, alone), (&left, night.site_on(&left).with_photos_alone())]
            {
                assert_eq!(site.publish(79, 90).unwrap(), Outcome::Photos, "step {at}");
                let left = disk.after_power_cut();
                assert_eq!(left.files("site").unwrap(), published, "step {at}");
            }
        }
    }
    assert!(steps > 4, "{steps} steps");
}

#[test]
fn a_station_without_a_form_has_a_page_of_what_it_is_asked_and_no_photos() {
    let mut night = Night::new();
    night.ask("1001");
    night.keep_photo("1001", &PHOTO.1, &PHOTO.0);
    night.publish();
    let page = page(&night.disk, "1001");
    assert!(page.contains("where is it?") && !page.contains("photos/"), "{page}");
}

#[test]
fn a_photo_that_cannot_be_read_keeps_no_numbers_back() {
    let mut night = Night::new();
    night.publish();
    let station = night.centre.home().photos().join("station-1001");
    fs::create_dir_all(station.join(PHOTO.1.to_string())).unwrap();
    night.newly_whole.note("1001".parse().unwrap());
    for (station, size) in [("1001", 5), ("1002", 6)] {
        night.form(station, [3, 4, 7]);
        assert!(night.site.publish(77, 88).is_err(), "the photo is no file");
        assert_eq!(night.check(&night.disk), Some(size));
    }
}
