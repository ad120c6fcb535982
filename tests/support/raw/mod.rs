//! A peer that speaks the protocol by hand, so that it can misbehave.

mod frames;
mod host;

use std::collections::VecDeque;
use std::io::{Read, Write};

use callgate::unstable::wire::{encode_pong, Frame, FrameBuffer, Message, PeerLimits};

use super::stream;
pub use super::stream::Stream;
pub use frames::{call_frame, call_frame_in, hello, one_way_frame};
pub use host::RawHost;

/// The largest frame that the raw peer accepts.
const FRAME: u64 = 1 << 27;

/// An endpoint at which a host can listen and raw peers can connect, and which no other test uses: of a Unix socket, or
/// of TLS if the environment has `CALLGATE_TEST_TRANSPORT=tls`.
#[cfg(unix)]
pub fn endpoint(name: &str) -> String {
    if over_tls() {
        return super::tls::endpoint();
    }
    local_endpoint(name)
}

/// The endpoint of a Unix socket, for tests of the system's users.
#[cfg(unix)]
pub fn local_endpoint(name: &str) -> String {
    format!("unix://{}", std::env::temp_dir().join(super::unique(name)).display())
}

fn over_tls() -> bool {
    std::env::var("CALLGATE_TEST_TRANSPORT").is_ok_and(|transport| transport == "tls")
}

/// The same. The process has a loopback address for every test, so no two processes use one.
#[cfg(windows)]
pub fn endpoint(_name: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("tcp://127.{high}.{low}.{}:{}", count % 250 + 1, 20_000 + count / 250)
}

/// The same, and one of TCP if that is another transport.
pub fn endpoints(name: &str) -> Vec<String> {
    let tcp = "tcp://127.0.0.1:0".to_owned();
    match (cfg!(windows), over_tls()) {
        (true, _) => vec![tcp],
        (_, true) => vec![endpoint(name)],
        _ => vec![endpoint(name), tcp],
    }
}

/// Connects to the host at an endpoint.
pub fn dial(endpoint: &str) -> Stream {
    stream::dial(endpoint).unwrap()
}

/// A client without the library's connection code.
pub struct RawClient {
    pub stream: Stream,
    buffer: FrameBuffer,
    frames: VecDeque<Frame>,
}

impl RawClient {
    /// Connects and completes the handshake.
    pub fn connect(endpoint: &str) -> RawClient {
        RawClient::ask(endpoint).expect("a welcome")
    }

    /// Connects and introduces itself; if the host refuses, returns its status and message.
    pub fn ask(endpoint: &str) -> Result<RawClient, (i64, String)> {
        RawClient::ask_taking(endpoint, PeerLimits::default())
    }

    /// The same, with these limits for what the host may send.
    pub fn ask_taking(endpoint: &str, takes: PeerLimits) -> Result<RawClient, (i64, String)> {
        RawClient::introduce(dial(endpoint), takes)
    }

    /// Introduces itself over a stream.
    pub fn introduce(stream: Stream, takes: PeerLimits) -> Result<RawClient, (i64, String)> {
        RawClient::offer(stream, takes).expect("an answer")
    }

    /// The same; `None` if the host ends the stream without an answer.
    pub fn offer(
        mut stream: Stream,
        takes: PeerLimits,
    ) -> Option<Result<RawClient, (i64, String)>> {
        stream.write_all(&hello(&[], PeerLimits { frame: FRAME, ..takes })).ok()?;
        let buffer = FrameBuffer::new(FRAME as usize);
        let mut client = RawClient { stream, buffer, frames: VecDeque::new() };
        let answer = client.next()?;
        match Message::decode(&answer).unwrap() {
            Message::Welcome(_) => Some(Ok(client)),
            Message::Refuse { status, message } => Some(Err((status, message.into()))),
            other => panic!("neither welcome nor refuse: {other:?}"),
        }
    }

    /// The next frame; `None` at the end of the stream.
    pub fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.buffered() {
                return Some(frame);
            }
            if self.read_some(1 << 20) == 0 {
                return None;
            }
        }
    }

    /// Sends the pong for a ping, unless the peer is gone.
    pub fn pong(&mut self, token: u64) {
        let mut pong = Vec::new();
        encode_pong(&mut pong, token);
        self.stream.write_all(&pong).ok();
    }

    /// A frame that has already arrived.
    pub fn buffered(&mut self) -> Option<Frame> {
        self.frames.pop_front()
    }

    /// Reads once, at most `most` bytes; returns how many came, 0 at the end.
    pub fn read_some(&mut self, most: usize) -> usize {
        let mut bytes = vec![0; most];
        let count = self.stream.read(&mut bytes).unwrap_or(0);
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            let room = self.buffer.room().unwrap();
            let (now, later) = rest.split_at(rest.len().min(room.capacity() - room.len()));
            room.append(now).unwrap();
            rest = later;
            while let Some(frame) = self.buffer.next_frame().unwrap() {
                self.frames.push_back(frame);
            }
        }
        count
    }
}
