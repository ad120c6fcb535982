//! Calls that arrive together get their replies together, which must affect nothing but speed: no reply
//! waits for a slow call, and each comes once.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crate::support::gate::{Gate, Opened};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::watched;
use callgate::unstable::wire::Message;
use callgate::{Connection, Host, InboundCall};

const LIMIT: Duration = Duration::from_secs(60);

/// No arguments.
const NONE: &[u8] = &[0x90];

/// A host whose method `Wait` waits at the gate, after replying if its name says so. It counts the replies
/// to `Ask` that were accepted.
fn host(gate: &Arc<Gate>, asked: &Arc<AtomicUsize>) -> (Host, RawClient) {
    let (gate, asked) = (gate.clone(), asked.clone());
    let serve = move |call: InboundCall| match call.method() {
        "Wait" => {
            gate.pass();
            call.reply(&true).unwrap();
        }
        "ReplyAndWait" => {
            call.reply(&true).unwrap();
            gate.pass();
        }
        // A closing host accepts no more replies.
        _ => {
            if call.reply(&true).is_ok() {
                asked.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    let serve = Arc::new(serve);
    let endpoint = raw::endpoint("together");
    let host = Host::builder()
        .endpoint(&endpoint)
        .delegate("IWorker", move |_: &Connection| {
            let serve = serve.clone();
            move |call: InboundCall| serve(call)
        })
        .start()
        .unwrap();
    let client = RawClient::connect(&endpoint);
    (host, client)
}

/// Sends calls of these methods in one write, with ids from `first` on.
fn send(client: &mut RawClient, first: u64, methods: &[&str]) {
    let calls = (first..).zip(methods);
    let bytes: Vec<u8> = calls.flat_map(|(id, it)| call_frame(id, "IWorker", it, NONE)).collect();
    client.stream.write_all(&bytes).unwrap();
}

/// The ids of the next replies.
fn replies(client: &mut RawClient, count: usize) -> Vec<u64> {
    let next = || {
        let frame = client.next().expect("a reply");
        match Message::decode(&frame).unwrap() {
            Message::Reply { id, .. } => id,
            other => panic!("not a reply: {other:?}"),
        }
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn each_is_answered_once() {
    watched(LIMIT, || {
        let (host, mut client) = host(&Arc::default(), &Arc::default());
        for round in 0..200 {
            let (first, count) = (1 + 100 * round, 1 + round as usize % 60);
            send(&mut client, first, &vec!["Ask"; count]);
            // They are in different lanes: a delayed thread does not delay the others.
            let mut answered = replies(&mut client, count);
            answered.sort_unstable();
            assert_eq!(answered, (first..first + count as u64).collect::<Vec<_>>());
        }
        host.close().unwrap();
    });
}

#[test]
fn answers_do_not_wait_for_a_later_call_that_takes_long() {
    watched(LIMIT, || {
        let gate = Arc::<Gate>::default();
        let _opened = Opened(&gate);
        let (host, mut client) = host(&gate, &Arc::default());
        // The delegate exists, and its methods are not known to be slow.
        send(&mut client, 1, &["Ask"]);
        assert_eq!(replies(&mut client, 1), [1]);
        send(&mut client, 2, &["Ask", "Ask", "Wait", "Ask"]);
        let mut answered = replies(&mut client, 3);
        answered.sort_unstable();
        assert_eq!(answered, [2, 3, 5], "while the other waits at the gate");
        gate.wait_for(1);
        gate.open();
        assert_eq!(replies(&mut client, 1), [4]);
        host.close().unwrap();
    });
}

#[test]
fn an_answer_does_not_wait_for_its_own_delegate_to_return() {
    watched(LIMIT, || {
        let gate = Arc::<Gate>::default();
        let _opened = Opened(&gate);
        let (host, mut client) = host(&gate, &Arc::default());
        send(&mut client, 1, &["Ask"]);
        assert_eq!(replies(&mut client, 1), [1]);
        send(&mut client, 2, &["ReplyAndWait", "Ask"]);
        let mut answered = replies(&mut client, 2);
        answered.sort_unstable();
        assert_eq!(answered, [2, 3], "while the delegate waits at the gate");
        gate.open();
        host.close().unwrap();
    });
}

#[test]
fn a_host_that_closes_sends_what_it_has_answered() {
    watched(LIMIT, || {
        for round in 0..50 {
            let asked = Arc::default();
            let (host, mut client) = host(&Arc::default(), &asked);
            let count = 1 + round % 40;
            send(&mut client, 1, &vec!["Ask"; count]);
            assert_eq!(replies(&mut client, 1).len(), 1);
            let closing = std::thread::spawn(move || host.close().unwrap());
            let mut replies = 1;
            while let Some(frame) = client.next() {
                match Message::decode(&frame).unwrap() {
                    Message::Reply { .. } => replies += 1,
                    // The host waits for the pong, for a second at most.
                    Message::Ping { token } => client.pong(token),
                    _ => {}
                }
            }
            drop(client);
            closing.join().unwrap();
            assert_eq!(replies, asked.load(Ordering::SeqCst));
        }
    });
}
