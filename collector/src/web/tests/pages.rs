//! The pages: what they say, in which language, and what they never do.

use super::example::HOSTILE;
use super::get;

const PAGES: [&str; 8] = [
    "/region/0",
    "/region/1?contest=council&lang=en",
    "/region/2?contest=council",
    "/region/11?sort=held",
    "/station/11002",
    "/station/21001?lang=en",
    "/station/21002",
    "/nowhere",
];

/// The text of a page between its tags, one piece a line.
pub(super) fn words(html: &str) -> String {
    let pieces = html.split('<').filter_map(|piece| piece.split_once('>'));
    let pieces =
        pieces.map(|(_, text)| text.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    pieces.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The page from a text on.
pub(super) fn from<'a>(html: &'a str, start: &str) -> &'a str {
    &html[html.find(start).expect(start)..]
}

/// The first number of each cell after the coverage; a dash is none.
fn numbers(row: &str) -> Vec<u64> {
    let cells = row.split("<td ").skip(1).filter_map(|cell| cell.split_once('>'));
    let cells = cells.map(|(_, text)| text).skip(1);
    cells.map(|cell| cell.split([' ', '<']).next().unwrap().parse().unwrap_or(0)).collect()
}

#[tokio::test]
async fn no_page_can_run_a_script_or_load_from_elsewhere() {
    for address in PAGES.into_iter().chain(["/", "/style.css", "/api/v1/election", "/healthz"]) {
        let page = get(address).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self'"));
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        for never in ["<script", " style=", "<style", " onclick", "http://", "https://"] {
            assert!(!page.body.contains(never), "{address}: {never}");
        }
    }
}

#[tokio::test]
async fn what_differs_between_a_station_s_forms_is_shown_and_holds_nothing() {
    let page = get("/station/11001?lang=en").await.body;
    let shown = words(from(&page, "id=\"across\""));
    let shown = shown.split("Contests").next().unwrap();
    assert!(shown.contains("X1") && shown.contains("Registered voters should be"), "{shown}");
    for (number, contest, field) in [("30", "Regent", "I.A.J"), ("29", "Council", "I.A")] {
        assert!(shown.contains(&format!("{number}\n{contest}\n{field}\n")), "{shown}");
    }
    let station = get("/api/v1/stations/11001").await.json();
    assert_eq!(station["across"][0]["code"], "X1");
    assert_eq!(station["across"][0]["severity"], "warn");
    assert_eq!(station["across"].as_array().unwrap().len(), 1, "{}", station["across"]);
    for contest in station["contests"].as_array().unwrap() {
        assert_eq!(contest["state"], "counted");
    }
    // The one form of 11002 is held: what is not counted is not compared.
    assert!(!get("/station/11002").await.body.contains("id=\"across\""));
}

#[tokio::test]
async fn sections_have_the_titles_of_the_paper_or_their_codes() {
    let page = get("/station/11001?lang=en").await.body;
    let council = words(from(&page, "id=\"contest-council\""));
    assert!(council.contains("I. Voters\n"), "{council}");
    assert!(
        page.contains("IV. Suara &#60;b&#62;partai&#60;/b&#62;</h4>"),
        "nothing twice, nothing raw"
    );
    let head = words(from(&page, "id=\"contest-head\""));
    assert!(head.contains("Section IV"), "{head}");
    let indonesian = words(&get("/station/11001").await.body);
    assert!(indonesian.contains("I. Data pemilih"), "{indonesian}");
}

#[tokio::test]
async fn what_a_revoked_device_has_sent_is_shown_beside_a_station_that_is_missing() {
    let page = words(&get("/station/21002").await.body);
    assert!(from(&page, "Bupati").contains("Belum masuk"), "{page}");
    let late = from(&page, "Formulir terlambat");
    assert!(late.contains("tidak dihitung") && late.contains("14 Februari 2024"), "{late}");
    assert!(!words(&get("/station/11001").await.body).contains("Formulir terlambat"));
}

#[tokio::test]
async fn names_from_outside_are_only_text() {
    for address in ["/region/0", "/region/2", "/region/21", "/station/21001"] {
        let page = get(address).await.body;
        assert!(!page.contains(HOSTILE), "{address}");
        assert!(page.contains("&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;"), "{address}");
    }
    let station = get("/station/11002").await.body;
    assert!(station.contains("memang &#60;i&#62;begitu"));
    assert!(get("/region/0").await.body.contains("Budi &#38; &#60;b&#62;Cici"));
}

#[tokio::test]
async fn the_rows_of_a_region_add_up_to_its_last() {
    let page = get("/region/0").await.body;
    let table = from(&page, "<section class=\"parts\"");
    let (rows, whole) = from(table, "<tbody").split_once("<tfoot").unwrap();
    let rows = rows.split("<tr ").skip(1).map(numbers);
    let sums = rows.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect()).unwrap();
    // Valid votes, those of 01 and 02, held, disputed, missing.
    assert_eq!(sums, [31, 18, 13, 1, 1, 1]);
    assert_eq!(numbers(whole.split_once("</tfoot>").unwrap().0), sums);
}

#[tokio::test]
async fn a_region_says_how_much_of_it_is_counted() {
    let page = words(&get("/region/0").await.body);
    for said in [
        "40,0\u{a0}%\n2 dari 5 TPS dihitung",
        "3,2\u{a0}%\n40 dari 1.249 pemilih terdaftar ada di TPS yang dihitung",
        "Jumlah pemilih terdaftar tidak diketahui untuk 1 TPS.",
        "Belum mewakili: kurang dari setengah TPS sudah dihitung.",
        "1 TPS: tidak tertulis",
        "Hasil sementara gladi",
        "14 Februari 2024, 20.15.09 WIT",
        "A4\n&nbsp;(1)",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let nothing = words(&get("/region/2").await.body);
    assert!(nothing.contains("Belum ada formulir yang dihitung di wilayah ini."));
    let elsewhere = words(&get("/region/2?contest=council").await.body);
    assert!(elsewhere.contains("Pemilihan ini tidak diadakan di wilayah ini."));
}

#[tokio::test]
async fn a_rehearsal_says_so_first() {
    for address in PAGES {
        let page = get(address).await.body;
        let sign = if address.contains("lang=en") { "REHEARSAL" } else { "GLADI" };
        assert!(page.contains(&format!("<title>{sign} · ")), "{address}");
        assert!(page.contains(&format!("<strong>{sign}</strong>")), "{address}");
    }
}

#[tokio::test]
async fn parts_are_sorted_by_what_was_asked() {
    for (address, first) in [
        ("/region/1", "Atas"),
        ("/region/1?sort=coverage", "Bawah"),
        ("/region/1?sort=coverage&order=asc", "Atas"),
        ("/region/1?sort=votes-01&order=asc", "Bawah"),
        ("/region/1?sort=valid", "Atas"),
        ("/region/1?sort=valid&order=asc", "Bawah"),
        ("/region/1?sort=name&order=desc", "Bawah"),
        ("/region/1?sort=nonsense&order=nonsense", "Atas"),
    ] {
        let page = get(address).await.body;
        let rows = words(from(from(&page, "<section class=\"parts\""), "<tbody"));
        assert!(rows.starts_with(first), "{address}: {rows}");
    }
    let page = get("/region/1?sort=coverage&lang=en").await.body;
    assert!(page.contains("aria-sort=\"descending\"><span data-by=\"n\"><a href=\"/region/1?contest=head&#38;sort=coverage&#38;order=asc&#38;lang=en#parts\">"));
}

#[tokio::test]
async fn no_percentage_is_without_what_it_is_of() {
    let page = words(&get("/region/0?lang=en").await.body);
    for said in [
        "40.0%\n2 of 5 stations counted",
        "Percent of 31 valid votes.",
        "2\n(6.1%: 2 of 33)",
        "82.5%\n(33 of 40)",
        "40.0%\n2/5",
        "Less than half of the region",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let nothing = words(&get("/region/2?lang=en").await.body);
    assert!(!nothing.contains("Percent of 0"), "{nothing}");
}

#[tokio::test]
async fn parts_are_tiles_that_say_all_in_words() {
    let page = get("/region/0?lang=en").await.body;
    let tiles = from(&page, "<section class=\"tiles\"");
    let tiles = tiles.split_once("</section>").unwrap().0;
    assert_eq!(tiles.matches("<a ").count(), 2, "{tiles}");
    for said in [
        "<a href=\"/region/1?contest=head&#38;lang=en\" aria-label=\"Utara (1): 2 of 3 stations \
         counted (66.6%). Most votes: 01 Ani, 18 of 31 valid votes (58.1%).\">",
        "(2): 0 of 2 stations counted (0.0%). Not yet representative.",
        ">01</text>",
    ] {
        assert!(tiles.contains(said), "{said}\n{tiles}");
    }
    assert_eq!(tiles.matches("class=\"hatched\"").count(), 1, "{tiles}");
    // Where there is one part, or none, there is nothing to compare.
    for region in ["2", "11"] {
        let page = get(&format!("/region/{region}")).await.body;
        assert!(!page.contains("class=\"tiles\""), "{region}");
    }
}

#[tokio::test]
async fn when_stations_were_heard_is_drawn_and_is_a_table_of_the_same_numbers() {
    let page = get("/region/0?lang=en").await.body;
    let progress = from(&page, "<section class=\"progress\"");
    let progress = progress.split_once("</section>").unwrap().0;
    assert!(words(progress).contains("4 of 5 stations have sent a form."), "{progress}");
    assert!(
        progress.contains("<polyline class=\"arrived\" points=\"0,200 600,40\"/>"),
        "{progress}"
    );
    // The devices of the example are in 1970.
    assert!(words(progress).contains("an hour after it): 4."), "{progress}");
    let rows = words(from(progress, "<tbody"));
    let wanted = "14 February 2024, 20:15 WIT\n0\n0\n14 February 2024, 20:30 WIT\n4\n0\n";
    assert!((rows + "\n").starts_with(wanted), "{progress}");
    let part = words(&get("/region/1?lang=en").await.body);
    assert!(part.contains("3 of 3 stations have sent a form."), "{part}");
    for region in ["11", "2?contest=council"] {
        let page = get(&format!("/region/{region}")).await.body;
        assert!(!page.contains("class=\"progress\""), "{region}");
    }
}

#[tokio::test]
async fn of_many_parties_the_largest_have_columns() {
    let page = get("/region/0?contest=council&lang=en").await.body;
    assert!(words(&page).contains("This table has the 3 with the most votes"));
    let header = words(from(from(&page, "<section class=\"parts\""), "<thead"));
    let order: Vec<_> =
        ["Partai Tiga", "Partai Satu", "Partai Lima"].map(|name| header.find(name)).into();
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{header}");
    assert!(!header.contains("Partai Enam"));
}

#[tokio::test]
async fn links_keep_the_language_that_was_chosen() {
    let page = get("/region/1?lang=en").await.body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("District"));
    for link in page.split("href=\"/region/").chain(page.split("href=\"/station/")).skip(1) {
        let link = link.split('"').next().unwrap();
        assert!(link.contains("lang="), "{link}");
    }
    assert!(get("/region/1").await.body.contains("<html lang=\"id\">"));
    assert!(get("/region/1?lang=fr").await.body.contains("<html lang=\"id\">"));
    let root = get("/?lang=en").await;
    assert_eq!(root.status, 303);
    assert_eq!(root.header("location"), "/region/0?contest=head&lang=en");
}

#[tokio::test]
async fn a_station_shows_every_form_it_has_sent() {
    let held = words(&get("/station/11002?lang=en").await.body);
    for said in
        ["▲\nHeld", "18 ≠ 20", "Must equal", "IV.01, IV.02, V.A", "Registered voters:\n1,200"]
    {
        assert!(held.contains(said), "{said}\n{held}");
    }
    let corrected = words(&get("/station/12001?lang=en").await.body);
    for said in ["Revision 1", "Revision 2", "□\nSuperseded", "salah salin", "not written"] {
        assert!(corrected.contains(said), "{said}\n{corrected}");
    }
    let disputed = words(&get("/station/21001").await.body);
    for said in ["◆\nDisengketakan", "tidak terbaca", "1 Januari 1970, 09.00.05 WIT"] {
        assert!(disputed.contains(said), "{said}\n{disputed}");
    }
    let parties = words(&get("/station/11001").await.body);
    for said in ["1 Partai Satu", "Suara partai\n3\n01\nCaleg Satu\n4", "7"] {
        assert!(parties.contains(said), "{said}\n{parties}");
    }
    let missing = words(&get("/station/21002").await.body);
    assert!(missing.contains("Belum masuk"));
}

#[tokio::test]
async fn what_is_not_there_leads_back() {
    for (address, said) in [
        ("/nowhere", "Tidak ada halaman di alamat ini."),
        ("/region/99", "Tidak ada wilayah dengan kode ini"),
        ("/station/99", "Tidak ada TPS dengan kode ini"),
        ("/region/0?contest=mayor", "Tidak ada jenis pemilihan dengan kode ini."),
    ] {
        let page = get(address).await;
        assert_eq!(page.status, 404, "{address}");
        assert!(page.body.contains(said), "{address}");
        assert!(page.body.contains("<a class=\"action\" href=\"/\">"));
    }
}
