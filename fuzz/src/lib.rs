//! What a peer may send on a connection: valid messages in any order, and arbitrary bytes.

#[cfg(feature = "modelled")]
pub mod connections;
mod opening;

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use callgate::unstable::wire::{
    encode_cancel, encode_credit, encode_goodbye, encode_part, encode_ping, encode_pong,
    encode_reply, CallHeader, ErrorHeader, OneWayHeader,
};
use callgate::InboundCall;
pub use opening::Opening;

/// The interface and the methods that the other side serves.
pub const INTERFACE: &str = "IFuzzed";
const NAMES: [&str; 6] = [INTERFACE, "IOther", "Echo", "CallBack", "Fail", "\u{0}"];

/// How many threads this process has.
pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux").count()
}

/// Waits until this process has no more threads than before an input. What a thread holds that is just ending
/// would count as leaked.
pub fn await_threads(before: usize) {
    let patience = Instant::now() + Duration::from_secs(30);
    while threads() > before {
        assert!(Instant::now() < patience, "a client that has closed leaves threads behind");
        thread::yield_now();
    }
}

/// One thing that a peer does. Numbers are small, so that they meet one another.
#[derive(Arbitrary, Debug)]
pub enum Step<'a> {
    Call {
        id: u8,
        interface: u8,
        method: u8,
        timeout: Option<u8>,
        lane: u8,
        parent: Option<u8>,
        arguments: &'a [u8],
    },
    OneWay {
        interface: u8,
        method: u8,
        lane: u8,
        parent: Option<u8>,
        arguments: &'a [u8],
    },
    Reply {
        id: u8,
        flags: u8,
        result: &'a [u8],
    },
    Error {
        id: u8,
        status: i8,
        message: &'a str,
        data: &'a [u8],
    },
    Cancel {
        id: u8,
    },
    Credit {
        calls: u16,
        bytes: u16,
    },
    Part {
        transfer: u8,
        last: bool,
        bytes: &'a [u8],
    },
    Ping {
        token: u8,
    },
    Pong {
        token: u8,
    },
    Goodbye {
        status: i8,
        message: &'a str,
    },
    Bytes(&'a [u8]),
    /// Sends what was gathered so far, and reads what has arrived.
    Exchange,
    /// Ends sending.
    HalfClose,
}

fn name(number: u8) -> &'static str {
    NAMES[usize::from(number) % NAMES.len()]
}

impl Step<'_> {
    /// Appends the bytes of the step.
    pub fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Step::Call { id, interface, method, timeout, lane, parent, arguments } => {
                let header = CallHeader {
                    id: id.into(),
                    flags: 0,
                    interface: name(interface).into(),
                    method: name(method).into(),
                    signature: None,
                    timeout_ms: timeout.map(u64::from),
                    lane: lane.into(),
                    parent: parent.map(u64::from),
                    metadata: None,
                };
                header.encode(out, arguments.len());
                out.extend_from_slice(arguments);
            }
            Step::OneWay { interface, method, lane, parent, arguments } => {
                let header = OneWayHeader {
                    flags: 0,
                    interface: name(interface).into(),
                    method: name(method).into(),
                    signature: None,
                    lane: lane.into(),
                    parent: parent.map(u64::from),
                    metadata: None,
                };
                header.encode(out, arguments.len());
                out.extend_from_slice(arguments);
            }
            Step::Reply { id, flags, result } => {
                encode_reply(out, id.into(), flags.into(), result.len());
                out.extend_from_slice(result);
            }
            Step::Error { id, status, message, data } => {
                let header = ErrorHeader {
                    id: id.into(),
                    status: status.into(),
                    execution: 1,
                    type_name: None,
                    message,
                    trace: None,
                };
                header.encode(out, data.len());
                out.extend_from_slice(data);
            }
            Step::Cancel { id } => drop(encode_cancel(out, id.into())),
            Step::Credit { calls, bytes } => drop(encode_credit(out, calls.into(), bytes.into())),
            Step::Part { transfer, last, bytes } => {
                encode_part(out, transfer.into(), last, bytes.len());
                out.extend_from_slice(bytes);
            }
            Step::Ping { token } => drop(encode_ping(out, token.into())),
            Step::Pong { token } => drop(encode_pong(out, token.into())),
            Step::Goodbye { status, message } => drop(encode_goodbye(out, status.into(), message)),
            Step::Bytes(bytes) => out.extend_from_slice(bytes),
            Step::Exchange | Step::HalfClose => {}
        }
    }
}

/// Plays the steps over a stream, after its opening, and reads until the other side has ended it. Returns whether it
/// has, within a generous time.
pub fn play(mut stream: UnixStream, opening: Vec<u8>, steps: &[Step<'_>]) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(2))).expect("a timeout");
    let mut out = opening;
    for step in steps {
        step.write(&mut out);
        match step {
            Step::Exchange => {
                // The other side may have ended it already.
                let _ = stream.write_all(&std::mem::take(&mut out));
                let _ = stream.read(&mut [0; 4096]);
            }
            Step::HalfClose => drop(stream.shutdown(std::net::Shutdown::Write)),
            _ => {}
        }
    }
    let _ = stream.write_all(&out);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    loop {
        match stream.read(&mut [0; 65536]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(_) => return true,
        }
    }
}

/// The argument of a call that has one.
pub fn echo(call: &InboundCall) -> Vec<u8> {
    call.arguments().get(1..).filter(|argument| !argument.is_empty()).unwrap_or(&[0xc0]).to_vec()
}

/// The path of a socket that no other process uses.
pub fn socket(name: &str) -> String {
    std::env::temp_dir()
        .join(format!("callgate-fuzz-{name}-{}", std::process::id()))
        .display()
        .to_string()
}
