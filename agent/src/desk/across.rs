//! What should be the same on every form of the station: a form beside the station's others,
//! in their drafts or sealed ([`saksi_proto::across`]).

use saksi_proto::across::{Compared, Differing, differing};
use saksi_proto::count::Count;
use saksi_proto::election::Severity;
use saksi_proto::ids::ContestCode;
use saksi_proto::layout::Layout;
use saksi_proto::text;

use super::Desk;
use crate::findings::{BrokenShown, FindingShown};
use crate::labels::Labels;
use crate::store::StoreFault;
use crate::words::fill;

impl Desk {
    /// Numbers of a form that are others on the station's other forms: what was typed for
    /// these, or else what is sealed. Each field is said once, with the first contest that
    /// differs; fields that differ from the same one stand together.
    ///
    /// # Errors
    /// [`StoreFault`] if the other forms cannot be read.
    pub(crate) fn across(
        &self,
        contest: ContestCode,
        counts: &[Count],
        labels: Labels<'_>,
    ) -> Result<Vec<FindingShown>, StoreFault> {
        let mut others = Vec::new();
        for other in &self.identity().election().contests {
            let layout = self.identity().layout(other.code).filter(|_| other.code != contest);
            if let Some(layout) = layout {
                others.push((other.code, layout, self.known_counts(other.code, layout)?));
            }
        }
        let Some(layout) = self.identity().layout(contest) else { return Ok(Vec::new()) };
        let forms = others.iter().map(|(of, layout, counts)| Compared { of: *of, layout, counts });
        let forms: Vec<_> =
            [Compared { of: contest, layout, counts }].into_iter().chain(forms).collect();
        let mut all: Vec<(ContestCode, FindingShown)> = Vec::new();
        for found in &differing(&forms) {
            let Some((other, finding)) = shown(found, contest, layout, labels) else { continue };
            let before = all
                .iter_mut()
                .find(|(there, before)| *there == other && before.code == finding.code);
            match before {
                Some((_, before)) => before.broken.extend(finding.broken),
                None => all.push((other, finding)),
            }
        }
        Ok(all.into_iter().map(|(_, finding)| finding).collect())
    }

    /// What is known of a contest's numbers; empty if nothing is, or if they are hidden
    /// because they are being typed a second time.
    fn known_counts(
        &self,
        contest: ContestCode,
        layout: &Layout,
    ) -> Result<Vec<Count>, StoreFault> {
        if let Some(draft) = self.draft(contest)? {
            let is_blind = draft.second_entry(layout).is_blind();
            return Ok(if is_blind { Vec::new() } else { draft.counts(layout) });
        }
        let store = self.store();
        let Some(newest) = store.ledger().newest(contest) else { return Ok(Vec::new()) };
        let sealed = store.sealed(newest.digest)?.open();
        Ok(sealed.map_or_else(|_| Vec::new(), |form| form.counts))
    }
}

/// A difference as this form's finding, and the other contest; none if it is between others
/// only.
fn shown(
    found: &Differing<ContestCode>,
    contest: ContestCode,
    layout: &Layout,
    labels: Labels<'_>,
) -> Option<(ContestCode, FindingShown)> {
    let here = found.numbers.iter().find(|number| number.of == contest)?;
    let there = found.numbers.iter().find(|number| number.number != here.number)?;
    let sentence = found.check.sentence().in_language(labels.language);
    let other = fill(text::SAME_OTHER, labels.language, &[&labels.contest(there.of)]);
    let broken = BrokenShown {
        left: here.number.into(),
        sign: "≠".to_owned(),
        right: there.number.into(),
        fields: vec![layout.fields()[here.field].code.clone()],
    };
    let finding = FindingShown {
        code: found.check.code().to_owned(),
        severity: Severity::Warn,
        sentence: format!("{sentence} {other}"),
        broken: vec![broken],
    };
    Some((there.of, finding))
}
