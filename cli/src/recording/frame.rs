//! A frame of a trace.

use std::time::Duration;

use callgate::unstable::wire::{header_length, Malformed, Message};

/// MessagePack's nil: it stands for a payload that is not recorded.
const NIL: u8 = 0xc0;

/// One of the two sides of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Client,
    Host,
}

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Host,
            Side::Host => Side::Client,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Host => "host",
        }
    }
}

/// How much of a frame's payload there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    Whole,
    /// It is not recorded. It had this number of bytes.
    LeftOut(u64),
    /// Its end is not recorded. This number of bytes is missing.
    Cut(u64),
}

/// A frame, without its length.
pub struct Frame {
    pub connection: usize,
    pub time: Duration,
    pub from: Side,
    /// How long it was.
    pub length: u64,
    pub payload: Payload,
    bytes: Vec<u8>,
}

impl Frame {
    pub fn new(
        connection: usize,
        time: Duration,
        from: Side,
        mut bytes: Vec<u8>,
        length: u64,
    ) -> Frame {
        let missing = length.saturating_sub(bytes.len() as u64);
        let payload = match missing {
            0 => Payload::Whole,
            _ if header_length(&bytes) == Some(bytes.len()) => {
                bytes.push(NIL);
                Payload::LeftOut(missing)
            }
            _ => Payload::Cut(missing),
        };
        Frame { connection, time, from, length, payload, bytes }
    }

    /// The message; a payload that is not recorded is nil.
    ///
    /// # Errors
    /// If it is malformed, or if not even its header is recorded.
    pub fn message(&self) -> Result<Message<'_>, Malformed> {
        Message::decode(&self.bytes)
    }
}
