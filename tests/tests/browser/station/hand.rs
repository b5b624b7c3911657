//! An officer's hand at the page: it taps what has a name, and types box by box.

use anyhow::{Context as _, ensure};
use saksi_agent::page::text;
use saksi_proto::text::{Language, Phrase};
use saksi_tests::browser::{Browser, Key, Page, Screen};
use saksi_tests::paper::Paper;
use serde_json::Value;

use super::Station;

/// An officer who was let in, at the first page.
pub(crate) struct Hand<'b> {
    pub(crate) page: Page<'b>,
    /// Of the page.
    pub(crate) base: String,
    pub(crate) language: Language,
}

impl<'b> Hand<'b> {
    /// Opens the address that the agent tells, and goes on to the first page.
    pub(crate) fn at(
        station: &Station,
        browser: &'b Browser,
        screen: Screen,
    ) -> anyhow::Result<Self> {
        let (address, base) = station.address()?;
        let page = browser.visitor(screen)?;
        page.let_in(&address)?;
        Ok(Self { page, base, language: Language::Indonesian })
    }

    /// The page in another language, by its button.
    pub(crate) fn speak(&mut self, language: Language) -> anyhow::Result<()> {
        let name = match language {
            Language::Indonesian => "Bahasa Indonesia",
            Language::English => "English",
        };
        self.language = language;
        self.tap("button", name)?;
        let lang = self.page.evaluate("document.documentElement.lang")?;
        ensure!(lang == language.code(), "it speaks {lang}");
        Ok(())
    }

    /// A sentence of the page, in its language.
    pub(crate) fn say(&self, phrase: Phrase) -> &'static str {
        phrase.in_language(self.language)
    }

    /// Opens a page of the station.
    pub(crate) fn open(&self, path: &str) -> anyhow::Result<()> {
        self.page.open(&format!("{}{path}", self.base))
    }

    /// Taps what leads on to another page.
    pub(crate) fn tap(&self, role: &str, name: &str) -> anyhow::Result<()> {
        self.page.follow(|| self.page.find(role, name)?.click())
    }

    /// Where the page is, without its origin.
    pub(crate) fn path(&self) -> anyhow::Result<String> {
        self.text_of("location.pathname")
    }

    /// What an expression says.
    pub(crate) fn text_of(&self, expression: &str) -> anyhow::Result<String> {
        let text = self.page.evaluate(expression)?;
        Ok(text.as_str().with_context(|| format!("{expression}: {text}"))?.to_owned())
    }

    /// Codes of the boxes on this sheet, in their order.
    pub(crate) fn boxes(&self) -> anyhow::Result<Vec<String>> {
        let boxes = "[...document.querySelectorAll('.box input')].map(box => box.name.slice(2))";
        Ok(serde_json::from_value(self.page.evaluate(boxes)?)?)
    }

    /// Waits until a box has the focus: the browser gives it to the first empty one a moment
    /// after the page is loaded.
    pub(crate) fn is_at(&self, code: &str) -> anyhow::Result<()> {
        let name = format!("document.activeElement.name === 'f.{code}'");
        self.page.until(&format!("the focus on {code}"), &name)
    }

    /// Types this sheet of a paper as it is copied: digits and Enter, box after box,
    /// without a tap. It ends on the button that leads on.
    pub(crate) fn copy(&self, paper: &Paper) -> anyhow::Result<()> {
        for code in self.boxes()? {
            self.is_at(&code)?;
            self.page.write(&paper.number(&code).to_string())?;
            self.page.press(Key::Enter)?;
        }
        let main = self.page.evaluate("document.activeElement.matches('button.main')")?;
        ensure!(main == true, "behind the last box comes the button that leads on");
        Ok(())
    }

    /// Goes into a box, types over what stands there, and leaves it.
    pub(crate) fn retype(&self, code: &str, text: &str) -> anyhow::Result<()> {
        let place = format!("document.getElementById('f-{code}')");
        self.page.evaluate(&format!("{place}.focus(); {place}.select()"))?;
        self.is_at(code)?;
        self.page.write(text)?;
        self.page.press(Key::Enter)
    }

    /// Waits until the page says that what was typed and left is saved.
    pub(crate) fn saved(&self) -> anyhow::Result<()> {
        let begun = self.say(text::SAVED_AT).split("{0}").next().unwrap_or_default();
        let said = format!("document.getElementById('saved').innerText.startsWith('{begun}')");
        self.page.until("what was typed is saved", &said)
    }

    /// Numbers in the boxes of this sheet.
    pub(crate) fn typed(&self) -> anyhow::Result<Vec<(String, String)>> {
        let typed = "[...document.querySelectorAll('.box input')]
            .map(box => [box.name.slice(2), box.value])";
        Ok(serde_json::from_value(self.page.evaluate(typed)?)?)
    }

    /// Waits until a form has come so far, by itself: nothing is loaded again.
    pub(crate) fn sees(&self, place: &str, state: Phrase) -> anyhow::Result<()> {
        let shown = format!("{place} .steps .now b, {place} .steps .done:last-child b");
        let state = self.say(state);
        let is_there = format!("document.querySelector('{shown}')?.innerText === '{state}'");
        self.page.until(&format!("“{state}”"), &is_there)
    }

    /// Whether this document is the one that was marked.
    pub(crate) fn is_marked(&self) -> anyhow::Result<bool> {
        Ok(self.page.evaluate("window.isMarked === true")? == true)
    }

    /// Marks this document, so that another one is known.
    pub(crate) fn mark(&self) -> anyhow::Result<Value> {
        self.page.evaluate("window.isMarked = true")
    }
}
