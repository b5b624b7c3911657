//! What a receipt proves, on the screen; also where nobody is enrolled.

use std::fmt::Display;

use saksi_agent::identity::Identity;
use saksi_agent::proof::Proof;
use saksi_agent::words::fill;
use saksi_proto::entry::Kind;
use saksi_proto::text::{self, Language, Phrase};

use super::json;
use saksi_agent::zone::Zone;

/// Says what was proven, in one language and one time zone.
pub(crate) struct Verifier {
    language: Language,
    zone: Zone,
}

impl Verifier {
    /// In the time zone of the election, where there is one; else in UTC.
    pub(crate) fn new(language: Language, enrolled: Option<&Identity>) -> Self {
        let zone = enrolled.map_or("UTC", |identity| &identity.election().head.time_zone);
        Self { language, zone: Zone::named(zone) }
    }

    pub(crate) fn show(&self, proven: &Result<Proof, String>, is_json: bool) -> anyhow::Result<()> {
        match proven {
            Ok(proof) if is_json => json(&serde_json::json!({
                "proven": true,
                "form": proof.digest,
                "station": proof.form.station,
                "contest": proof.form.contest,
                "revision": proof.form.revision,
                "rehearsal": proof.kind == Kind::Rehearsal,
                "log": proof.origin,
                "index": proof.index,
                "arrived_ms": proof.arrived_ms,
                "entries": proof.entries,
                "witnesses": proof.witnesses,
            })),
            Err(fault) if is_json => json(&serde_json::json!({ "proven": false, "fault": fault })),
            Ok(proof) => {
                self.proof(proof);
                Ok(())
            }
            Err(fault) => {
                eprintln!("{}", self.fill(text::RECEIPT_NOT_PROVEN, &[fault]));
                Ok(())
            }
        }
    }

    fn proof(&self, proof: &Proof) {
        let Proof { digest, form, kind, origin, index, arrived_ms, entries, witnesses } = proof;
        let digest = digest.short();
        let of: [&dyn Display; 4] = [&digest, &form.station, &form.contest, &form.revision];
        println!("{}", self.fill(text::RECEIPT_PROVEN, &of));
        println!("  {}", self.fill(text::RECEIPT_ENTRY, &[index, origin]));
        println!("  {}", self.fill(text::RECEIPT_ARRIVED, &[&self.zone.show(*arrived_ms)]));
        println!("  {}", self.fill(text::RECEIPT_ENTRIES, &[entries]));
        if let Some(names) = witnesses.as_ref().filter(|names| !names.is_empty()) {
            let values: [&dyn Display; 2] = [&names.len(), &names.join(", ")];
            println!("  {}", self.fill(text::RECEIPT_COSIGNED, &values));
        }
        if *kind == Kind::Rehearsal {
            println!("  {}", self.fill(text::RECEIPT_REHEARSAL, &[]));
        }
    }

    fn fill(&self, phrase: Phrase, values: &[&dyn Display]) -> String {
        fill(phrase, self.language, values)
    }
}
