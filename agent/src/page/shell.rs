//! What every page has: frame, words of one language, numbers and times as people write
//! them.

use std::fmt::Display;
use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use saksi_proto::digest::Digest;
use saksi_proto::text::{Language, Phrase};

use crate::labels::Labels;
use crate::words::fill;
use crate::zone::Zone;

/// The style of every page, without what only people read. It stands in the page: a browser
/// on a slow line would ask for it once it has the page, and show nothing until it is there.
pub(super) static STYLE: LazyLock<String> = LazyLock::new(|| bare(include_str!("page.css")));
/// The one script, without what only people read: a fifth of its bytes.
pub(super) static SCRIPT: LazyLock<String> = LazyLock::new(|| bare(include_str!("page.js")));

/// A ticked box.
pub(super) const ICON: &str = include_str!("icon.svg");

/// Words and numbers of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Voice {
    pub(super) language: Language,
}

impl Voice {
    /// A sentence of the catalogue.
    pub(super) fn say(self, phrase: Phrase) -> &'static str {
        phrase.in_language(self.language)
    }

    /// A sentence with something put into it.
    pub(super) fn fill(self, phrase: Phrase, values: &[&dyn Display]) -> String {
        fill(phrase, self.language, values)
    }

    /// A sentence with one value, for templates.
    pub(super) fn with(self, phrase: Phrase, value: impl Display) -> String {
        fill(phrase, self.language, &[&value])
    }

    /// `12.345`, or `12,345` in English.
    pub(super) fn number(self, number: impl Into<i64>) -> String {
        let number = number.into();
        let digits = number.unsigned_abs().to_string();
        let mut grouped = if number < 0 { "−".to_owned() } else { String::new() };
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push(match self.language {
                    Language::Indonesian => '.',
                    Language::English => ',',
                });
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// The moment at which a page is made, in the election's time zone.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) now_ms: u64,
    pub(super) zone: Zone,
}

impl Moment {
    /// A time beside that moment: without the date if it is today's.
    pub(super) fn show(&self, at_ms: u64) -> String {
        self.zone.show_beside(at_ms, self.now_ms)
    }

    /// A time with its date and zone.
    pub(super) fn show_whole(&self, at_ms: u64) -> String {
        self.zone.show(at_ms)
    }
}

/// The frame of a page.
pub(super) struct Shell {
    pub(super) voice: Voice,
    pub(super) moment: Moment,
    pub(super) title: String,
    /// Name and code of the station, its regions, the election.
    pub(super) station: String,
    pub(super) code: String,
    pub(super) regions: String,
    pub(super) election: String,
    pub(super) is_rehearsal: bool,
    /// Where the page is, for the way back from another language.
    pub(super) path: String,
    /// The word for our own forms.
    pub(super) posting: String,
    /// Whether something is under way, so that the page is to be asked for again.
    pub(super) is_moving: bool,
    pub(super) script: String,
}

impl Shell {
    pub(super) fn say(&self, phrase: Phrase) -> &'static str {
        self.voice.say(phrase)
    }

    /// The style sheet, as it stands in the page.
    pub(super) fn style(&self) -> &'static str {
        &STYLE
    }

    /// Name of the time zone, and the moment.
    pub(super) fn times(&self) -> String {
        let whole = self.moment.show_whole(self.moment.now_ms);
        let zone = whole.rsplit(' ').next().unwrap_or_default();
        self.voice.fill(super::text::TIMES, &[&zone, &self.moment.show(self.moment.now_ms)])
    }

    /// The election's words in the language of the page.
    pub(super) fn of(labels: Labels<'_>, identity: &crate::identity::Identity) -> Self {
        let election = identity.election();
        let zone = Zone::named(&election.head.time_zone);
        Self {
            voice: Voice { language: labels.language },
            moment: Moment { now_ms: 0, zone },
            title: String::new(),
            station: election.station.name.to_string(),
            code: election.station.code.to_string(),
            regions: labels.regions(),
            election: labels.election().to_owned(),
            is_rehearsal: identity.is_rehearsal(),
            path: String::new(),
            posting: String::new(),
            is_moving: false,
            script: asset_path(&SCRIPT, "js"),
        }
    }
}

/// What the browser is told of the one style that may stand in a page: its hash. Another
/// one that somebody gets into a page is not used.
pub(super) fn style_source() -> String {
    format!("'sha256-{}'", BASE64.encode(Digest::of(STYLE.as_bytes()).0))
}

/// A script or a style without indentation and comments, which stand in lines of their own.
fn bare(script: &str) -> String {
    let mut in_comment = false;
    let mut bare = String::with_capacity(script.len());
    for line in script.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() {
            bare.push_str(line);
            bare.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    bare
}

/// The address of a part of every page, with its hash: a new one is another address.
pub(super) fn asset_path(content: &str, ending: &str) -> String {
    format!("/page-{}.{ending}", Digest::of(content.as_bytes()).short())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_they_are_written() {
        let voice = |language| Voice { language };
        let (id, en) = (voice(Language::Indonesian), voice(Language::English));
        let written = [0, 12, 999, 1_000, 12_345, 1_234_567].map(|number: i64| id.number(number));
        assert_eq!(written, ["0", "12", "999", "1.000", "12.345", "1.234.567"]);
        assert_eq!((en.number(12_345), id.number(-12_345)), ("12,345".into(), "−12.345".into()));
    }

    #[test]
    fn the_script_and_the_style_are_small() {
        assert!(SCRIPT.len() < 10_000, "{} bytes of script", SCRIPT.len());
        assert!(STYLE.len() < 16_000, "{} bytes of style", STYLE.len());
        for bare in [&SCRIPT, &STYLE] {
            assert!(!bare.contains("/*") && !bare.contains("*/"), "no comments");
        }
        assert!(!STYLE.contains("</"), "nothing that ends it");
        assert!(!SCRIPT.contains('`'), "no text whose indentation matters");
    }

    #[test]
    fn a_bare_script_is_the_script_without_its_comments() {
        let script =
            "/* One.\n   Two. */\n(function () {\n  /* Three. */\n  go(1 /* four */);\n\n})();\n";
        assert_eq!(bare(script), "(function () {\ngo(1 /* four */);\n})();\n");
    }
}
