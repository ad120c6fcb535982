//! One end of a connection whose owner breaks the rules on purpose. Failures of the stream are expected; but
//! what the other side sends must be well-formed.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use callgate::unstable::wire::{
    encode_hello, encode_welcome, Frame, FrameBuffer, Hello, Message, PeerLimits, Welcome, Who,
    PARTS, VERSION,
};

use super::super::stream::{dial, Stream};
use super::random::Random;

/// The largest frame that it takes.
const FRAME: u64 = 1 << 24;

/// How long it waits for the first reply.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits until something that it sends is taken.
const SENDING: Duration = Duration::from_millis(200);

/// How long it waits for more.
const MOMENT: Duration = Duration::from_millis(5);

/// How long it goes on reading while more arrives.
const ENOUGH: Duration = Duration::from_millis(100);

/// A connection of an attacker.
pub struct Peer {
    stream: Stream,
    buffer: FrameBuffer,
    /// The attacker's choices.
    pub random: Random,
    /// The ids of the other side's calls.
    pub asked: Vec<u64>,
    refused: bool,
}

impl Peer {
    /// Connects to `unix://PATH` or `tcp://ADDRESS`.
    pub fn connect(endpoint: &str, random: Random) -> io::Result<Peer> {
        Ok(Peer::over(dial(endpoint)?, random))
    }

    /// Uses a stream that is connected.
    pub fn over(stream: Stream, random: Random) -> Peer {
        stream.set_write_timeout(Some(SENDING)).expect("it is not zero");
        let mut buffer = FrameBuffer::new(FRAME as usize);
        buffer.accept_parts();
        Peer { stream, buffer, random, asked: Vec::new(), refused: false }
    }

    /// Says hello as a client; returns whether it is welcome.
    pub fn introduce(&mut self) -> bool {
        let bytes = hello();
        self.send(&bytes) && self.read_once(PATIENCE) && !self.refused
    }

    /// Reads a client's hello, and welcomes it.
    pub fn welcome(&mut self) -> bool {
        let mut bytes = Vec::new();
        encode_welcome(
            &mut bytes,
            &Welcome {
                version: VERSION,
                features: vec![PARTS.into()],
                limits: limits(),
                connection_id: 1,
                who: Who::default(),
            },
        );
        self.read_once(PATIENCE) && self.send(&bytes)
    }

    /// Sends bytes; returns whether the other side has taken them all.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends bytes one at a time.
    pub fn drip(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| self.send(&[*byte]))
    }

    /// Reads until nothing more arrives for a moment, or for long enough.
    pub fn read(&mut self) {
        let begun = Instant::now();
        while self.read_once(MOMENT) && begun.elapsed() < ENOUGH {}
    }

    /// Ends sending.
    pub fn half_close(&self) {
        // The other side may have ended the stream.
        self.stream.shutdown(Shutdown::Write).ok();
    }

    /// Reads what arrives within this time; returns whether anything has.
    fn read_once(&mut self, wait: Duration) -> bool {
        let mut bytes = [0; 1 << 16];
        self.stream.set_read_timeout(Some(wait)).expect("it is not zero");
        let count = self.stream.read(&mut bytes).unwrap_or(0);
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            let room = self.buffer.room().expect("memory");
            let (now, later) = rest.split_at(rest.len().min(room.capacity() - room.len()));
            room.append(now).expect("there is room");
            rest = later;
            while let Some(frame) = self.buffer.next_frame().expect("a length that is allowed") {
                self.note(&frame);
            }
        }
        count > 0
    }

    fn note(&mut self, frame: &Frame) {
        match Message::decode(frame).expect("the other side keeps to the protocol") {
            Message::Call(header, _) => self.asked.push(header.id),
            Message::Refuse { .. } => self.refused = true,
            _ => {}
        }
    }
}

fn limits() -> PeerLimits {
    PeerLimits { frame: FRAME, ..PeerLimits::default() }
}

/// The hello of a client.
pub fn hello() -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_hello(
        &mut bytes,
        &Hello {
            min_version: VERSION,
            max_version: VERSION,
            offered: vec![PARTS.into()],
            required: Vec::new(),
            limits: limits(),
            who: Who::default(),
        },
    );
    bytes
}
