use saksi_proto::entry::{Act, Enrolment, Entry, Revocation, Warrant};
use saksi_proto::form::TallyForm;
use saksi_proto::refusal::Refusal;

use super::*;
use crate::admission::{Submission, Ticket, Verdicts, admit};
use crate::sample::{apply, election, form, key, ledger, sealed};

/// What the device of 1001 is told when it carries these.
fn carried(ledger: &Ledger, forms: Vec<Vec<u8>>, suspect: bool) -> Verdicts {
    let voice = Voice::of(ledger, "1001".parse().unwrap(), key("1001").verifying_key()).unwrap();
    let signers = signers(ledger, &stations(&forms));
    let (purpose, arrived_ms, known) = (Purpose::Carry, 4, 0);
    let submission = Submission { voice, purpose, signers, suspect, arrived_ms, known, forms };
    admit(&election(), vec![submission], Some(&[7; 32])).remove(0)
}

fn of(station: &str, number: u32) -> Vec<u8> {
    sealed(&form(station, [number, 0, number])).into_bytes()
}

fn by(signer: &str, form: &TallyForm) -> Vec<u8> {
    SealedForm::seal(form, &key(signer)).unwrap().into_bytes()
}

fn refusals(verdicts: &Verdicts) -> Vec<Option<Refusal>> {
    verdicts.iter().map(|it| it.as_ref().err().map(|refused| refused.refusal)).collect()
}

#[test]
fn each_form_is_the_word_of_the_device_that_signed_it() {
    let verdicts = carried(&ledger(), vec![of("1002", 1), of("2001", 1), of("1001", 1)], false);
    let signers = verdicts.iter().map(|verdict| {
        let signer = verdict.as_ref().unwrap().signer.as_ref().unwrap();
        (signer.station.to_string(), signer.key, signer.standing)
    });
    let wanted = ["1002", "2001", "1001"]
        .map(|station| (station.to_owned(), key(station).verifying_key(), Standing::Current));
    assert_eq!(signers.collect::<Vec<_>>(), wanted, "its own among them");
}

#[test]
fn a_forged_one_is_refused_alone_among_few_and_among_many() {
    let ledger = ledger();
    let carriers_own = by("1001", &form("1002", [7, 0, 7]));
    let mut damaged = of("2001", 8);
    damaged[1] ^= 1;
    for (many, suspect) in [(3, false), (3, true), (100, false)] {
        let mut forms: Vec<_> = (0..many).map(|number| of("1002", number)).collect();
        forms.insert(1, carriers_own.clone());
        forms.insert(3, damaged.clone());
        let found = refusals(&carried(&ledger, forms, suspect));
        let bad = found.iter().enumerate().filter(|(_, refusal)| refusal.is_some());
        let bad: Vec<_> = bad.map(|(at, refusal)| (at, refusal.unwrap())).collect();
        assert_eq!(bad, [(1, Refusal::BadSignature), (3, Refusal::BadSignature)], "of {many}");
    }
}

#[test]
fn without_a_device_in_the_roster_nobody_has_said_it() {
    let election = election();
    let manifest = crate::sample::manifest(&election, "");
    let mut ledger = Ledger::new(std::sync::Arc::new(election));
    apply(&mut ledger, &manifest).unwrap();
    let enrolment = crate::sample::enrolments().remove(0);
    apply(&mut ledger, &Entry::Enrolment(enrolment)).unwrap();
    let forms = vec![of("1002", 1), of("9999", 1), vec![1, 2, 3], of("1001", 1)];
    let found = refusals(&carried(&ledger, forms, false));
    let wanted = [Refusal::NotEnrolled, Refusal::UnknownStation, Refusal::Malformed];
    assert_eq!(found, [wanted.map(Some).as_slice(), &[None]].concat());
}

#[test]
fn a_form_of_a_device_that_was_replaced_is_evidence_and_that_of_the_new_one_counts() {
    let mut ledger = ledger();
    let station = "1002".parse().unwrap();
    let revoked = Revocation {
        station,
        key: key("1002").verifying_key().to_bytes(),
        at_ms: 5,
        act: Act::default(),
    };
    apply(&mut ledger, &Entry::Revocation(revoked)).unwrap();
    let new = key("new").verifying_key().to_bytes();
    let warrant = Warrant::Bundle(Act::default());
    let enrolment = Enrolment { station, key: new, at_ms: 6, warrant };
    apply(&mut ledger, &Entry::Enrolment(enrolment)).unwrap();
    let number = form("1002", [3, 0, 3]);
    let forms = vec![by("1002", &number), by("new", &number), by("2001", &number)];
    let verdicts = carried(&ledger, forms, false);
    let ticket = |at: usize| verdicts[at].as_ref().unwrap().ticket;
    assert!(matches!(ticket(0), Ticket::Evidence(..)), "{:?}", ticket(0));
    assert!(matches!(ticket(1), Ticket::Form(_)), "{:?}", ticket(1));
    assert_eq!(refusals(&verdicts)[2], Some(Refusal::BadSignature));
}
