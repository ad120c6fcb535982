//! The blocks of a trace, which is a capture file in the format pcapng, version 1.0. Little-endian, as its
//! header says.

use std::time::Duration;

/// The kinds of blocks that are written.
mod kind {
    pub const SECTION: u32 = 0x0a0d_0d0a;
    pub const INTERFACE: u32 = 1;
    pub const STATISTICS: u32 = 5;
    pub const PACKET: u32 = 6;
}

/// The kinds of options; numbers that two blocks have in common mean the same in both only for comments.
mod option {
    pub const COMMENT: u16 = 1;
    pub const SECTION_PROGRAM: u16 = 4;
    pub const INTERFACE_NAME: u16 = 2;
    pub const INTERFACE_DESCRIPTION: u16 = 3;
    pub const INTERFACE_RESOLUTION: u16 = 9;
    pub const PACKET_FLAGS: u16 = 2;
    pub const STATISTICS_END: u16 = 3;
    pub const STATISTICS_DROPPED: u16 = 5;
}

/// The number that pcapng reserves for private formats: here the frames of PROTOCOL.md, without their lengths.
const LINK_TYPE: u16 = 147;

/// Times are in nanoseconds.
const RESOLUTION: u8 = 9;

/// The direction of a frame, as seen by the side that records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In = 1,
    Out = 2,
}

/// One block, to be appended to a file.
pub(super) enum Block<'a> {
    /// The header of the file.
    Section,
    /// A connection. They count from 0.
    Interface { name: &'a str, description: &'a str, most: u32 },
    /// A frame, as far as it is recorded.
    Packet { interface: u32, time: Duration, way: Way, bytes: &'a [u8], length: u64 },
    /// The end of a connection.
    End { interface: u32, time: Duration, dropped: u64 },
    /// The end of the recording.
    Stopped { time: Duration, reason: &'a str },
}

impl Block<'_> {
    /// Appends the block.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut writer = Writer::begin(out, self.kind());
        match *self {
            Block::Section => {
                // The order of the bytes, the version, and a length that is not known yet.
                writer.u32(0x1a2b_3c4d).u16(1).u16(0).u32(u32::MAX).u32(u32::MAX);
                writer.option(option::COMMENT, b"Callgate frames, protocol version 1");
                let program = concat!("callgate ", env!("CARGO_PKG_VERSION"));
                writer.option(option::SECTION_PROGRAM, program.as_bytes());
            }
            Block::Interface { name, description, most } => {
                writer.u16(LINK_TYPE).u16(0).u32(most);
                writer.option(option::INTERFACE_NAME, name.as_bytes());
                writer.option(option::INTERFACE_DESCRIPTION, description.as_bytes());
                writer.option(option::INTERFACE_RESOLUTION, &[RESOLUTION]);
            }
            Block::Packet { interface, time, way, bytes, length } => {
                writer.u32(interface).time(time).u32(bytes.len() as u32);
                writer.u32(u32::try_from(length).unwrap_or(u32::MAX)).padded(bytes);
                writer.option(option::PACKET_FLAGS, &(way as u32).to_le_bytes());
            }
            Block::End { interface, time, dropped } => {
                writer.u32(interface).time(time);
                let [high, low] = halves(time);
                let end = [high.to_le_bytes(), low.to_le_bytes()].concat();
                writer.option(option::STATISTICS_END, &end);
                writer.option(option::STATISTICS_DROPPED, &dropped.to_le_bytes());
            }
            Block::Stopped { time, reason } => {
                writer.u32(0).time(time);
                writer.option(option::COMMENT, reason.as_bytes());
            }
        }
        writer.end();
    }

    /// How many bytes it takes at most.
    pub fn most(&self) -> usize {
        // The longest fixed parts of a block, and the padding of its texts.
        const FIXED: usize = 160;
        FIXED
            + match *self {
                Block::Section => 0,
                Block::Interface { name, description, .. } => name.len() + description.len(),
                Block::Packet { bytes, .. } => bytes.len(),
                Block::End { .. } => 0,
                Block::Stopped { reason, .. } => reason.len(),
            }
    }

    fn kind(&self) -> u32 {
        match self {
            Block::Section => kind::SECTION,
            Block::Interface { .. } => kind::INTERFACE,
            Block::Packet { .. } => kind::PACKET,
            Block::End { .. } | Block::Stopped { .. } => kind::STATISTICS,
        }
    }
}

/// The halves of a time in nanoseconds, the high one first.
fn halves(time: Duration) -> [u32; 2] {
    let nanoseconds = time.as_nanos() as u64;
    [(nanoseconds >> 32) as u32, nanoseconds as u32]
}

/// Writes one block.
struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Writer<'a> {
    /// Its length is filled in at the end.
    fn begin(out: &'a mut Vec<u8>, kind: u32) -> Writer<'a> {
        let start = out.len();
        let mut writer = Writer { out, start };
        writer.u32(kind).u32(0);
        writer
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.out.extend(value.to_le_bytes());
        self
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.out.extend(value.to_le_bytes());
        self
    }

    fn time(&mut self, time: Duration) -> &mut Self {
        let [high, low] = halves(time);
        self.u32(high).u32(low)
    }

    fn padded(&mut self, bytes: &[u8]) -> &mut Self {
        self.out.extend_from_slice(bytes);
        while (self.out.len() - self.start) % 4 != 0 {
            self.out.push(0);
        }
        self
    }

    fn option(&mut self, kind: u16, value: &[u8]) {
        let length = value.len().min(u16::MAX.into());
        self.u16(kind).u16(length as u16).padded(&value[..length]);
    }

    /// Ends the options, and writes the length at both ends of the block.
    fn end(mut self) {
        self.u32(0);
        let length = (self.out.len() - self.start + 4) as u32;
        self.u32(length);
        self.out[self.start + 4..self.start + 8].copy_from_slice(&length.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_length_at_both_ends_and_keep_to_the_most() {
        let time = Duration::from_nanos(0x0102_0304_0506_0708);
        for block in [
            Block::Section,
            Block::Interface { name: "a", description: "bcdef", most: 9 },
            Block::Packet { interface: 1, time, way: Way::Out, bytes: &[1, 2, 3], length: 9 },
            Block::End { interface: 1, time, dropped: 3 },
            Block::Stopped { time, reason: "full" },
        ] {
            let mut out = vec![0; 5];
            block.write(&mut out);
            let out = &out[5..];
            let length = (out.len() as u32).to_le_bytes();
            assert_eq!(out.len() % 4, 0);
            assert!(out.len() <= block.most());
            assert_eq!((&out[4..8], &out[out.len() - 4..]), (&length[..], &length[..]));
        }
    }
}
