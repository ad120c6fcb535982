//! Frames that arrive in parts, and are put together here.
//!
//! A part that has not arrived whole is received straight into the memory of its frame, so that most
//! bytes of a large frame are never copied.

use std::collections::TryReserveError;
use std::sync::Arc;

use super::cut::{CutFrame, Cutting};
use super::reader::Reader;
use super::{kind, Frame, Malformed, Message};

/// Frames that may arrive in parts at the same time.
const MOST: usize = 4;

/// The first room of a frame. Later a part is given room for as much again as has arrived: its claim
/// alone costs no memory.
const SMALLEST_ROOM: usize = 64 * 1024;

/// A frame in memory with more than this many times its length is copied: a program that keeps
/// the frame would keep much more than it.
const MOST_EXCESS: usize = 4;

/// The frames that have arrived in part.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    under_way: Vec<Transfer>,
    /// The part whose bytes arrive now.
    filling: Option<Filling>,
}

#[derive(Debug)]
struct Transfer {
    number: u64,
    /// What has arrived of the frame. Nobody shares it yet.
    memory: Arc<Vec<u8>>,
    /// In its place, if there is no memory for the frame.
    cutting: Option<Cutting>,
}

impl Transfer {
    /// How much has arrived.
    fn len(&self) -> usize {
        self.cutting.as_ref().map_or(self.memory.len(), Cutting::len)
    }

    /// There is no memory for more: the rest of the frame is dropped. Fails where there is none at all.
    fn cut(&mut self, reason: TryReserveError) -> Result<(), TryReserveError> {
        self.cutting = Some(Cutting::begin(&self.memory).ok_or(reason)?);
        self.memory = Arc::default();
        Ok(())
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        Arc::get_mut(&mut self.memory).expect("no frame shares it")
    }
}

/// A frame all of whose parts have arrived.
pub(super) enum Whole {
    /// Where it was put together.
    Memory(Arc<Vec<u8>>),
    /// There was no memory for it.
    Cut(CutFrame),
}

impl Whole {
    /// How it begins.
    fn start(&self) -> &[u8] {
        match self {
            Whole::Memory(memory) => memory,
            Whole::Cut(cut) => &cut.head,
        }
    }
}

/// A part that has arrived up to somewhere.
#[derive(Debug)]
struct Filling {
    /// Which of the transfers it belongs to.
    transfer: usize,
    /// How many bytes that one has when the part is complete.
    end: usize,
    last: bool,
}

/// What the first bytes of a part say.
pub(super) struct PartHead {
    transfer: u64,
    last: bool,
    /// How many bytes of the part's frame stand before the slice.
    pub length: usize,
}

impl PartHead {
    /// Reads it from the first bytes of a frame of `length` bytes. `None` if they are not those of a
    /// part, or too few, or hold elements of a later version.
    pub fn read(start: &[u8], length: usize) -> Option<PartHead> {
        let mut reader = Reader::new(start);
        let is_part = reader.array("").ok()? == 4 && reader.uint("").ok()? == kind::PART;
        let (transfer, flags) = (reader.uint("").ok()?, reader.uint("").ok()?);
        let slice = reader.bin("").ok()?;
        let head = start.len() - reader.rest.len();
        (is_part && head + slice == length).then_some(PartHead {
            transfer,
            last: flags & 1 != 0,
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
    /// Whether no frame has arrived in part.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether bytes of a part are still to arrive.
    #[inline]
    pub fn is_filling(&self) -> bool {
        self.filling.is_some()
    }

    /// How many bytes of a part are still to arrive, if one arrives.
    pub fn missing(&self) -> Option<usize> {
        let Filling { transfer, end, .. } = self.filling.as_ref()?;
        Some(end - self.under_way[*transfer].len())
    }

    /// The slice of a part arrives from now on: into [`Transfers::room`]. A new transfer uses `spare`
    /// if nobody shares that.
    pub fn begin(
        &mut self,
        head: &PartHead,
        slice: usize,
        limit: usize,
        spare: &mut Arc<Vec<u8>>,
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

    /// Which of the transfers has that number; a new one if none has.
    fn transfer(&mut self, number: u64, spare: &mut Arc<Vec<u8>>) -> Result<usize, Malformed> {
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
        self.under_way.push(Transfer { number, memory, cutting: None });
        Ok(self.under_way.len() - 1)
    }

    /// The memory to append the slice that arrives to, with spare capacity for some of what is missing;
    /// `None` if no part arrives.
    pub fn room(&mut self) -> Result<Option<&mut Vec<u8>>, TryReserveError> {
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
            if let Err(reason) = bytes.try_reserve(wanted) {
                transfer.cut(reason)?;
            }
        }
        match &mut transfer.cutting {
            Some(cutting) => cutting.room(missing).map(Some),
            None => Ok(Some(Arc::get_mut(&mut transfer.memory).expect("no frame shares it"))),
        }
    }

    /// Appends a slice, or its beginning, that has arrived elsewhere.
    pub fn append(&mut self, slice: &[u8]) -> Result<(), TryReserveError> {
        let Some(filling) = &self.filling else { return Ok(()) };
        let transfer = &mut self.under_way[filling.transfer];
        if transfer.cutting.is_none() {
            match transfer.bytes().try_reserve(slice.len()) {
                Ok(()) => {
                    transfer.bytes().extend_from_slice(slice);
                    return Ok(());
                }
                Err(reason) => transfer.cut(reason)?,
            }
        }
        if let Some(cutting) = &mut transfer.cutting {
            cutting.drop_bytes(slice.len());
        }
        Ok(())
    }

    /// A frame that is complete, if the slice that arrives has made it so.
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

/// The frame in memory where it was put together, or a copy if that is much larger.
pub(super) fn frame_in(memory: &Arc<Vec<u8>>) -> Result<Frame, TryReserveError> {
    let length = memory.len();
    if memory.capacity() <= SMALLEST_ROOM.max(length.saturating_mul(MOST_EXCESS)) {
        return Ok(Frame::new(Arc::clone(memory), 0..length));
    }
    let mut copy = Vec::new();
    copy.try_reserve_exact(length)?;
    copy.extend_from_slice(memory);
    Ok(Frame::from(copy))
}

/// Only what a peer may send in parts.
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

/// What a frame that has arrived whole says as a part, and its slice; `None` if it is none.
pub(super) fn whole_part(frame: &[u8]) -> Option<(PartHead, &[u8])> {
    match Message::decode(frame) {
        Ok(Message::Part { transfer, last, bytes }) => {
            Some((PartHead { transfer, last, length: frame.len() - bytes.len() }, bytes))
        }
        // One that is malformed is refused when it is decoded.
        _ => None,
    }
}

#[cfg(test)]
mod tests;
