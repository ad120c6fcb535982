//! Peers that make a host run as many calls as their limits allow, on many connections at once.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crate::support::gate::Gate;
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::{system, watched};
use callgate::unstable::wire::{encode_ping, Message};
use callgate::{Connection, Execution, Host, InboundCall, Limits, Status};

const LIMIT: Duration = Duration::from_secs(120);
const CONNECTIONS: usize = 4;
const CALLS: u64 = 600;

/// The limit of threads, and a few for accepting, watching and the test itself.
const MOST_THREADS: usize = 2048 + CONNECTIONS + 16;

fn call(client: &mut RawClient, id: u64) {
    client.stream.write_all(&call_frame(id, "IScene", "Hold", &[0x90])).unwrap();
}

/// Reads until the host has read everything sent so far; returns how many calls it refused meanwhile.
fn refused_by_now(client: &mut RawClient) -> u64 {
    let mut ping = Vec::new();
    encode_ping(&mut ping, 1);
    client.stream.write_all(&ping).unwrap();
    let mut refused = 0;
    loop {
        let frame = client.next().expect("the connection goes on");
        match Message::decode(&frame).unwrap() {
            Message::Pong { .. } => return refused,
            Message::Error(error, _) => {
                assert_eq!(error.status, i64::from(Status::LimitExceeded.code()));
                assert_eq!(error.execution, i64::from(Execution::NotRun.code()));
                refused += 1;
            }
            other => panic!("neither a pong nor an error: {other:?}"),
        }
    }
}

/// All connections together could make the host run 2,400 calls at once.
#[test]
fn calls_that_would_take_too_many_threads_are_refused() {
    const TEST: &str = "threads::calls_that_would_take_too_many_threads_are_refused";
    if let Some(endpoint) = process::role() {
        return hold_in_a_child(&endpoint);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("threads");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let connect = |_| {
            let mut client = RawClient::connect(&endpoint);
            // The host learns that the method is slow, and no longer runs it on the reading thread.
            call(&mut client, 1);
            client.next().expect("a reply");
            client
        };
        let mut clients: Vec<_> = (0..CONNECTIONS).map(connect).collect();
        assert_eq!(child.ask("hold"), "holding");
        for client in &mut clients {
            (2..2 + CALLS).for_each(|id| call(client, id));
        }
        let refused: Vec<u64> = clients.iter_mut().map(refused_by_now).collect();
        let threads = system::threads(child.id());
        assert!(threads <= MOST_THREADS, "{threads} threads");
        assert!(refused.iter().sum::<u64>() > 0, "none was refused");
        assert_eq!(child.ask("go on"), "open");
        for (client, refused) in clients.iter_mut().zip(refused) {
            for _ in refused..CALLS {
                let frame = client.next().expect("a reply to each call that runs");
                assert!(matches!(Message::decode(&frame), Ok(Message::Reply { .. })));
            }
        }
    });
}

fn hold_in_a_child(endpoint: &str) {
    let (gate, holds) = (Arc::new(Gate::default()), Arc::new(AtomicBool::new(false)));
    let scene = (gate.clone(), holds.clone());
    let mut limits = Limits::default();
    limits.connections = CONNECTIONS;
    limits.running_calls = CALLS as usize;
    let _host = Host::builder()
        .endpoint(endpoint)
        .delegate("IScene", move |_: &Connection| {
            let (gate, holds) = scene.clone();
            move |call: InboundCall| {
                if holds.load(Ordering::SeqCst) {
                    gate.pass();
                } else {
                    std::thread::sleep(Duration::from_millis(50));
                }
                call.reply(&()).ok();
            }
        })
        .limits(limits)
        .start()
        .unwrap();
    process::tell("listening");
    for order in process::orders() {
        if order == "hold" {
            holds.store(true, Ordering::SeqCst);
            process::tell("holding");
        } else {
            gate.open();
            process::tell("open");
        }
    }
}
