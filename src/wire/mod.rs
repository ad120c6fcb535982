//! The bytes between two processes, as PROTOCOL.md specifies them. Pure: no I/O, no threads.
//!
//! [`FrameBuffer`] splits received bytes into [`Frame`]s, [`Message::decode`] reads a frame's header, and
//! the `encode` functions write complete frames, or everything before the payload. Payloads are not parsed
//! here, except by [`check_value`] on request.

#![forbid(unsafe_code)]

mod allowance;
mod check;
mod cut;
mod decode;
mod encode;
mod frame;
mod frame_buffer;
mod handshake;
mod header;
mod malformed;
mod message;
mod metadata;
mod misfit;
mod name;
mod reader;
mod transfers;
mod writer;

pub use allowance::Allowance;
pub use check::{check_value, skip_value};
pub use cut::CutFrame;
pub use encode::{
    encode_cancel, encode_credit, encode_goodbye, encode_part, encode_ping, encode_pong,
    encode_refuse, encode_reply,
};
pub use frame::{range_in, Frame};
pub use frame_buffer::FrameBuffer;
pub use handshake::{encode_hello, encode_welcome, Hello, PeerLimits, Welcome, Who};
pub use header::header_length;
pub use malformed::Malformed;
pub use message::{CallHeader, ErrorHeader, Message, OneWayHeader};
pub use metadata::{metadata_pairs, write_metadata};
pub(crate) use misfit::metadata_misfit;
pub use misfit::Misfit;
pub use name::Name;
pub(crate) use transfers::PartHead;

/// The first thing that a client sends, so that a stranger is recognised at once.
pub const MAGIC: &str = "callgate";

/// The version of the protocol that this crate speaks.
pub const VERSION: u32 = 1;

/// The feature of sending large frames in parts.
pub const PARTS: &str = "parts";

/// The flags of calls, replies and parts that must be understood: the even bits. This version knows none of
/// them, so it refuses messages that have one. Unknown odd bits are ignored.
pub const MUST_UNDERSTAND: u64 = 0x5555_5555_5555_5555;

/// The flag of a transfer's last part.
const LAST_PART: u64 = 1;

/// Kinds that later versions may send, once a feature has been negotiated.
const RESERVED_KINDS: std::ops::RangeInclusive<u64> = 14..=31;

/// The kinds of messages: the first element of every frame.
mod kind {
    pub const HELLO: u64 = 0;
    pub const WELCOME: u64 = 1;
    pub const AUTH: u64 = 2;
    pub const REFUSE: u64 = 3;
    pub const CALL: u64 = 4;
    pub const ONE_WAY: u64 = 5;
    pub const REPLY: u64 = 6;
    pub const ERROR: u64 = 7;
    pub const CANCEL: u64 = 8;
    pub const CREDIT: u64 = 9;
    pub const PART: u64 = 10;
    pub const PING: u64 = 11;
    pub const PONG: u64 = 12;
    pub const GOODBYE: u64 = 13;
}
