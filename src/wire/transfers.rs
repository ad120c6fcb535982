//! Joins frames that arrive in parts.
//!
//! The bytes of an incomplete part are received straight into the memory of its frame, so most bytes of a
//! large frame are never copied.

use std::sync::Arc;

use super::cut::{CutFrame, Cutting};
use super::reader::Reader;
use super::{kind, Frame, Malformed, Message, LAST_PART, MUST_UNDERSTAND};
use crate::chunk::{Chunk, OutOfMemory};

/// The most frames that may arrive in parts at the same time.
const MOST: usize = 4;

/// The first allocation for a frame. Each later one is at most as large as the bytes that have arrived: a
/// peer's claim alone costs no memory.
const SMALLEST_ROOM: usize = 64 * 1024;

/// A frame is copied if its memory exceeds this multiple of its length, so that a program that keeps the
/// frame does not keep much more than it.
const MOST_EXCESS: usize = 4;

/// The frames of which parts have arrived.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    under_way: Vec<Transfer>,
    /// The part whose bytes are arriving.
    filling: Option<Filling>,
}

#[derive(Debug)]
struct Transfer {
    number: u64,
    /// The bytes of the frame that have arrived. Nobody shares the memory yet.
    memory: Arc<Chunk>,
    /// How many bytes of the memory were written before, for another frame.
    touched: usize,
    /// How many bytes had arrived when progress was last checked.
    checked: Option<usize>,
    /// Used instead, if there is no memory for the frame.
    cutting: Option<Cutting>,
}

impl Transfer {
    /// How many bytes have arrived.
    fn len(&self) -> usize {
        self.cutting.as_ref().map_or(self.memory.len(), Cutting::len)
    }

    /// Drops the rest of the frame, for lack of memory. Fails if there is no memory even for that.
    fn cut(&mut self, reason: OutOfMemory) -> Result<(), OutOfMemory> {
        self.cutting = Some(Cutting::begin(&self.memory).ok_or(reason)?);
        self.memory = Arc::default();
        self.touched = 0;
        Ok(())
    }

    fn bytes(&mut self) -> &mut Chunk {
        Arc::get_mut(&mut self.memory).expect("no frame shares it")
    }
}

/// A frame all of whose parts have arrived.
pub(super) enum Whole {
    /// The memory in which it was joined.
    Memory(Arc<Chunk>),
    /// There was no memory for it.
    Cut(CutFrame),
}

impl Whole {
    /// The beginning of the frame.
    fn start(&self) -> &[u8] {
        match self {
            Whole::Memory(memory) => memory,
            Whole::Cut(cut) => &cut.head,
        }
    }
}

/// A part of which some bytes have arrived.
#[derive(Debug)]
struct Filling {
    /// The index of its transfer.
    transfer: usize,
    /// The length of the transfer when this part is complete.
    end: usize,
    last: bool,
}

/// The header of a part.
pub(crate) struct PartHead {
    pub transfer: u64,
    pub last: bool,
    /// The number of bytes before the part's payload.
    pub length: usize,
}

impl PartHead {
    /// The most bytes that a part's header takes, without elements of later versions.
    pub const MOST: usize = 32;

    /// Reads it from the first bytes of a frame of `length` bytes. `None` if they are not the header of a
    /// part, are too few, or contain elements or flags of a later version.
    pub fn read(start: &[u8], length: usize) -> Option<PartHead> {
        let mut reader = Reader::new(start);
        let is_part = reader.array("").ok()? == 4 && reader.uint("").ok()? == kind::PART;
        let (transfer, flags) = (reader.uint("").ok()?, reader.uint("").ok()?);
        let slice = reader.bin("").ok()?;
        let head = start.len() - reader.rest.len();
        let is_known = flags & MUST_UNDERSTAND & !LAST_PART == 0;
        (is_part && is_known && head + slice == length).then_some(PartHead {
            transfer,
            last: flags & LAST_PART != 0,
            length: head,
        })
    }
}

/// Whether a frame may be a part. Its first two bytes rule out almost every other frame.
#[inline]
pub(super) fn may_be_part(frame: &[u8]) -> bool {
    match frame {
        [array, number, ..] => array & 0xf0 != 0x90 || number & 0xf8 != 0,
        _ => false,
    }
}

impl Transfers {
    /// Whether no frame is incomplete.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether bytes of a part are still to arrive.
    #[inline]
    pub fn is_filling(&self) -> bool {
        self.filling.is_some()
    }

    /// How many bytes of the arriving part are missing, if there is one.
    pub fn missing(&self) -> Option<usize> {
        let Filling { transfer, end, .. } = self.filling.as_ref()?;
        Some(end - self.under_way[*transfer].len())
    }

    /// From now on receives the payload of a part into [`Transfers::room`]. A new transfer uses `spare` if
    /// nobody shares it.
    pub fn begin(
        &mut self,
        head: &PartHead,
        slice: usize,
        limit: usize,
        spare: &mut Arc<Chunk>,
    ) -> Result<(), Malformed> {
        if slice == 0 && !head.last {
            return Err(Malformed::new("an empty part that is not its frame's last"));
        }
        let arrived: usize = self.under_way.iter().map(Transfer::len).sum();
        if arrived.saturating_add(slice) > limit {
            return Err(Malformed::new(format!(
                "frames in parts of more than {limit} bytes together, the limit of one frame"
            )));
        }
        let transfer = self.transfer(head.transfer, spare)?;
        let end = self.under_way[transfer].len() + slice;
        self.filling = Some(Filling { transfer, end, last: head.last });
        Ok(())
    }

    /// The index of the transfer with this number; of a new one if there is none.
    fn transfer(&mut self, number: u64, spare: &mut Arc<Chunk>) -> Result<usize, Malformed> {
        let known = self.under_way.iter().position(|transfer| transfer.number == number);
        if let Some(known) = known {
            return Ok(known);
        }
        if self.under_way.len() == MOST {
            return Err(Malformed::new(format!("more than {MOST} frames in parts at once")));
        }
        let mut memory = std::mem::take(spare);
        match Arc::get_mut(&mut memory) {
            Some(bytes) => bytes.clear(),
            None => memory = Arc::default(),
        }
        let touched = memory.capacity();
        self.under_way.push(Transfer { number, memory, touched, checked: None, cutting: None });
        Ok(self.under_way.len() - 1)
    }

    /// The buffer for the arriving part, with spare capacity for some of the missing bytes; `None` if no
    /// part is arriving.
    pub fn room(&mut self) -> Result<Option<&mut Chunk>, OutOfMemory> {
        let Some(filling) = &self.filling else { return Ok(None) };
        let transfer = &mut self.under_way[filling.transfer];
        let missing = filling.end - transfer.len();
        if transfer.cutting.is_none() {
            let bytes = transfer.bytes();
            let wanted = if bytes.capacity() == bytes.len() {
                missing.min(bytes.len().max(SMALLEST_ROOM))
            } else {
                0
            };
            if let Err(reason) = bytes.reserve(wanted) {
                transfer.cut(reason)?;
            }
        }
        match &mut transfer.cutting {
            Some(cutting) => cutting.room(missing).map(Some),
            None => Ok(Some(Arc::get_mut(&mut transfer.memory).expect("no frame shares it"))),
        }
    }

    /// How many bytes of memory all frames take.
    pub fn memory(&self) -> usize {
        self.under_way.iter().map(|transfer| transfer.touched.max(transfer.memory.len())).sum()
    }

    /// Drops the frame whose part is arriving. Fails if there is no memory even for its beginning.
    pub fn cut(&mut self) -> Result<(), OutOfMemory> {
        let Some(filling) = &self.filling else { return Ok(()) };
        let transfer = &mut self.under_way[filling.transfer];
        match transfer.cutting {
            None => transfer.cut(OutOfMemory(transfer.memory.len())),
            Some(_) => Ok(()),
        }
    }

    /// Whether a frame that was incomplete at the last call still is, and fewer than `least` bytes of it have
    /// arrived since.
    pub fn has_stalled(&mut self, least: usize) -> bool {
        let mut stalled = false;
        for transfer in &mut self.under_way {
            let arrived = transfer.len();
            let before = transfer.checked.replace(arrived);
            stalled |= before.is_some_and(|before| arrived - before < least);
        }
        stalled
    }

    /// Appends payload of the arriving part that was received elsewhere.
    pub fn append(&mut self, slice: &[u8]) -> Result<(), OutOfMemory> {
        let Some(filling) = &self.filling else { return Ok(()) };
        let transfer = &mut self.under_way[filling.transfer];
        if transfer.cutting.is_none() {
            match transfer.bytes().append(slice) {
                Ok(()) => return Ok(()),
                Err(reason) => transfer.cut(reason)?,
            }
        }
        if let Some(cutting) = &mut transfer.cutting {
            cutting.drop_bytes(slice.len());
        }
        Ok(())
    }

    /// The frame that the arriving part has completed, if it has.
    pub fn complete(&mut self) -> Result<Option<Whole>, Malformed> {
        if self.missing() != Some(0) {
            return Ok(None);
        }
        match self.filling.take() {
            Some(Filling { transfer, last: true, .. }) => {
                let Transfer { memory, cutting, .. } = self.under_way.swap_remove(transfer);
                let whole = match cutting {
                    None => Whole::Memory(memory),
                    Some(cutting) => Whole::Cut(cutting.finish()),
                };
                check_kind(whole.start())?;
                Ok(Some(whole))
            }
            _ => Ok(None),
        }
    }
}

/// The frame in the memory where it was joined, or a copy if that memory is much larger.
pub(super) fn frame_in(memory: &Arc<Chunk>) -> Result<Frame, OutOfMemory> {
    let length = memory.len();
    if memory.capacity() <= SMALLEST_ROOM.max(length.saturating_mul(MOST_EXCESS)) {
        return Ok(Frame::new(Arc::clone(memory), 0..length));
    }
    Chunk::copy_of(&[memory]).map(Frame::from)
}

/// Refuses kinds of messages that a peer must not send in parts.
fn check_kind(frame: &[u8]) -> Result<(), Malformed> {
    if frame.is_empty() {
        return Err(Malformed::new("a frame of 0 bytes"));
    }
    let mut reader = Reader::new(frame);
    reader.array("frame in parts")?;
    match reader.uint("kind")? {
        kind::CALL | kind::ONE_WAY | kind::REPLY | kind::ERROR => Ok(()),
        kind => Err(Malformed::new(format!("a frame of kind {kind} in parts"))),
    }
}

/// The header and payload of a complete frame that is a part; `None` if it is not a part.
pub(super) fn whole_part(frame: &[u8]) -> Option<(PartHead, &[u8])> {
    match Message::decode(frame) {
        Ok(Message::Part { transfer, last, bytes }) => {
            Some((PartHead { transfer, last, length: frame.len() - bytes.len() }, bytes))
        }
        // A malformed part is refused when it is decoded.
        _ => None,
    }
}

#[cfg(test)]
mod tests;
