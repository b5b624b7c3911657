//! A form line by line, on the screen.

use saksi_agent::desk::FormShown;
use saksi_proto::text;

use super::Printer;

impl Printer<'_> {
    pub(super) fn form(&self, form: &FormShown) {
        let revision = self.fill(text::REVISION, &[&form.revision]);
        println!("{} · {revision} · {}", form.contest_name, form.digest);
        if self.identity.is_rehearsal() {
            self.phase();
        }
        let sealed = self.zone.show(form.device_ms);
        println!("  {}", self.fill(text::SHOW_SEALED, &[&sealed]));
        if let Some(superseded) = form.supersedes {
            println!("  {}", self.fill(text::SHOW_SUPERSEDES, &[&superseded.short()]));
        }
        self.numbers(form);
        if !form.findings.is_empty() {
            println!("  {}", self.say(text::SUBMITTED_FINDINGS));
            self.findings(&form.findings);
        }
        let remarks =
            [(&form.explanation, text::SHOW_EXPLANATION), (&form.reason, text::SHOW_REASON)];
        for (remark, phrase) in remarks {
            remark.iter().for_each(|said| println!("  {}", self.fill(phrase, &[said])));
        }
        for photo in &form.photos {
            println!("  {}", self.fill(text::SHOW_PHOTO, &[photo]));
        }
        self.delivery(&form.delivery);
        self.notices(&form.notices);
        if form.revisions.len() > 1 {
            self.revisions(form);
        }
        println!();
    }

    fn numbers(&self, form: &FormShown) {
        let width = form.fields.iter().map(|field| field.code.chars().count()).max().unwrap_or(0);
        for field in &form.fields {
            println!("  {:<width$} {:>11}  {}", field.code, field.count, field.name);
        }
    }

    fn revisions(&self, form: &FormShown) {
        println!("  {}", self.say(text::SHOW_REVISIONS));
        for revision in &form.revisions {
            let number = self.fill(text::REVISION, &[&revision.revision]);
            println!("    {number} · {}", revision.digest.short());
            self.delivery(&revision.delivery);
        }
    }
}
