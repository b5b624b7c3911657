//! What the doctor found, on the screen.

use saksi_agent::desk::{Check, Checkup};
use saksi_proto::text;

use super::Printer;

impl Printer<'_> {
    pub(super) fn checkup(&self, checkup: &Checkup) {
        println!("{}", self.zone.show(checkup.now_ms));
        checkup.checks.iter().for_each(|check| self.check(check));
        let unwell = checkup.checks.iter().filter(|check| !check.is_well).count();
        match unwell {
            0 => println!("{}", self.say(text::DOCTOR_WELL)),
            _ => println!("{}", self.fill(text::DOCTOR_UNWELL, &[&unwell])),
        }
    }

    pub(super) fn check(&self, check: &Check) {
        self.line(check.is_well, &check.sentence);
        check.details.iter().for_each(|detail| println!("      {detail}"));
    }

    pub(super) fn line(&self, is_well: bool, sentence: &str) {
        let mark = if is_well { "✓" } else { "✗" };
        println!("  {mark} {sentence}");
    }
}
