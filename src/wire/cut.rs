//! Frames for which there is no memory: their beginning is kept, which is enough to reply to them, and the
//! rest is dropped as it arrives.

use super::Frame;
use crate::chunk::{Chunk, OutOfMemory};

/// How many bytes of a frame are kept: enough for its header.
const LARGEST_HEAD: usize = 64 * 1024;

/// How many bytes of a dropped frame are read at once.
const ROOM: usize = 16 * 1024;

/// The beginning of a frame for which there was no memory.
#[derive(Debug)]
pub struct CutFrame {
    /// The beginning.
    pub head: Frame,
    /// The length of the whole frame.
    pub length: usize,
}

/// A frame that is being dropped as it arrives.
#[derive(Debug)]
pub(super) struct Cutting {
    head: Chunk,
    dropped: usize,
    /// The bytes that arrived last. They count as dropped.
    room: Chunk,
}

impl Cutting {
    /// Keeps the beginning of the bytes that have arrived; `None` if there is no memory even for that.
    pub fn begin(arrived: &[u8]) -> Option<Cutting> {
        let kept = &arrived[..arrived.len().min(LARGEST_HEAD)];
        let head = Chunk::copy_of(&[kept]).ok()?;
        Some(Cutting { head, dropped: arrived.len() - kept.len(), room: Chunk::new() })
    }

    /// How many bytes of the frame have arrived.
    pub fn len(&self) -> usize {
        self.head.len() + self.dropped + self.room.len()
    }

    /// Counts bytes that arrived elsewhere as dropped.
    pub fn drop_bytes(&mut self, count: usize) {
        self.dropped += count;
    }

    /// The buffer for the next bytes, of which `missing` are still to come.
    pub fn room(&mut self, missing: usize) -> Result<&mut Chunk, OutOfMemory> {
        self.dropped += self.room.len();
        self.room.clear();
        let wanted = missing.min(ROOM);
        if self.room.capacity() > wanted {
            self.room = Chunk::new();
        }
        self.room.reserve_exact(wanted)?;
        Ok(&mut self.room)
    }

    /// Call this when the whole frame has arrived.
    pub fn finish(self) -> CutFrame {
        let length = self.len();
        CutFrame { head: Frame::from(self.head), length }
    }
}
