//! The memory in which frames arrive: a chunk for small frames, and another one for a large frame.

use std::sync::Arc;

use super::{claimed, FrameBuffer, LARGEST_READ, LENGTH};
use crate::chunk::{Chunk, OutOfMemory};
use crate::wire::transfers::Transfers;

/// The factor by which reads grow while they fill their buffer.
const READ_GROWTH: usize = 4;
/// The room for a large unfinished frame is at most this multiple of the bytes that have arrived: a peer's
/// claim alone costs no memory.
const FRAME_GROWTH: usize = 8;
/// A large chunk with more than this multiple of the room needed is not reused: a kept frame would keep
/// much more than itself.
const MOST_EXCESS: usize = 4;
/// After this many reads that needed no large chunk, the resting one is freed.
pub(super) const RESTS: u32 = 1024;

impl FrameBuffer {
    /// Gives the chunk spare capacity, and moves the unsplit bytes to its beginning.
    pub(super) fn make_room(&mut self) -> Result<(), OutOfMemory> {
        if self.chunk.len() == self.chunk.capacity() && self.chunk.len() >= self.read {
            self.read = (self.read * READ_GROWTH).min(LARGEST_READ);
        }
        let wanted = self.wanted();
        match (wanted > LARGEST_READ, is_large(&self.chunk)) {
            (true, _) => return self.make_large_room(wanted),
            (false, true) => return self.leave_large_chunk(wanted),
            (false, false) => self.note_rest(),
        }
        self.reuse_chunk(wanted)
    }

    #[inline]
    fn reuse_chunk(&mut self, wanted: usize) -> Result<(), OutOfMemory> {
        let Some(chunk) = usable(&mut self.chunk, wanted) else {
            return self.move_to(Arc::default(), wanted).map(drop);
        };
        chunk.remove_front(self.split);
        self.split = 0;
        chunk.reserve_exact(wanted - chunk.len())
    }

    /// Gives a large frame room, if the allowance admits what has arrived of it.
    #[cold]
    fn make_large_room(&mut self, wanted: usize) -> Result<(), OutOfMemory> {
        if is_large(&self.chunk) {
            self.touched = match usable(&mut self.chunk, wanted) {
                Some(chunk) => self.touched.max(chunk.len()),
                None => 0,
            };
            self.count_large_frame()?;
            return self.reuse_chunk(wanted);
        }
        let mut next = std::mem::take(&mut self.resting);
        self.allowed.keep(0);
        self.touched = usable(&mut next, wanted).map_or(0, |chunk| chunk.capacity());
        self.count_large_frame()?;
        self.resting = self.move_to(next, wanted)?;
        self.rested = 0;
        Ok(())
    }

    /// Goes on in a small chunk, and keeps the large one for the next large frame if the allowance admits it.
    #[cold]
    fn leave_large_chunk(&mut self, wanted: usize) -> Result<(), OutOfMemory> {
        let next = std::mem::take(&mut self.resting);
        let large = self.move_to(next, wanted)?;
        self.large_frame_left();
        self.rest(large);
        Ok(())
    }

    pub(super) fn rest(&mut self, chunk: Arc<Chunk>) {
        let kept = if is_large(&chunk) { chunk.capacity() } else { 0 };
        self.resting = if self.allowed.keep(kept) { chunk } else { Arc::default() };
        self.rested = 0;
    }

    /// Counts what has arrived of the large frame in the chunk.
    fn count_large_frame(&self) -> Result<(), OutOfMemory> {
        let arrived = self.touched.max(self.chunk.len() - self.split) + self.transferred();
        if self.allowed.arriving(arrived) {
            return Ok(());
        }
        Err(OutOfMemory(arrived))
    }

    /// Stops counting the large frame in the chunk: it is complete or gone.
    #[cold]
    pub(super) fn large_frame_left(&mut self) {
        self.touched = 0;
        self.allowed.arriving(self.transferred());
    }

    fn transferred(&self) -> usize {
        self.transfers.as_ref().map_or(0, Transfers::memory)
    }

    /// Counts the frames that arrive in parts, and `more` bytes of the one whose part is arriving; drops that
    /// one if the allowance does not admit them.
    pub(super) fn count_transfers(&mut self, more: usize) -> Result<(), OutOfMemory> {
        let Some(transfers) = &mut self.transfers else { return Ok(()) };
        if transfers.is_filling() && !self.allowed.arriving(transfers.memory() + more) {
            transfers.cut()?;
            self.allowed.arriving(transfers.memory());
        }
        Ok(())
    }

    /// Continues in `next`, or in a new chunk if `next` is not usable; returns the old one.
    fn move_to(&mut self, mut next: Arc<Chunk>, wanted: usize) -> Result<Arc<Chunk>, OutOfMemory> {
        if usable(&mut next, wanted).is_none() {
            next = Arc::default();
        }
        let chunk = Arc::get_mut(&mut next).expect("no frame shares it");
        chunk.clear();
        chunk.reserve_exact(wanted)?;
        chunk.append(&self.chunk[self.split..])?;
        self.split = 0;
        Ok(std::mem::replace(&mut self.chunk, next))
    }

    /// Frees a large chunk that has rested long enough.
    fn note_rest(&mut self) {
        self.rested += 1;
        if self.rested == RESTS && is_large(&self.resting) {
            self.rest(Arc::default());
        }
    }

    /// The chunk size for the next read: the unsplit bytes plus room.
    fn wanted(&self) -> usize {
        let unsplit = &self.chunk[self.split..];
        let arrived = unsplit.len();
        let small = self.read.max(arrived + 1);
        let Some(frame) = claimed(unsplit).map(|length| length.saturating_add(LENGTH)) else {
            return small;
        };
        // Memory that already exists may be used for a claim.
        let there = self.chunk.capacity().max(self.resting.capacity());
        let there = if frame > LARGEST_READ { there } else { 0 };
        small.max(frame.min(there.max(arrived * FRAME_GROWTH)))
    }
}

/// Whether the chunk was allocated for a frame larger than a read.
pub(super) fn is_large(chunk: &Arc<Chunk>) -> bool {
    chunk.capacity() > LARGEST_READ
}

/// The chunk for writing, if no frame shares it and it is not too large for what is wanted.
fn usable(chunk: &mut Arc<Chunk>, wanted: usize) -> Option<&mut Chunk> {
    let most = LARGEST_READ.max(wanted.saturating_mul(MOST_EXCESS));
    Arc::get_mut(chunk).filter(|chunk| chunk.capacity() <= most)
}
