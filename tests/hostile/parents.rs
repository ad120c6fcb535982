//! Calls that claim to be nested in calls that nobody waits for.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::{binary, system, watched};
use callgate::unstable::wire::{encode_ping, encode_reply, CallHeader, Message, OneWayHeader};
use callgate::{Connection, Host, InboundCall, Limits};

const LIMIT: Duration = Duration::from_secs(120);
const CHANNEL_FAULTED: i64 = 3;
const RUNNING: usize = 2;

/// What the delegates of a test's host do and see.
#[derive(Default)]
struct Scene {
    gate: Gate,
    running: AtomicUsize,
    most_running: AtomicUsize,
    notes: AtomicUsize,
    refused_notes: AtomicUsize,
}

impl Scene {
    fn serve(&self, call: InboundCall) {
        let replied = match call.method() {
            "Hold" => {
                let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
                self.most_running.fetch_max(running, Ordering::SeqCst);
                self.gate.pass();
                self.running.fetch_sub(1, Ordering::SeqCst);
                call.reply(&())
            }
            "Note" => {
                self.notes.fetch_add(1, Ordering::SeqCst);
                call.reply(&())
            }
            "CallBack" => {
                let callback = call.connection().proxy("ICallback").unwrap();
                call.reply_with(callback.call::<i64>("Ask", &()))
            }
            "Echo" => call.reply_from_arguments(|arguments| &arguments[1..]),
            _ => call.fail_no_method(),
        };
        // A peer that is gone needs no reply.
        replied.ok();
    }

    fn host(self: &Arc<Self>, endpoint: &str, limits: Limits) -> Host {
        let (scene, log) = (self.clone(), self.clone());
        Host::builder()
            .endpoint(endpoint)
            .delegate("IScene", move |_: &Connection| {
                let scene = scene.clone();
                move |call| scene.serve(call)
            })
            .log(move |event| {
                let refused = event.message.contains("one-way call IScene.Note failed");
                log.refused_notes.fetch_add(usize::from(refused), Ordering::SeqCst);
            })
            .limits(limits)
            .start()
            .unwrap()
    }
}

fn nested_frame(id: u64, parent: u64, lane: u64, method: &str) -> Vec<u8> {
    let header = CallHeader {
        id,
        flags: 0,
        interface: "IScene".into(),
        method: method.into(),
        signature: None,
        timeout_ms: None,
        lane,
        parent: Some(parent),
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, 1);
    frame.push(0x90);
    frame
}

fn nested_one_way_frame(parent: u64, lane: u64, method: &str) -> Vec<u8> {
    let header = OneWayHeader {
        flags: 0,
        interface: "IScene".into(),
        method: method.into(),
        signature: None,
        lane,
        parent: Some(parent),
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, 1);
    frame.push(0x90);
    frame
}

fn send(client: &mut RawClient, frame: &[u8]) {
    client.stream.write_all(frame).unwrap();
}

/// Makes the host call back; returns the id of the host's call, which still waits for its reply.
fn callback(client: &mut RawClient, id: u64) -> u64 {
    send(client, &call_frame(id, "IScene", "CallBack", &[0x90]));
    let frame = client.next().expect("the callback");
    match Message::decode(&frame).unwrap() {
        Message::Call(header, _) => header.id,
        other => panic!("not the callback: {other:?}"),
    }
}

/// Replies to the host's call, and reads the reply to the call that caused it.
fn finish_callback(client: &mut RawClient, id: u64) {
    let mut frame = Vec::new();
    encode_reply(&mut frame, id, 0, 1);
    frame.push(7);
    send(client, &frame);
    client.next().expect("the reply to the call that called back");
}

/// Waits until the host has read everything sent so far.
fn ping(client: &mut RawClient) {
    let mut frame = Vec::new();
    encode_ping(&mut frame, 1);
    send(client, &frame);
    let pong = client.next().expect("a pong");
    assert!(matches!(Message::decode(&pong), Ok(Message::Pong { .. })));
}

#[test]
fn a_parent_that_was_never_issued_ends_the_connection() {
    watched(LIMIT, || {
        let (scene, endpoint) = (Arc::new(Scene::default()), raw::endpoint("parents"));
        let _host = scene.host(&endpoint, Limits::default());
        for frame in [nested_frame(2, 2, 1, "Note"), nested_one_way_frame(2, 1, "Note")] {
            let mut client = RawClient::connect(&endpoint);
            let issued = callback(&mut client, 1);
            assert_eq!(issued, 1);
            send(&mut client, &frame);
            let goodbye = client.next().expect("a goodbye");
            match Message::decode(&goodbye).unwrap() {
                Message::Goodbye { status, message } => {
                    assert_eq!(status, CHANNEL_FAULTED);
                    assert!(message.contains("nested in call 2"), "{message}");
                }
                other => panic!("not a goodbye: {other:?}"),
            }
            assert!(client.next().is_none());
        }
        assert_eq!(scene.notes.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn calls_whose_parent_has_its_reply_run_within_the_limit_of_running_calls() {
    const CALLS: u64 = 40;
    watched(LIMIT, || {
        let (scene, endpoint) = (Arc::new(Scene::default()), raw::endpoint("parents"));
        let mut limits = Limits::default();
        limits.running_calls = RUNNING;
        let _host = scene.host(&endpoint, limits);
        let _opened = Opened(&scene.gate);
        let mut client = RawClient::connect(&endpoint);
        let parent = callback(&mut client, 1);
        finish_callback(&mut client, parent);
        for id in 2..2 + CALLS {
            send(&mut client, &nested_frame(id, parent, id, "Hold"));
        }
        scene.gate.wait_for(RUNNING);
        ping(&mut client);
        scene.gate.open();
        for _ in 0..CALLS {
            let reply = client.next().expect("a reply");
            assert!(matches!(Message::decode(&reply), Ok(Message::Reply { .. })));
        }
        assert_eq!(scene.most_running.load(Ordering::SeqCst), RUNNING);
    });
}

/// Nested calls that waited for their lane, and are refused then because too many run, need no threads.
#[test]
fn refusing_nested_calls_takes_no_threads() {
    const TEST: &str = "parents::refusing_nested_calls_takes_no_threads";
    const CALLS: u64 = 150;
    if let Some(endpoint) = process::role() {
        return hold_in_a_child(&endpoint);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("parents");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let mut client = RawClient::connect(&endpoint);
        let parent = callback(&mut client, 1);
        send(&mut client, &nested_one_way_frame(parent, 7, "Hold"));
        for id in 3..3 + CALLS {
            send(&mut client, &nested_frame(id, parent, 7, "Hold"));
        }
        send(&mut client, &nested_one_way_frame(parent, 7, "Note"));
        ping(&mut client);
        // The client reads no more, so what the host sends next does not fit into the stream.
        send(&mut client, &call_frame(1000, "IScene", "Echo", &binary(4 << 20)));
        assert!(client.read_some(1) > 0, "the large reply is being sent");
        assert_eq!(child.ask("open"), "refused");
        let threads = system::threads(child.id());
        assert!(threads < 40, "{threads} threads");
    });
}

fn hold_in_a_child(endpoint: &str) {
    let scene = Arc::new(Scene::default());
    let mut limits = Limits::default();
    (limits.nested_calls, limits.send_queue) = (2, 1);
    let _host = scene.host(endpoint, limits);
    process::tell("listening");
    if process::orders().next().is_some() {
        scene.gate.open();
        let last = || scene.refused_notes.load(Ordering::SeqCst);
        eventually("the last of the lane is refused", || last() == 1);
        process::tell("refused");
    }
    // Until the parent kills this process.
    process::orders().for_each(drop);
}
