//! What the centre has decided, on pages and in the API.

use serde_json::json;

use super::example::decided;
use super::pages::{from, words};
use super::{Answer, get, get_of};

async fn ask(address: &str) -> Answer {
    let answer = get_of(decided(), address, "").await;
    assert_eq!(answer.status, 200, "{address}");
    answer
}

#[tokio::test]
async fn totals_follow_what_was_decided() {
    let whole = ask("/api/v1/regions/0?contest=head").await.json();
    let states = json!({
        "expected": 4, "reported": 4, "counted": 3, "held": 0, "disputed": 0, "rejected": 1,
        "missing": 0, "unopened": 1, "corrected": 1, "ruled": 2
    });
    assert_eq!(whole["totals"]["stations"], states);
    assert_eq!(whole["totals"]["votes"]["01"]["total"], 27, "18 and the 9 that were held");
    let registered = json!({ "expected": 1_241, "counted": 1_241, "unknown_stations": 1 });
    assert_eq!(whole["totals"]["registered"], registered);
    assert_eq!(whole["totals"]["held_by_rule"], json!({}));
    let rows = ask("/api/v1/regions/21").await.json()["stations"].clone();
    let states: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["rejected", "unopened"]);
}

#[tokio::test]
async fn a_station_shows_who_ruled_and_why_beside_the_finding() {
    let page = ask("/station/11002?lang=en").await.body;
    assert!(!page.contains("<kertas>") && !page.contains("Sri <b>"));
    let said = words(&page);
    let head = from(&said, "Rulings");
    for expected in
        ["This form is counted as written:", "(stands)", "sesuai", "Sri", "14 February 2024"]
    {
        assert!(head.contains(expected), "{expected}: {head}");
    }
    assert!(said.contains("18 ≠ 20"), "the finding is still shown");
    assert!(from(&said, "Rulings").contains("Counted"), "{said}");
    let rejected = words(&ask("/station/21001").await.body);
    for expected in ["Dibatalkan", "Tidak satu pun formulir ini dihitung.", "×"] {
        assert!(rejected.contains(expected), "{expected}: {rejected}");
    }
    let ruling = &ask("/api/v1/stations/21001").await.json()["contests"][0]["rulings"][0];
    assert_eq!((&ruling["decision"], &ruling["stands"]), (&json!("reject"), &json!(true)));
    assert_eq!(ruling["over"].as_array().unwrap().len(), 2);
    assert!(!words(&get("/station/11002?lang=en").await.body).contains("Rulings"));
}

#[tokio::test]
async fn a_station_shows_what_it_is_asked() {
    let page = ask("/station/12001?lang=en").await.body;
    assert!(!page.contains("<15>") && !page.contains("<kabur>"), "{page}");
    let said = words(&page);
    let asked = from(&said, "Questions of the centre");
    for expected in ["look again at V.B, I.A", "5 atau", "Asked by", "Sri", "14 February 2024"] {
        assert!(asked.contains(expected), "{expected}: {asked}");
    }
    let contest = &ask("/api/v1/stations/12001").await.json()["contests"][0];
    assert_eq!(contest["questions"][0]["lines"], json!(["V.B", "I.A"]));
    assert!(!words(&ask("/station/11002?lang=en").await.body).contains("Questions of"));
}

#[tokio::test]
async fn an_amendment_is_shown_with_old_and_new() {
    let page = words(&ask("/station/11001?lang=en").await.body);
    assert!(page.contains("Registered voters:\n31"), "{page}");
    assert!(page.contains("Registered voters: 30, amended to 31."), "{page}");
    let unopened = words(&ask("/station/21002").await.body);
    assert!(unopened.contains("TPS ini tidak dibuka") && unopened.contains("banjir"), "{unopened}");
    let region = words(&ask("/region/2?lang=en").await.body);
    assert!(from(&region, "Stations by how they stand").contains("Did not open"), "{region}");
}

#[tokio::test]
async fn a_pause_is_said_on_every_page_and_in_the_api() {
    let paused = json!({
        "state": "paused", "since_ms": 1_707_909_309_000_u64, "reason": "listrik <padam>"
    });
    for address in ["/api/v1/election", "/api/v1/regions/0", "/api/v1/stations/11001"] {
        assert_eq!(ask(address).await.json()["publication"], paused, "{address}");
        let open = json!({ "state": "open", "since_ms": null, "reason": null });
        assert_eq!(get(address).await.json()["publication"], open, "{address}");
    }
    for address in ["/region/0", "/station/11001"] {
        let page = ask(address).await.body;
        let banner = words(from(&page, "<aside class=\"paused\""));
        assert!(banner.starts_with("Publikasi dijeda\nsejak 14 Februari 2024"), "{banner}");
        assert!(page.contains("<q>listrik &#60;padam&#62;</q>"), "{page}");
        assert!(!get(address).await.body.contains("class=\"paused\""));
    }
}
