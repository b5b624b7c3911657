//! What was typed into a sheet that came to nothing stands there again, and what was wrong is
//! said in the reader's language, and in no other.

use saksi_tests::clerk::Clerk;
use saksi_tests::collector;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::hidden_field;

use crate::rulings::{clerk, desk, dispute, propose, send};

/// The page that a form of `page` leads to.
fn post(by: &Clerk, page: &str, to: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = by.post(page, to, fields).unwrap();
    (answer.status, answer.html)
}

#[test]
fn a_second_person_who_is_refused_keeps_the_remark() {
    let scene = desk();
    let forms = dispute(&scene);
    let [ani, mut budi] = ["ani", "budi"].map(|name| clerk(&scene, name));
    let proposal = propose(&scene, &ani, &forms[0]);
    let long = "the photo and the form say the same <b> ".repeat(5);
    // With the reason of the first it is too long for the log.
    let (status, html) =
        post(&budi, &proposal, &format!("{proposal}/confirm"), &[("remark", &long)]);
    assert_eq!(status, 409, "{html}");
    assert!(html.contains("too long for the log"), "{html}");
    let typed = long.trim().replace('<', "&#60;").replace('>', "&#62;");
    let field = html.split("id=\"confirm-remark\"").nth(1).unwrap();
    assert!(field.split("</textarea>").next().unwrap().contains(&typed), "{html}");
    assert!(!html.split("id=\"decline-remark\"").nth(1).unwrap().contains(&typed), "{html}");

    // A proposal that has lapsed has no field for it any more.
    send(&scene, "third", [5, 9, 2, 1]);
    budi.language = "id";
    let remark = [("remark", "cocok dengan foto")];
    let (status, html) = post(&budi, "/", &format!("{proposal}/confirm"), &remark);
    assert_eq!(status, 409, "{html}");
    assert!(html.contains("Formulir lain tiba sejak Anda melihatnya"), "{html}");
    assert!(!html.contains("Other forms have arrived"), "{html}");
    assert!(html.contains("<blockquote class=\"read\">cocok dengan foto</blockquote>"), "{html}");
}

#[test]
fn a_ruling_that_is_refused_or_taken_back_stands_there_as_it_was_typed() {
    let scene = desk();
    let forms = dispute(&scene);
    let ani = clerk(&scene, "ani");
    let case = format!("/case/{}/{CONTEST}", scene.stations[1].code);
    let choice = format!("accept:{}", forms[1]);
    let chosen = format!("value=\"{choice}\" checked");
    let (status, html) =
        post(&ani, &case, &case, &[("choice", &choice), ("reason", " "), ("confirmed", "")]);
    assert!(status == 409 && html.contains("Say why") && html.contains(&chosen), "{html}");

    let said = [("choice", choice.as_str()), ("reason", "as on the photo")];
    let read = ani.post(&case, &case, &said).unwrap();
    assert!(read.html.contains("Read it back"), "{}", read.html);
    let seen = hidden_field(&read.html, "seen").unwrap();
    let csrf = hidden_field(&read.html, "csrf").unwrap();
    let back = [&said[..], &[("csrf", csrf), ("seen", seen), ("confirmed", "no")]].concat();
    let back = ani.send(&case, &[("Origin", &ani.base)], &back).unwrap();
    assert_eq!(back.status, 200, "{}", back.html);
    assert!(back.html.contains(">as on the photo</textarea>"), "{}", back.html);
    assert!(back.html.contains(&chosen) && !back.html.contains("role=\"alert\""), "{}", back.html);

    // Among other forms it is chosen anew; the reason is typed once.
    send(&scene, "third", [5, 9, 2, 1]);
    let late = [&said[..], &[("csrf", csrf), ("seen", seen), ("confirmed", "yes")]].concat();
    let late = ani.send(&case, &[("Origin", &ani.base)], &late).unwrap();
    assert!(late.status == 409 && late.html.contains("Other forms have arrived"), "{}", late.html);
    assert!(late.html.contains(">as on the photo</textarea>"), "{}", late.html);
    assert!(!late.html.contains(" checked"), "{}", late.html);

    let asked = [("choice", "ask"), ("text", ""), ("reason", "two forms differ"), ("line", "A1")];
    let (status, html) = post(&ani, &case, &case, &asked);
    assert!(status == 409 && html.contains(">two forms differ</textarea>"), "{html}");
    assert_eq!(html.matches("two forms differ").count(), 1, "the ruling's reason is empty: {html}");
}

#[test]
fn the_sheets_of_devices_accounts_and_publication_keep_what_was_typed() {
    let scene = desk();
    let mut sri = clerk(&scene, "sri");
    let page = format!("/devices/{}", scene.stations[3].code);
    let revoke = format!("{page}/revoke");
    let dir = scene.collector.dir().to_str().unwrap();
    let code = scene.stations[3].code.as_str();
    let gone = ["device", "revoke", dir, code, "--reason", "lost"];
    collector::succeed(&gone).unwrap();
    sri.language = "id";
    let (status, html) = post(&sri, "/", &revoke, &[("reason", "hilang di sungai")]);
    assert_eq!(status, 422, "{html}");
    assert!(html.contains(&format!("TPS ini tidak punya perangkat: {code}")), "{html}");
    assert!(html.contains("hilang di sungai") && !html.contains("have no device"), "{html}");

    sri.language = "en";
    let typed = [("name", "budi"), ("full_name", "Budi <S>"), ("role", "auditor")];
    let fields = [&typed[..], &[("region", "")]].concat();
    let (status, html) = post(&sri, "/accounts", "/accounts/add", &fields);
    assert!(status == 422 && html.contains("This account name is, or was, in use"), "{html}");
    assert!(
        html.contains("value=\"Budi &#60;S&#62;\"") && html.contains("value=\"budi\""),
        "{html}"
    );
    assert!(html.contains("value=\"auditor\" selected"), "{html}");
    let wall = [("name", "hall"), ("region", "nowhere")];
    let (status, html) = post(&sri, "/accounts", "/walls/add", &wall);
    assert!(status == 422 && html.contains("There is no region of that code"), "{html}");
    let sheet = html.split("action=\"/walls/add\"").nth(1).unwrap();
    assert!(sheet.contains("value=\"hall\"") && sheet.contains("value=\"nowhere\""), "{html}");

    let resume = [("choice", "resume"), ("reason", "it was never paused")];
    let (status, html) = post(&sri, "/publication", "/publication", &resume);
    assert!(status == 409 && html.contains("It is so already"), "{html}");
    assert!(html.contains(">it was never paused</textarea>"), "{html}");
}

#[test]
fn who_is_signed_out_while_writing_can_copy_it_and_refusals_speak_one_language() {
    let scene = desk();
    let ani = clerk(&scene, "ani");
    let case = format!("/case/{}/{CONTEST}", scene.stations[1].code);
    let csrf = hidden_field(&ani.html(&case).unwrap(), "csrf").unwrap().to_owned();
    ani.post("/", "/sign-out", &[]).unwrap();
    let fields = [("csrf", csrf.as_str()), ("reason", "a long story <i>"), ("password", "secret")];
    let out = ani.send(&case, &[("Origin", &ani.base)], &fields).unwrap();
    assert_eq!(out.status, 403);
    assert!(out.html.contains("<code>signed-out</code>"), "{}", out.html);
    assert!(out.html.contains("a long story &#60;i&#62;") && !out.html.contains("secret"));
    let strange = ani.send(&case, &[("Origin", "https://evil.example")], &fields).unwrap();
    assert!(strange.status == 403 && !strange.html.contains("a long story"), "{}", strange.html);

    let mut sri = clerk(&scene, "sri");
    let in_english = "This is not here, or outside this account";
    let in_indonesian = "Tidak ada di sini, atau di luar wilayah akun ini";
    for (language, has, has_not) in
        [("en", in_english, in_indonesian), ("id", in_indonesian, in_english)]
    {
        sri.language = language;
        let html = sri.get("/nowhere").unwrap();
        assert_eq!(html.status, 404);
        assert!(html.html.contains(&format!("<html lang=\"{language}\">")), "{}", html.html);
        assert!(html.html.contains(has) && !html.html.contains(has_not), "{}", html.html);
    }
    let odd = sri.get("/proposals/abc").unwrap();
    assert_eq!(odd.status, 400);
    assert!(odd.html.contains("Alamat atau permintaan ini tidak dapat dibaca"), "{}", odd.html);
}
