//! A client that speaks the protocol by hand: it sends one-way calls in batches of a fixed size, each in one
//! write that the host receives in one read.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use callgate::unstable::wire::{
    encode_hello, CallHeader, Hello, Message, OneWayHeader, PeerLimits, Who, VERSION,
};

/// How many one-way calls are in a batch: few enough that the host, under callgrind, runs them before they
/// count as long.
const BATCH: u64 = 16;

/// Makes this many one-way calls. Behind each batch it makes a call of the same lane, and waits for the
/// reply, so that the next batch finds the host idle.
pub fn send(endpoint: &str, calls: u64) {
    let path = endpoint.strip_prefix("unix://").expect("an endpoint of a Unix socket");
    let mut stream = UnixStream::connect(path).expect("a host");
    stream.write_all(&hello()).expect("the host reads");
    receive(&mut stream);
    let notes = note().repeat(BATCH as usize);
    for id in 1..=calls / BATCH {
        stream.write_all(&[notes.as_slice(), &count(id)].concat()).expect("the host reads");
        // The host also grants credit.
        while !matches!(Message::decode(&receive(&mut stream)), Ok(Message::Reply { .. })) {}
    }
}

/// Reads one frame, and returns it without its length.
fn receive(stream: &mut UnixStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).expect("the host writes");
    let mut frame = vec![0; u32::from_le_bytes(length) as usize];
    stream.read_exact(&mut frame).expect("the host writes");
    frame
}

fn hello() -> Vec<u8> {
    let hello = Hello {
        min_version: VERSION,
        max_version: VERSION,
        offered: Vec::new(),
        required: Vec::new(),
        limits: PeerLimits::default(),
        who: Who::default(),
    };
    let mut frame = Vec::new();
    encode_hello(&mut frame, &hello);
    frame
}

/// A one-way call with the argument 1.
fn note() -> Vec<u8> {
    const ARGUMENTS: &[u8] = &[0x91, 1];
    let header = OneWayHeader {
        flags: 0,
        interface: "ILog".into(),
        method: "Note".into(),
        signature: None,
        lane: 1,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, ARGUMENTS.len());
    frame.extend_from_slice(ARGUMENTS);
    frame
}

/// A call without arguments, whose reply follows the one-way calls before it.
fn count(id: u64) -> Vec<u8> {
    const ARGUMENTS: &[u8] = &[0x90];
    let header = CallHeader {
        id,
        flags: 0,
        interface: "ILog".into(),
        method: "Count".into(),
        signature: None,
        timeout_ms: None,
        lane: 1,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, ARGUMENTS.len());
    frame.extend_from_slice(ARGUMENTS);
    frame
}
