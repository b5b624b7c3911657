//! Photos at the station's page in a real browser: chosen, taken again, read back, sealed,
//! and the receipt that a phone can photograph.

use std::fs;

use saksi_tests::browser::{Browser, Manners, Media, Page, Screen};
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::picture::Picture;
use saksi_tests::poll;
use saksi_tests::scene::Scene;

const PHOTOS: &str = "/c/president/photos";

/// A page with two photos of 400 KB at most, which no weight of pages counts.
const MANNERS: Manners = Manners { bytes: 60_000 + 2 * 400_000, requests: 6 };

const NARROW: Screen = Screen { width: 320, height: 640, phone: true };

/// Light and dark of the code as the browser draws it on a telephone, two pixels for each
/// of the page's.
const DRAWN: &str = "(() => {
    const code = document.querySelector('.qr img'), canvas = document.createElement('canvas');
    const side = canvas.width = canvas.height = 2 * code.clientWidth;
    const paper = canvas.getContext('2d');
    paper.drawImage(code, 0, 0, side, side);
    const samples = Array.from(paper.getImageData(0, 0, side, side).data);
    return samples.filter((_, at) => at % 4 == 0).map(red => red < 128 ? '#' : '.').join('');
})()";

/// What somebody else's reader finds in it.
fn read(drawn: &str) -> anyhow::Result<String> {
    let (drawn, side) = (drawn.as_bytes(), drawn.len().isqrt());
    let pixel = |x: usize, y: usize| if drawn[y * side + x] == b'#' { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
    let found = image.detect_grids();
    anyhow::ensure!(found.len() == 1, "{} codes in {side} pixels", found.len());
    Ok(found[0].decode()?.1)
}

struct Visit<'b> {
    page: Page<'b>,
    officer: Officer,
    agent: AgentProcess,
    faults: Vec<String>,
}

impl<'b> Visit<'b> {
    fn new(browser: &'b Browser, scene: &Scene) -> anyhow::Result<Self> {
        let mut agent = scene.agent("photos", 0)?;
        agent.run(&scene.collector.address()?)?;
        let officer = Officer::at(&agent)?;
        officer.fill(&scene.stations[0].paper([30, 20, 2, 1]))?;
        let page = browser.visitor(Screen::PHONE)?;
        page.let_in(agent.succeed(&["page"])?.trim())?;
        Ok(Self { page, officer, agent, faults: Vec::new() })
    }

    fn open(&self, path: &str) -> anyhow::Result<()> {
        self.page.open(&format!("{}{path}", self.officer.base))
    }

    /// Looks at a page on a phone and on a desk, in light and dark.
    fn look(&mut self, path: &str, name: &str) -> anyhow::Result<()> {
        for (screen, on) in
            [(Screen::PHONE, "phone"), (Screen::DESKTOP, "desk"), (NARROW, "narrow")]
        {
            self.page.screen(screen)?;
            self.open(path)?;
            let picture = format!("station-{name}-{on}");
            let kept =
                [self.page.keeps_to(&MANNERS, &picture), self.page.keeps_to_in_the_dark(&picture)];
            self.faults.extend(kept.into_iter().filter_map(|it| Some(it.err()?.to_string())));
        }
        self.page.screen(Screen::PHONE)
    }
}

#[test]
fn photos_are_chosen_taken_again_and_sealed_and_the_receipt_is_a_picture() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let scene = Scene::serving()?;
    let mut visit = Visit::new(&browser, &scene)?;
    let file = |name: &str, bytes: &[u8]| -> anyhow::Result<_> {
        let path = scene.dir().join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    };
    let sheet = Picture::sheet();
    let sharp = file("sharp.jpg", &sheet.jpeg())?;
    let blurred = file("blurred.jpg", &sheet.moved(20).jpeg())?;
    let other = file("other.pdf", b"%PDF-1.7")?;
    visit.look(PHOTOS, "photos-none")?;

    visit.open(PHOTOS)?;
    visit.page.find("button", "Choose from the gallery")?.upload(&[&blurred, &other])?;
    let told = "document.querySelector('#refused li')";
    visit.page.until("why the second is not kept", &format!("!!{told}"))?;
    let told = visit.page.evaluate(&format!("{told}.innerText"))?;
    assert!(told.as_str().unwrap_or_default().contains("photo-not-jpeg"), "{told}");
    let count =
        |count: usize| format!("document.querySelectorAll('#photos img').length == {count}");
    visit.page.until("the first photo", &count(1))?;
    assert!(visit.page.text()?.contains("(photo-blurred)"));
    visit.page.find("button", "Take a photo")?.upload(&[&sharp])?;
    visit.page.until("the second photo", &count(2))?;
    visit.look(PHOTOS, "photos")?;
    visit.open(PHOTOS)?;
    visit.page.follow(|| visit.page.find("button", "Remove Photo 1")?.click())?;
    visit.page.find("button", "Take again Photo 1")?.upload(&[&blurred])?;
    visit
        .page
        .until("another in its place", "document.body.innerText.includes('(photo-blurred)')")?;
    visit.page.evaluate("document.querySelector('#photos').scrollIntoView()")?;

    // Without a script the same form is posted by its own button.
    visit.page.scripts(false)?;
    visit.open(PHOTOS)?;
    visit.page.picture("station-photos-without-script")?;
    visit.page.find("button", "Take a photo")?.upload(&[&sharp])?;
    visit.page.follow(|| visit.page.find("button", "Keep the photos")?.click())?;
    assert!(visit.page.url()?.contains(&format!("{PHOTOS}#p-")), "{}", visit.page.url()?);
    visit.page.scripts(true)?;
    visit.look("/c/president/review", "review-photos")?;

    visit.officer.seal(CONTEST, &[])?;
    visit.agent.received(CONTEST)?;
    poll::until("word of the photos", || {
        let home = visit.officer.html("/")?;
        Ok((home.matches("has arrived at the centre").count() == 2).then_some(()))
    })?;
    visit.look("/", "home-photos")?;
    visit.look("/c/president", "stored-photos")?;
    visit.look("/c/president/receipt", "receipt")?;
    visit.open("/c/president/receipt")?;
    visit.page.until("the code", "document.querySelector('.qr img').complete")?;
    let drawn = visit.page.evaluate(DRAWN)?;
    assert_eq!(
        read(drawn.as_str().unwrap_or_default())?,
        visit.agent.succeed(&["receipt", CONTEST])?
    );
    visit.page.screen(Screen::PAPER)?;
    visit.open("/c/president/receipt")?;
    visit.page.media(Media::Print)?;
    visit.page.picture("station-receipt-paper")?;
    assert!(visit.faults.is_empty(), "{}", visit.faults.join("\n\n"));
    Ok(())
}
