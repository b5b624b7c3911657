//! Chromium, driven over its DevTools protocol: what a person sees, presses and waits for.
//!
//! A test says what a visitor does, finds things by the role and the name that a screen
//! reader would say, and asks in the end whether the page keeps to our [`Manners`]: axe
//! finds nothing, nothing is asked of another origin, the console has no complaint, nothing
//! sticks out at the side, and it costs no more than its budget. Where there is no Chromium
//! the test says that it skips; where `CI=true` that is a failure.
//!
//! ```no_run
//! use saksi_tests::browser::{Browser, Key, Manners, Network, Screen};
//!
//! # fn test() -> anyhow::Result<()> {
//! let Some(browser) = Browser::start()? else { return Ok(()) };
//! // A new visitor: no cookies, nothing cached.
//! let page = browser.visitor(Screen::PHONE)?;
//! page.language("id")?;
//! page.network(Network::SecondGeneration)?;
//! page.open("http://127.0.0.1:7490/?token=…")?;
//!
//! // By keyboard or by pointer; what is not there yet is waited for.
//! page.find("textbox", "Suara sah")?.write("187")?;
//! page.press(Key::Enter)?;
//! page.find("button", "Tambah foto")?.upload(&["photo.jpg".as_ref()])?;
//! page.follow(|| page.find("button", "Kirim")?.click())?;
//!
//! // What changes by itself.
//! page.network(Network::Offline)?;
//! page.find("status", "Tersimpan")?;
//! page.network(Network::Normal)?;
//! page.until("a receipt", "document.title.includes('Tanda terima')")?;
//!
//! // Everything at once, and a picture: target/screens/station-receipt-id.png.
//! let manners = Manners { bytes: 60_000, requests: 5 };
//! page.keeps_to(&manners, "station-receipt-id")?;
//! page.keeps_to_in_the_dark("station-receipt-id")?;
//! # Ok(())
//! # }
//! ```
//!
//! We speak the protocol ourselves: every command is JSON that the protocol's documentation
//! describes, and Debian's Chromium changes monthly, so that a library with types for all
//! answers would be larger than what we do with it, and bound to another version.

mod axe;
mod chromium;
mod devtools;
mod element;
mod keys;
mod manners;
mod page;
pub mod paint;
mod traffic;

use std::cell::RefCell;

use anyhow::Context as _;
use serde_json::{Value, json};

use chromium::Chromium;
use devtools::Wire;

pub use axe::has_axe;
pub use element::Element;
pub use keys::Key;
pub use manners::Manners;
pub use page::{Media, Network, Page, Screen};
pub use traffic::{Request, Traffic};

/// A browser that nobody else uses. It ends when this goes.
pub struct Browser {
    /// Used by one thread.
    wire: RefCell<Wire>,
    chromium: Chromium,
    /// How it introduces itself to servers.
    user_agent: String,
}

impl Browser {
    /// Starts it, if there is one. A test that goes without says so on standard error.
    ///
    /// # Errors
    /// If it does not start, or there is none and `CI=true`.
    pub fn start() -> anyhow::Result<Option<Self>> {
        let Some(program) = chromium::program() else {
            skip("a browser: install Debian's package chromium")?;
            return Ok(None);
        };
        let (chromium, pipes) = Chromium::start(&program)?;
        let mut wire = Wire::new(pipes);
        let version = wire.call(None, "Browser.getVersion", &json!({}));
        let version = version.with_context(|| chromium.words())?;
        let user_agent = version["userAgent"].as_str().unwrap_or_default().to_owned();
        Ok(Some(Self { wire: RefCell::new(wire), chromium, user_agent }))
    }

    /// A new visitor with an empty page on such a screen, who shares nothing with others.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn visitor(&self, screen: Screen) -> anyhow::Result<Page<'_>> {
        let context = self.call(None, "Target.createBrowserContext", &json!({}))?;
        let target =
            json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = self.call(None, "Target.createTarget", &target)?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", &attach)?;
        let session = session["sessionId"].as_str().context("a session")?.to_owned();
        Page::new(self, session, screen)
    }

    fn call(&self, session: Option<&str>, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.wire.borrow_mut().call(session, method, params)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // One that has ended cannot be told to, which is all right.
        drop(self.wire.get_mut().send(None, "Browser.close", &json!({})));
        self.chromium.end();
    }
}

/// Says that a test, or a part of it, goes without something.
fn skip(what: &str) -> anyhow::Result<()> {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    anyhow::ensure!(!ci, "CI needs {what}");
    eprintln!("SKIPPED: this test needs {what}");
    Ok(())
}
