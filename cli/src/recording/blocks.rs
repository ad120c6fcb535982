//! Reads the blocks of a capture file (pcapng), which anybody may have written.

use std::io::{self, Read};
use std::time::Duration;

/// The longest block: more than the frame with the most recorded bytes takes.
const LONGEST: u32 = 8 * 1024 * 1024;

/// The shortest block that says anything.
const SHORTEST: u32 = 16;

mod kind {
    pub const SECTION: u32 = 0x0a0d_0d0a;
    pub const INTERFACE: u32 = 1;
    pub const STATISTICS: u32 = 5;
    pub const PACKET: u32 = 6;
}

/// The first number of a section's content, in the order of its writer.
const ORDER: u32 = 0x1a2b_3c4d;

/// A block, as far as traces have it.
pub enum Block {
    Section { comment: String },
    Interface { link_type: u16, name: String, description: String },
    Packet { interface: u32, time: Duration, flags: u32, bytes: Vec<u8>, length: u32 },
    Statistics { interface: u32, time: Duration, dropped: u64, comment: Option<String> },
}

/// The blocks of a file, in their order.
pub struct Blocks<R> {
    input: R,
    is_big_endian: bool,
    /// Whether the file ends within a block, as after a crash.
    pub is_cut: bool,
}

impl<R: Read> Blocks<R> {
    pub fn new(input: R) -> Blocks<R> {
        Blocks { input, is_big_endian: false, is_cut: false }
    }

    /// The next block; `None` at the end of the file, and where it is cut off. Skips blocks of other kinds.
    ///
    /// # Errors
    /// Those of the input; invalid data where it is no capture file.
    pub fn next(&mut self) -> io::Result<Option<Block>> {
        loop {
            let Some(head) = self.read::<12>()? else { return Ok(None) };
            let [kind, length, first] = [0, 4, 8].map(|at| number(&head[at..at + 4], false));
            // The kind of a section reads the same in both orders.
            if kind == kind::SECTION {
                self.is_big_endian = match first {
                    ORDER => false,
                    first if first.swap_bytes() == ORDER => true,
                    _ => return Err(malformed("it is no capture file")),
                };
            }
            let [kind, length] = [kind, length].map(|it| self.in_order(it));
            if !(SHORTEST..=LONGEST).contains(&length) || length % 4 != 0 {
                return Err(malformed(&format!("a block says that it has {length} bytes")));
            }
            let Some(content) = self.content(&head, length as usize)? else { return Ok(None) };
            let content = Content { rest: &content, is_big_endian: self.is_big_endian };
            if let Some(block) = content.block(kind) {
                return block.map(Some).ok_or_else(|| malformed("a block is too short"));
            }
        }
    }

    fn in_order(&self, number: u32) -> u32 {
        match self.is_big_endian {
            true => number.swap_bytes(),
            false => number,
        }
    }

    fn read<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = Vec::with_capacity(N);
        self.input.by_ref().take(N as u64).read_to_end(&mut bytes)?;
        self.is_cut = !bytes.is_empty() && bytes.len() < N;
        Ok(bytes.try_into().ok())
    }

    /// The content of the block with this beginning. Memory is reserved as bytes come, not as lengths say.
    fn content(&mut self, head: &[u8; 12], length: usize) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = head[8..].to_vec();
        self.input.by_ref().take(length as u64 - 12).read_to_end(&mut bytes)?;
        if bytes.len() < length - 8 {
            self.is_cut = true;
            return Ok(None);
        }
        let end = bytes.split_off(length - 12);
        match number(&end, self.is_big_endian) as usize == length {
            true => Ok(Some(bytes)),
            false => Err(malformed("a block has two lengths")),
        }
    }
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn number(bytes: &[u8], is_big_endian: bool) -> u32 {
    let bytes: [u8; 4] = bytes.try_into().expect("four bytes");
    match is_big_endian {
        true => u32::from_be_bytes(bytes),
        false => u32::from_le_bytes(bytes),
    }
}

/// What is left of a block's content.
struct Content<'a> {
    rest: &'a [u8],
    is_big_endian: bool,
}

impl<'a> Content<'a> {
    /// The block; the outer `None` for a kind that traces do not have, the inner one if it is too short.
    fn block(mut self, kind: u32) -> Option<Option<Block>> {
        match kind {
            kind::SECTION => Some(self.section()),
            kind::INTERFACE => Some(self.interface()),
            kind::PACKET => Some(self.packet()),
            kind::STATISTICS => Some(self.statistics()),
            _ => None,
        }
    }

    fn section(&mut self) -> Option<Block> {
        self.take(16)?;
        Some(Block::Section { comment: self.options().text(1).unwrap_or_default() })
    }

    fn interface(&mut self) -> Option<Block> {
        let link_type = self.u32()?;
        let link_type = if self.is_big_endian { link_type >> 16 } else { link_type } as u16;
        self.take(4)?;
        let options = self.options();
        let text = |kind| options.text(kind).unwrap_or_default();
        Some(Block::Interface { link_type, name: text(2), description: text(3) })
    }

    fn packet(&mut self) -> Option<Block> {
        let (interface, time) = (self.u32()?, self.time()?);
        let (captured, length) = (self.u32()? as usize, self.u32()?);
        let bytes = self.take(captured)?.to_vec();
        self.take(captured.next_multiple_of(4) - captured)?;
        let flags = self.options().value(2).and_then(|it| it.try_into().ok());
        let flags = flags.map_or(0, |it: [u8; 4]| number(&it, self.is_big_endian));
        Some(Block::Packet { interface, time, flags, bytes, length })
    }

    fn statistics(&mut self) -> Option<Block> {
        let (interface, time) = (self.u32()?, self.time()?);
        let options = self.options();
        let dropped = options.value(5).and_then(|it| it.try_into().ok());
        let dropped = dropped.map_or(0, |it: [u8; 8]| match self.is_big_endian {
            true => u64::from_be_bytes(it),
            false => u64::from_le_bytes(it),
        });
        Some(Block::Statistics { interface, time, dropped, comment: options.text(1) })
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|bytes| number(bytes, self.is_big_endian))
    }

    fn time(&mut self) -> Option<Duration> {
        let (high, low) = (self.u32()?, self.u32()?);
        Some(Duration::from_nanos(u64::from(high) << 32 | u64::from(low)))
    }

    /// The rest, as options.
    fn options(&self) -> Content<'a> {
        Content { rest: self.rest, is_big_endian: self.is_big_endian }
    }

    /// The value of the first option of this kind.
    fn value(&self, wanted: u16) -> Option<&'a [u8]> {
        let mut options = self.options();
        loop {
            let head = options.take(4)?;
            let u16 = |at: usize| match self.is_big_endian {
                true => u16::from_be_bytes([head[at], head[at + 1]]),
                false => u16::from_le_bytes([head[at], head[at + 1]]),
            };
            let (kind, length) = (u16(0), usize::from(u16(2)));
            let value = options.take(length)?;
            if kind == wanted {
                return Some(value);
            }
            options.take(length.next_multiple_of(4) - length)?;
        }
    }

    /// The text of the first option of this kind.
    fn text(&self, wanted: u16) -> Option<String> {
        self.value(wanted).map(|value| String::from_utf8_lossy(value).into_owned())
    }
}
