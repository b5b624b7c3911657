//! What the centre has to say, on the screen.

use std::fmt::Display;

use saksi_agent::desk::NoticeShown;
use saksi_agent::words;

use super::Printer;

impl Printer<'_> {
    /// Each notice with what somebody wrote, and where it can be checked.
    pub(super) fn notices(&self, notices: &[NoticeShown]) {
        let line = |text: &dyn Display| println!("         {text}");
        for notice in notices {
            let sign = if notice.kind.is_warning() { "!" } else { "·" };
            line(&format!("{sign} {}", notice.sentence));
            for of in &notice.lines {
                let name = of.name.as_deref().unwrap_or_default();
                line(&format!("    {}  {name}", of.code));
            }
            notice.text.iter().for_each(|text| line(&format!("  “{text}”")));
            if notice.is_answered {
                line(&format!("  {}", self.say(words::NOTICE_ANSWERED)));
            }
            let at = self.zone.show(notice.at_ms);
            let by = notice.by.as_deref().unwrap_or_default();
            let phrase = match by {
                "" => words::NOTICE_SOURCE,
                _ => words::NOTICE_FROM,
            };
            line(&format!("  {}", self.fill(phrase, &[&at, &notice.index, &by])));
        }
    }
}
