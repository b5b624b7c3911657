//! From the first box to the receipt, on a phone, with one thumb; the line to the centre is
//! down at first, and then it is cut in the middle of the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::ensure;
use saksi_agent::page::text;
use saksi_proto::text::Language;
use saksi_tests::browser::{Browser, Key, Screen};
use saksi_tests::officer::Officer;
use saksi_tests::paper::Paper;
use saksi_tests::proxy::{Fault, Proxy};

use super::{Hand, PRESIDENT, Station};

/// How many bytes of an answer are missing when it is cut: less than a receipt has.
const CUT: usize = 200;

/// The line to the centre: nothing, everything, or so many bytes of what the centre says,
/// and then nothing.
#[derive(Clone)]
struct Line(Arc<AtomicUsize>);

impl Line {
    const DOWN: usize = 0;
    const WELL: usize = usize::MAX;

    fn new() -> Self {
        Self(Arc::new(AtomicUsize::new(Self::WELL)))
    }

    fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::SeqCst);
    }

    fn fault(&self) -> Fault {
        match self.0.load(Ordering::SeqCst) {
            Self::DOWN => Fault::Reset,
            Self::WELL => Fault::Pass,
            bytes => {
                // The next one is shorter, for it resumes: it would get through.
                self.set(Self::DOWN);
                Fault::CutDown(bytes)
            }
        }
    }
}

#[test]
fn from_the_first_box_to_the_receipt_in_indonesian() -> anyhow::Result<()> {
    from_the_first_box_to_the_receipt(Language::Indonesian)
}

#[test]
fn from_the_first_box_to_the_receipt_in_english() -> anyhow::Result<()> {
    from_the_first_box_to_the_receipt(Language::English)
}

fn from_the_first_box_to_the_receipt(language: Language) -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.collector.start(None)?;
    let line = Line::new();
    let proxy = Proxy::start(&station.collector.address()?, {
        let line = line.clone();
        move |_| line.fault()
    })?;
    station.agent.run(&proxy.address())?;
    let mut hand = Hand::at(&station, &browser, Screen::PHONE)?;
    if language == Language::English {
        hand.speak(language)?;
    }
    rehearses(&hand)?;
    let whole_answer = proxy.carried_down();
    line.set(Line::DOWN);

    let paper = station.paper(PRESIDENT)?;
    copies(&hand, &station, &paper)?;
    reads_back(&hand, &paper)?;

    // Sealed without a network: what is shown from here on comes by itself.
    hand.mark()?;
    hand.sees("#progress", text::STEP_STORED)?;
    let waits = |phrase: &str| format!("document.body.innerText.includes('{phrase}')");
    let begun = |phrase| hand.say(phrase).split("{0}").next().unwrap_or_default();
    hand.page.until("the reason", &waits(begun(text::LAST_REASON)))?;
    hand.page.until("the next try", &waits(begun(text::NEXT_TRY)))?;
    let officer = Officer::at(&station.agent)?;
    line.set(whole_answer - CUT);
    officer.led("/", "/try", &[])?;
    hand.sees("#progress", text::STEP_SENT)?;
    line.set(Line::WELL);
    officer.led("/", "/try", &[])?;
    hand.sees("#progress", text::STEP_RECEIVED)?;
    hand.page.until("nothing to do", &format!("!{}", waits(begun(text::LAST_REASON))))?;
    ensure!(hand.is_marked()?, "it was loaded again");

    hand.tap("link", hand.say(text::OPEN_RECEIPT))?;
    let status = station.agent.json(&["status"])?;
    let digest = status["contests"][0]["digest"].as_str().unwrap_or_default().to_owned();
    let receipt = hand.page.text()?;
    ensure!(receipt.contains(&digest), "{receipt}");
    let short = [&digest[..4], &digest[4..8], &digest[8..12]].join(" ");
    ensure!(receipt.contains(&short), "{receipt}");
    Ok(())
}

fn rehearses(hand: &Hand<'_>) -> anyhow::Result<()> {
    hand.tap("button", hand.say(text::REHEARSE_NOW))?;
    let rehearsed = hand.text_of("document.getElementById('rehearsed').innerText")?;
    let begun = hand.say(text::REHEARSED).split("{0}").next().unwrap_or_default();
    ensure!(rehearsed.starts_with(begun), "{rehearsed}");
    Ok(())
}

/// Copies the paper, sheet after sheet; makes one mistake, and goes home once.
fn copies(hand: &Hand<'_>, station: &Station, paper: &Paper) -> anyhow::Result<()> {
    let of_contest = |phrase| {
        let position = usize::from(hand.language == Language::English);
        let name = station.contest(PRESIDENT)?.name.in_language(position);
        anyhow::Ok(format!("{} {name}", hand.say(phrase)))
    };
    hand.tap("link", &of_contest(text::BEGIN)?)?;
    hand.copy(paper)?;
    hand.page.follow(|| hand.page.press(Key::Enter))?;
    ensure!(hand.path()? == "/c/ppwp/2", "{}", hand.path()?);

    // A letter is told at its box, and nobody gets on with it.
    let first = hand.boxes()?.remove(0);
    hand.is_at(&first)?;
    hand.page.write("1O")?;
    hand.page.press(Key::Enter)?;
    let wrong = format!("document.getElementById('f-{first}').ariaInvalid === 'true'");
    hand.page.until("the letter is told", &wrong)?;
    let said = hand.page.text()?;
    ensure!(said.matches("“1O”").count() == 2, "at the box and on top: {said}");
    hand.page.press(Key::BackTab)?;
    hand.retype(&first, &paper.number(&first).to_string())?;
    hand.page.until("it is put right", &format!("!({wrong})"))?;

    // Somebody looks at the first page meanwhile: it is a draft there, and goes on.
    hand.saved()?;
    hand.tap("link", &format!("← {}", hand.say(text::ALL_FORMS)))?;
    hand.sees("#c-ppwp", text::STEP_DRAFT)?;
    hand.tap("link", &of_contest(text::GO_ON)?)?;
    hand.open("/c/ppwp/2")?;
    let boxes = hand.boxes()?;
    // Typing goes on at the first empty box.
    hand.is_at(&boxes[1])?;
    for code in &boxes[1..] {
        hand.page.write(&paper.number(code).to_string())?;
        hand.page.press(Key::Enter)?;
    }
    hand.page.follow(|| hand.page.press(Key::Enter))?;
    ensure!(hand.path()? == "/c/ppwp/photos", "{}", hand.path()?);
    hand.tap("link", &format!("{} →", hand.say(text::WITHOUT_PHOTOS)))?;
    ensure!(hand.path()? == "/c/ppwp/review", "{}", hand.path()?);
    Ok(())
}

/// Reads digits and words; two officers confirm; it is sealed.
fn reads_back(hand: &Hand<'_>, paper: &Paper) -> anyhow::Result<()> {
    let read = "[...document.querySelectorAll('.read dd b')].map(digits => digits.innerText)";
    let mut read: Vec<String> = serde_json::from_value(hand.page.evaluate(read)?)?;
    let mut written: Vec<_> = paper.lines.values().flatten().map(ToString::to_string).collect();
    read.sort();
    written.sort();
    ensure!(read == written, "{read:?}");
    let words = match hand.language {
        Language::Indonesian => "153 seratus lima puluh tiga",
        Language::English => "153 one hundred and fifty-three",
    };
    let said = hand.page.text()?.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(said.contains(words), "{said}");

    let seal = hand.say(text::SEAL);
    hand.page.find("checkbox", hand.say(text::CONFIRM_ONE))?.click()?;
    hand.tap("button", seal)?;
    let said = hand.text_of("document.activeElement.innerText")?;
    ensure!(said.contains(hand.say(text::NEEDS_BOTH)), "one officer is not two: {said}");
    for officer in [text::CONFIRM_ONE, text::CONFIRM_TWO] {
        hand.page.find("checkbox", hand.say(officer))?.click()?;
    }
    hand.tap("button", seal)?;
    ensure!(hand.path()? == "/c/ppwp", "{}", hand.path()?);
    Ok(())
}
