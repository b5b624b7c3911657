use std::path::Path;

use saksi_proto::SigningKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Kind};
use saksi_proto::form::TallyForm;
use saksi_proto::links;

use super::*;
use crate::admission::{Purpose, Submission, admit};
use crate::cosigning::Witnessed;
use crate::ledger::LoggedForm;
use crate::log::LogSigner;
use crate::roster::MAX_KEPT;
use crate::sample::{self, enrolments, form, key};

/// Entry of the first form: the manifest and three enrolments stand before it.
const FIRST: u64 = 4;

fn signer() -> LogSigner {
    LogSigner { origin: "test/log".to_owned(), key: SigningKey::from_bytes(&[9; 32]) }
}

/// A log with all devices enrolled, new or as it was left.
fn opened(path: &Path) -> Sequencer {
    let election = Arc::new(sample::election());
    let mut ledger = Ledger::new(Arc::clone(&election));
    let is_new = !path.exists();
    if is_new {
        let manifest = sample::manifest(&election, "");
        let manifest = Staged::of(&election, &manifest).unwrap();
        let journal = Journal::create(path).unwrap();
        drop(Log::begin(journal, signer(), manifest).unwrap());
    }
    let log = Log::open(Journal::open(path).unwrap(), signer(), &mut ledger).unwrap();
    let mut opened = Sequencer::new(log, Arc::new(RwLock::new(ledger)), watch::Sender::new(0), 25);
    if is_new {
        let change = Change::Enrol { enrolments: enrolments(), replace: false };
        assert_eq!(opened.change(&change).unwrap(), Ok(Changed { entries: 3, first: Some(1) }));
    }
    opened
}

fn voice(sequencer: &Sequencer, station: &str) -> Voice {
    let key = key(station).verifying_key();
    Voice::of(&sequencer.ledger(), station.parse().unwrap(), key).unwrap()
}

/// Forms of one station's device, decided on as the roster stands.
fn sent(
    sequencer: &Sequencer,
    purpose: Purpose,
    forms: &[TallyForm],
    arrived_ms: u64,
) -> (Work, oneshot::Receiver<Answers>) {
    let election = Arc::clone(&sequencer.ledger().election);
    let voice = voice(sequencer, forms[0].station.as_str());
    let forms = forms.iter().map(|form| sample::sealed(form).into_bytes()).collect();
    let (signers, suspect, voice_of) = (Vec::new(), false, voice.clone());
    let submission =
        Submission { voice: voice_of, purpose, signers, suspect, arrived_ms, known: 0, forms };
    let verdicts = admit(&election, vec![submission], None).remove(0);
    let (answer, answered) = oneshot::channel();
    (Work::Forms(Forms { voice, known: 0, verdicts, answer }), answered)
}

fn work(
    sequencer: &Sequencer,
    station: &str,
    counts: [u32; 3],
    arrived_ms: u64,
) -> (Work, oneshot::Receiver<Answers>) {
    sent(sequencer, Purpose::Count, &[form(station, counts)], arrived_ms)
}

fn answer(mut answered: oneshot::Receiver<Answers>) -> Answer {
    answered.try_recv().unwrap().unwrap().forms.remove(0).unwrap()
}

fn refusals(mut answered: oneshot::Receiver<Answers>) -> Vec<Refusal> {
    let answers = answered.try_recv().unwrap().unwrap().forms;
    answers.into_iter().map(|answer| answer.unwrap_err().refusal).collect()
}

fn revocation(station: &str) -> Change {
    let act = Act { by: "sri".to_owned(), reason: "lost".to_owned() };
    Change::Revoke { stations: vec![station.parse().unwrap()], act, at_ms: 50 }
}

#[test]
fn the_same_bytes_are_one_entry_and_the_same_receipt_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut sequencer = opened(&path);
    // Twice in one commit, once more in the next.
    let (first, first_answer) = work(&sequencer, "1001", [1, 0, 1], 100);
    let (other, _other_answer) = work(&sequencer, "1002", [0, 1, 1], 100);
    let (again, again_answer) = work(&sequencer, "1001", [1, 0, 1], 200);
    sequencer.commit(vec![first, other, again]).unwrap();
    let first = answer(first_answer);
    assert_eq!(answer(again_answer), first);
    let (later, later_answer) = work(&sequencer, "2001", [1, 0, 1], 300);
    sequencer.commit(vec![later]).unwrap();
    assert_eq!(answer(later_answer).receipt.index, FIRST + 2);
    drop(sequencer);
    let mut sequencer = opened(&path);
    let (after, after_answer) = work(&sequencer, "1001", [1, 0, 1], 400);
    sequencer.commit(vec![after]).unwrap();
    let after = answer(after_answer);
    assert!(after.resubmitted && !first.resubmitted);
    assert_eq!(after.receipt, first.receipt);
    let sealed = sample::sealed(&form("1001", [1, 0, 1]));
    let checkpoint = after.receipt.verify(&sealed, &signer().log_key()).unwrap();
    let receipt = after.receipt;
    assert_eq!((receipt.index, checkpoint.size, receipt.arrived_ms), (FIRST, FIRST + 2, 100));
    assert_eq!(sequencer.ledger().position.size, FIRST + 3);
}

#[test]
fn answers_come_in_the_order_of_the_forms_and_say_how_they_stand() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal.db"));
    let two = [form("1001", [1, 0, 1]), form("1001", [0, 1, 1])];
    let (two, mut two_answers) = sent(&sequencer, Purpose::Count, &two, 100);
    let (held, held_answer) = work(&sequencer, "1002", [1, 0, 2], 100);
    sequencer.commit(vec![two, held]).unwrap();
    let two = two_answers.try_recv().unwrap().unwrap().forms.into_iter().map(Result::unwrap);
    let two: Vec<_> = two.map(|answer| (answer.receipt.index, answer.standing)).collect();
    assert_eq!(two, [(FIRST, Standing::Disputed), (FIRST + 1, Standing::Disputed)]);
    let held = answer(held_answer);
    assert_eq!((held.receipt.index, held.standing), (FIRST + 2, Standing::Held));
}

/// Forms of a device that knows a checkpoint, and what becomes of them.
fn known_and_sent(sequencer: &mut Sequencer, known: u64, forms: &[TallyForm]) -> Answers {
    let (Work::Forms(sent), mut answered) = sent(sequencer, Purpose::Count, forms, 100) else {
        panic!("forms");
    };
    sequencer.commit(vec![Work::Forms(Forms { known, ..sent })]).unwrap();
    answered.try_recv().unwrap()
}

#[test]
fn every_answer_proves_that_the_log_only_grew_since_what_the_device_knows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let key = signer().log_key();
    let opened_note = |note: &str| key.open(note).unwrap();
    let mut sequencer = opened(&path);
    let mut forms = Vec::new();
    let mut seen: Vec<Checkpoint> = Vec::new();
    for number in 0..12 {
        if number == 9 {
            drop(sequencer);
            sequencer = opened(&path);
        }
        // A new form, and some of those before: receipts to several checkpoints.
        forms.push(form("1001", [number, 1, number + 1]));
        let sent = &forms[forms.len().saturating_sub(3)..];
        let known: Vec<_> = seen.iter().cloned().map(Some).chain([None]).collect();
        for known in known.iter().map(Option::as_ref) {
            let size = known.map_or(0, |known| known.size);
            let answered = known_and_sent(&mut sequencer, size, sent).unwrap();
            let notes = answered.forms.iter().map(|answer| answer.as_ref().unwrap());
            let shown: Vec<_> =
                notes.map(|answer| opened_note(&answer.receipt.checkpoint)).collect();
            assert_eq!(shown.last().unwrap().size, FIRST + u64::from(number) + 1);
            let all: Vec<_> = shown.iter().chain(known).collect();
            assert_eq!(links::verify(&all, &answered.links), Ok(()), "{size}");
            if let (Some(known), false) = (known, answered.links.is_empty()) {
                let other = Checkpoint { root: Digest([1; 32]), ..known.clone() };
                let all: Vec<_> = shown.iter().chain([&other]).collect();
                assert!(links::verify(&all, &answered.links).is_err(), "{size}");
            }
            seen.extend(shown.into_iter().filter(|shown| known.is_none() && shown.size > size));
        }
        seen.sort_by_key(|checkpoint| checkpoint.size);
        seen.dedup();
    }
    assert_eq!(seen.len(), 12);
}

#[test]
fn a_log_that_lacks_what_a_device_has_seen_takes_nothing_from_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal.db"));
    let forms = [form("1001", [1, 0, 1])];
    let behind = known_and_sent(&mut sequencer, FIRST + 1, &forms);
    assert_eq!(behind, Err(Behind { entries: FIRST }));
    assert_eq!(sequencer.ledger().position.size, FIRST, "nothing was appended");
    assert!(known_and_sent(&mut sequencer, u64::MAX, &forms).is_err());
    assert!(known_and_sent(&mut sequencer, FIRST, &forms).is_ok());
}

#[test]
fn what_a_device_holds_against_the_log_is_looked_up_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal.db"));
    let form = [form("1001", [1, 0, 1])];
    let note = &known_and_sent(&mut sequencer, 0, &form).unwrap().forms[0];
    let held = signer().log_key().open(&note.as_ref().unwrap().receipt.checkpoint).unwrap();
    let other = Checkpoint { root: Digest([1; 32]), ..held.clone() };
    let later = Checkpoint { size: FIRST + 2, ..held.clone() };
    for (checkpoint, agrees) in [(held, true), (other, false), (later, false)] {
        let (answer, mut answered) = oneshot::channel();
        sequencer.commit(vec![Work::Accusation { checkpoint, answer }]).unwrap();
        assert_eq!(answered.try_recv().unwrap(), Examined { entries: FIRST + 1, agrees });
    }
}

#[test]
fn a_form_that_its_device_s_revocation_overtakes_is_not_answered() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal.db"));
    let mut told = sequencer.revocations.subscribe();
    let (before, before_answer) = work(&sequencer, "1001", [1, 0, 1], 100);
    let (after, mut after_answer) = work(&sequencer, "1001", [0, 1, 1], 100);
    let (answer_to_change, mut changed) = oneshot::channel();
    let change = Work::Change { change: revocation("1001"), answer: answer_to_change };
    sequencer.commit(vec![before, change, after]).unwrap();
    assert_eq!(answer(before_answer).standing, Standing::Counted, "what was there stays");
    assert_eq!(changed.try_recv().unwrap(), Ok(Changed { entries: 1, first: Some(FIRST + 1) }));
    assert!(after_answer.try_recv().is_err(), "its session ends, and the device asks again");
    assert!(told.has_changed().unwrap());
    assert_eq!((*told.borrow_and_update(), sequencer.ledger().position.size), (1, FIRST + 2));
}

#[test]
fn what_a_revoked_device_sends_is_evidence_once_and_in_no_total() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut sequencer = opened(&path);
    sequencer.change(&revocation("1001")).unwrap().unwrap();
    for _ in 0..2 {
        let (late, late_answer) = work(&sequencer, "1001", [1, 0, 1], 100);
        sequencer.commit(vec![late]).unwrap();
        assert_eq!(refusals(late_answer), [Refusal::Revoked]);
        assert_eq!(sequencer.ledger().position.size, FIRST + 2, "one entry");
    }
    drop(sequencer);
    let mut sequencer = opened(&path);
    let former = sequencer.ledger().roster.former(key("1001").verifying_key().as_bytes()).cloned();
    assert_eq!(former.unwrap().evidence[0].logged.index, FIRST + 1);
    assert!(sequencer.ledger().tally.station(0, 0).is_none());
    let many: Vec<_> = (0..20).map(|number| form("1001", [number, 1, number + 1])).collect();
    let (many, many_answers) = sent(&sequencer, Purpose::Count, &many, 100);
    sequencer.commit(vec![many]).unwrap();
    let refusals = refusals(many_answers);
    let too_many = refusals.iter().filter(|refusal| **refusal == Refusal::TooMany).count();
    assert_eq!(too_many, 20 - (MAX_KEPT - 1));
}

#[test]
fn a_form_that_came_before_its_device_was_revoked_keeps_its_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal.db"));
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let (sent, answered) = work(&sequencer, "1001", [1, 0, 1], 100);
        sequencer.commit(vec![sent]).unwrap();
        let answer = answer(answered);
        assert_eq!(answer.standing, Standing::Counted);
        receipts.push(answer.receipt);
        drop(sequencer.change(&revocation("1001")).unwrap());
    }
    assert_eq!(receipts[0], receipts[1]);
    assert_eq!(sequencer.ledger().position.size, FIRST + 2, "the form and the revocation");
}

#[test]
fn a_station_has_no_end_of_forms() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal.db"));
    let many: Vec<_> = (0..20).map(|number| form("1001", [number, 1, number + 1])).collect();
    let (first, mut first_answers) = sent(&sequencer, Purpose::Count, &many, 100);
    sequencer.commit(vec![first]).unwrap();
    assert!(first_answers.try_recv().unwrap().unwrap().forms.iter().all(Result::is_ok));
    let more: Vec<_> = (0..20).map(|number| form("1001", [number, 2, number + 2])).collect();
    let (more, mut more_answers) = sent(&sequencer, Purpose::Count, &more, 100);
    let (other, other_answer) = work(&sequencer, "1002", [1, 0, 1], 100);
    sequencer.commit(vec![more, other]).unwrap();
    let more = more_answers.try_recv().unwrap().unwrap().forms;
    assert_eq!(more.iter().filter(|answer| answer.is_ok()).count(), 5);
    assert_eq!(more[5].as_ref().unwrap_err().refusal, Refusal::TooMany);
    assert_eq!(answer(other_answer).standing, Standing::Counted, "others are not concerned");
    let (again, mut answers) = sent(&sequencer, Purpose::Count, &many[..1], 100);
    sequencer.commit(vec![again]).unwrap();
    assert!(answers.try_recv().unwrap().unwrap().forms[0].is_ok(), "what is there has its receipt");
}

#[test]
fn a_rehearsal_form_has_a_receipt_and_is_in_no_total() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut sequencer = opened(&path);
    let mut receipts = Vec::new();
    for restart in [false, true] {
        if restart {
            drop(sequencer);
            sequencer = opened(&path);
        }
        let form = [form("1001", [1, 0, 1])];
        let (rehearsal, answered) = sent(&sequencer, Purpose::Rehearse, &form, 100);
        sequencer.commit(vec![rehearsal]).unwrap();
        let answer = answer(answered);
        assert_eq!((answer.standing, answer.resubmitted), (Standing::Rehearsed, restart));
        receipts.push(answer.receipt);
    }
    assert_eq!(receipts[0], receipts[1]);
    let sealed = sample::sealed(&form("1001", [1, 0, 1]));
    assert!(receipts[0].verify_as(Kind::Rehearsal, &sealed, &signer().log_key()).is_ok());
    assert!(receipts[0].verify(&sealed, &signer().log_key()).is_err(), "not as a counted form");
    assert!(sequencer.ledger().tally.station(0, 0).is_none());
    assert_eq!(sequencer.ledger().roster.device(0).unwrap().rehearsals.len(), 1);
}

#[test]
fn a_journal_that_was_changed_is_not_served() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let mut sequencer = opened(&path);
    let (work, _answer) = work(&sequencer, "1001", [1, 0, 1], 100);
    sequencer.commit(vec![work]).unwrap();
    drop(sequencer);
    let other = sample::arrival(&sample::sealed(&form("1001", [0, 1, 1]))).encode();
    let database = rusqlite::Connection::open(&path).unwrap();
    let change = "UPDATE entry SET bytes = ?1 WHERE position = 4";
    assert_eq!(database.execute(change, [other]).unwrap(), 1);
    drop(database);
    let mut ledger = Ledger::new(Arc::new(sample::election()));
    let opened = Log::open(Journal::open(&path).unwrap(), signer(), &mut ledger);
    assert!(matches!(opened, Err(LogFault::OtherRoot { size: 5, .. })));
}

/// A question for receipts of these forms under a checkpoint, and its answer.
fn wanted(
    sequencer: &mut Sequencer,
    known: u64,
    forms: &[Option<LoggedForm>],
    checkpoint: &Checkpoint,
) -> Result<Option<Proven>, Behind> {
    let (answer, mut answered) = oneshot::channel();
    let witnessed = Witnessed { checkpoint: checkpoint.clone(), note: String::new() };
    let (forms, witnessed) = (forms.to_vec(), Arc::new(witnessed));
    let work = Work::Witnessed(Wanted { known, forms, witnessed, answer });
    sequencer.commit(vec![work]).unwrap();
    answered.try_recv().unwrap()
}

#[test]
fn a_logged_form_has_a_receipt_under_every_later_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequencer = opened(&dir.path().join("journal"));
    let mut heads = Vec::new();
    let mut receipts = Vec::new();
    for (station, at) in [("1001", 1), ("1002", 2), ("1001", 3)] {
        let (sent, answered) = work(&sequencer, station, [at, 0, 0], 100);
        sequencer.commit(vec![sent]).unwrap();
        let Receipt { index, arrived_ms, checkpoint, .. } = answer(answered).receipt;
        receipts.push(Some(LoggedForm { index, arrived_ms }));
        heads.push(signer().log_key().open(&checkpoint).unwrap());
    }
    let forms = [receipts[0], None, receipts[2]];
    for (at, head) in heads.iter().enumerate() {
        for seen in heads.iter().map(Some).chain([None]) {
            let known = seen.map_or(0, |seen| seen.size);
            let proven = wanted(&mut sequencer, known, &forms, head).unwrap().unwrap();
            let all: Vec<_> = [head].into_iter().chain(seen).collect();
            assert_eq!(links::verify(&all, &proven.links), Ok(()), "{known} {at}");
            let has: Vec<_> = proven.proofs.iter().map(Option::is_some).collect();
            assert_eq!(has, [true, false, at == 2], "{at}");
        }
    }
    let entries = heads[2].size;
    let behind = wanted(&mut sequencer, entries + 1, &forms, &heads[0]);
    assert_eq!(behind, Err(Behind { entries }));
    // Neither a checkpoint of another log, nor one that is larger than this.
    let other = Checkpoint { root: Digest([3; 32]), ..heads[2].clone() };
    let larger = Checkpoint { size: entries + 1, ..heads[2].clone() };
    for strange in [other, larger] {
        assert_eq!(wanted(&mut sequencer, 0, &forms, &strange), Ok(None));
    }
}
