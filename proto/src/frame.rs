//! Frames on the wire: four bytes of length, big end first, then that many bytes.
//!
//! A length over the limit is refused before anything is allocated for it.

use crate::codec::DecodeFault;

/// Longest frame, in bytes, without its length: a batch of [`crate::message::MAX_BATCH`]
/// forms of 3,584 bytes and their lengths is 229,505; as many receipts with proofs
/// of 40 hashes are 83,000.
pub const MAX_FRAME: usize = 256 * 1024;

const LENGTH: usize = 4;

/// Puts a frame around `payload`.
///
/// # Errors
/// [`DecodeFault::Oversize`] if it is longer than [`MAX_FRAME`].
pub fn frame(payload: &[u8]) -> Result<Vec<u8>, DecodeFault> {
    let size = payload.len();
    let oversize = DecodeFault::Oversize { size, limit: MAX_FRAME };
    let length = u32::try_from(size).ok().filter(|_| size <= MAX_FRAME).ok_or(oversize)?;
    Ok([&length.to_be_bytes(), payload].concat())
}

/// Takes frames out of a stream of bytes, however it is cut.
#[derive(Debug, Default)]
pub struct Frames {
    /// Received and not yet taken: less than one frame and one read more.
    buffer: Vec<u8>,
}

impl Frames {
    /// Adds what was received.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or `None` until more is received.
    ///
    /// # Errors
    /// [`DecodeFault::Oversize`] as soon as a length over [`MAX_FRAME`] is seen; the
    /// stream cannot be used after that.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, DecodeFault> {
        let Some(length) = self.buffer.first_chunk::<LENGTH>() else { return Ok(None) };
        let size = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if size > MAX_FRAME {
            return Err(DecodeFault::Oversize { size, limit: MAX_FRAME });
        }
        if self.buffer.len() < LENGTH + size {
            return Ok(None);
        }
        let rest = self.buffer.split_off(LENGTH + size);
        let mut whole = std::mem::replace(&mut self.buffer, rest);
        whole.drain(..LENGTH);
        Ok(Some(whole))
    }

    /// Whether a frame has begun and not ended.
    #[must_use]
    pub fn is_within_a_frame(&self) -> bool {
        !self.buffer.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden() {
        assert_eq!(frame(b"saksi").unwrap(), b"\x00\x00\x00\x05saksi");
    }

    #[test]
    fn frames_come_out_whole_however_the_stream_is_cut() {
        let sent: Vec<Vec<u8>> = vec![b"one".to_vec(), Vec::new(), vec![7; 300]];
        let stream: Vec<u8> = sent.iter().flat_map(|payload| frame(payload).unwrap()).collect();
        for cut in 1..stream.len() {
            let mut frames = Frames::default();
            let mut taken = Vec::new();
            for piece in stream.chunks(cut) {
                frames.receive(piece);
                while let Some(payload) = frames.next_frame().unwrap() {
                    taken.push(payload);
                }
            }
            assert_eq!(taken, sent, "cut every {cut} bytes");
            assert!(!frames.is_within_a_frame());
        }
    }

    #[test]
    fn a_length_over_the_limit_is_refused_at_once() {
        let mut frames = Frames::default();
        frames.receive(&u32::MAX.to_be_bytes());
        assert!(matches!(frames.next_frame(), Err(DecodeFault::Oversize { .. })));
        assert!(frame(&vec![0; MAX_FRAME + 1]).is_err());
        assert!(frame(&vec![0; MAX_FRAME]).is_ok());
    }
}
