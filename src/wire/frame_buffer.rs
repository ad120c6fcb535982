mod room;

use std::sync::Arc;

use self::room::is_large;
use super::allowance::{Allowance, Allowed};
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
    /// What limits the memory of large frames.
    allowed: Allowed,
    /// How many bytes of the large chunk have ever been written: so much memory it takes.
    touched: usize,
    /// Where the frame that is arriving began, and how much of it there was when progress was last checked.
    checked: Option<(u64, usize)>,
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
            allowed: Allowed::default(),
            touched: 0,
            checked: None,
            transfers: None,
            cutting: None,
            cut: None,
        }
    }

    /// Joins frames that arrive in parts, from the next frame on.
    pub fn accept_parts(&mut self) {
        self.transfers = Some(Transfers::default());
    }

    /// Limits the memory of large frames: one that does not fit is dropped as it arrives.
    pub fn limit_memory(&mut self, allowance: Arc<dyn Allowance>) {
        self.allowed = Allowed::new(allowance);
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

    /// How many bytes have arrived after the frames taken so far, if no large frame is incomplete.
    pub fn untaken(&self) -> usize {
        self.chunk.len() - self.split
    }

    /// Whether it keeps memory for the next large frame.
    pub fn keeps_large(&self) -> bool {
        is_large(&self.resting)
    }

    /// Frees the memory that it holds for speed, except that of an incomplete frame.
    pub fn give_back(&mut self) {
        self.rest(Arc::default());
        if self.chunk_is_split() {
            self.chunk = Arc::default();
            self.split = 0;
            self.read = SMALLEST_READ;
            self.large_frame_left();
        }
    }

    /// Whether a frame that was incomplete at the last call still is, and fewer than `least` bytes of it have
    /// arrived since. `received` is the number of all bytes received so far, which tells frames apart.
    pub fn has_stalled(&mut self, received: u64, least: usize) -> bool {
        let arrived = match &self.cutting {
            Some((cutting, _)) => LENGTH + cutting.len(),
            None => self.chunk.len() - self.split,
        };
        let begun = received - arrived as u64;
        let stalled =
            self.checked.is_some_and(|(frame, before)| frame == begun && arrived - before < least);
        self.checked = (arrived > 0).then_some((begun, arrived));
        let transfers = self.transfers.as_mut();
        stalled | transfers.is_some_and(|transfers| transfers.has_stalled(least))
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
        self.count_transfers(0)?;
        match (&mut self.cutting, &mut self.transfers) {
            (_, Some(transfers)) if transfers.is_filling() => {
                Ok(transfers.room()?.expect("a part arrives"))
            }
            (Some((cutting, length)), _) => cutting.room(*length - cutting.len()),
            _ => Ok(Arc::get_mut(&mut self.chunk).expect("no frame shares it")),
        }
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
            if length > LARGEST_READ {
                self.large_frame_left();
            }
            let frame = Frame::new(Arc::clone(&self.chunk), start..self.split);
            if !may_be_part(&frame) || !self.join_whole(&frame)? {
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
        let start = self.split + LENGTH;
        let Some(head) = PartHead::read(&self.chunk[start..], length) else { return Ok(()) };
        let chunk = Arc::clone(&self.chunk);
        let begun = self.join(&head, length - head.length, &chunk[start + head.length..])?;
        if begun {
            self.split = self.chunk.len();
        }
        Ok(())
    }

    /// Adds a frame that is a part to its transfer; false if it is not a part.
    #[cold]
    fn join_whole(&mut self, frame: &Frame) -> Result<bool, Malformed> {
        let Some((head, slice)) = whole_part(frame) else { return Ok(false) };
        self.join(&head, slice.len(), slice)
    }

    /// Adds what has `arrived` of a part with `length` bytes of payload to its transfer; false if parts were
    /// not agreed on.
    fn join(&mut self, head: &PartHead, length: usize, arrived: &[u8]) -> Result<bool, Malformed> {
        let Some(transfers) = &mut self.transfers else { return Ok(false) };
        let spare = if is_large(&self.resting) { &mut self.resting } else { &mut Arc::default() };
        transfers.begin(head, length, self.limit, spare)?;
        if !is_large(&self.resting) {
            self.allowed.keep(0);
        }
        self.count_transfers(arrived.len()).map_err(|error| no_memory(&error))?;
        let Some(transfers) = &mut self.transfers else { return Ok(false) };
        transfers.append(arrived).map_err(|error| no_memory(&error))?;
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
        self.large_frame_left();
        if is_large(&memory) && !is_large(&self.chunk) {
            self.rest(memory);
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
