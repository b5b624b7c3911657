//! A small election, its authority and a device, for the tests of this crate.

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, KeypairBytes, spki::der::pem::LineEnding};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PKCS_ED25519, PublicKeyData, SignatureAlgorithm,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, CollectorAddress, Papers};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::count::Count;
use saksi_proto::definition::{Definition, Region, Registered, Station};
use saksi_proto::digest::Digest;
use saksi_proto::election::{
    Ballot, Candidate, Contest, EntryPolicy, FormKind, Head, Level, Line, Rule, Scope, Section,
    Severity, Summary, Text, Votes,
};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::seal::SealedForm;
use saksi_proto::slice::Slicer;
use tempfile::TempDir;

use crate::agent::Agent;
use crate::desk::Submission;
use crate::directory::Directory;

pub(crate) const STATION: &str = "3204061001013";
pub(crate) const ISSUED_MS: u64 = 1_700_000_000_000;

/// A form of no election in particular, different for each number.
pub(crate) fn sealed_form(number: u8) -> SealedForm {
    let form = TallyForm {
        election: Digest([3; 32]),
        phase: Phase::Rehearsal,
        station: STATION.parse().unwrap(),
        contest: "ppwp".parse().unwrap(),
        revision: 1,
        supersedes: None,
        device_ms: number.into(),
        counts: vec![Count::Written(number.into())],
        explanation: None,
        reason: None,
        photos: Vec::new(),
    };
    SealedForm::seal(&form, &SigningKey::from_bytes(&[number; 32])).unwrap()
}

fn text(text: &str) -> Text {
    Text(vec![text.to_owned(), format!("{text} (en)")])
}

fn line(code: &str, columns: &[&str], votes: Option<Votes>) -> Line {
    let (section, letter) = code.split_once('.').unwrap_or((code, ""));
    Line {
        code: code.to_owned(),
        section: section.to_owned(),
        letter: letter.to_owned(),
        name: text(code),
        columns: columns.iter().map(|column| column.parse().unwrap()).collect(),
        votes,
        bound: 999,
    }
}

fn rule(code: &str, severity: Severity, check: &str) -> Rule {
    let sentence = text(&format!("aturan {code}"));
    Rule { code: code.parse().unwrap(), severity, checks: vec![check.to_owned()], sentence }
}

fn head(phase: Phase, entry: EntryPolicy) -> Head {
    let form = FormKind {
        code: "c".parse().unwrap(),
        name: text("Model C"),
        sections: ["I", "IV", "V"]
            .map(|code| Section { code: code.to_owned(), title: text(&format!("Judul {code}")) })
            .to_vec(),
        lines: vec![
            line("I.A", &["L", "P", "J"], None),
            line("IV", &[], Some(Votes::Candidates)),
            line("V.A", &[], None),
        ],
        rules: vec![
            rule("A1", Severity::Hard, "I.A.L + I.A.P = I.A.J"),
            rule("A4", Severity::Hard, "votes = V.A"),
            rule("B7", Severity::Warn, "I.A.J = registered.all"),
        ],
        summary: Summary {
            registered: Some("I.A.J".to_owned()),
            valid: Some("V.A".to_owned()),
            ..Summary::default()
        },
        entry,
    };
    let level = |code: &str, depth| Level { code: code.parse().unwrap(), depth, name: text(code) };
    Head {
        format: saksi_proto::election::DEFINITION_FORMAT,
        id: "test".parse().unwrap(),
        name: text("Pemilihan uji"),
        phase,
        time_zone: "Asia/Jakarta".to_owned(),
        languages: vec!["id".to_owned(), "en".to_owned()],
        levels: vec![level("country", 0), level("village", 1)],
        forms: vec![form],
    }
}

pub(crate) fn definition() -> Definition {
    definition_of(Phase::Rehearsal, &[STATION])
}

/// An election with these stations, in the order of their codes.
pub(crate) fn definition_of(phase: Phase, stations: &[&str]) -> Definition {
    definition_with(head(phase, EntryPolicy::default()), stations)
}

/// An election whose votes and totals are typed twice, and which so many officers confirm.
pub(crate) fn careful_definition(officers: u8) -> Definition {
    let second_entry = ["IV", "V.A"].map(str::to_owned).to_vec();
    definition_with(head(Phase::Rehearsal, EntryPolicy { second_entry, officers }), &[STATION])
}

fn definition_with(head: Head, stations: &[&str]) -> Definition {
    let candidate =
        |code: &str, name: &str| Candidate { code: code.parse().unwrap(), name: name.to_owned() };
    let contest = |code: &str| Contest {
        code: code.parse().unwrap(),
        name: text(code),
        form: "c".parse().unwrap(),
        scope: Scope::Everywhere,
        ballot: Ballot::Candidates(vec![candidate("01", "Satu"), candidate("02", "Dua")]),
    };
    let region = |code: &str, parent: Option<&str>, level: &str| Region {
        code: code.parse().unwrap(),
        parent: parent.map(|parent| parent.parse().unwrap()),
        level: level.parse().unwrap(),
        name: code.into(),
    };
    let station = |code: &&str| Station {
        code: code.parse().unwrap(),
        region: "3204".parse().unwrap(),
        name: format!("TPS {}", &code[code.len() - 3..]).into(),
        registered: Registered { men: None, women: None, all: Some(292) },
    };
    let regions = vec![region("0", None, "country"), region("3204", Some("0"), "village")];
    let contests = vec![contest("ppwp"), contest("dpd"), contest("dpr")];
    let stations = stations.iter().map(station).collect();
    Definition::new(head, contests, regions, stations).unwrap()
}

/// Who certifies devices and collectors.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The certificate of a device with this key.
    pub(crate) fn certify_device(&self, key: [u8; 32]) -> String {
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        // No two certificates are the same.
        params.serial_number = Some(getrandom::u64().unwrap().into());
        self.sign(params, &PublicKey(key))
    }

    /// SHA-256 of its own certificate.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap())
    }

    /// A certificate for these names, for one use.
    pub(crate) fn certify(
        &self,
        names: &[&str],
        key: &impl PublicKeyData,
        purpose: ExtendedKeyUsagePurpose,
    ) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![purpose];
        self.sign(params, key)
    }

    pub(crate) fn sign(&self, params: CertificateParams, key: &impl PublicKeyData) -> String {
        params.signed_by(key, &self.issuer).unwrap().pem()
    }
}

/// The key of a device, of which nobody else knows more than this.
struct PublicKey([u8; 32]);

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

/// A device that was set up, and everything that the centre knows of it.
pub(crate) struct Device {
    home: TempDir,
    pub(crate) bundle: Bundle,
    pub(crate) authority: Authority,
    pub(crate) log: SigningKey,
    pub(crate) log_key: LogKey,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self::of(&definition())
    }

    /// A device of the first station of an election.
    pub(crate) fn of(definition: &Definition) -> Self {
        let authority = Authority::new();
        let key = SigningKey::from_bytes(&[42; 32]);
        let pair = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
        let pem = pair.to_pkcs8_pem(LineEnding::LF).unwrap();
        let log = SigningKey::from_bytes(&[7; 32]);
        let log_key = LogKey { origin: "saksi.test/log".to_owned(), key: log.verifying_key() };
        let papers = Papers {
            station: STATION.parse().unwrap(),
            issued_ms: ISSUED_MS,
            election: definition.digest(),
            slice: Papers::encode_slice(&Slicer::new(definition).slice(definition, 0)),
            log_key: log_key.to_string(),
            collectors: Vec::new(),
            authority: authority.pem.clone(),
            certificate: authority.certify_device(key.verifying_key().to_bytes()),
            certified_until_ms: 4_000_000_000_000,
            witnesses: None,
        };
        let bundle = Bundle { format: BUNDLE_FORMAT, papers, key: pem.to_string() };
        let home = tempfile::tempdir().unwrap();
        let device = Self { home, bundle, authority, log, log_key };
        Agent::init(device.path(), &device.bundle).unwrap();
        device
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn directory(&self) -> Directory {
        Directory::new(self.path())
    }

    pub(crate) fn agent(&self) -> Agent {
        Agent::open(self.path()).unwrap()
    }

    /// A form that breaks no rule.
    pub(crate) fn good_form(&self, contest: &str) -> Submission {
        self.form(contest, [147, 145, 292], [100, 83], 183)
    }

    pub(crate) fn form(
        &self,
        contest: &str,
        voters: [u32; 3],
        votes: [u32; 2],
        valid: u32,
    ) -> Submission {
        let form = serde_json::json!({
            "contest": contest,
            "lines": {
                "I.A.L": voters[0], "I.A.P": voters[1], "I.A.J": voters[2],
                "IV.01": votes[0], "IV.02": votes[1], "V.A": valid,
            }
        });
        Submission { form: form.to_string(), ..Submission::default() }
    }
}

pub(crate) fn address(address: &str, name: &str) -> CollectorAddress {
    CollectorAddress { address: address.to_owned(), name: name.to_owned() }
}
