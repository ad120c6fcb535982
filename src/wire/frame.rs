use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use crate::chunk::Chunk;

/// [`Frame::compact`] copies if the chunk exceeds twice the frame by more than this many bytes.
const SLACK: usize = 1024;

/// The bytes of a frame after its length field, or a slice of them. Clones and slices share the chunk that
/// they were received in, and keep it alive.
#[derive(Clone)]
pub struct Frame {
    chunk: Arc<Chunk>,
    start: usize,
    end: usize,
}

impl Frame {
    /// The bytes of `chunk` in `range`, which must lie within it.
    pub(super) fn new(chunk: Arc<Chunk>, range: Range<usize>) -> Frame {
        assert!(range.start <= range.end && range.end <= chunk.len());
        Frame { chunk, start: range.start, end: range.end }
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The chunk that holds the bytes; they do not move.
    pub fn into_chunk(self) -> Arc<Chunk> {
        self.chunk
    }

    /// A slice in the same chunk. Panics if `inner` is out of range.
    pub fn slice(&self, inner: Range<usize>) -> Frame {
        assert!(inner.start <= inner.end && inner.end <= self.len());
        Frame {
            chunk: Arc::clone(&self.chunk),
            start: self.start + inner.start,
            end: self.start + inner.end,
        }
    }

    /// The same bytes for long-term use: copied to a chunk of their own if this one is much larger and there
    /// is memory.
    pub fn compact(&self) -> Frame {
        if self.chunk.capacity() <= self.len().saturating_mul(2).saturating_add(SLACK) {
            return self.clone();
        }
        Chunk::copy_of(&[self]).map_or_else(|_| self.clone(), Frame::from)
    }
}

impl Deref for Frame {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.chunk[self.start..self.end]
    }
}

impl From<Chunk> for Frame {
    fn from(bytes: Chunk) -> Frame {
        Frame { start: 0, end: bytes.len(), chunk: Arc::new(bytes) }
    }
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Frame {
        Frame::from(Chunk::from(bytes))
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} bytes)", self.len())
    }
}

/// The range of the slice `inner` within `outer`. Panics if `inner` is not a slice of `outer`.
#[inline]
pub fn range_in(outer: &[u8], inner: &[u8]) -> Range<usize> {
    let start = inner.as_ptr().addr().checked_sub(outer.as_ptr().addr());
    let range = start.and_then(|start| Some(start..start.checked_add(inner.len())?));
    range.filter(|range| range.end <= outer.len()).expect("a slice of the outer one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_share_the_chunk() {
        let frame = Frame::from(b"abcdef".to_vec());
        let inner = frame.slice(1..5).slice(1..3);
        assert_eq!(&inner[..], b"cd");
        assert_eq!(inner.as_ptr(), frame[2..].as_ptr());
        assert!(frame.slice(6..6).is_empty());
    }

    #[test]
    #[should_panic]
    fn slices_end_with_the_frame() {
        let _ = Frame::from(b"abcdef".to_vec()).slice(1..3).slice(0..3);
    }

    #[test]
    fn compact_copies_out_of_a_large_chunk_only() {
        let large = Frame::from(vec![7; 10_000]);
        assert_eq!(large.compact().as_ptr(), large.as_ptr());
        let small = large.slice(100..200);
        let copy = small.compact();
        assert_ne!(copy.as_ptr(), small.as_ptr());
        assert_eq!(copy[..], small[..]);
    }

    #[test]
    fn range_in_finds_slices() {
        let outer = [1, 2, 3, 4];
        assert_eq!(range_in(&outer, &outer[1..3]), 1..3);
        assert_eq!(range_in(&outer, &outer[4..]), 4..4);
        assert_eq!(range_in(&outer, &outer), 0..4);
        let elsewhere = [1, 2, 3, 4];
        assert!(std::panic::catch_unwind(|| range_in(&outer[..2], &outer[1..3])).is_err());
        assert!(std::panic::catch_unwind(|| range_in(&outer, &elsewhere)).is_err());
    }
}
