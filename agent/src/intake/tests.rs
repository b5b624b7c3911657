//! Pictures made here, spoilt in known ways, and taken in.

use saksi_proto::upright::Orientation;

use super::raster::Raster;
use super::sample::{each, exif, jpeg, jpeg_with, moved, noisy, out_of_focus, picture, sheet};
use super::*;

/// The markers of a JPEG in their order, up to its pixels, each with what it holds.
fn markers(jpeg: &[u8]) -> Vec<(u8, &[u8])> {
    let (mut found, mut at) = (Vec::new(), 2);
    loop {
        assert_eq!(jpeg[at], 0xFF);
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        found.push((jpeg[at + 1], &jpeg[at + 4..at + 2 + length]));
        at += 2 + length;
        if found.last().unwrap().0 == 0xDA {
            return found;
        }
    }
}

fn decoded(jpeg: &[u8]) -> Raster {
    decode::decode(jpeg).unwrap().0
}

/// Mean difference of two pictures' samples.
fn difference(one: &Raster, other: &Raster) -> f64 {
    assert_eq!((one.width, one.height, one.channels), (other.width, other.height, other.channels));
    let pairs = one.samples.iter().zip(&other.samples);
    let sum: u32 = pairs.map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
    f64::from(sum) / f64::from(u32::try_from(one.samples.len()).unwrap())
}

/// Four colours in the corners, so that every turn is seen.
fn corners(width: usize, height: usize) -> Raster {
    picture(width, height, 3, |x, y, channel| {
        let colour = match (x < width / 2, y < height / 3) {
            (true, true) => [230, 40, 40],
            (false, true) => [40, 200, 60],
            (true, false) => [50, 60, 220],
            (false, false) => [240, 240, 240],
        };
        colour[channel]
    })
}

/// How a camera that is held in this way stores the scene: the inverse of the turn.
fn stored(scene: &Raster, orientation: u8) -> Raster {
    // A quarter to the left undoes one to the right; all others undo themselves.
    let inverse = match orientation {
        6 => 8,
        8 => 6,
        other => other,
    };
    scene.clone().turned(Orientation::read(&exif(inverse)[6..]))
}

#[test]
fn every_orientation_becomes_the_scene() {
    let scene = corners(96, 48);
    for orientation in 1..=8 {
        let stored = stored(&scene, orientation);
        let file = jpeg_with(&stored, |encoder| {
            encoder.add_app_segment(1, &exif(orientation)).unwrap();
        });
        let taken = take_in(&file).unwrap();
        assert_eq!((taken.width, taken.height), (96, 48), "{orientation}");
        let off = difference(&decoded(&taken.jpeg), &scene);
        assert!(off < 4.0, "orientation {orientation}: {off}");
    }
}

#[test]
fn nothing_but_pixels_is_kept() {
    let secret = b"the place of the camera";
    let mut file = jpeg_with(&sheet(300, 200), |encoder| {
        encoder.add_app_segment(1, &exif(1)).unwrap();
        encoder.add_app_segment(1, b"http://ns.adobe.com/xap/1.0/\0<x>the place").unwrap();
        encoder.add_app_segment(13, b"Photoshop 3.0\08BIM the place").unwrap();
        encoder.add_app_segment(11, secret).unwrap();
        encoder.add_icc_profile(secret).unwrap();
    });
    // A comment after the beginning, and a second picture after the end.
    let comment = [&[0xFF, 0xFE, 0, 25], &secret[..]].concat();
    file.splice(2..2, comment);
    file.extend(file.clone());
    let taken = take_in(&file).unwrap();
    let names: Vec<u8> = markers(&taken.jpeg).iter().map(|(marker, _)| *marker).collect();
    // JFIF's own head, tables, the frame, tables, and the scan.
    assert!(names.iter().all(|name| [0xE0, 0xDB, 0xC0, 0xC4, 0xDA].contains(name)), "{names:x?}");
    let jfif: Vec<_> = markers(&taken.jpeg).into_iter().filter(|(name, _)| *name == 0xE0).collect();
    assert_eq!(jfif, [(0xE0, &b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"[..])], "no thumbnail");
    for words in [&b"the place"[..], b"Exif", b"ICC", b"adobe"] {
        assert!(!taken.jpeg.windows(words.len()).any(|at| at == words));
    }
    assert_eq!(taken.jpeg.iter().rev().take(2).collect::<Vec<_>>(), [&0xD9, &0xFF]);
    assert_eq!(taken.digest, Digest::of(&taken.jpeg));
}

#[test]
fn a_photo_that_is_small_upright_and_bare_is_written_anew_too() {
    let original = jpeg(&sheet(1_300, 900));
    let once = take_in(&original).unwrap();
    assert_eq!((once.width, once.height), (1_300, 900));
    assert_ne!(once.jpeg, original);
    assert_eq!(take_in(&original).unwrap(), once, "the same every time");
    let twice = take_in(&once.jpeg).unwrap();
    assert!(difference(&decoded(&once.jpeg), &decoded(&twice.jpeg)) < 2.0, "and no worse");
}

#[test]
fn a_large_photo_has_a_long_side_of_two_thousand_pixels_and_keeps_its_shape() {
    for (width, height, expected) in
        [(3_200, 800, (2_000, 500)), (4_000, 1_000, (2_000, 500)), (900, 3_600, (450, 1_800))]
    {
        let taken = take_in(&jpeg(&sheet(width, height))).unwrap();
        assert_eq!((taken.width, taken.height), expected);
    }
}

#[test]
fn a_photo_is_small_enough_to_send_though_it_is_noisy() {
    let original = jpeg(&noisy(&sheet(2_000, 1_500), 15));
    assert!(original.len() > 1_000_000, "{} bytes", original.len());
    let taken = take_in(&original).unwrap();
    assert!(taken.jpeg.len() <= TARGET_BYTES, "{} bytes", taken.jpeg.len());
    assert_eq!((taken.width, taken.height), (2_000, 1_500));
    let quiet = take_in(&jpeg(&sheet(2_000, 1_500))).unwrap();
    assert!(quiet.jpeg.len() <= TARGET_BYTES);
}

#[test]
fn every_kind_of_jpeg_that_a_device_has_is_taken_in() {
    let grey = sheet(320, 240);
    let taken = take_in(&jpeg(&grey)).unwrap();
    assert!(difference(&decoded(&taken.jpeg), &grey) < 6.0);
    assert_eq!(decoded(&taken.jpeg).channels, 1, "grey stays grey");
    let scene = corners(320, 240);
    let progressive = take_in(&jpeg_with(&scene, |to| to.set_progressive(true))).unwrap();
    assert!(difference(&decoded(&progressive.jpeg), &scene) < 4.0);
    let restarting = take_in(&jpeg_with(&scene, |to| to.set_restart_interval(7))).unwrap();
    assert!(difference(&decoded(&restarting.jpeg), &scene) < 4.0);
    // The scene in printers' colours, without black.
    let inks = picture(320, 240, 4, |x, y, ink| match ink {
        3 => 0,
        ink => 255 - scene.samples[(y * 320 + x) * 3 + ink],
    });
    let printed = take_in(&jpeg(&inks)).unwrap();
    assert!(difference(&decoded(&printed.jpeg), &scene) < 5.0);
}

#[test]
fn what_is_no_photo_is_refused_by_its_code() {
    use IntakeRefusal as R;
    let good = jpeg(&sheet(64, 64));
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let png = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut lossless = good.clone();
    let frame = good.windows(2).position(|at| at == [0xFF, 0xC0]).unwrap();
    lossless[frame + 1] = 0xC3;
    let mut arithmetic = good.clone();
    arithmetic[frame + 1] = 0xC9;
    let cases = [
        (heic, R::Heic),
        (png, R::NotJpeg),
        (Vec::new(), R::NotJpeg),
        (b"%PDF-1.7".to_vec(), R::NotJpeg),
        (lossless, R::NotJpeg),
        (arithmetic, R::NotJpeg),
        (vec![0xFF, 0xD8], R::Damaged),
        (good[..good.len() / 2].to_vec(), R::Damaged),
        (vec![0; MAX_ORIGINAL + 1], R::TooManyBytes),
    ];
    for (file, refusal) in cases {
        assert_eq!(take_in(&file), Err(refusal));
    }
    let codes: std::collections::BTreeSet<_> = R::ALL.map(R::code).into();
    assert_eq!(codes.len(), R::ALL.len());
}

#[test]
fn a_photo_that_was_cut_off_anywhere_is_refused() {
    let whole = jpeg(&sheet(96, 64));
    assert!(take_in(&whole).is_ok());
    for end in 0..whole.len() {
        assert!(take_in(&whole[..end]).is_err(), "{end} of {} bytes", whole.len());
    }
}

#[test]
fn a_small_file_that_claims_a_huge_picture_is_refused_before_it_is_decoded() {
    let mut bomb = jpeg(&sheet(64, 64));
    let frame = bomb.windows(2).position(|at| at == [0xFF, 0xC0]).unwrap();
    bomb[frame + 5..frame + 9].fill(0xFF);
    assert_eq!(take_in(&bomb), Err(IntakeRefusal::TooManyPixels));
    // A byte holds eight blocks of 64 pixels at most.
    let claimed = [0x02, 0x00, 0x12, 0x00];
    bomb[frame + 5..frame + 9].copy_from_slice(&claimed);
    assert!(bomb.len() * 512 < 512 * 4_608);
    assert_eq!(take_in(&bomb), Err(IntakeRefusal::Damaged));
    // 4,608 × 3,600 is too much for a progressive one, and not for a plain one.
    bomb.resize(100_000, 0);
    let sides = [0x0E, 0x10, 0x12, 0x00];
    bomb[frame + 5..frame + 9].copy_from_slice(&sides);
    assert_ne!(take_in(&bomb), Err(IntakeRefusal::TooManyPixels));
    bomb[frame + 1] = 0xC2;
    assert_eq!(take_in(&bomb), Err(IntakeRefusal::TooManyPixels));
    bomb[frame + 5..frame + 9].fill(0);
    assert_eq!(take_in(&bomb), Err(IntakeRefusal::NotJpeg), "no pixel at all");
}

#[test]
fn bytes_of_any_kind_are_answered() {
    let seeds = [
        jpeg_with(&sheet(48, 40), |to| to.add_app_segment(1, &exif(6)).unwrap()),
        jpeg_with(&corners(40, 48), |to| to.set_progressive(true)),
    ];
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap()
    };
    let mut taken = 0;
    for round in 0..1_500 {
        let mut bytes = seeds[round % 2].clone();
        for _ in 0..=round % 8 {
            let at = next() % bytes.len();
            bytes[at] = next().to_le_bytes()[0];
        }
        taken += usize::from(take_in(&bytes).is_ok());
    }
    assert!(taken > 150, "{taken} of them are pictures still");
}

#[test]
fn a_good_photo_is_not_complained_of() {
    let sheet = sheet(900, 1_200);
    let good = [
        ("as drawn", sheet.clone()),
        ("in dim light", each(&sheet, |sample| sample / 2)),
        ("pale ink", each(&sheet, |sample| 128 + sample / 2)),
        ("noisy", noisy(&sheet, 25)),
        ("scanned", each(&sheet, |sample| if sample > 200 { 255 } else { sample })),
        ("slightly soft", moved(&sheet, 2, 2)),
    ];
    for (name, photo) in good {
        assert_eq!(judge::judge(&photo), [], "{name}: {}", judge::figures(&photo));
    }
}

#[test]
fn a_photo_that_cannot_be_read_is_named_so() {
    let sheet = sheet(900, 1_200);
    let blurred = out_of_focus(&sheet, 5);
    let bad = [
        ("out of focus", blurred.clone(), Warning::Blurred),
        ("out of focus and noisy", noisy(&blurred, 25), Warning::Blurred),
        ("moved across", moved(&sheet, 10, 1), Warning::Blurred),
        ("moved down", moved(&sheet, 1, 10), Warning::Blurred),
        ("nothing on it", each(&sheet, |_| 200), Warning::Blurred),
        ("in the dark", each(&sheet, |sample| sample / 4), Warning::Dark),
        ("in the sun", each(&sheet, |sample| sample.saturating_mul(4)), Warning::Overexposed),
        ("tiny", sheet.clone().within(1_199), Warning::Small),
    ];
    for (name, photo, warning) in bad {
        assert_eq!(judge::judge(&photo), [warning], "{name}: {}", judge::figures(&photo));
    }
}
