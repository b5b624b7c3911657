//! The page without sockets: requests and what they are answered.

mod again;
mod notices;

use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::election::{
    Ballot, Contest, EntryPolicy, FormKind, Line, Scope, Summary, Text, Votes,
};

use super::asked::Asked;
use super::guard::Guard;
use super::reply::Reply;
use super::shell;
use super::site::Site;
use crate::agent::Agent;
use crate::desk::Added;
use crate::draft::{Notes, Origin, Turn, Typed};
use crate::intake::take_in;
use crate::testing::Device;

const HOST: &str = "127.0.0.1:7470";

fn text(text: &str) -> Text {
    Text(vec![text.to_owned(), format!("{text} (en)")])
}

/// A contest with this ballot, on a form with a line of each kind.
pub(crate) fn contest_of(ballot: Ballot) -> Contest {
    Contest {
        code: "dpr".parse().unwrap(),
        name: text("dpr"),
        form: "c".parse().unwrap(),
        scope: Scope::Everywhere,
        ballot,
    }
}

pub(crate) fn form_of(contest: &Contest) -> FormKind {
    let votes = match contest.ballot {
        Ballot::Candidates(_) => Votes::Candidates,
        Ballot::Parties(_) => Votes::Parties,
    };
    let line = |code: &str, columns: &[&str], votes| Line {
        code: code.to_owned(),
        section: code.split('.').next().unwrap().to_owned(),
        letter: code.to_owned(),
        name: text(code),
        columns: columns.iter().map(|column| column.parse().unwrap()).collect(),
        votes,
        bound: 999,
    };
    let columns = &["L", "P", "J"];
    let lines = ["I.A", "I.B.1", "I.B.2", "I.B.3", "I.B.4"].map(|code| line(code, columns, None));
    let lines =
        lines.into_iter().chain(["II.1", "II.2", "II.3", "II.4"].map(|code| line(code, &[], None)));
    let lines = lines.chain([line("IV", &[], Some(votes)), line("V.A", &[], None)]);
    FormKind {
        code: "c".parse().unwrap(),
        name: text("Model C"),
        sections: Vec::new(),
        lines: lines.collect(),
        rules: Vec::new(),
        summary: Summary::default(),
        entry: EntryPolicy::default(),
    }
}

/// A browser that was let in.
struct Browser {
    _device: Device,
    agent: Agent,
    site: Site,
    cookies: String,
    language: &'static str,
}

impl Browser {
    fn new() -> Self {
        Self::of(Device::new())
    }

    fn of(device: Device) -> Self {
        let agent = device.agent();
        let guard = Guard::new(HOST.parse().unwrap(), [7; 32]);
        let word = guard.address().rsplit('/').next().unwrap().to_owned();
        let site = Site::new(Arc::clone(&agent.desk), guard, &[]);
        let opened = site.answer_now(&asked(&format!("/open/{word}")));
        let cookie = opened.header(&SET_COOKIE).unwrap().split(';').next().unwrap().to_owned();
        Self { _device: device, agent, site, cookies: cookie, language: "en" }
    }

    fn asked(&self, path: &str) -> Asked {
        let cookies = format!("{}; saksi_language={}", self.cookies, self.language);
        Asked { cookies, ..asked(path) }
    }

    fn get(&self, path: &str) -> Reply {
        self.site.answer_now(&self.asked(path))
    }

    /// A page as it is sent.
    fn whole(&self, path: &str) -> String {
        let reply = self.get(path);
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        String::from_utf8(reply.body.to_vec()).unwrap()
    }

    /// A page without its style, whose words are not the page's.
    fn html(&self, path: &str) -> String {
        let page = self.whole(path);
        let (head, rest) = page.split_once(&format!("<style>{}</style>", *shell::STYLE)).unwrap();
        [head, rest].concat()
    }

    /// Posts fields, with the word of a page's own form.
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let home = self.html("/");
        let word = between(&home, "name=\"csrf\" value=\"", "\"").to_owned();
        let word = [("csrf", word.as_str())];
        let posted =
            fields.iter().chain(&word).map(|(name, value)| (name.to_string(), value.to_string()));
        let asked = Asked { is_post: true, posted: posted.collect(), ..self.asked(path) };
        self.site.answer_now(&asked)
    }

    /// Where a post leads on to.
    fn led(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.post(path, fields);
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", shown(&reply));
        reply.header(&LOCATION).unwrap().to_owned()
    }

    /// Seals what is read back, with these fields besides.
    fn seal(&self, fields: &[(&str, &str)]) -> Reply {
        let page = self.html("/c/ppwp/review");
        let seen = between(&page, "name=\"seen\" value=\"", "\"").to_owned();
        self.post("/c/ppwp/review", &[fields, &[("go", "seal"), ("seen", &seen)]].concat())
    }

    fn revisions(&self) -> Vec<u32> {
        self.agent.forms().unwrap().iter().map(|stored| stored.form.revision).collect()
    }
}

fn asked(path: &str) -> Asked {
    Asked { path: path.to_owned(), host: HOST.to_owned(), ..Asked::default() }
}

fn shown(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap().0
}

const BOTH: [(&str, &str); 2] = [("one", "yes"), ("two", "yes")];

const GOOD: [(&str, &str); 6] = [
    ("f.I.A.L", "147"),
    ("f.I.A.P", "145"),
    ("f.I.A.J", "292"),
    ("f.IV.01", "100"),
    ("f.IV.02", "83"),
    ("f.V.A", "183"),
];

fn go<'a>(fields: &[(&'a str, &'a str)], to: &'a str) -> Vec<(&'a str, &'a str)> {
    [fields, &[("go", to)]].concat()
}

#[test]
fn a_form_is_filled_read_back_and_sealed_without_a_script() {
    let browser = Browser::new();
    assert_eq!(browser.led("/c/ppwp/1", &go(&GOOD, "next")), "/c/ppwp/photos");
    assert!(
        browser.html("/c/ppwp/photos").contains("href=\"/c/ppwp/review\">Go on without a photo")
    );
    let page = browser.html("/c/ppwp/review");
    assert!(page.contains("one hundred and forty-seven") && !page.contains("id=\"missing\""));
    let refused = browser.seal(&[("one", "yes")]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "one officer is not two");
    assert!(browser.revisions().is_empty());
    assert_eq!(browser.seal(&BOTH).status, StatusCode::SEE_OTHER);
    assert_eq!(browser.revisions(), [1]);
    let stored = browser.html("/c/ppwp");
    assert!(stored.contains("Safe on this device") && stored.contains("data-moving"));
    let again = browser.led("/c/ppwp/1", &[("f.V.A", "184"), ("go", "save")]);
    assert_eq!(again, "/c/ppwp", "what is sealed changes by a correction only");
    assert_eq!(browser.agent.desk.draft("ppwp".parse().unwrap()).unwrap(), None);
}

#[test]
fn a_correction_begins_with_the_numbers_and_wants_a_reason() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    browser.seal(&BOTH);
    assert_eq!(browser.led("/c/ppwp/correct", &[]), "/c/ppwp/1");
    assert!(browser.html("/c/ppwp/1").contains("name=\"f.I.A.J\" value=\"292\""));
    browser.led("/c/ppwp/1", &[("f.IV.01", "101"), ("f.V.A", "184"), ("go", "next")]);
    let refused = browser.seal(&BOTH);
    assert!(shown(&refused).contains("Say why the form is corrected"));
    browser.seal(&[&BOTH[..], &[("reason", "misread")]].concat());
    assert_eq!(browser.revisions(), [1, 2]);
    let page = browser.html("/c/ppwp");
    assert!(page.contains("misread") && page.contains("Revision 1"), "the old one stays visible");
}

#[test]
fn what_does_not_fit_is_said_at_its_field_and_wants_an_explanation() {
    let browser = Browser::new();
    let part = [("f.I.A.L", "147"), ("f.I.A.P", "145"), ("go", "save")];
    browser.led("/c/ppwp/1", &part);
    assert!(!browser.html("/c/ppwp/1").contains("292"), "no sum before the total is typed");
    browser.led("/c/ppwp/1", &go(&GOOD, "save"));
    browser.led("/c/ppwp/1", &[("f.I.A.J", "229"), ("go", "save")]);
    let page = browser.html("/c/ppwp/1");
    let row = between(&page, "id=\"p-r-I.A.L\"", "</ul>");
    assert!(row.contains("<b>292 ≠ 229</b>") && row.contains(">A1</span>"), "{row}");
    assert!(page.contains("href=\"/c/ppwp/1#f-I.A.J\""), "the summary leads to the box");
    let refused = browser.seal(&BOTH);
    assert!(shown(&refused).contains("Explain what does not fit"));
    browser.seal(&[&BOTH[..], &[("explanation", "the paper says so")]].concat());
    let forms = browser.agent.forms().unwrap();
    assert_eq!(forms[0].form.explanation.as_deref(), Some("the paper says so"));
}

#[test]
fn empty_illegible_and_what_is_no_number() {
    let browser = Browser::new();
    let led = browser.led("/c/ppwp/1", &[("f.I.A.L", "1.47"), ("go", "next")]);
    assert_eq!(led, "/c/ppwp/1#problems", "nobody goes on with what is no number");
    let page = browser.html("/c/ppwp/1");
    assert!(page.contains("value=\"1.47\"") && page.contains("Digits 0–9 only"));
    let led = browser.led("/c/ppwp/1", &[("mark", "illegible V.A"), ("f.I.A.L", "147")]);
    assert_eq!(led, "/c/ppwp/1#f-V.A");
    browser.led("/c/ppwp/1", &[("mark", "none NO.SUCH"), ("f.NO.SUCH", "1")]);
    let missing = browser.html("/c/ppwp/review");
    assert!(missing.contains("Boxes to fill: 4.") && !missing.contains("value=\"seal\""));
    browser.led("/c/ppwp/1", &[("f.IV.01", "0"), ("go", "rest")]);
    browser.seal(&BOTH);
    let counts = browser.agent.forms().unwrap()[0].form.counts.clone();
    let (none, written) = (Count::NotWritten, Count::Written);
    assert_eq!(counts, [written(147), none, none, written(0), none, Count::Illegible]);
}

#[test]
fn what_is_sealed_is_what_was_read() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    let page = browser.html("/c/ppwp/review");
    let seen = between(&page, "name=\"seen\" value=\"", "\"").to_owned();
    browser.led("/c/ppwp/1", &[("f.IV.01", "83"), ("f.IV.02", "100"), ("go", "save")]);
    let seal = [&BOTH[..], &[("go", "seal"), ("seen", &seen)]].concat();
    let refused = browser.post("/c/ppwp/review", &seal);
    assert!(shown(&refused).contains("Numbers have changed"), "two were swapped meanwhile");
    assert!(browser.revisions().is_empty());
}

#[test]
fn a_field_that_is_not_posted_stays_and_an_emptied_one_goes() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "save"));
    browser.led("/c/ppwp/1", &[("f.V.A", ""), ("go", "save")]);
    let draft = browser.agent.desk.draft("ppwp".parse().unwrap()).unwrap().unwrap();
    assert_eq!(draft.fields.len(), 5);
    assert!(!draft.fields.contains_key("V.A"));
    browser.led("/c/ppwp/discard", &[]);
    assert!(browser.agent.desk.draft("ppwp".parse().unwrap()).unwrap().is_some(), "not so said");
    browser.led("/c/ppwp/discard", &[("sure", "yes")]);
    assert_eq!(browser.agent.desk.draft("ppwp".parse().unwrap()).unwrap(), None);
}

#[test]
fn strangers_change_nothing() {
    let browser = Browser::new();
    let post = |change: fn(&mut Asked)| {
        let mut asked = browser.asked("/c/ppwp/1");
        let word = Guard::new(HOST.parse().unwrap(), [7; 32]).posting().to_owned();
        asked.is_post = true;
        asked.posted = vec![("csrf".to_owned(), word), ("f.V.A".to_owned(), "1".to_owned())];
        change(&mut asked);
        browser.site.answer_now(&asked).status.as_u16()
    };
    assert_eq!(post(|asked| asked.host = "evil.example:7470".to_owned()), 421);
    assert_eq!(post(|asked| asked.cookies.clear()), 401);
    assert_eq!(post(|asked| asked.posted.truncate(0)), 403);
    assert_eq!(post(|asked| asked.origin = Some("http://evil.example".to_owned())), 403);
    assert_eq!(post(|asked| asked.fetch_site = Some("cross-site".to_owned())), 403);
    assert_eq!(browser.agent.desk.draft("ppwp".parse().unwrap()).unwrap(), None);
    assert_eq!(post(|_| {}), 303, "and without any of it, it is saved");
}

#[test]
fn what_is_not_there_is_said_so() {
    let browser = Browser::new();
    for path in
        ["/x", "/c", "/c/", "/c/x", "/c/ppwp/0", "/c/ppwp/2", "/c/ppwp/x", "/c/ppwp/1/2", "//"]
    {
        assert_eq!(browser.get(path).status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/", "/c/ppwp", "/c/ppwp/receipt", "/try2"] {
        assert_eq!(browser.post(path, &[]).status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(browser.led("/c/ppwp/correct", &[]), "/c/ppwp/1", "there is nothing to correct");
    assert_eq!(browser.get("/c/ppwp/receipt").status, StatusCode::CONFLICT);
    assert_eq!(browser.site.answer_now(&asked("/open/x")).status, StatusCode::UNAUTHORIZED);
}

#[test]
fn pages_are_small_and_bring_nothing_from_elsewhere() {
    let mut browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    for shade in 0..8 {
        add_photo(&browser, shade * 30, Origin::Gallery);
    }
    for language in ["id", "en"] {
        browser.language = language;
        for path in ["/", "/c/ppwp/1", "/c/ppwp/photos", "/c/ppwp/review", "/c/dpr/1"] {
            let page = browser.html(path);
            assert!(page.contains(&format!("<html lang=\"{language}\"")), "{path}");
            assert!(page.contains("An exercise, not counted.") || language == "id");
            let whole = browser.whole(path).len() + shell::SCRIPT.len();
            assert!(whole < 60_000, "{path}: {whole} bytes");
            for word in ["style=", "onclick=", "<script>", "<style", "http:", "https:", "src=\"//"]
            {
                assert!(!page.contains(word), "{path} has {word}");
            }
        }
    }
}

/// Adds a picture as it comes from the camera, small enough for a test.
fn add_photo(browser: &Browser, shade: u8, origin: Origin) -> Digest {
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
    encoder.encode(&[shade; 64], 8, 8, jpeg_encoder::ColorType::Luma).unwrap();
    let taken = take_in(&jpeg).unwrap();
    let (digest, contest) = (taken.digest, "ppwp".parse().unwrap());
    let added = browser.agent.desk.add_photo(contest, (taken, origin), None, 7).unwrap();
    assert_eq!(added, Added::Kept);
    digest
}

#[test]
fn photos_are_shown_with_what_is_known_of_them_and_sealed_with_the_form() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    let read = browser.html("/c/ppwp/review");
    assert!(read.contains("NO PHOTO."), "{read}");
    let seen = between(&read, "name=\"seen\" value=\"", "\"").to_owned();
    let first = add_photo(&browser, 10, Origin::Camera);
    let second = add_photo(&browser, 200, Origin::Gallery);
    let page = browser.html("/c/ppwp/photos");
    for wanted in ["⚑ from the gallery", "photo-small", "photo-dark", &second.to_string()] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let seal = [&BOTH[..], &[("go", "seal"), ("seen", &seen)]].concat();
    let refused = browser.post("/c/ppwp/review", &seal);
    assert!(shown(&refused).contains("have changed since they were read back, or photos"));
    let picture = browser.get(&format!("/photos/{first}.jpg"));
    assert_eq!(
        (Digest::of(&picture.body), picture.header(&CONTENT_TYPE)),
        (first, Some("image/jpeg"))
    );
    assert_eq!(browser.get("/photos/../page.key.jpg").status, StatusCode::NOT_FOUND);
    assert_eq!(browser.led("/c/ppwp/photos", &[("remove", &first.to_string())]), "/c/ppwp/photos");
    assert_eq!(browser.get(&format!("/photos/{first}.jpg")).status, StatusCode::NOT_FOUND);
    assert!(!browser.html("/c/ppwp/review").contains("NO PHOTO."));
    assert_eq!(browser.seal(&BOTH).status, StatusCode::SEE_OTHER);
    assert_eq!(browser.agent.forms().unwrap()[0].form.photos, [second]);
    for path in ["/", "/c/ppwp"] {
        assert!(browser.html(path).contains("waiting, goes after the numbers"), "{path}");
    }
    assert_eq!(browser.led("/c/ppwp/photos", &[]), "/c/ppwp/photos");
    assert_eq!(browser.get("/c/ppwp/photos").header(&LOCATION), Some("/c/ppwp"), "it is sealed");
    assert_eq!(browser.led("/c/ppwp/correct", &[("to", "photos")]), "/c/ppwp/photos");
    assert!(browser.html("/c/ppwp/photos").contains("of the form before"));
}

#[test]
fn another_language_leads_back_to_the_same_page() {
    let browser = Browser::new();
    let reply = browser.post("/language", &[("language", "id"), ("back", "/c/ppwp/1")]);
    assert_eq!(reply.header(&LOCATION), Some("/c/ppwp/1"));
    assert!(reply.header(&SET_COOKIE).unwrap().starts_with("saksi_language=id;"));
    let reply = browser.post("/language", &[("language", "en"), ("back", "//evil.example")]);
    assert_eq!(reply.header(&LOCATION), Some("/"));
}

#[test]
fn what_should_be_the_same_on_all_forms_is_looked_at_across_them() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    browser.seal(&BOTH);
    let other = [("f.I.A.L", "146"), ("f.I.A.P", "145"), ("f.I.A.J", "291"), ("go", "save")];
    browser.led("/c/dpr/1", &other);
    let page = browser.html("/c/dpr/1");
    let row = between(&page, "id=\"p-r-I.A.L\"", "</ul>");
    assert!(row.contains("<b>291 ≠ 292</b>") && row.contains(">X1</span>"), "{row}");
    browser.led("/c/dpr/1", &[("f.I.A.L", "147"), ("f.I.A.J", "292"), ("go", "save")]);
    assert!(!browser.html("/c/dpr/1").contains(">X1</span>"));
}

#[test]
fn a_draft_that_was_lost_with_the_store_is_there_and_is_to_be_compared() {
    let device = Device::new();
    let agent = device.agent();
    let changes = vec![(Turn::First, "I.A.L".to_owned(), Typed::read("147"))];
    agent.desk.save_draft("ppwp".parse().unwrap(), &changes, &Notes::default()).unwrap();
    drop(agent);
    std::fs::remove_dir_all(device.directory().store()).unwrap();
    let browser = Browser::of(device);
    let said = "came back from its copy";
    for page in ["/c/ppwp/1", "/c/ppwp/review"] {
        let html = browser.html(page);
        assert!(html.contains(said) && html.contains("147"), "{page}: {html}");
    }
    browser.led("/c/ppwp/1", &[("f.I.A.P", "145"), ("go", "save")]);
    assert!(browser.html("/c/ppwp/1").contains(said), "until it is sealed");
    assert!(!browser.html("/c/dpr/1").contains(said));
}

#[test]
fn an_explanation_is_shown_with_the_form_whatever_it_explains() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    browser.seal(&[&BOTH[..], &[("explanation", "the other form is being checked")]].concat());
    assert!(browser.html("/c/ppwp").contains("the other form is being checked"));
}
