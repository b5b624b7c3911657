//! A stream of bytes, cut anyhow, into frames.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::bounded;
use saksi_proto::frame::{Frames, MAX_FRAME, frame};

/// Memory for a stream of so many bytes, all of it waiting: the buffer doubles, its old
/// and new place stand side by side, and a frame is taken out as a copy. A length alone
/// costs nothing, whatever it says.
fn memory(stream: usize) -> usize {
    4 * stream + 1_024
}

/// The frames of a stream that comes in pieces of so many bytes, up to the first fault.
fn taken(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut frames, mut taken) = (Frames::default(), Vec::new());
    for piece in stream.chunks(piece) {
        frames.receive(piece);
        loop {
            match frames.next_frame() {
                Ok(Some(payload)) => taken.push(payload),
                Ok(None) => break,
                Err(_) => return (taken, true),
            }
        }
    }
    (taken, false)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&cut, stream)) = bytes.split_first() else { return };
    let mut frames = Frames::default();
    bounded(memory(stream.len()), || {
        frames.receive(stream);
        while let Ok(Some(payload)) = frames.next_frame() {
            assert!(payload.len() <= MAX_FRAME);
        }
    });
    let (whole, ended) = taken(stream, stream.len().max(1));
    assert_eq!(taken(stream, usize::from(cut).max(1)), (whole.clone(), ended), "cut every {cut}");
    let again: Vec<u8> = whole.iter().flat_map(|payload| frame(payload).unwrap()).collect();
    assert!(stream.starts_with(&again), "the frames are what came in");
});
