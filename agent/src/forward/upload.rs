//! One photo on its way: what to say next, and what the answer means. Pure: no file, no
//! socket, no clock.

use std::time::Duration;

use saksi_proto::digest::Digest;
use saksi_proto::message::Later;
use saksi_proto::photo::{MAX_CHUNK, MIN_CHUNK, PhotoAnswer, PhotoOffer, PhotoRefusal};

/// A chunk that was answered sooner is followed by one twice as long: even then a form
/// waits for half a second at most, and a link of 100 ms carries 160 KB a second, not 40.
const QUICK: Duration = Duration::from_millis(250);

/// A chunk that was answered later is followed by one half as long.
const SLOW: Duration = Duration::from_secs(1);

/// A photo that is being sent in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upload {
    offer: PhotoOffer,
    /// Where to go on; nothing before the collector has said so.
    next: Option<u32>,
    /// Length of the next chunk, if there is as much.
    chunk: u32,
}

/// What to say to the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Say {
    /// That there is a photo.
    Offer(PhotoOffer),
    /// These bytes of it.
    Chunk {
        /// The first.
        at: u32,
        /// How many.
        length: u32,
    },
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It goes on.
    GoesOn {
        /// Bytes that survive a power cut at the collector.
        durable: u32,
    },
    /// The collector has all of it.
    Arrived,
    /// What arrived is not what the hash says; nothing of it was kept.
    StartsOver,
    /// It is not taken.
    Refused(PhotoRefusal),
    /// To be offered again after this time.
    Later(Duration, Later),
}

impl Upload {
    /// A photo that a form in the log names.
    pub(super) fn new(form: Digest, photo: Digest, size: u32) -> Self {
        Self { offer: PhotoOffer { form, photo, size }, next: None, chunk: MIN_CHUNK }
    }

    /// Its SHA-256.
    pub(super) fn photo(&self) -> Digest {
        self.offer.photo
    }

    /// What to say next.
    pub(super) fn say(&self) -> Say {
        match self.next {
            None => Say::Offer(self.offer),
            Some(at) => Say::Chunk { at, length: self.chunk.min(self.offer.size - at) },
        }
    }

    /// What the collector answered to it, and after how long.
    ///
    /// # Errors
    /// If no collector answers so.
    pub(super) fn heard(
        &mut self,
        answer: PhotoAnswer,
        took: Duration,
    ) -> Result<Heard, &'static str> {
        match answer {
            PhotoAnswer::Whole => Ok(Heard::Arrived),
            PhotoAnswer::StartOver => Ok(Heard::StartsOver),
            PhotoAnswer::Refused(refusal) => Ok(Heard::Refused(refusal)),
            PhotoAnswer::Later { after_ms, why } => {
                Ok(Heard::Later(Duration::from_millis(after_ms.into()), why))
            }
            PhotoAnswer::Wanted { next, durable } => self.wanted(next, durable, took),
        }
    }

    fn wanted(&mut self, next: u32, durable: u32, took: Duration) -> Result<Heard, &'static str> {
        if next >= self.offer.size || durable > next {
            return Err("more of a photo than there is");
        }
        if let Say::Chunk { at, length } = self.say() {
            if next != at + length {
                // Another session of this device has moved it on: this one is too old.
                return Err("a photo goes on elsewhere");
            }
            self.chunk = chunk_after(self.chunk, took);
        }
        self.next = Some(next);
        Ok(Heard::GoesOn { durable })
    }
}

fn chunk_after(chunk: u32, took: Duration) -> u32 {
    match took {
        _ if took < QUICK => (chunk * 2).min(MAX_CHUNK),
        _ if took > SLOW => (chunk / 2).max(MIN_CHUNK),
        _ => chunk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u32 = 30_000;
    const STEADY: Duration = Duration::from_millis(500);

    fn upload() -> Upload {
        Upload::new(Digest([3; 32]), Digest([5; 32]), SIZE)
    }

    fn wanted(next: u32) -> PhotoAnswer {
        PhotoAnswer::Wanted { next, durable: 0 }
    }

    #[test]
    fn it_goes_on_where_the_collector_says_and_ends_with_what_is_left() {
        let mut upload = upload();
        assert!(matches!(upload.say(), Say::Offer(PhotoOffer { size: SIZE, .. })));
        let answer = PhotoAnswer::Wanted { next: 20_000, durable: 20_000 };
        assert_eq!(upload.heard(answer, STEADY), Ok(Heard::GoesOn { durable: 20_000 }));
        let mut chunks = Vec::new();
        while let Say::Chunk { at, length } = upload.say() {
            chunks.push((at, length));
            let end = at + length;
            let answer = if end == SIZE { PhotoAnswer::Whole } else { wanted(end) };
            if upload.heard(answer, STEADY) == Ok(Heard::Arrived) {
                break;
            }
        }
        assert_eq!(chunks, [(20_000, 4_096), (24_096, 4_096), (28_192, 1_808)]);
    }

    #[test]
    fn chunks_grow_on_a_quick_link_and_shrink_on_a_slow_one() {
        let lengths = |took: [u64; 4]| {
            let mut upload =
                Upload { offer: PhotoOffer { size: 1 << 20, ..upload().offer }, ..upload() };
            upload.heard(wanted(0), STEADY).unwrap();
            took.map(|millis| {
                let Say::Chunk { at, length } = upload.say() else { panic!() };
                upload.heard(wanted(at + length), Duration::from_millis(millis)).unwrap();
                upload.chunk / 1_024
            })
        };
        assert_eq!(lengths([100, 100, 100, 100]), [8, 16, 16, 16]);
        assert_eq!(lengths([600, 1_200, 600, 1_200]), [4, 4, 4, 4], "2G");
        assert_eq!(lengths([100, 100, 1_500, 1_500]), [8, 16, 8, 4]);
    }

    #[test]
    fn an_answer_that_no_collector_gives_is_not_believed() {
        let mut fresh = upload();
        assert!(fresh.heard(wanted(SIZE), STEADY).is_err(), "nothing would be left to send");
        let durable = PhotoAnswer::Wanted { next: 5, durable: 6 };
        assert!(fresh.heard(durable, STEADY).is_err());
        let mut begun = upload();
        begun.heard(wanted(0), STEADY).unwrap();
        for next in [0, 4_095, 8_192] {
            assert!(begun.heard(wanted(next), STEADY).is_err(), "not where it was: {next}");
        }
        assert!(begun.heard(wanted(4_096), STEADY).is_ok());
    }

    #[test]
    fn every_other_answer_ends_it() {
        let later = PhotoAnswer::Later { after_ms: 60_000, why: Later::NoRoom };
        let minute = Duration::from_secs(60);
        assert_eq!(upload().heard(later, STEADY), Ok(Heard::Later(minute, Later::NoRoom)));
        assert_eq!(upload().heard(PhotoAnswer::StartOver, STEADY), Ok(Heard::StartsOver));
        let refused = PhotoAnswer::Refused(PhotoRefusal::PhotoTooLarge);
        assert_eq!(
            upload().heard(refused, STEADY),
            Ok(Heard::Refused(PhotoRefusal::PhotoTooLarge))
        );
    }
}
