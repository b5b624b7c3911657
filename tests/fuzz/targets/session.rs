//! Whatever a device with a right certificate says, into a real session: the collector's
//! own session, photos, admission, sequencer and ledger, over a journal in memory.

#![no_main]

use std::iter::from_fn;

use libfuzzer_sys::fuzz_target;
use saksi_collector::config::Limits;
use saksi_collector::session::{Patience, speak};
use saksi_fuzz::bounded;
use saksi_fuzz::centre::{Centre, RUNTIME, identity, log_key};
use saksi_fuzz::stream::Word;
use saksi_proto::entry::Kind;
use saksi_proto::frame::Frames;
use saksi_proto::message::{Logged, Outcome, Outcomes, ToAgent, ToCollector, decode_message};
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio_util::sync::CancellationToken;

/// Bytes on the way in one direction: less than most inputs, so that both sides wait.
const WIRE: usize = 4 * 1_024;

/// Memory of a session that is sent so many bytes: the wire, what waits of a frame (its
/// buffer doubles), the message, and a form as it is admitted, staged, logged and folded.
fn memory(sent: usize) -> usize {
    16 * sent + (128 << 10)
}

fuzz_target!(|bytes: &[u8]| {
    let centre = Centre::new();
    let said: Vec<u8> =
        Word::all(bytes).into_iter().flat_map(|word| word.said(centre.election)).collect();
    let answers = bounded(memory(said.len()), || {
        RUNTIME.with(|runtime| runtime.block_on(talk(&centre, &said)))
    });
    check(&said, &answers, centre.entries());
});

/// Says everything, then nothing more, and hears all answers.
async fn talk(centre: &Centre, said: &[u8]) -> Vec<u8> {
    let (ours, theirs) = duplex(WIRE);
    let limits = Limits::default();
    let patience = Patience { greeting: limits.handshake, silence: limits.silence };
    let end = CancellationToken::new();
    let session = speak(theirs, identity(), patience, end, &centre.collector);
    let device = async {
        let (mut ear, mut mouth) = tokio::io::split(ours);
        let saying = async {
            // The session may have ended: what it has not read is lost then.
            drop(mouth.write_all(said).await);
            drop(mouth.shutdown().await);
        };
        let mut heard = Vec::new();
        let (_, read) = tokio::join!(saying, ear.read_to_end(&mut heard));
        read.expect("a wire in memory");
        heard
    };
    tokio::select! {
        (_, heard) = async { tokio::join!(session, device) } => heard,
        () = centre.work() => unreachable!("it works as long as there is a collector"),
    }
}

/// Each answer is a message, and those to batches have an answer for each form; a receipt
/// proves that the form is in the log, as it is now.
fn check(said: &[u8], answers: &[u8], entries: u64) {
    let mut batches = payloads(said).filter_map(|payload| match decode_message(&payload) {
        Ok(ToCollector::Submit(batch) | ToCollector::Carry(batch)) => Some((Kind::Form, batch)),
        Ok(ToCollector::Rehearse(batch)) => Some((Kind::Rehearsal, batch)),
        _ => None,
    });
    for payload in payloads(answers) {
        let message = decode_message(&payload).expect("a message to an agent");
        let ToAgent::Outcomes(Outcomes { number, checkpoints, links, outcomes }) = message else {
            continue;
        };
        let (kind, batch) = batches.next().expect("a batch that was sent");
        assert_eq!((number, outcomes.len()), (batch.number, batch.forms.len()));
        assert!(links.len() <= checkpoints.len(), "one step to each checkpoint");
        if batch.known == 0 {
            let open = |note: &String| log_key().open(note).expect("a checkpoint of the log");
            let shown: Vec<_> = checkpoints.iter().map(open).collect();
            let shown: Vec<_> = shown.iter().collect();
            assert_eq!(saksi_proto::links::verify(&shown, &links), Ok(()));
        }
        for (form, outcome) in batch.forms.into_iter().zip(outcomes) {
            let Outcome::Logged(logged) = outcome else { continue };
            let Logged { index, arrived_ms, proof, .. } = logged;
            let checkpoint = checkpoints[usize::from(logged.checkpoint)].clone();
            let receipt = Receipt { index, arrived_ms, proof, checkpoint };
            let sealed = SealedForm::from_bytes(form).expect("what was logged is sealed");
            let checkpoint =
                receipt.verify_as(kind, &sealed, &log_key()).expect("a receipt that proves");
            assert!(checkpoint.size <= entries);
        }
    }
}

/// The frames of a stream, up to the first fault.
fn payloads(stream: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut frames = Frames::default();
    frames.receive(stream);
    from_fn(move || frames.next_frame().ok().flatten())
}
