//! Whatever a device with a right certificate says, into a real session: the collector's
//! own session, photos, admission, sequencer and ledger, over a journal in memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_collector::session::speak;
use saksi_fuzz::bounded;
use saksi_fuzz::centre::{Centre, RUNTIME, identity, log_key};
use saksi_fuzz::stream::Word;
use saksi_proto::frame::Frames;
use saksi_proto::message::{Outcome, ToAgent, decode_message};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

/// Bytes on the way in one direction: less than most inputs, so that both sides wait.
const WIRE: usize = 4 * 1_024;

/// Memory of a session that is sent so many bytes: the wire, what waits of a frame (its
/// buffer doubles), the message, and a form as it is admitted, staged, logged and folded.
fn memory(sent: usize) -> usize {
    16 * sent + (512 << 10)
}

fuzz_target!(|bytes: &[u8]| {
    let centre = Centre::new();
    let said: Vec<u8> =
        Word::all(bytes).into_iter().flat_map(|word| word.said(centre.election)).collect();
    let answers = bounded(memory(said.len()), || {
        RUNTIME.with(|runtime| runtime.block_on(talk(&centre, &said)))
    });
    check(&answers, centre.entries());
});

/// Says everything, then nothing more, and hears all answers.
async fn talk(centre: &Centre, said: &[u8]) -> Vec<u8> {
    let (ours, theirs) = duplex(WIRE);
    let session = speak(theirs, identity(), &centre.collector);
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

/// Each answer is a message; a checkpoint in it is the log's, over what is in the log.
fn check(answers: &[u8], entries: u64) {
    let mut frames = Frames::default();
    frames.receive(answers);
    while let Some(payload) = frames.next_frame().expect("frames within the limit") {
        let message = decode_message(&payload).expect("a message to an agent");
        let ToAgent::Outcomes(outcomes) = message else { continue };
        for outcome in outcomes.outcomes {
            let Outcome::Logged(logged) = outcome else { continue };
            let checkpoint = &outcomes.checkpoints[usize::from(logged.checkpoint)];
            let checkpoint = log_key().open(checkpoint).expect("a checkpoint of the log");
            assert!(logged.index < checkpoint.size && checkpoint.size <= entries);
        }
    }
    assert!(!frames.is_within_a_frame(), "an answer that ends too soon");
}
