//! The floors: a raw ping-pong in the plainest code.

use std::io::{Error, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::{Duration, Instant};

use callgate::wire::{encode_reply, CallHeader};

/// How long the looking floor looks before it blocks.
const LOOK: Duration = Duration::from_micros(20);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Blocking,
    Looking,
}

/// The sizes of a null call's two frames, lengths included.
fn sizes() -> (usize, usize) {
    let header = CallHeader {
        id: 100_000,
        flags: 0,
        interface: "ICalculator",
        method: "Add",
        signature: None,
        timeout_ms: Some(30_000),
        lane: 1 << 20,
        parent: None,
        metadata: None,
    };
    let (arguments, result) = (3, 1);
    let (mut call, mut reply) = (Vec::new(), Vec::new());
    header.encode(&mut call, arguments);
    encode_reply(&mut reply, header.id, 0, result);
    (call.len() + arguments, reply.len() + result)
}

/// Reads as many bytes as there is room for; false at the end of the stream.
fn read(stream: &UnixStream, bytes: &mut [u8], reading: Reading) -> bool {
    let mut filled = 0;
    let begun = Instant::now();
    while filled < bytes.len() {
        let looking = reading == Reading::Looking && begun.elapsed() < LOOK;
        let flags = if looking { libc::MSG_DONTWAIT } else { 0 };
        let rest = &mut bytes[filled..];
        // SAFETY: the rest is writable for its length.
        let count =
            unsafe { libc::recv(stream.as_raw_fd(), rest.as_mut_ptr().cast(), rest.len(), flags) };
        match count {
            0 => return false,
            1.. => filled += count as usize,
            _ if looking && Error::last_os_error().kind() == ErrorKind::WouldBlock => {}
            _ => return false,
        }
    }
    true
}

/// Answers pings at that path, on a thread of its own.
pub fn serve(path: &str, reading: Reading) {
    let listener = UnixListener::bind(path).expect("the path is free");
    let path = path.to_owned();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the client connects");
        std::fs::remove_file(path).ok();
        let (ping, pong) = sizes();
        let mut question = vec![0; ping];
        let answer = vec![0; pong];
        while read(&stream, &mut question, reading) && stream.write_all(&answer).is_ok() {}
    });
}

/// The asking end of a floor.
pub struct Floor {
    stream: UnixStream,
    reading: Reading,
    question: Vec<u8>,
    answer: Vec<u8>,
}

impl Floor {
    pub fn connect(path: &str, reading: Reading) -> Floor {
        let stream = UnixStream::connect(path).expect("the floor is served");
        let (ping, pong) = sizes();
        Floor { stream, reading, question: vec![0; ping], answer: vec![0; pong] }
    }

    /// One ping-pong; how long it took, in µs.
    pub fn ping(&mut self) -> f64 {
        let begun = Instant::now();
        self.stream.write_all(&self.question).expect("the floor listens");
        assert!(read(&self.stream, &mut self.answer, self.reading), "the floor answers");
        begun.elapsed().as_secs_f64() * 1e6
    }
}
