//! What is wrong with a filled form, as the operator reads it.

use saksi_proto::count::Count;
use saksi_proto::election::{Contest, Severity};
use saksi_proto::rule::{Broken, Finding};
use serde::{Deserialize, Serialize};

use crate::identity::Identity;
use crate::labels::Labels;

/// A broken rule in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingShown {
    /// Code of the rule.
    pub code: String,
    /// What it does to the form.
    pub severity: Severity,
    /// The rule's own sentence.
    pub sentence: String,
    /// Each way in which it is broken.
    pub broken: Vec<BrokenShown>,
}

/// One comparison that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenShown {
    /// What the left side comes to.
    pub left: i64,
    /// How it stands to the right side, for example `≠`.
    pub sign: String,
    /// What the right side comes to.
    pub right: i64,
    /// Codes of the fields compared.
    pub fields: Vec<String>,
}

impl FindingShown {
    /// One line a comparison: the numbers first.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |broken: &BrokenShown| {
            let BrokenShown { left, sign, right, fields } = broken;
            let (code, sentence, fields) = (&self.code, &self.sentence, fields.join(", "));
            format!("{left} {sign} {right} · {code} · {sentence} ({fields})")
        };
        self.broken.iter().map(line).collect()
    }
}

/// Everything that breaks a rule on a filled form, in the order of the rules.
#[must_use]
pub fn findings(
    identity: &Identity,
    contest: &Contest,
    counts: &[Count],
    labels: Labels<'_>,
) -> Vec<FindingShown> {
    let Some(layout) = identity.layout(contest.code) else { return Vec::new() };
    let found = layout.findings(counts, identity.election().station.registered);
    let code = |at: &usize| layout.fields().get(*at).map(|field| field.code.clone());
    let broken = |broken: &Broken| BrokenShown {
        left: broken.left,
        sign: broken.relation.broken_sign().to_owned(),
        right: broken.right,
        fields: broken.fields.iter().filter_map(code).collect(),
    };
    let shown = |finding: &Finding| FindingShown {
        code: finding.code.to_string(),
        severity: finding.severity,
        sentence: labels.rule(contest, finding.rule),
        broken: finding.broken.iter().map(broken).collect(),
    };
    found.iter().map(shown).collect()
}
