//! The system runs out of threads, or of mappings of memory.

use std::io::Write;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::support::gate::Gate;
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::{binary, calculator_host, sanitizer, system, watched};
use callgate::unstable::wire::{encode_ping, Message};
use callgate::{Connection, InboundCall, Limits};

const LIMIT: Duration = Duration::from_secs(240);

/// Takes all mappings that the system allows this process.
fn take_all_mappings() -> Vec<*mut libc::c_void> {
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let map = |access| {
        // SAFETY: the system chooses a place where nothing is.
        let start = unsafe { libc::mmap(ptr::null_mut(), 4096, access, kind, -1, 0) };
        Some(start).filter(|start| *start != libc::MAP_FAILED)
    };
    // Neighbours of equal access would become one mapping.
    (0..1 << 20).map_while(|n| map([libc::PROT_NONE, libc::PROT_READ][n % 2])).collect()
}

fn give_back(mappings: Vec<*mut libc::c_void>) {
    for start in mappings {
        // SAFETY: it was mapped here, and nobody uses it.
        unsafe { libc::munmap(start, 4096) };
    }
}

/// A host in a child process, which runs short of something on request.
fn host_in_a_child(endpoint: &str) {
    let (gate, holds) = (Arc::new(Gate::default()), Arc::new(AtomicBool::new(false)));
    let scene = (gate.clone(), holds.clone());
    let mut limits = Limits::default();
    limits.running_calls = 64;
    let _host = calculator_host(endpoint)
        .delegate("IScene", move |_: &Connection| {
            let (gate, holds) = scene.clone();
            move |call: InboundCall| {
                if holds.load(Ordering::SeqCst) {
                    gate.pass();
                } else {
                    thread::sleep(Duration::from_millis(50));
                }
                call.reply(&()).ok();
            }
        })
        .limits(limits)
        .start()
        .unwrap();
    let mut mappings = Vec::new();
    process::tell("listening");
    for order in process::orders() {
        match order.as_str() {
            "no threads" => {
                holds.store(true, Ordering::SeqCst);
                // Less than the stack of a thread.
                system::limit_address_space(system::address_space() + (1 << 20));
            }
            "threads" => {
                system::limit_address_space(u64::MAX);
                gate.open();
            }
            "no mappings" => mappings = take_all_mappings(),
            _ => give_back(std::mem::take(&mut mappings)),
        }
        process::tell("done");
    }
}

fn send(client: &mut RawClient, id: u64, interface: &str, method: &str, arguments: &[u8]) {
    client.stream.write_all(&call_frame(id, interface, method, arguments)).unwrap();
}

/// The next answer: nothing for a reply, status and execution for an error.
fn answer(client: &mut RawClient) -> Option<(i64, i64)> {
    let frame = client.next().expect("the connection goes on");
    match Message::decode(&frame).unwrap() {
        Message::Reply { .. } => None,
        Message::Error(error, _) => Some((error.status, error.execution)),
        other => panic!("no answer: {other:?}"),
    }
}

/// Limit exceeded, not run.
const REFUSED: (i64, i64) = (8, 0);

#[test]
fn without_threads_calls_are_refused_and_the_host_goes_on() {
    const TEST: &str = "resources::without_threads_calls_are_refused_and_the_host_goes_on";
    const CALLS: u64 = 40;
    if let Some(endpoint) = process::role() {
        return host_in_a_child(&endpoint);
    }
    if sanitizer::leaves_out("running out of threads, of which the sanitizer needs some") {
        return;
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("resources");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let mut client = RawClient::connect(&endpoint);
        // The host learns that the method is slow, and no longer runs it on the reading thread.
        send(&mut client, 1, "IScene", "Hold", &[0x90]);
        assert_eq!(answer(&mut client), None);
        assert_eq!(child.ask("no threads"), "done");
        (2..2 + CALLS).for_each(|id| send(&mut client, id, "IScene", "Hold", &[0x90]));
        let mut ping = Vec::new();
        encode_ping(&mut ping, 1);
        client.stream.write_all(&ping).unwrap();
        let mut refused = 0;
        loop {
            let frame = client.next().expect("the connection goes on");
            match Message::decode(&frame).unwrap() {
                Message::Pong { .. } => break,
                Message::Error(error, _) => assert_eq!((error.status, error.execution), REFUSED),
                other => panic!("{other:?}"),
            }
            refused += 1;
        }
        assert!(refused > 0, "a thread was found for each call");
        assert_eq!(child.ask("threads"), "done");
        (refused..CALLS).for_each(|_| assert_eq!(answer(&mut client), None));
        send(&mut client, 1000, "IScene", "Hold", &[0x90]);
        assert_eq!(answer(&mut client), None);
    });
}

#[test]
fn without_mappings_large_calls_are_refused_and_small_ones_run() {
    const TEST: &str = "resources::without_mappings_large_calls_are_refused_and_small_ones_run";
    if let Some(endpoint) = process::role() {
        return host_in_a_child(&endpoint);
    }
    if sanitizer::leaves_out("running out of mappings, of which the sanitizer needs some") {
        return;
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("resources");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let mut client = RawClient::connect(&endpoint);
        send(&mut client, 1, "ICalculator", "Add", &[0x92, 1, 2]);
        assert_eq!(answer(&mut client), None);
        assert_eq!(child.ask("no mappings"), "done");
        send(&mut client, 2, "ICalculator", "Echo", &binary(4 << 20));
        assert_eq!(answer(&mut client), Some(REFUSED));
        send(&mut client, 3, "ICalculator", "Add", &[0x92, 1, 2]);
        assert_eq!(answer(&mut client), None);
        assert_eq!(child.ask("mappings"), "done");
        send(&mut client, 4, "ICalculator", "Echo", &binary(4 << 20));
        assert_eq!(answer(&mut client), None);
    });
}
