//! Keys that do something, and letters.

use serde_json::{Value, json};

use super::Page;

/// A key besides letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To the next thing.
    Tab,
    /// Shift and Tab: to the one before.
    BackTab,
    /// Chooses or sends; on a phone also Next.
    Enter,
    /// Ticks or presses.
    Space,
    /// Closes.
    Escape,
    /// The next of several.
    Down,
    /// The one before.
    Up,
    /// Deletes the letter before.
    Backspace,
}

impl Key {
    /// Name, code, the number that Windows gives it, the text that it types, and whether
    /// Shift is held.
    fn parts(self) -> (&'static str, &'static str, u8, &'static str, bool) {
        match self {
            Key::Tab => ("Tab", "Tab", 9, "", false),
            Key::BackTab => ("Tab", "Tab", 9, "", true),
            Key::Enter => ("Enter", "Enter", 13, "\r", false),
            Key::Space => (" ", "Space", 32, " ", false),
            Key::Escape => ("Escape", "Escape", 27, "", false),
            Key::Down => ("ArrowDown", "ArrowDown", 40, "", false),
            Key::Up => ("ArrowUp", "ArrowUp", 38, "", false),
            Key::Backspace => ("Backspace", "Backspace", 8, "", false),
        }
    }
}

impl Page<'_> {
    /// Presses a key and lets it go.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn press(&self, key: Key) -> anyhow::Result<()> {
        let (name, code, number, text, shift) = key.parts();
        // A bit of its own for Shift.
        let modifiers = if shift { 8 } else { 0 };
        let event = json!({
            "key": name, "code": code, "windowsVirtualKeyCode": number, "text": text,
            "modifiers": modifiers,
        });
        self.key(event)
    }

    /// Types a text where the focus is, key by key.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn write(&self, text: &str) -> anyhow::Result<()> {
        text.chars().try_for_each(|letter| {
            let letter = letter.to_string();
            self.key(json!({ "key": letter, "text": letter }))
        })
    }

    fn key(&self, mut event: Value) -> anyhow::Result<()> {
        // Without a text a key is only a key.
        let down = if event["text"] == "" { "rawKeyDown" } else { "keyDown" };
        event["type"] = down.into();
        self.call("Input.dispatchKeyEvent", &event)?;
        event["type"] = "keyUp".into();
        event["text"] = "".into();
        self.call("Input.dispatchKeyEvent", &event)?;
        Ok(())
    }
}
