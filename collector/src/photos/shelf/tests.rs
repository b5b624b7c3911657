use std::fs;

use super::*;

struct Case {
    dir: tempfile::TempDir,
    shelf: Shelf,
    photo: Vec<u8>,
    offer: PhotoOffer,
}

const STATION: &str = "1001";

fn station(code: &str) -> StationCode {
    code.parse().unwrap()
}

fn offer_of(photo: &[u8]) -> PhotoOffer {
    let size = u32::try_from(photo.len()).unwrap();
    PhotoOffer { form: Digest([3; 32]), photo: Digest::of(photo), size }
}

impl Case {
    fn new(size: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&dir.path().join("photos"), 0).unwrap();
        let photo: Vec<u8> = (0..size).map(|at| (at % 251).to_le_bytes()[0]).collect();
        Self { offer: offer_of(&photo), dir, shelf, photo }
    }

    fn offered(&self) -> PhotoAnswer {
        self.shelf.offered(station(STATION), self.offer).unwrap()
    }

    fn take(&self, at: usize, bytes: &[u8]) -> PhotoAnswer {
        let at = u32::try_from(at).unwrap();
        self.shelf.take(station(STATION), self.offer, at, bytes).unwrap()
    }

    /// Takes the bytes from one offset to another in chunks; gives the last answer.
    fn upload(&self, from: usize, to: usize) -> PhotoAnswer {
        let chunks = self.photo[from..to].chunks(4_096).enumerate();
        chunks.map(|(number, bytes)| self.take(from + number * 4_096, bytes)).last().unwrap()
    }

    fn whole(&self) -> PathBuf {
        self.dir.path().join("photos/station-1001").join(self.offer.photo.to_string())
    }

    fn part(&self) -> PathBuf {
        self.whole().with_extension("part")
    }
}

#[test]
fn a_photo_comes_in_chunks_and_is_whole_when_its_hash_is_right() {
    let case = Case::new(100_000);
    assert_eq!(case.offered(), wanted(0, 0));
    assert_eq!(case.upload(0, 65_536), wanted(65_536, 65_536), "synced every 64 KiB");
    assert_eq!(case.upload(65_536, 98_304), wanted(98_304, 65_536), "not synced yet");
    assert!(!case.whole().exists());
    assert_eq!(case.take(98_304, &case.photo[98_304..]), PhotoAnswer::Whole);
    assert_eq!(fs::read(case.whole()).unwrap(), case.photo);
    assert!(!case.part().exists());
    assert_eq!(case.offered(), PhotoAnswer::Whole);
    assert_eq!(case.take(4_096, &[0; 4_096]), PhotoAnswer::Whole, "a late chunk harms nothing");
    assert_eq!(fs::read(case.whole()).unwrap(), case.photo);
}

#[test]
fn it_goes_on_where_it_ended_also_after_a_restart() {
    let case = Case::new(100_000);
    assert_eq!(case.offered(), wanted(0, 0));
    case.upload(0, 36_864);
    assert_eq!(case.offered(), wanted(36_864, 36_864), "an offer makes durable what is there");
    let reopened = Shelf::open(&case.dir.path().join("photos"), 0).unwrap();
    let case = Case { shelf: reopened, ..case };
    assert_eq!(case.offered(), wanted(36_864, 36_864));
    assert_eq!(case.take(4_096, &[1; 4_096]), wanted(36_864, 0), "not where it goes on");
    assert_eq!(case.upload(36_864, 100_000), PhotoAnswer::Whole);
    assert_eq!(fs::read(case.whole()).unwrap(), case.photo);
}

#[test]
fn wrong_bytes_start_over_and_nothing_of_them_is_kept() {
    let case = Case::new(10_000);
    case.offered();
    case.take(0, &[0; 4_096]);
    case.upload(4_096, 8_192);
    assert_eq!(case.take(8_192, &case.photo[8_192..]), PhotoAnswer::StartOver);
    assert!(!case.part().exists() && !case.whole().exists());
    assert_eq!(case.take(0, &[0; 4_096]), wanted(0, 0), "it has to be offered again");
    assert!(!case.part().exists());
    assert_eq!(case.offered(), wanted(0, 0));
    assert_eq!(case.upload(0, 10_000), PhotoAnswer::Whole);
}

#[test]
fn a_part_that_a_crash_left_whole_or_too_long_is_settled_by_the_next_offer() {
    let case = Case::new(10_000);
    case.offered();
    fs::write(case.part(), &case.photo).unwrap();
    assert_eq!(case.offered(), PhotoAnswer::Whole);
    let case = Case::new(10_000);
    case.offered();
    fs::write(case.part(), vec![7; 10_001]).unwrap();
    assert_eq!(case.offered(), wanted(0, 0));
    let case = Case::new(0);
    assert_eq!(case.offered(), PhotoAnswer::Whole, "nothing is whole at once");
}

#[test]
fn a_station_cannot_touch_the_part_of_another() {
    let case = Case::new(10_000);
    case.offered();
    case.upload(0, 8_192);
    let other = station("1002");
    assert_eq!(case.shelf.offered(other, case.offer).unwrap(), wanted(0, 0));
    let wrong = case.shelf.take(other, case.offer, 0, &[0; 10_000]).unwrap();
    assert_eq!(wrong, PhotoAnswer::StartOver);
    assert_eq!(case.take(8_192, &case.photo[8_192..]), PhotoAnswer::Whole);
}

#[test]
fn a_photo_and_a_station_have_bounds() {
    let case = Case::new(0);
    let large = PhotoOffer { size: MAX_PHOTO + 1, ..case.offer };
    let refused = case.shelf.offered(station(STATION), large).unwrap();
    assert_eq!(refused, PhotoAnswer::Refused(PhotoRefusal::PhotoTooLarge));
    for number in 0..MAX_STATION_PHOTOS {
        let offer = offer_of(&number.to_le_bytes());
        assert_eq!(case.shelf.offered(station(STATION), offer).unwrap(), wanted(0, 0));
    }
    let one_more = offer_of(b"one more");
    let refused = case.shelf.offered(station(STATION), one_more).unwrap();
    assert_eq!(refused, PhotoAnswer::Refused(PhotoRefusal::TooManyPhotos));
    let begun = offer_of(&0_usize.to_le_bytes());
    assert_eq!(case.shelf.offered(station(STATION), begun).unwrap(), wanted(0, 0), "it goes on");
    assert_eq!(case.shelf.offered(station("1002"), one_more).unwrap(), wanted(0, 0));
}

#[test]
fn a_disk_without_room_lets_photos_wait_and_keeps_what_came() {
    let case = Case::new(10_000);
    case.offered();
    case.upload(0, 4_096);
    let path = case.dir.path().join("photos");
    let full = Case { shelf: Shelf::open(&path, u64::MAX).unwrap(), ..case };
    assert_eq!(full.offered(), no_room());
    assert_eq!(full.take(4_096, &full.photo[4_096..8_192]), no_room());
    let roomy = Case { shelf: Shelf::open(&path, 0).unwrap(), ..full };
    assert_eq!(roomy.offered(), wanted(4_096, 4_096));
    assert_eq!(roomy.upload(4_096, 10_000), PhotoAnswer::Whole);
}

#[test]
fn whoever_looks_sees_how_much_is_here_and_only_what_is_whole() {
    let case = Case::new(10_000);
    let look = || case.shelf.kept(station(STATION), case.offer.photo).unwrap();
    let whole = |code| case.shelf.whole(station(code), case.offer.photo).unwrap();
    assert_eq!(look(), Kept::None);
    case.offered();
    case.upload(0, 4_096);
    assert_eq!((look(), whole(STATION)), (Kept::Part(4_096), None));
    assert_eq!(case.upload(4_096, 10_000), PhotoAnswer::Whole);
    assert_eq!((look(), whole(STATION)), (Kept::Whole(10_000), Some(case.photo.clone())));
    assert_eq!(whole("1002"), None, "another station's");
}
