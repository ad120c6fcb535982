use std::collections::TryReserveError;
use std::sync::Arc;

use super::{Frame, Malformed};

/// The bytes of a frame's length.
const LENGTH: usize = 4;
/// What a quiet connection keeps for receiving.
const SMALLEST_READ: usize = 4 * 1024;
/// What a busy one does.
const LARGEST_READ: usize = 64 * 1024;
/// How fast reads grow while they fill what they are given.
const READ_GROWTH: usize = 4;
/// A frame in progress is given so many times the room of what has arrived of it: a peer's claim
/// alone costs no memory.
const FRAME_GROWTH: usize = 8;
/// Larger chunks are not kept once they are empty.
const LARGEST_KEPT: usize = 1024 * 1024;

/// Takes received bytes and splits them into frames, which share the chunk they arrived in. When no
/// frame of a chunk is alive any more, the chunk is used again: small frames cost no allocation.
#[derive(Debug)]
pub struct FrameBuffer {
    chunk: Arc<Vec<u8>>,
    /// Up to where the chunk has been split.
    split: usize,
    /// How much room a read is given at least.
    read: usize,
    limit: usize,
}

impl FrameBuffer {
    /// An empty one, for frames of up to `limit` bytes.
    pub fn new(limit: usize) -> FrameBuffer {
        FrameBuffer { chunk: Arc::default(), split: 0, read: SMALLEST_READ, limit }
    }

    /// Changes the largest frame allowed, from the next frame on.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Whether no bytes wait for the rest of their frame: the stream may end here.
    pub fn is_empty(&self) -> bool {
        self.split == self.chunk.len()
    }

    /// The buffer to append received bytes to; it has spare capacity. Split all frames off with
    /// [`next_frame`](Self::next_frame) first.
    pub fn room(&mut self) -> Result<&mut Vec<u8>, TryReserveError> {
        if self.chunk.len() == self.chunk.capacity() && self.chunk.len() >= self.read {
            self.read = (self.read * READ_GROWTH).min(LARGEST_READ);
        }
        let wanted = self.wanted();
        let keep = self.chunk.capacity() <= wanted.max(LARGEST_KEPT);
        match Arc::get_mut(&mut self.chunk) {
            Some(chunk) if keep => {
                chunk.drain(..self.split);
            }
            _ => {
                let mut fresh = Vec::new();
                fresh.try_reserve_exact(wanted)?;
                fresh.extend_from_slice(&self.chunk[self.split..]);
                self.chunk = Arc::new(fresh);
            }
        }
        self.split = 0;
        let chunk = Arc::get_mut(&mut self.chunk).expect("no frame shares it");
        chunk.try_reserve_exact(wanted - chunk.len())?;
        Ok(chunk)
    }

    /// The next frame, when all of it has arrived. A length that is not allowed is told as soon as
    /// it is there.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Malformed> {
        let Some(length) = claimed(&self.chunk[self.split..]) else {
            return Ok(None);
        };
        if length == 0 {
            return Err(Malformed::new("a frame of 0 bytes"));
        }
        if length > self.limit {
            let limit = self.limit;
            return Err(Malformed::new(format!(
                "a frame of {length} bytes, above the limit of {limit}"
            )));
        }
        let start = self.split + LENGTH;
        if length > self.chunk.len() - start {
            return Ok(None);
        }
        self.split = start + length;
        Ok(Some(Frame::new(Arc::clone(&self.chunk), start..self.split)))
    }

    /// How large a chunk the next read is given: what is not split yet, and more.
    fn wanted(&self) -> usize {
        let unsplit = &self.chunk[self.split..];
        let arrived = unsplit.len();
        let frame = claimed(unsplit)
            .map_or(0, |length| (arrived * FRAME_GROWTH).min(length.saturating_add(LENGTH)));
        self.read.max(frame).max(arrived + 1)
    }
}

/// The length that a frame claims, once that has arrived.
fn claimed(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|length| u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 26;

    fn framed(payload: &[u8]) -> Vec<u8> {
        [&(payload.len() as u32).to_le_bytes(), payload].concat()
    }

    /// Hands over `bytes` as reads of at most `step` bytes, and collects the frames.
    fn feed(buffer: &mut FrameBuffer, mut bytes: &[u8], step: usize) -> Vec<Frame> {
        let mut frames = Vec::new();
        while !bytes.is_empty() {
            let room = buffer.room().expect("memory");
            let spare = room.capacity() - room.len();
            assert!(spare > 0);
            let (now, later) = bytes.split_at(spare.min(step).min(bytes.len()));
            room.extend_from_slice(now);
            bytes = later;
            while let Some(frame) = buffer.next_frame().expect("well-formed") {
                frames.push(frame);
            }
        }
        frames
    }

    #[test]
    fn frames_come_out_however_they_arrive() {
        let payloads: Vec<Vec<u8>> = [1, 3, 300, 5_000, 100_000, 2]
            .iter()
            .map(|&length| (0..length).map(|byte| byte as u8).collect())
            .collect();
        let bytes: Vec<u8> = payloads.iter().flat_map(|one| framed(one)).collect();
        for step in [1, 2, 3, 7, 4096, usize::MAX] {
            let mut buffer = FrameBuffer::new(LIMIT);
            let frames = feed(&mut buffer, &bytes, step);
            assert!(buffer.is_empty());
            assert_eq!(frames.len(), payloads.len());
            for (frame, payload) in frames.iter().zip(&payloads) {
                assert_eq!(&frame[..], &payload[..], "in steps of {step}");
            }
        }
    }

    #[test]
    fn a_chunk_is_used_again_once_its_frames_are_gone() {
        let mut buffer = FrameBuffer::new(LIMIT);
        let first = feed(&mut buffer, &framed(b"one"), usize::MAX).remove(0);
        let place = first.as_ptr();
        drop(first);
        let second = feed(&mut buffer, &framed(b"two"), usize::MAX).remove(0);
        assert_eq!(second.as_ptr(), place);
        let third = feed(&mut buffer, &framed(b"six"), usize::MAX).remove(0);
        assert_ne!(third.as_ptr(), place);
        assert_eq!(&second[..], b"two");
    }

    #[test]
    fn a_tail_moves_away_from_living_frames() {
        let mut buffer = FrameBuffer::new(LIMIT);
        let bytes = [framed(b"one"), framed(b"two")].concat();
        let first = feed(&mut buffer, &bytes[..9], usize::MAX);
        assert!(!buffer.is_empty());
        let second = feed(&mut buffer, &bytes[9..], usize::MAX);
        assert_eq!((&first[0][..], &second[0][..]), (&b"one"[..], &b"two"[..]));
    }

    #[test]
    fn lengths_outside_the_limit_are_refused_at_once() {
        let refused = |limit: usize, length: u32| {
            let mut buffer = FrameBuffer::new(limit);
            let room = buffer.room().expect("memory");
            room.extend_from_slice(&length.to_le_bytes());
            buffer.next_frame().is_err()
        };
        assert!(refused(100, 0));
        assert!(!refused(100, 99));
        assert!(!refused(100, 100));
        assert!(refused(100, 101));
        assert!(refused(LIMIT, u32::MAX));
    }

    #[test]
    fn a_new_limit_holds_for_the_next_frame() {
        let mut buffer = FrameBuffer::new(2);
        let room = buffer.room().expect("memory");
        room.extend_from_slice(&framed(b"hi"));
        room.extend_from_slice(&framed(b"more"));
        assert_eq!(&buffer.next_frame().expect("fits").expect("whole")[..], b"hi");
        assert!(buffer.next_frame().is_err());
        buffer.set_limit(4);
        assert_eq!(&buffer.next_frame().expect("fits").expect("whole")[..], b"more");
    }

    #[test]
    fn memory_follows_what_arrived_and_not_the_claim() {
        let mut buffer = FrameBuffer::new(LIMIT);
        let mut arrived = (LIMIT as u32).to_le_bytes().to_vec();
        let mut total = 0;
        while total < LIMIT / 2 {
            let room = buffer.room().expect("memory");
            let allowed = (8 * total).max(LARGEST_READ);
            assert!(room.capacity() <= allowed, "{} for {total}", room.capacity());
            arrived.resize((room.capacity() - room.len()).min(100_000), 1);
            room.extend_from_slice(&arrived);
            total += arrived.len();
            arrived.clear();
            assert!(buffer.next_frame().expect("allowed").is_none());
        }
    }

    #[test]
    fn a_large_chunk_goes_when_it_is_empty() {
        let mut buffer = FrameBuffer::new(LIMIT);
        let frames = feed(&mut buffer, &framed(&vec![1; 3 << 20]), usize::MAX);
        assert_eq!(frames.len(), 1);
        drop(frames);
        let room = buffer.room().expect("memory");
        assert!(room.is_empty() && room.capacity() <= LARGEST_READ);
    }

    #[test]
    fn reads_grow_while_they_fill_their_room() {
        let mut buffer = FrameBuffer::new(LIMIT);
        assert_eq!(buffer.room().expect("memory").capacity(), SMALLEST_READ);
        let many = framed(&[5; 60]).repeat(4096);
        drop(feed(&mut buffer, &many, usize::MAX));
        assert_eq!(buffer.room().expect("memory").capacity(), LARGEST_READ);
    }
}
