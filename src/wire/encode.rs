//! Encodes messages as frames. Every function appends to `out` and returns the length of the frame: the
//! number of bytes after the length field, including a payload that the caller has yet to append.

use super::writer::Writer;
use super::{kind, CallHeader, ErrorHeader, OneWayHeader};

/// Appends the length field and what `write` writes; `payload_len` bytes are to follow.
///
/// The result is invalid if the length does not fit its field. The sender compares the returned length with
/// the peer's limit, which is never above `u32::MAX`.
#[inline]
pub(super) fn framed(
    out: &mut Vec<u8>,
    payload_len: usize,
    write: impl FnOnce(&mut Writer<'_>),
) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(&mut Writer::new(out));
    let length = (out.len() - start - 4).saturating_add(payload_len);
    let field = u32::try_from(length).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&field.to_le_bytes());
    length
}

impl CallHeader<'_> {
    /// Appends the frame of the call, without its arguments.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>, payload_len: usize) -> usize {
        framed(out, payload_len, |write| {
            write
                .array(11)
                .uint(kind::CALL)
                .uint(self.id)
                .uint(self.flags)
                .name(self.interface)
                .name(self.method)
                .optional(self.signature, Writer::str)
                .optional(self.timeout_ms, Writer::uint)
                .uint(self.lane)
                .optional(self.parent, Writer::uint)
                .optional(self.metadata, Writer::raw);
        })
    }
}

impl OneWayHeader<'_> {
    /// Appends the frame of the one-way call, without its arguments.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>, payload_len: usize) -> usize {
        framed(out, payload_len, |write| {
            write
                .array(9)
                .uint(kind::ONE_WAY)
                .uint(self.flags)
                .name(self.interface)
                .name(self.method)
                .optional(self.signature, Writer::str)
                .uint(self.lane)
                .optional(self.parent, Writer::uint)
                .optional(self.metadata, Writer::raw);
        })
    }
}

impl ErrorHeader<'_> {
    /// Appends the frame of the error, without its data (a nil if there is none).
    pub fn encode(&self, out: &mut Vec<u8>, payload_len: usize) -> usize {
        framed(out, payload_len, |write| {
            write
                .array(8)
                .uint(kind::ERROR)
                .uint(self.id)
                .int(self.status)
                .int(self.execution)
                .str(self.message)
                .optional(self.type_name, Writer::str)
                .optional(self.trace, Writer::str);
        })
    }
}

/// Appends the frame of a reply, without its result.
#[inline]
pub fn encode_reply(out: &mut Vec<u8>, id: u64, flags: u64, payload_len: usize) -> usize {
    framed(out, payload_len, |write| {
        write.array(4).uint(kind::REPLY).uint(id).uint(flags);
    })
}

/// Appends the frame of a part, without the `payload_len` bytes that it carries of the large frame.
pub fn encode_part(out: &mut Vec<u8>, transfer: u64, last: bool, payload_len: usize) -> usize {
    framed(out, payload_len, |write| {
        write.array(4).uint(kind::PART).uint(transfer).uint(last).bin(payload_len);
    })
}

/// Appends a refuse.
pub fn encode_refuse(out: &mut Vec<u8>, status: i64, message: &str) -> usize {
    encode_reason(out, kind::REFUSE, status, message)
}

/// Appends a goodbye.
pub fn encode_goodbye(out: &mut Vec<u8>, status: i64, message: &str) -> usize {
    encode_reason(out, kind::GOODBYE, status, message)
}

/// Appends a cancel.
pub fn encode_cancel(out: &mut Vec<u8>, id: u64) -> usize {
    encode_numbers(out, [kind::CANCEL, id])
}

/// Appends a credit.
pub fn encode_credit(out: &mut Vec<u8>, calls: u64, bytes: u64) -> usize {
    encode_numbers(out, [kind::CREDIT, calls, bytes])
}

/// Appends a ping.
pub fn encode_ping(out: &mut Vec<u8>, token: u64) -> usize {
    encode_numbers(out, [kind::PING, token])
}

/// Appends a pong.
pub fn encode_pong(out: &mut Vec<u8>, token: u64) -> usize {
    encode_numbers(out, [kind::PONG, token])
}

fn encode_reason(out: &mut Vec<u8>, kind: u64, status: i64, message: &str) -> usize {
    framed(out, 0, |write| {
        write.array(3).uint(kind).int(status).str(message);
    })
}

fn encode_numbers<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N]) -> usize {
    framed(out, 0, |write| {
        write.array(N);
        for number in numbers {
            write.uint(number);
        }
    })
}
