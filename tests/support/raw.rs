//! A peer that speaks the protocol by hand, so that it can misbehave.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use callgate::unstable::wire::{
    encode_hello, encode_pong, encode_welcome, CallHeader, Frame, FrameBuffer, Hello, Message,
    PeerLimits,
};
use callgate::unstable::wire::{OneWayHeader, Welcome, Who, VERSION};

/// The largest frame that the raw peer accepts.
const FRAME: u64 = 1 << 27;

/// Connects to the host at an endpoint, `unix://` or `tcp://`. Reading and writing do not depend on the kind
/// of socket.
pub fn dial(endpoint: &str) -> UnixStream {
    match endpoint.split_once("://") {
        Some(("unix", path)) => UnixStream::connect(path).unwrap(),
        Some(("tcp", address)) => OwnedFd::from(TcpStream::connect(address).unwrap()).into(),
        _ => panic!("no raw peer for {endpoint}"),
    }
}

/// The hello of a client that offers these features, with these limits for what the host may send.
pub fn hello(offered: &[&'static str], takes: PeerLimits) -> Vec<u8> {
    let hello = Hello {
        min_version: VERSION,
        max_version: VERSION,
        offered: offered.iter().map(|&feature| feature.into()).collect(),
        required: Vec::new(),
        limits: takes,
        who: Who::default(),
    };
    let mut bytes = Vec::new();
    encode_hello(&mut bytes, &hello);
    bytes
}

/// A client without the library's connection code.
pub struct RawClient {
    pub stream: UnixStream,
    buffer: FrameBuffer,
    frames: VecDeque<Frame>,
}

impl RawClient {
    /// Connects and completes the handshake.
    pub fn connect(path: &Path) -> RawClient {
        RawClient::ask(path).expect("a welcome")
    }

    /// The same, at an endpoint of either kind.
    pub fn connect_to(endpoint: &str) -> RawClient {
        RawClient::introduce(dial(endpoint), PeerLimits::default()).expect("a welcome")
    }

    /// Connects and introduces itself; if the host refuses, returns its status and message.
    pub fn ask(path: &Path) -> Result<RawClient, (i64, String)> {
        RawClient::ask_taking(path, PeerLimits::default())
    }

    /// The same, with these limits for what the host may send.
    pub fn ask_taking(path: &Path, takes: PeerLimits) -> Result<RawClient, (i64, String)> {
        RawClient::introduce(UnixStream::connect(path).unwrap(), takes)
    }

    /// Introduces itself over a stream.
    pub fn introduce(stream: UnixStream, takes: PeerLimits) -> Result<RawClient, (i64, String)> {
        RawClient::offer(stream, takes).expect("an answer")
    }

    /// The same; `None` if the host ends the stream without an answer.
    pub fn offer(
        mut stream: UnixStream,
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

/// A host without the library's connection code.
pub enum RawHost {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl RawHost {
    /// Listens at a path where nothing is yet.
    pub fn listen(path: &Path) -> RawHost {
        RawHost::Unix(UnixListener::bind(path).unwrap())
    }

    /// One host at this path, and one on TCP.
    pub fn on_each_transport(path: &Path) -> [RawHost; 2] {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        [RawHost::listen(path), RawHost::Tcp(tcp)]
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        match self {
            RawHost::Unix(listener) => {
                let address = listener.local_addr().unwrap();
                format!("unix://{}", address.as_pathname().expect("it has a path").display())
            }
            RawHost::Tcp(listener) => format!("tcp://{}", listener.local_addr().unwrap()),
        }
    }

    /// Waits for a client, and returns its stream before anything was read.
    pub fn accept_stream(&self) -> UnixStream {
        match self {
            RawHost::Unix(listener) => listener.accept().unwrap().0,
            RawHost::Tcp(listener) => OwnedFd::from(listener.accept().unwrap().0).into(),
        }
    }

    /// Waits for a client, reads its hello, and welcomes it; returns this end of the connection.
    pub fn accept(&self) -> RawClient {
        self.accept_taking(PeerLimits::default())
    }

    /// The same, with these limits for what the client may send.
    pub fn accept_taking(&self, takes: PeerLimits) -> RawClient {
        let stream = self.accept_stream();
        let buffer = FrameBuffer::new(FRAME as usize);
        let mut client = RawClient { stream, buffer, frames: VecDeque::new() };
        let hello = client.next().expect("a hello");
        assert!(matches!(Message::decode(&hello), Ok(Message::Hello(_))));
        let welcome = Welcome {
            version: VERSION,
            features: Vec::new(),
            limits: PeerLimits { frame: FRAME, ..takes },
            connection_id: 1,
            who: Who::default(),
        };
        let mut bytes = Vec::new();
        encode_welcome(&mut bytes, &welcome);
        client.stream.write_all(&bytes).unwrap();
        client
    }
}

/// The complete frame of a call.
pub fn call_frame(id: u64, interface: &str, method: &str, arguments: &[u8]) -> Vec<u8> {
    call_frame_in(id, id, interface, method, arguments)
}

/// The complete frame of a call in a lane.
pub fn call_frame_in(
    lane: u64,
    id: u64,
    interface: &str,
    method: &str,
    arguments: &[u8],
) -> Vec<u8> {
    let header = CallHeader {
        id,
        flags: 0,
        interface: interface.into(),
        method: method.into(),
        signature: None,
        timeout_ms: None,
        lane,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(arguments);
    frame
}

/// The complete frame of a one-way call.
pub fn one_way_frame(interface: &str, method: &str, arguments: &[u8]) -> Vec<u8> {
    let header = OneWayHeader {
        flags: 0,
        interface: interface.into(),
        method: method.into(),
        signature: None,
        lane: 1,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(arguments);
    frame
}
