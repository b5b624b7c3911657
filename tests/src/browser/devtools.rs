//! The DevTools protocol, as far as it is the same for every command: JSON is sent, its
//! answer is waited for, and the events that come meanwhile are kept.

use std::io::Write as _;
use std::process::ChildStdin;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::chromium::Pipes;

/// Several times as long as the slowest page takes on a busy machine and the slowest of
/// the simulated networks.
const PATIENCE: Duration = Duration::from_secs(60);

/// Something that happened in a page.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The page it happened in.
    pub(super) session: String,
    /// Its name.
    pub(super) method: String,
    /// What is said of it.
    pub(super) params: Value,
}

/// The connection with one browser.
pub(super) struct Wire {
    commands: ChildStdin,
    messages: Receiver<Value>,
    /// Number of the last command.
    last: u64,
    /// Everything that happened, oldest first.
    events: Vec<Event>,
}

impl Wire {
    pub(super) fn new((commands, messages): Pipes) -> Self {
        Self { commands, messages, last: 0, events: Vec::new() }
    }

    /// Sends a command to a page, or to the browser itself, and waits for its answer.
    pub(super) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> anyhow::Result<Value> {
        let id = self.send(session, method, params)?;
        loop {
            let mut message = self.next(method)?;
            if message["id"] != id {
                self.keep(message);
                continue;
            }
            if let Some(fault) = message.get("error") {
                bail!("{method}: {}", fault["message"].as_str().unwrap_or_default());
            }
            return Ok(message["result"].take());
        }
    }

    /// Sends a command and waits for nothing; gives its number.
    pub(super) fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> anyhow::Result<u64> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let command = command.to_string() + "\0";
        self.commands.write_all(command.as_bytes()).context("the browser has ended")?;
        Ok(self.last)
    }

    /// How many events have come so far.
    pub(super) fn mark(&self) -> usize {
        self.events.len()
    }

    /// Events of a page since a mark.
    pub(super) fn since<'a>(
        &'a self,
        mark: usize,
        session: &'a str,
    ) -> impl Iterator<Item = &'a Event> {
        self.events[mark..].iter().filter(move |event| event.session == session)
    }

    /// Waits until one event since a mark is the one that is meant.
    pub(super) fn wait(
        &mut self,
        mark: usize,
        what: &str,
        is_meant: impl Fn(&Event) -> bool,
    ) -> anyhow::Result<()> {
        let mut seen = mark;
        loop {
            if self.events[seen..].iter().any(&is_meant) {
                return Ok(());
            }
            seen = self.events.len();
            let message = self.next(what)?;
            self.keep(message);
        }
    }

    fn next(&self, what: &str) -> anyhow::Result<Value> {
        let message = self.messages.recv_timeout(PATIENCE);
        message.with_context(|| {
            format!("{what}: the browser has ended, or has said nothing for {PATIENCE:?}")
        })
    }

    fn keep(&mut self, mut message: Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        // Without a session it is the browser's own, and nothing that is waited for.
        if let (Some(method), Some(session)) =
            (text(&message["method"]), text(&message["sessionId"]))
        {
            self.events.push(Event { session, method, params: message["params"].take() });
        }
    }
}
