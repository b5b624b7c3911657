//! Photos on the page of a station that is made when it is asked for.

use std::fs;
use std::path::Path;
use std::sync::{Arc, RwLock};

use axum::Router;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Entry;

use super::{Answer, get_of};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::sample;
use crate::storage::Storage as _;
use crate::web::{self, Beside};

/// Three photos that a form of station 1001 names.
fn photos() -> [Digest; 3] {
    [Digest([0xA1; 32]), Digest([0xB2; 32]), Digest([0xC3; 32])]
}

/// A collector that has the form, and below `place` what it has published.
fn router(place: &Path, journal: Option<&str>) -> Router {
    let election = Arc::new(sample::election());
    let mut form = sample::form("1001", [3, 4, 7]);
    form.photos = photos().to_vec();
    let mut entries = vec![sample::manifest(&election, "")];
    entries.extend(sample::enrolments().into_iter().map(Entry::Enrolment));
    entries.push(sample::arrival(&sample::sealed(&form)));
    let mut ledger = Ledger::new(election);
    entries.iter().for_each(|entry| sample::apply(&mut ledger, entry).unwrap());
    let bytes: Vec<_> = entries.iter().map(Entry::encode).collect();
    let bytes: Vec<_> = bytes.iter().map(Vec::as_slice).collect();
    let (published, journal) = (place.join("public"), journal.map(|file| place.join(file)));
    let mut kept = Journal::create(&place.join("journal.db")).unwrap();
    kept.append(0, &bytes, "checkpoint").unwrap();
    let beside = Beside { published, journal, has_site: false };
    web::router(Arc::new(RwLock::new(ledger)), &beside)
}

fn publish(place: &Path, photo: &Digest, ending: &str, bytes: &[u8]) -> String {
    let name = photo.to_string();
    let file = format!("/site/photos/{}/{name}{ending}", &name[..2]);
    let path = place.join(format!("public{file}"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    file
}

async fn station(router: &Router) -> Answer {
    let answer = get_of(router.clone(), "/station/1001?lang=en", "").await;
    assert_eq!(answer.status, 200);
    answer
}

#[tokio::test]
async fn what_is_published_is_shown_and_what_is_not_is_awaited() {
    let place = tempfile::tempdir().unwrap();
    let router = router(place.path(), Some("journal.db"));
    let [shown, download, awaited] = photos();
    let before = station(&router).await;
    assert_eq!(before.body.matches("not here yet").count(), 3, "{}", before.body);
    assert!(!before.body.contains("/site/photos"), "{}", before.body);
    // A photo without its thumbnail is not published yet.
    let whole = publish(place.path(), &shown, ".jpg", b"photo");
    assert_eq!(station(&router).await.body, before.body);
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 80);
    encoder.encode(&[200; 24 * 32], 24, 32, jpeg_encoder::ColorType::Luma).unwrap();
    let small = publish(place.path(), &shown, ".thumb.jpg", &jpeg);
    let file = publish(place.path(), &download, ".bin", b"<script>");
    let after = station(&router).await;
    for expected in [
        format!("<a href=\"{whole}\"><img src=\"{small}\""),
        format!("<a href=\"{file}\" download>"),
        awaited.to_string(),
        "width=\"24\" height=\"32\"".to_owned(),
    ] {
        assert!(after.body.contains(&expected), "{expected}: {}", after.body);
    }
    assert_eq!(after.body.matches("not here yet").count(), 1);
    assert_eq!(after.body.matches("<img ").count(), 1);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert!(after.header("content-security-policy").contains("img-src 'self'"));
    for (address, media_type) in [(whole, "image/jpeg"), (small, "image/jpeg")] {
        let photo = get_of(router.clone(), &address, "").await;
        assert_eq!((photo.status.as_u16(), photo.header("content-type")), (200, media_type));
        assert_eq!(photo.header("cache-control"), "public, max-age=31536000, immutable");
        let again = get_of(router.clone(), &address, photo.header("etag")).await;
        assert_eq!(again.status, 304);
    }
    let file = get_of(router.clone(), &file, "").await;
    assert_eq!(file.header("content-disposition"), "attachment");
}

#[tokio::test]
async fn where_photos_are_not_public_or_the_journal_is_gone_it_is_said_how_many_they_are() {
    for journal in [None, Some("elsewhere.db")] {
        let place = tempfile::tempdir().unwrap();
        let router = router(place.path(), journal);
        publish(place.path(), &photos()[0], ".thumb.jpg", b"small");
        let page = station(&router).await.body;
        assert!(page.contains("<dd>3 named by the form</dd>"), "{page}");
        assert!(!page.contains("class=\"photos\"") && !page.contains("/site/photos"), "{page}");
    }
}
