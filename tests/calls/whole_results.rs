//! Once a delegate can know that its caller no longer waits, no reply of it reaches the caller: not even a
//! caller whose own clock is a little behind, which would take half a sum for a whole one.

use std::io::Write;
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::raw::{self, RawClient};
use crate::support::watched;
use callgate::unstable::wire::{encode_cancel, CallHeader, Message};
use callgate::{CallOptions, Client, Error, Execution, Host, InboundCall, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// Waits until the caller no longer waits, and replies all the same, in the way that the method's name
/// says.
fn answer_late(call: InboundCall) {
    if call.method() == "Defer" {
        thread::spawn(move || {
            assert!(call.wait_cancelled(None));
            call.reply(&"half").unwrap();
        });
        return;
    }
    while !call.is_cancelled() {
        std::hint::spin_loop();
    }
    match call.method() {
        "Reply" => call.reply(&"half"),
        "ReplyFromArguments" => call.reply_from_arguments(|arguments| &arguments[1..]),
        _ => call.fail(Error::remote_error("Stopped", "it was asked to stop")),
    }
    .unwrap();
}

/// A host whose delegate reports when a call has begun; and those reports.
fn host() -> (Host, String, mpsc::Receiver<()>) {
    let (begin, begun) = mpsc::channel();
    let begin = Mutex::new(begin);
    let delegate = Arc::new(move |call: InboundCall| {
        begin.lock().unwrap().send(()).ok();
        answer_late(call);
    });
    let endpoint = raw::endpoint("whole");
    let host = Host::builder()
        .endpoint(&endpoint)
        .delegate_factory(move |_, _| Ok(Some(delegate.clone())))
        .start()
        .unwrap();
    (host, endpoint, begun)
}

fn call_frame(id: u64, method: &str, timeout_ms: Option<u64>) -> Vec<u8> {
    let header = CallHeader {
        id,
        flags: 0,
        interface: "ISum".into(),
        method: method.into(),
        signature: None,
        timeout_ms,
        lane: 0,
        parent: None,
        metadata: None,
    };
    let arguments = [0x91, 0xa4, b'h', b'a', b'l', b'f'];
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(&arguments);
    frame
}

/// The next reply, which must be an error; its id, status, execution and message.
fn next_error(client: &mut RawClient) -> (u64, i64, i64, String) {
    let frame = client.next().expect("an answer");
    match Message::decode(&frame).unwrap() {
        Message::Error(error, _) => {
            (error.id, error.status, error.execution, error.message.to_owned())
        }
        other => panic!("a result that nobody waits for: {other:?}"),
    }
}

fn code(status: Status) -> i64 {
    status.code().into()
}

const RAN: i64 = Execution::Ran as i64;

#[test]
fn a_result_given_after_the_deadline_leaves_as_an_error() {
    watched(LIMIT, || {
        let (host, endpoint, _begun) = host();
        let mut client = RawClient::connect(&endpoint);
        for (id, method) in (1..).zip(["Reply", "ReplyFromArguments", "Defer"]) {
            client.stream.write_all(&call_frame(id, method, Some(30))).unwrap();
            let (answered, status, execution, message) = next_error(&mut client);
            assert_eq!((answered, status, execution), (id, code(Status::TimedOut), RAN));
            assert!(message.contains("deadline"), "{message}");
        }
        drop(client);
        host.close().unwrap();
    });
}

#[test]
fn a_result_given_after_a_cancel_leaves_as_an_error() {
    watched(LIMIT, || {
        let (host, endpoint, begun) = host();
        let mut client = RawClient::connect(&endpoint);
        for (id, method) in (1..).zip(["Reply", "ReplyFromArguments", "Defer"]) {
            client.stream.write_all(&call_frame(id, method, None)).unwrap();
            begun.recv().unwrap();
            let mut cancel = Vec::new();
            encode_cancel(&mut cancel, id);
            client.stream.write_all(&cancel).unwrap();
            let (answered, status, execution, message) = next_error(&mut client);
            assert_eq!((answered, status, execution), (id, code(Status::Cancelled), RAN));
            assert!(message.contains("cancelled"), "{message}");
        }
        drop(client);
        host.close().unwrap();
    });
}

#[test]
fn an_error_given_after_the_deadline_is_what_the_caller_would_say_itself() {
    watched(LIMIT, || {
        let (host, endpoint, _begun) = host();
        let mut client = RawClient::connect(&endpoint);
        client.stream.write_all(&call_frame(1, "Fail", Some(30))).unwrap();
        let (_, status, execution, message) = next_error(&mut client);
        assert_eq!((status, execution), (code(Status::TimedOut), RAN));
        assert!(message.contains("deadline"), "{message}");
        drop(client);
        host.close().unwrap();
    });
}

#[test]
fn no_caller_ever_takes_half_a_result_for_a_whole_one() {
    watched(LIMIT, || {
        let (host, endpoint, _begun) = host();
        let client = Client::connect(&endpoint).unwrap();
        let sums = client.proxy("ISum").unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(20));
        for _ in 0..50 {
            for method in ["Reply", "Defer"] {
                let outcome = sums.call_with::<String>(method, &(), &soon);
                assert_eq!(outcome.map_err(|error| error.status()), Err(Status::TimedOut));
            }
        }
        client.close().unwrap();
        host.close().unwrap();
    });
}
