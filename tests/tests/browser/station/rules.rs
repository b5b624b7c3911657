//! Every rule of the sample's forms, broken once by typing: told at the field and on top, in
//! the rule's own sentence, with a link that leads into the field.

use anyhow::{Context as _, ensure};
use saksi_tests::browser::{Browser, Screen};
use saksi_tests::officer::Officer;
use saksi_tests::paper::Paper;
use saksi_tests::scene::nowhere;

use super::{HOUSE, Hand, PRESIDENT, Station};

/// A rule, and one number that breaks it: the contest, the sheet, the field, and what is
/// typed there, from the numbers of a paper on which everything fits.
type Broken = (&'static str, &'static str, u32, &'static str, fn(&Paper) -> u32);

const BROKEN: [Broken; 19] = [
    ("A1", PRESIDENT, 1, "I.A.J", |paper| paper.number("I.A.J") + 1),
    ("A2", PRESIDENT, 1, "III.J", |paper| paper.number("III.J") + 1),
    ("A3", PRESIDENT, 1, "I.B.4.L", |paper| paper.number("I.B.4.L") + 1),
    ("A4", PRESIDENT, 2, "IV.02", |paper| paper.number("IV.02") + 1),
    ("A5", PRESIDENT, 2, "V.C", |paper| paper.number("V.C") + 1),
    ("A6", PRESIDENT, 2, "V.C", |paper| paper.number("V.C") + 1),
    ("A7", PRESIDENT, 1, "II.2", |paper| paper.number("II.2") + 1),
    ("A8", PRESIDENT, 1, "II.4", |paper| paper.number("II.4") + 1),
    ("A9", HOUSE, 2, "IV.01.total", |paper| paper.number("IV.01.total") + 1),
    ("B1", PRESIDENT, 1, "I.B.1.L", |paper| paper.number("I.A.L") + 1),
    ("B2", PRESIDENT, 1, "III.P", |paper| paper.number("I.B.4.P") + 1),
    ("B3", PRESIDENT, 2, "IV.01", |paper| paper.number("V.A") + 1),
    ("B4", PRESIDENT, 1, "II.1", |paper| paper.number("II.1") + 3),
    ("B5", PRESIDENT, 1, "I.A.J", |_| 301),
    ("B6", PRESIDENT, 2, "V.C", |paper| paper.number("I.A.J") * 2),
    ("B7", PRESIDENT, 1, "I.A.L", |paper| paper.number("I.A.L") + 1),
    ("B8", PRESIDENT, 2, "V.B", |paper| paper.number("V.C")),
    ("X1", HOUSE, 1, "I.A.J", |paper| paper.number("I.A.J") + 1),
    ("X2", HOUSE, 1, "I.B.4.J", |paper| paper.number("I.B.4.J") + 1),
];

#[test]
fn every_rule_is_told_at_its_field_and_on_top_with_a_link_into_it() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    let officer = Officer::at(&station.agent)?;
    all_are_there(&station)?;
    for contest in [PRESIDENT, HOUSE] {
        officer.fill(&station.paper(contest)?)?;
    }
    for (rule, contest, sheet, field, wrong) in BROKEN {
        let paper = station.paper(contest)?;
        hand.open(&format!("/c/{contest}/{sheet}"))?;
        ensure!(codes(&hand)?.is_empty(), "{rule}: everything fits: {:?}", codes(&hand)?);
        hand.retype(field, &wrong(&paper).to_string())?;
        is_told(&hand, &station, (rule, contest)).with_context(|| format!("{rule} at {field}"))?;
        officer.fill(&paper)?;
    }
    Ok(())
}

/// Whether the list above has every rule of the two forms.
fn all_are_there(station: &Station) -> anyhow::Result<()> {
    for contest in [PRESIDENT, HOUSE] {
        let form = station.contest(contest)?.form;
        let form = station.definition.head().form(form).context("a form")?;
        for rule in &form.rules {
            let is_there = BROKEN.iter().any(|(code, ..)| *code == rule.code.as_str());
            ensure!(is_there, "nothing breaks {}", rule.code.as_str());
        }
    }
    Ok(())
}

/// Rules in the summary.
fn codes(hand: &Hand<'_>) -> anyhow::Result<Vec<String>> {
    let codes = "[...document.querySelectorAll('#problems .rule')].map(code => code.innerText)";
    Ok(serde_json::from_value(hand.page.evaluate(codes)?)?)
}

fn is_told(
    hand: &Hand<'_>,
    station: &Station,
    (rule, contest): (&str, &str),
) -> anyhow::Result<()> {
    let link = format!(
        "[...document.querySelectorAll('#problems a')]
            .find(link => link.querySelector('.rule')?.innerText === '{rule}')"
    );
    hand.page.until("the summary", &link)?;
    let name = hand.text_of(&format!("{link}.innerText"))?;
    if let Some(sentence) = sentence(station, (rule, contest))? {
        ensure!(name.contains(&sentence), "in the rule's own words: {name}");
    }
    let here = hand.path()?;
    let there = hand.text_of(&format!("{link}.pathname"))?;
    let field = hand.text_of(&format!("decodeURIComponent({link}.hash.slice(1))"))?;
    let tap = || {
        let links = hand.page.find_all("link")?;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = links.into_iter().find(|link| words(&link.name) == words(&name));
        found.context("the link by its name")?.click()
    };
    match here == there {
        true => tap()?,
        false => hand.page.follow(tap)?,
    }
    hand.page.until("the focus", &format!("document.activeElement.id === '{field}'"))?;
    let row = format!("document.getElementById('{field}').closest('.row')");
    let at_field = hand.text_of(&format!("{row}.querySelector('.problems').innerText"))?;
    ensure!(at_field.contains(rule), "at the field: {at_field}");
    let invalid = hand.page.evaluate("document.activeElement.ariaInvalid")?;
    ensure!(invalid == "true", "the box says that it does not fit: {invalid}");
    Ok(())
}

/// The rule's own sentence, in Indonesian; the page's own rules are in no definition.
fn sentence(station: &Station, (rule, contest): (&str, &str)) -> anyhow::Result<Option<String>> {
    let form = station.definition.head().form(station.contest(contest)?.form).context("a form")?;
    let found = form.rules.iter().find(|found| found.code.as_str() == rule);
    Ok(found.map(|rule| rule.sentence.in_language(0).to_owned()))
}

#[test]
fn our_own_sum_is_not_told_before_the_total_is_typed() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut station = Station::new()?;
    station.agent.run(&nowhere())?;
    let hand = Hand::at(&station, &browser, Screen::PHONE)?;
    hand.open("/c/ppwp/1")?;
    for (field, number) in [("I.A.L", "411"), ("I.A.P", "402")] {
        hand.retype(field, number)?;
    }
    hand.saved()?;
    hand.page.reload()?;
    let html = hand.text_of("document.documentElement.outerHTML")?;
    ensure!(html.contains("411") && !html.contains("813"), "no sum to copy");
    hand.retype("I.A.J", "831")?;
    hand.page.until("what does not fit", "document.body.innerText.includes('813 ≠ 831')")?;
    Ok(())
}
