//! One visitor's page: how it is opened and looked at, and what can be said of its
//! visitor: screen, language, network, colours, scripts.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Browser;
use super::devtools::Event;
use super::traffic::{self, Traffic};
use crate::{binaries, poll};

/// What is looked at, in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Whether it is touched.
    pub phone: bool,
}

impl Screen {
    /// A cheap phone.
    pub const PHONE: Self = Self { width: 360, height: 740, phone: true };
    /// The narrowest there is.
    pub const NARROW: Self = Self { width: 320, height: 568, phone: true };
    /// A laptop at 200 % zoom: half as many pixels of CSS.
    pub const ZOOMED: Self = Self { width: 640, height: 400, phone: false };
    /// A laptop.
    pub const DESKTOP: Self = Self { width: 1280, height: 800, phone: false };
    /// A sheet of A4: 210 × 297 mm at 96 pixels an inch.
    pub const PAPER: Self = Self { width: 794, height: 1123, phone: false };
}

/// How the page reaches its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// As the machine does.
    Normal,
    /// Not at all.
    Offline,
    /// 2G (EDGE on a fair day): 300 ms there and back, 250 kbit/s down and 50 up.
    SecondGeneration,
}

/// What the page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A screen with dark letters on light.
    Light,
    /// A screen with light letters on dark.
    Dark,
    /// Paper.
    Print,
}

/// A page in a browser. It stays open until the browser ends.
pub struct Page<'b> {
    browser: &'b Browser,
    session: String,
    /// Events before the document that is shown.
    opened: Cell<usize>,
    scripts: Cell<bool>,
    /// Of the screen, in CSS pixels.
    width: Cell<u32>,
}

impl<'b> Page<'b> {
    pub(super) fn new(
        browser: &'b Browser,
        session: String,
        screen: Screen,
    ) -> anyhow::Result<Self> {
        let (opened, scripts, width) = (Cell::new(0), Cell::new(true), Cell::new(0));
        let page = Self { browser, session, opened, scripts, width };
        for domain in ["Page", "Network", "Runtime", "Log", "Audits", "DOM"] {
            page.call(&format!("{domain}.enable"), &json!({}))?;
        }
        page.call("Page.setLifecycleEventsEnabled", &json!({ "enabled": true }))?;
        // Each page costs what it costs whoever comes first.
        page.call("Network.setCacheDisabled", &json!({ "cacheDisabled": true }))?;
        page.screen(screen)?;
        page.media(Media::Light)?;
        Ok(page)
    }

    /// Sends a command of the DevTools protocol to this page: for what has no name here.
    ///
    /// # Errors
    /// What the browser says against it.
    pub fn call(&self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.browser.call(Some(&self.session), method, params)
    }

    // ---- The visitor -----------------------------------------------------------

    /// Looks at it on another screen.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn screen(&self, screen: Screen) -> anyhow::Result<()> {
        let Screen { width, height, phone } = screen;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.call("Emulation.setDeviceMetricsOverride", &metrics)?;
        self.call("Emulation.setTouchEmulationEnabled", &json!({ "enabled": phone }))?;
        self.width.set(width);
        Ok(())
    }

    /// Asks servers for these languages (`Accept-Language`) from the next request on.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn language(&self, accepted: &str) -> anyhow::Result<()> {
        let agent = &self.browser.user_agent;
        let languages = json!({ "userAgent": agent, "acceptLanguage": accepted });
        self.call("Emulation.setUserAgentOverride", &languages)?;
        Ok(())
    }

    /// Reaches servers like this from now on.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn network(&self, network: Network) -> anyhow::Result<()> {
        // Milliseconds, and bytes a second: 250 and 50 kbit/s. -1 is without a bound.
        let (latency, down, up) = match network {
            Network::Normal | Network::Offline => (0, -1, -1),
            Network::SecondGeneration => (300, 31_250, 6_250),
        };
        let conditions = json!({
            "offline": network == Network::Offline,
            "latency": latency,
            "downloadThroughput": down,
            "uploadThroughput": up,
        });
        self.call("Network.emulateNetworkConditions", &conditions)?;
        Ok(())
    }

    /// Looks at it like this from now on.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn media(&self, media: Media) -> anyhow::Result<()> {
        let scheme = if media == Media::Dark { "dark" } else { "light" };
        let medium = if media == Media::Print { "print" } else { "" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "media": medium, "features": features }))?;
        Ok(())
    }

    /// Lets pages run scripts from now on, or not. What a test evaluates runs all the same,
    /// but nothing that it starts and that ends later.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn scripts(&self, on: bool) -> anyhow::Result<()> {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !on }))?;
        self.scripts.set(on);
        Ok(())
    }

    /// Does something with scripts on, whether or not they are.
    pub(super) fn with_scripts<T>(
        &self,
        act: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let before = self.scripts.get();
        self.scripts(true)?;
        let done = act();
        self.scripts(before)?;
        done
    }

    // ---- Going from page to page -----------------------------------------------

    /// Opens an address and waits until it is loaded with all that belongs to it.
    ///
    /// # Errors
    /// If nothing comes from there.
    pub fn open(&self, url: &str) -> anyhow::Result<()> {
        let mark = self.leave();
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        ensure!(answer["errorText"].is_null(), "{url}: {}", answer["errorText"]);
        // Without a loader it is another place of the same document.
        let loader = &answer["loaderId"];
        if loader.is_null() {
            return Ok(());
        }
        self.wait(mark, url, |event| {
            event.method == "Page.lifecycleEvent"
                && event.params["name"] == "load"
                && event.params["loaderId"] == *loader
        })
    }

    /// Opens an address that leads on by itself, and waits until the place that it leads to
    /// is loaded.
    ///
    /// # Errors
    /// If it leads elsewhere, or nowhere.
    pub fn open_and_go_on(&self, url: &str, place: &str) -> anyhow::Result<()> {
        let mark = self.leave();
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        ensure!(answer["errorText"].is_null(), "{url}: {}", answer["errorText"]);
        let there = RefCell::new(Value::Null);
        self.wait(mark, place, |Event { method, params, .. }| match method.as_str() {
            "Page.frameNavigated" if params["frame"]["url"] == place => {
                *there.borrow_mut() = params["frame"]["loaderId"].clone();
                false
            }
            "Page.lifecycleEvent" => {
                params["name"] == "load" && params["loaderId"] == *there.borrow()
            }
            _ => false,
        })
    }

    /// Opens the address by which an agent lets a browser in, and waits for the first page.
    ///
    /// # Errors
    /// If it is no such address, or nobody is let in.
    pub fn let_in(&self, address: &str) -> anyhow::Result<()> {
        let base = address.split_once("open/").context("an address that lets in")?.0;
        self.open_and_go_on(address, base)
    }

    /// Does what leads to another document, and waits until that is loaded.
    ///
    /// # Errors
    /// If it fails, or leads nowhere.
    pub fn follow(&self, act: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mark = self.leave();
        act()?;
        self.wait(mark, "another document", |event| event.method == "Page.loadEventFired")
    }

    /// Loads the document again.
    ///
    /// # Errors
    /// If nothing comes.
    pub fn reload(&self) -> anyhow::Result<()> {
        self.follow(|| self.call("Page.reload", &json!({})).map(drop))
    }

    fn leave(&self) -> usize {
        let mark = self.browser.wire.borrow().mark();
        self.opened.set(mark);
        mark
    }

    fn wait(
        &self,
        mark: usize,
        what: &str,
        is_meant: impl Fn(&Event) -> bool,
    ) -> anyhow::Result<()> {
        let of_this_page = |event: &Event| event.session == self.session && is_meant(event);
        self.browser.wire.borrow_mut().wait(mark, what, of_this_page)
    }

    // ---- Looking ---------------------------------------------------------------

    /// Evaluates an expression in the page, also one that promises its value.
    ///
    /// # Errors
    /// What it throws.
    pub fn evaluate(&self, expression: &str) -> anyhow::Result<Value> {
        let asked =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", &asked)?;
        let thrown = &answer["exceptionDetails"]["exception"]["description"];
        ensure!(answer["exceptionDetails"].is_null(), "{thrown}");
        Ok(answer["result"]["value"].take())
    }

    /// Waits until an expression is true in the page.
    ///
    /// # Errors
    /// If it throws, or stays false.
    pub fn until(&self, what: &str, expression: &str) -> anyhow::Result<()> {
        poll::until(what, || {
            let value = self.evaluate(&format!("!!({expression})"))?;
            Ok((value == true).then_some(()))
        })
    }

    /// Where it is.
    ///
    /// # Errors
    /// If the page does not say.
    pub fn url(&self) -> anyhow::Result<String> {
        let url = self.evaluate("location.href")?;
        Ok(url.as_str().context("an address")?.to_owned())
    }

    /// Its text, as it is shown.
    ///
    /// # Errors
    /// If the page does not say.
    pub fn text(&self) -> anyhow::Result<String> {
        let text = self.evaluate("document.body.innerText")?;
        Ok(text.as_str().context("a text")?.to_owned())
    }

    /// How many CSS pixels it is wider than the screen; at most 0 is right.
    ///
    /// # Errors
    /// If the page does not say.
    pub fn sticks_out(&self) -> anyhow::Result<i64> {
        let needed = self.evaluate("document.documentElement.scrollWidth")?;
        Ok(needed.as_i64().context("a width")? - i64::from(self.width.get()))
    }

    /// A picture of all of it, from top to bottom: `target/screens/NAME.png`.
    ///
    /// # Errors
    /// If it cannot be taken or written.
    pub fn picture(&self, name: &str) -> anyhow::Result<PathBuf> {
        let metrics = self.call("Page.getLayoutMetrics", &json!({}))?;
        let size = &metrics["cssContentSize"];
        let clip =
            json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let asked = json!({ "captureBeyondViewport": true, "clip": clip });
        let picture = self.call("Page.captureScreenshot", &asked)?;
        let bytes = STANDARD.decode(picture["data"].as_str().context("a picture")?)?;
        let directory = binaries::repository().join("target/screens");
        fs::create_dir_all(&directory)?;
        let path = directory.join(name).with_extension("png");
        fs::write(&path, bytes)?;
        Ok(path)
    }

    // ---- What happened since it was opened -------------------------------------

    /// What was asked of servers for the document that is shown.
    ///
    /// # Errors
    /// If the browser has ended.
    pub fn traffic(&self) -> anyhow::Result<Traffic> {
        self.happened(|events| Traffic::of(events))
    }

    /// Errors in the console, exceptions, what the content security policy has blocked, and
    /// other issues that the browser sees in the document that is shown.
    ///
    /// # Errors
    /// If the browser has ended.
    pub fn complaints(&self) -> anyhow::Result<Vec<String>> {
        self.happened(|events| traffic::complaints(events))
    }

    fn happened<T>(
        &self,
        of: impl FnOnce(&mut dyn Iterator<Item = &Event>) -> T,
    ) -> anyhow::Result<T> {
        // Events come in order: behind the answer to a question nothing is left that
        // happened before it.
        self.call("Runtime.evaluate", &json!({ "expression": "0" }))?;
        let wire = self.browser.wire.borrow();
        let mut events = wire.since(self.opened.get(), &self.session);
        Ok(of(&mut events))
    }
}
