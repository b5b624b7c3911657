//! The API: sums, codes of errors, entity tags.

use serde_json::{Value, json};

use super::{get, get_unless};

/// The numbers of a region's totals that add up over its parts.
fn addends(totals: &Value) -> Vec<u64> {
    let paths = [
        "/votes/01/total",
        "/votes/02/total",
        "/valid/total",
        "/invalid/not_written",
        "/voters/total",
        "/stations/expected",
        "/stations/counted",
        "/stations/held",
        "/stations/disputed",
        "/stations/rejected",
        "/stations/missing",
        "/stations/unopened",
        "/stations/corrected",
        "/stations/ruled",
        "/registered/expected",
        "/registered/counted",
    ];
    paths.iter().map(|path| totals.pointer(path).and_then(Value::as_u64).expect(path)).collect()
}

#[tokio::test]
async fn a_region_is_the_sum_of_its_parts_at_every_level() {
    for region in ["0", "1", "2"] {
        let view = get(&format!("/api/v1/regions/{region}")).await.json();
        let parts = view["parts"].as_array().unwrap();
        let sums = parts.iter().map(|part| addends(&part["totals"]));
        let sums = sums.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect());
        assert_eq!(Some(addends(&view["totals"])), sums, "{region}");
    }
    let whole = get("/api/v1/regions/0?contest=head").await.json();
    let states = json!({
        "expected": 5, "reported": 4, "counted": 2, "held": 1, "disputed": 1, "rejected": 0,
        "missing": 1, "unopened": 0, "corrected": 1, "ruled": 0
    });
    assert_eq!(whole["totals"]["stations"], states);
    assert_eq!(whole["totals"]["votes"]["01"]["total"], 18);
    assert_eq!(whole["totals"]["held_by_rule"], json!({ "A4": 1 }));
}

#[tokio::test]
async fn what_is_not_there_has_a_stable_code() {
    for (address, status, code) in [
        ("/api/v1/regions/99", 404, "unknown-region"),
        ("/api/v1/regions/a%20b", 400, "unknown-region"),
        ("/api/v1/regions/%ff", 400, "unknown-region"),
        ("/api/v1/regions/0?contest=mayor", 404, "unknown-contest"),
        ("/api/v1/regions/0?contest=%3Cb%3E", 400, "unknown-contest"),
        ("/api/v1/stations/99", 404, "unknown-station"),
        ("/api/v1/stations/123456789012345678901", 400, "unknown-station"),
        ("/api/v1/nothing", 404, "not-found"),
    ] {
        let answer = get(address).await;
        assert_eq!(answer.status.as_u16(), status, "{address}");
        assert_eq!(answer.json()["error"]["code"], code, "{address}");
        assert!(answer.json()["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn content_that_was_seen_is_not_sent_again() {
    for address in ["/api/v1/election", "/api/v1/regions/0", "/region/0", "/style.css"] {
        let first = get(address).await;
        assert_eq!(first.status, 200, "{address}");
        assert_eq!(first.header("cache-control"), "no-cache");
        let tag = first.header("etag");
        assert!(tag.len() == 66 && tag.starts_with('"'), "{tag}");
        let again = get_unless(address, tag).await;
        assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""), "{address}");
        assert_eq!(again.header("etag"), tag);
        assert_eq!(get_unless(address, "\"other\"").await.status, 200);
    }
    assert_eq!(get_unless("/region/99", "*").await.status, 404);
}

#[tokio::test]
async fn it_shows_that_it_lives() {
    let answer = get("/healthz").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "ok\n"));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
}
