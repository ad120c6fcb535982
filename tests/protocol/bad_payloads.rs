//! Payloads that cannot be decoded: they affect their own call, and nothing else.

use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::{check_value, Message};
use callgate::{Connection, Error, Execution, Host, InboundCall, Status};
use serde::de::IgnoredAny;
use serde::Deserialize;

use crate::script::SocketPath;
use crate::support::raw::{call_frame, RawClient};
use crate::support::{sanitizer, watched};

const LIMIT: Duration = Duration::from_secs(60);

/// As little as a careful program gives a thread.
const SMALL_STACK: u64 = 256 * 1024;

/// Nests as deep as the bytes do.
#[derive(Deserialize)]
struct Nest(#[allow(dead_code)] Vec<Nest>);

/// The same with maps of one entry, as enums are sent.
#[derive(Deserialize)]
enum Chain {
    Link(#[allow(dead_code)] Box<Chain>),
    End,
}

/// An argument that is a chain of `links` links.
fn chain(links: usize) -> Vec<u8> {
    [&b"\x91"[..], &b"\x81\xa4Link".repeat(links), b"\xa3End"].concat()
}

/// `depth` nested arrays.
fn nested(depth: usize) -> Vec<u8> {
    let mut bytes = vec![0x91; depth - 1];
    bytes.push(0x90);
    bytes
}

fn on_a_small_stack<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let size = sanitizer::bound(SMALL_STACK) as usize;
    thread::Builder::new().stack_size(size).spawn(work).unwrap().join().unwrap()
}

/// Decodes in the way that the method's name says, and replies with the result.
fn decode(call: InboundCall) {
    let outcome = match call.method() {
        "Nest" => call.args::<(Nest,)>().map(drop),
        "Chain" => call.args::<(Chain,)>().map(drop),
        "Skip" => call.args::<(IgnoredAny,)>().map(drop),
        _ => call.args::<(i64, String)>().map(drop),
    };
    let answered = match outcome {
        Ok(()) => call.reply(&true),
        Err(error) => call.fail(error),
    };
    answered.unwrap();
}

fn outcome(client: &mut RawClient, id: u64, method: &str, arguments: &[u8]) -> Result<(), Error> {
    client.stream.write_all(&call_frame(id, "INest", method, arguments)).unwrap();
    let answer = client.next().expect("the connection goes on");
    match Message::decode(&answer).unwrap() {
        Message::Reply { .. } => Ok(()),
        Message::Error(header, _) => {
            let status = Status::from_code(header.status as i32).unwrap();
            let execution = Execution::from_code(header.execution as i32).unwrap();
            Err(Error::new(status, header.message).with_execution(execution))
        }
        other => panic!("neither reply nor error: {other:?}"),
    }
}

#[test]
fn what_does_not_decode_fails_its_call_alone() {
    watched(LIMIT, || {
        let socket = SocketPath::new();
        let host = Host::builder()
            .endpoint(&socket.endpoint())
            .delegate("INest", |_: &Connection| |call| on_a_small_stack(move || decode(call)))
            .start()
            .unwrap();
        let mut client = RawClient::connect(&socket.endpoint());
        let bad = [
            ("Plain", b"\xc1".to_vec()),
            ("Plain", b"\x92\x01".to_vec()),
            ("Plain", b"\x92\x01\xa5ab".to_vec()),
            ("Plain", b"\x92\x01\xa2\xc3\x28".to_vec()),
            ("Plain", b"\x92\x01\xa1a\xc0".to_vec()),
            ("Plain", b"\x93\x01\xa1a\xc0".to_vec()),
            ("Plain", b"\x91\x01".to_vec()),
            ("Plain", b"\x80".to_vec()),
            ("Plain", b"\xdd\xff\xff\xff\xff\x01".to_vec()),
            ("Plain", b"\x92\x01\xdb\xff\xff\xff\xffa".to_vec()),
            ("Nest", b"\x91\xdd\xff\xff\xff\xff".to_vec()),
            ("Skip", b"\x91\xdf\xff\xff\xff\xff".to_vec()),
            ("Skip", b"\x91\xc1".to_vec()),
            ("Nest", nested(65)),
            ("Skip", nested(65)),
            ("Nest", nested(200)),
            ("Skip", nested(200)),
            ("Nest", nested(1_000_000)),
            ("Skip", nested(1_000_000)),
            ("Skip", b"\x81\xc0".repeat(1_000_000)),
            ("Chain", chain(64)),
            ("Chain", chain(200)),
            ("Chain", chain(1_000_000)),
            ("Chain", b"\x91\x81\xc1".to_vec()),
        ];
        for (number, (method, arguments)) in bad.iter().enumerate() {
            let id = 2 * number as u64 + 1;
            let start = &arguments[..arguments.len().min(8)];
            let error = outcome(&mut client, id, method, arguments).expect_err(method);
            assert_eq!(error.status(), Status::ContractMismatch, "{method} {start:x?}: {error}");
            assert_eq!(error.execution(), Execution::NotRun, "{method} {start:x?}: {error}");
            assert!(error.message().contains(method), "{error}");
            outcome(&mut client, id + 1, "Plain", b"\x92\x01\xa1a").unwrap();
        }
        let good = [("Nest", nested(64)), ("Skip", nested(64)), ("Chain", chain(63))];
        for (id, (method, arguments)) in (1000..).zip(&good) {
            outcome(&mut client, id, method, arguments).unwrap();
        }
        host.close().unwrap();
    });
}

#[test]
fn checking_a_value_needs_no_stack() {
    on_a_small_stack(|| {
        check_value(&nested(64)).unwrap();
        for bytes in [nested(65), nested(200), nested(1_000_000), b"\x81\xc0".repeat(1_000_000)] {
            check_value(&bytes).unwrap_err();
        }
        // Wide, not deep: ten million values side by side.
        let mut wide = vec![0xdd];
        wide.extend_from_slice(&10_000_000_u32.to_be_bytes());
        wide.resize(wide.len() + 10_000_000, 0x90);
        check_value(&wide).unwrap();
    });
}

#[test]
fn a_result_that_nests_too_deep_fails_on_a_small_stack() {
    watched(LIMIT, || {
        let socket = SocketPath::new();
        let endpoint = socket.endpoint();
        let deep = Arc::new(nested(1_000_000));
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("INest", move |_: &Connection| {
                let deep = deep.clone();
                move |call: InboundCall| call.reply_bytes(&deep).unwrap()
            })
            .start()
            .unwrap();
        let client = callgate::Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("INest").unwrap();
        let error =
            on_a_small_stack(move || proxy.call::<Nest>("Deep", &()).map(drop).unwrap_err());
        assert_eq!(error.status(), Status::ContractMismatch, "{error}");
        assert_eq!(error.execution(), Execution::Ran);
        client.close().unwrap();
        host.close().unwrap();
    });
}
