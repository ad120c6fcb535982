use std::sync::Arc;

use super::cut::{CutFrame, Cutting};
use super::transfers::{frame_in, may_be_part, whole_part, PartHead, Transfers, Whole};
use super::{Frame, Malformed};
use crate::chunk::{Chunk, OutOfMemory};

/// The size of a frame's length field in bytes.
const LENGTH: usize = 4;
/// The receive buffer of a quiet connection.
const SMALLEST_READ: usize = 4 * 1024;
/// The receive buffer of a busy connection: one read suffices for frames of 64 KiB with their headers.
const LARGEST_READ: usize = 128 * 1024;
/// The factor by which reads grow while they fill their buffer.
const READ_GROWTH: usize = 4;
/// The room for a large unfinished frame is at most this multiple of the bytes that have arrived: a peer's
/// claim alone costs no memory.
const FRAME_GROWTH: usize = 8;
/// A large chunk with more than this multiple of the room needed is not reused: a kept frame would keep
/// much more than itself.
const MOST_EXCESS: usize = 4;
/// After this many reads that needed no large chunk, the resting one is freed.
const RESTS: u32 = 1024;

/// Takes received bytes and splits them into frames, which share the chunk they arrived in. A chunk is
/// reused once none of its frames is alive, so a connection in use allocates nothing.
///
/// Frames larger than a read get chunks of their own, so that small frames never keep a large chunk alive.
/// Frames that arrive in parts, which are joined here, do too.
#[derive(Debug)]
pub struct FrameBuffer {
    /// The chunk that receives bytes: the one for small frames, or the one for a large frame.
    chunk: Arc<Chunk>,
    /// The other of the two, which rests.
    resting: Arc<Chunk>,
    /// The number of reads since a large chunk began to rest.
    rested: u32,
    /// The position up to which the chunk has been split into frames.
    split: usize,
    /// The least room that a read gets.
    read: usize,
    limit: usize,
    /// Frames that arrive in parts, if the feature was negotiated.
    transfers: Option<Transfers>,
    /// A frame that is dropped as it arrives, for lack of memory, and its length.
    cutting: Option<(Cutting, usize)>,
    /// The last frame that was dropped.
    cut: Option<CutFrame>,
}

impl FrameBuffer {
    /// An empty buffer for frames of up to `limit` bytes.
    pub fn new(limit: usize) -> FrameBuffer {
        FrameBuffer {
            chunk: Arc::default(),
            resting: Arc::default(),
            rested: 0,
            split: 0,
            read: SMALLEST_READ,
            limit,
            transfers: None,
            cutting: None,
            cut: None,
        }
    }

    /// Joins frames that arrive in parts, from the next frame on.
    pub fn accept_parts(&mut self) {
        self.transfers = Some(Transfers::default());
    }

    /// Changes the largest frame allowed, from the next frame on.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Whether no frame is incomplete: the stream may end here.
    pub fn is_empty(&self) -> bool {
        self.chunk_is_split()
            && self.cutting.is_none()
            && self.transfers.as_ref().is_none_or(Transfers::is_empty)
    }

    fn chunk_is_split(&self) -> bool {
        self.split == self.chunk.len()
    }

    /// Whether it holds more memory than a quiet connection needs.
    pub fn is_roomy(&self) -> bool {
        self.chunk.capacity() + self.resting.capacity() > SMALLEST_READ
    }

    /// Frees the memory that it holds for speed, except that of an incomplete frame.
    pub fn give_back(&mut self) {
        self.resting = Arc::default();
        if self.chunk_is_split() {
            self.chunk = Arc::default();
            self.split = 0;
            self.read = SMALLEST_READ;
        }
    }

    /// The buffer to append received bytes to, at most [`most_wanted`](Self::most_wanted) of them. It has
    /// spare capacity. Take all frames with [`next_frame`](Self::next_frame) first.
    pub fn room(&mut self) -> Result<&mut Chunk, OutOfMemory> {
        if self.arrives_here() {
            match self.make_room() {
                Ok(()) => return Ok(Arc::get_mut(&mut self.chunk).expect("no frame shares it")),
                Err(reason) => self.cutting = Some(self.begin_cutting().ok_or(reason)?),
            }
        }
        self.room_elsewhere()
    }

    /// The buffer for the bytes of a part, or of a frame that is dropped.
    #[cold]
    fn room_elsewhere(&mut self) -> Result<&mut Chunk, OutOfMemory> {
        match (&mut self.cutting, &mut self.transfers) {
            (_, Some(transfers)) if transfers.is_filling() => {
                Ok(transfers.room()?.expect("a part arrives"))
            }
            (Some((cutting, length)), _) => cutting.room(*length - cutting.len()),
            _ => Ok(Arc::get_mut(&mut self.chunk).expect("no frame shares it")),
        }
    }

    /// Gives the chunk spare capacity, and moves the unsplit bytes to its beginning.
    fn make_room(&mut self) -> Result<(), OutOfMemory> {
        if self.chunk.len() == self.chunk.capacity() && self.chunk.len() >= self.read {
            self.read = (self.read * READ_GROWTH).min(LARGEST_READ);
        }
        let wanted = self.wanted();
        if (wanted > LARGEST_READ) != is_large(&self.chunk) {
            let next = std::mem::take(&mut self.resting);
            self.resting = self.move_to(next, wanted)?;
            self.rested = 0;
            return Ok(());
        }
        self.note_rest();
        let Some(chunk) = usable(&mut self.chunk, wanted) else {
            return self.move_to(Arc::default(), wanted).map(drop);
        };
        chunk.remove_front(self.split);
        self.split = 0;
        chunk.reserve_exact(wanted - chunk.len())
    }

    /// Gives up the incomplete frame and all memory. `None` if no frame has begun, or if there is no memory
    /// even for its beginning.
    #[cold]
    fn begin_cutting(&mut self) -> Option<(Cutting, usize)> {
        let unsplit = &self.chunk[self.split..];
        let length = claimed(unsplit)?;
        let cutting = Cutting::begin(&unsplit[LENGTH..])?;
        self.split = self.chunk.len();
        self.give_back();
        Some((cutting, length))
    }

    /// A frame that was dropped for lack of memory, once all of it has arrived.
    pub fn take_cut(&mut self) -> Option<CutFrame> {
        self.cut.take()
    }

    /// How many bytes may be appended to the [`room`](Self::room) now; `None` for as many as it has
    /// capacity for. Only frames that arrive in parts limit it.
    pub fn most_wanted(&self) -> Option<usize> {
        let transfers = self.transfers.as_ref().filter(|transfers| !transfers.is_empty())?;
        if let Some(missing) = transfers.missing() {
            return Some(missing);
        }
        // The next part probably follows, and its bytes are received elsewhere.
        let unsplit = &self.chunk[self.split..];
        let frame = claimed(unsplit).map_or(0, |length| length.saturating_add(LENGTH));
        Some(frame.saturating_sub(unsplit.len()).max(SMALLEST_READ))
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
            self.resting = Arc::default();
        }
    }

    /// The next frame, once all of it has arrived. A forbidden length is reported as soon as the length
    /// field has arrived.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Malformed> {
        if self.chunk_is_split() && self.arrives_here() {
            return Ok(None);
        }
        self.split_off()
    }

    fn split_off(&mut self) -> Result<Option<Frame>, Malformed> {
        loop {
            let Some(length) = claimed(&self.chunk[self.split..]) else {
                return self.completed();
            };
            if length == 0 || length > self.limit {
                return Err(self.not_allowed(length));
            }
            let start = self.split + LENGTH;
            if length > self.chunk.len() - start {
                self.begin_part(length)?;
                return Ok(None);
            }
            self.split = start + length;
            let frame = Frame::new(Arc::clone(&self.chunk), start..self.split);
            if !may_be_part(&frame) || !self.join(&frame)? {
                return Ok(Some(frame));
            }
            if let Some(frame) = self.completed()? {
                return Ok(Some(frame));
            }
        }
    }

    #[cold]
    fn not_allowed(&self, length: usize) -> Malformed {
        let limit = self.limit;
        match length {
            0 => Malformed::new("a frame of 0 bytes"),
            _ => Malformed::new(format!("a frame of {length} bytes, above the limit of {limit}")),
        }
    }

    /// If the unsplit bytes begin a part, receives the rest of that part, which belongs to a frame of
    /// `length` bytes, where its transfer is joined.
    #[cold]
    fn begin_part(&mut self, length: usize) -> Result<(), Malformed> {
        let Some(transfers) = &mut self.transfers else { return Ok(()) };
        let start = &self.chunk[self.split + LENGTH..];
        let Some(head) = PartHead::read(start, length) else { return Ok(()) };
        let spare = if is_large(&self.resting) { &mut self.resting } else { &mut Arc::default() };
        transfers.begin(&head, length - head.length, self.limit, spare)?;
        transfers.append(&start[head.length..]).map_err(|error| no_memory(&error))?;
        self.split = self.chunk.len();
        Ok(())
    }

    /// Adds a frame that is a part to its transfer; false if it is not a part.
    #[cold]
    fn join(&mut self, frame: &Frame) -> Result<bool, Malformed> {
        let Some(transfers) = &mut self.transfers else { return Ok(false) };
        let Some((head, slice)) = whole_part(frame) else { return Ok(false) };
        let spare = if is_large(&self.resting) { &mut self.resting } else { &mut Arc::default() };
        transfers.begin(&head, slice.len(), self.limit, spare)?;
        transfers.append(slice).map_err(|error| no_memory(&error))?;
        Ok(true)
    }

    /// A frame whose last part has arrived.
    fn completed(&mut self) -> Result<Option<Frame>, Malformed> {
        if let Some((cutting, _)) = self.cutting.take_if(|(it, length)| it.len() == *length) {
            self.cut = Some(cutting.finish());
        }
        let Some(transfers) = &mut self.transfers else { return Ok(None) };
        let memory = match transfers.complete()? {
            None => return Ok(None),
            Some(Whole::Memory(memory)) => memory,
            Some(Whole::Cut(cut)) => {
                self.cut = Some(cut);
                return Ok(None);
            }
        };
        let frame = frame_in(&memory).map_err(|error| no_memory(&error))?;
        if is_large(&memory) && !is_large(&self.chunk) {
            self.resting = memory;
            self.rested = 0;
        }
        Ok(Some(frame))
    }

    /// Whether arriving bytes are appended to the chunk: all are, except parts and dropped frames.
    #[inline]
    fn arrives_here(&self) -> bool {
        self.cutting.is_none() && !self.transfers.as_ref().is_some_and(Transfers::is_filling)
    }

    /// The next frame, if it has arrived completely, has at most `most` bytes, and begins with `head` and
    /// is longer. Otherwise it stays for [`next_frame`](Self::next_frame).
    pub fn next_frame_with(&mut self, head: &[u8], most: usize) -> Option<Frame> {
        let unsplit = &self.chunk[self.split..];
        let length = claimed(unsplit).filter(|&length| length <= self.limit.min(most))?;
        let frame = unsplit[LENGTH..].get(..length)?;
        if length <= head.len() || !frame.starts_with(head) {
            return None;
        }
        let start = self.split + LENGTH;
        self.split = start + length;
        Some(Frame::new(Arc::clone(&self.chunk), start..self.split))
    }

    /// Whether the next frame has arrived completely.
    pub fn has_frame(&self) -> bool {
        let rest = &self.chunk[self.split..];
        claimed(rest).is_some_and(|length| length <= rest.len() - LENGTH)
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
fn is_large(chunk: &Arc<Chunk>) -> bool {
    chunk.capacity() > LARGEST_READ
}

/// The chunk for writing, if no frame shares it and it is not too large for what is wanted.
fn usable(chunk: &mut Arc<Chunk>, wanted: usize) -> Option<&mut Chunk> {
    let most = LARGEST_READ.max(wanted.saturating_mul(MOST_EXCESS));
    Arc::get_mut(chunk).filter(|chunk| chunk.capacity() <= most)
}

fn no_memory(error: &OutOfMemory) -> Malformed {
    Malformed::new(format!("a frame in parts: {error}"))
}

/// The length that a frame claims, once its length field has arrived.
fn claimed(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|length| u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests;
