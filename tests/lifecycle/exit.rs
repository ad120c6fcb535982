//! One-way calls that wait to be sent when their client closes, right before its process ends.

#![cfg(unix)]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::{unique, watched};
use callgate::{Client, Host, InboundCall, Proxy};

const TEST: &str = "exit::what_is_queued_arrives_when_the_client_closes_and_its_process_ends";
const CALLS: usize = 1000;

fn host(endpoint: &str) {
    let (note, notes) = mpsc::channel();
    let host = Host::builder()
        .endpoint(endpoint)
        .delegate("INotes", move |_| {
            let note = note.clone();
            move |call: InboundCall| {
                if call.method() == "Note" {
                    note.send(call.args::<(usize,)>().unwrap().0).unwrap();
                }
                call.reply(&()).ok();
            }
        })
        .start()
        .unwrap();
    process::tell(&host.endpoints()[0]);
    for _ in process::orders() {
        assert!((0..CALLS).eq(notes.iter().take(CALLS)));
        process::tell("all of them, in order");
    }
}

fn client(endpoint: &str) {
    let client = Client::connect(endpoint).unwrap();
    let notes = client.proxy("INotes").unwrap();
    notes.call::<()>("Connect", &()).unwrap();
    process::tell("connected");
    process::orders().next();
    fill(notes.clone());
    // What another thread is writing goes first: these are queued.
    for number in 0..CALLS {
        notes.one_way("Note", &(number,)).unwrap();
    }
    process::tell("queued");
    client.close().unwrap();
    std::process::exit(0);
}

/// Lets another thread send until the system accepts no more.
fn fill(notes: Proxy) {
    let (sent, progress) = mpsc::channel();
    thread::spawn(move || {
        let ballast = "x".repeat(64 << 10);
        // The last one may end with the client.
        while notes.one_way("Fill", &(&ballast,)).is_ok() {
            sent.send(()).ok();
        }
    });
    while progress.recv_timeout(Duration::from_millis(300)).is_ok() {}
}

#[test]
fn what_is_queued_arrives_when_the_client_closes_and_its_process_ends() {
    if let Some(role) = process::role() {
        let (side, endpoint) = role.split_once(' ').unwrap();
        return if side == "host" { host(endpoint) } else { client(endpoint) };
    }
    watched(Duration::from_secs(60), || {
        for endpoint in [format!("pipe://{}", unique("parting")), "tcp://127.0.0.1:0".into()] {
            let mut host = Process::start(TEST, &format!("host {endpoint}"));
            let mut client = Process::start(TEST, &format!("client {}", host.hear()));
            assert_eq!(client.hear(), "connected");
            host.stop();
            assert_eq!(client.ask("go"), "queued");
            host.resume();
            assert_eq!(host.ask("what has come?"), "all of them, in order");
        }
    });
}
