//! Frames that there is no memory for: their beginning is kept, by which they can be answered, and the rest is
//! dropped as it arrives.

use std::collections::TryReserveError;

use super::Frame;

/// This much is kept of a frame: all of its header.
const LARGEST_HEAD: usize = 64 * 1024;

/// What is read at once of a frame that is dropped.
const ROOM: usize = 16 * 1024;

/// The beginning of a frame that there is no memory for.
#[derive(Debug)]
pub struct CutFrame {
    /// How it begins.
    pub head: Frame,
    /// How long it was.
    pub length: usize,
}

/// A frame that is being dropped.
#[derive(Debug)]
pub(super) struct Cutting {
    head: Vec<u8>,
    dropped: usize,
    /// What has arrived last, which counts as dropped.
    room: Vec<u8>,
}

impl Cutting {
    /// Keeps the beginning of what has arrived. `None` where there is no memory even for that.
    pub fn begin(arrived: &[u8]) -> Option<Cutting> {
        let kept = &arrived[..arrived.len().min(LARGEST_HEAD)];
        let mut head = Vec::new();
        head.try_reserve_exact(kept.len()).ok()?;
        head.extend_from_slice(kept);
        Some(Cutting { head, dropped: arrived.len() - kept.len(), room: Vec::new() })
    }

    /// How much of the frame has arrived.
    pub fn len(&self) -> usize {
        self.head.len() + self.dropped + self.room.len()
    }

    /// Drops bytes that have arrived elsewhere.
    pub fn drop_bytes(&mut self, count: usize) {
        self.dropped += count;
    }

    /// Room for what arrives next, and for no more than is missing.
    pub fn room(&mut self, missing: usize) -> Result<&mut Vec<u8>, TryReserveError> {
        self.dropped += self.room.len();
        self.room.clear();
        let wanted = missing.min(ROOM);
        if self.room.capacity() > wanted {
            self.room = Vec::new();
        }
        self.room.try_reserve_exact(wanted)?;
        Ok(&mut self.room)
    }

    /// The frame, all of which has arrived.
    pub fn finish(self) -> CutFrame {
        let length = self.len();
        CutFrame { head: Frame::from(self.head), length }
    }
}
