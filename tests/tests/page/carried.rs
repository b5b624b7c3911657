//! Carry and send from the page: a form out of one device and into another, and its receipt
//! the same way back, without a script.

use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, nowhere};

const CARRY: &str = "/carry";
const TAKE: &str = "/carry/in";

#[test]
fn a_form_goes_out_of_one_page_and_into_another_and_its_receipt_comes_back() {
    let scene = Scene::serving().unwrap();
    let mut origin = scene.agent("origin", 0).unwrap();
    origin.run(&nowhere()).unwrap();
    let at_origin = Officer::at(&origin).unwrap();
    assert!(at_origin.html(CARRY).unwrap().contains("There is no signed form yet."));
    at_origin.fill(&scene.stations[0].paper([30, 20, 2, 1])).unwrap();
    at_origin.seal(CONTEST, &[]).unwrap();
    let forms = at_origin.file("/forms.saksi").unwrap();
    let mut carrier = scene.agent("carrier", 1).unwrap();
    carrier.run(&scene.collector.address().unwrap()).unwrap();
    let at_carrier = Officer::at(&carrier).unwrap();
    let taken = at_carrier.post_file(CARRY, TAKE, &forms).unwrap();
    assert_eq!(taken.status, 200, "{}", taken.html);
    assert!(taken.html.contains("1 new, 0 there already"), "{}", taken.html);
    let line = format!("Carried for station {}: 1 of 1 have arrived", scene.stations[0].code);
    poll::until("the carried form's receipt", || {
        Ok(at_carrier.html("/")?.contains(&line).then_some(()))
    })
    .unwrap();
    assert!(at_carrier.html("/").unwrap().contains("Not begun."), "its own list is its own");
    let receipts = at_carrier.file("/receipts.receipts").unwrap();
    let taken = at_origin.post_file(CARRY, TAKE, &receipts).unwrap();
    assert!(taken.html.contains("1 of this station"), "{}", taken.html);
    assert!(at_origin.html("/").unwrap().contains("It has arrived: entry"));
    assert!(at_origin.html("/c/president/receipt").unwrap().contains("Receipt"));
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

#[test]
fn what_is_no_such_file_or_of_no_page_of_ours_is_refused_and_leaves_nothing() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("refuses", 0).unwrap();
    agent.run(&nowhere()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let refused = |file: &[u8], words: &str| {
        let page = officer.post_file(CARRY, TAKE, file).unwrap();
        assert!(page.status == 409 && page.html.contains(words), "{} {}", page.status, page.html);
    };
    refused(b"a letter", "no file of Saksi");
    refused(b"saksi forms v1\nsomething and a digest that is not that of the file", "was changed");
    refused(b"", "Choose a file first.");
    let forged = officer.post_file_with(&"0".repeat(32), TAKE, b"a letter").unwrap();
    assert_eq!(forged.status, 403, "{}", forged.html);
    let page = officer.html(CARRY).unwrap();
    let word = saksi_tests::officer::hidden_field(&page, "csrf").unwrap().to_owned();
    let mut stranger = Officer::at(&agent).unwrap();
    stranger.cookie = "saksi_1=x".to_owned();
    assert_eq!(stranger.post_file_with(&word, TAKE, b"a letter").unwrap().status, 401);
    // A byte more than is taken: read to its end, and answered.
    let much = vec![b'x'; (40 << 20) + 1];
    refused(&much, "more than 40 MiB");
    let left = std::fs::read_dir(scene.agent_dir("refuses")).unwrap();
    let left = left.filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("brought")
    });
    assert_eq!(left.count(), 0);
}
