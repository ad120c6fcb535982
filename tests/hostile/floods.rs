//! Floods of calls, cancels and names that are all allowed: they cost a host no more than its limits.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use callgate::unstable::wire::{encode_cancel, encode_ping, Message};
use callgate::{InboundCall, Limits};

use crate::honest::beside;
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::sanitizer::{bound, repeats};
use crate::support::{calculator_host, system, watched};

const LIMIT: Duration = Duration::from_secs(240);
const MIB: u64 = 1 << 20;
const NO_ARGUMENTS: &[u8] = b"\x90";

/// How long a call works, and does not notice that it was cancelled.
const WORK: Duration = Duration::from_millis(60);

/// Counts how many of its calls run at the same time.
#[derive(Default)]
struct Running {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Running {
    fn work(&self, call: InboundCall) {
        self.peak.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(WORK);
        self.now.fetch_sub(1, Ordering::SeqCst);
        call.reply(&()).ok();
    }
}

/// The host's process: says how many calls ran at the same time when it is asked.
fn host(endpoint: &str) {
    let running = Arc::new(Running::default());
    let served = running.clone();
    let host = calculator_host(endpoint)
        .delegate("IWorker", move |_| {
            let running = served.clone();
            move |call: InboundCall| running.work(call)
        })
        .start()
        .unwrap();
    process::tell("listening");
    for _ in process::orders() {
        process::tell(running.peak.load(Ordering::SeqCst));
    }
    host.close().unwrap();
}

/// Floods a host in a process of its own beside an honest client; the host may grow by `most` bytes.
fn flood(
    test: &'static str,
    most: u64,
    flood: impl FnOnce(RawClient) -> RawClient + Send + 'static,
) {
    if let Some(endpoint) = process::role() {
        return host(&endpoint);
    }
    watched(LIMIT, move || {
        let endpoint = raw::endpoint("floods");
        let mut host = Process::start(test, &endpoint);
        assert_eq!(host.hear(), "listening");
        let (report, (client, before)) = beside(&endpoint, || {
            let mut client = RawClient::connect(&endpoint);
            await_pong(&mut client);
            let before = system::memory(host.id());
            (flood(client), before)
        });
        let grown = system::memory(host.id()).saturating_sub(before);
        println!(
            "the host has grown by {} KiB, with {} threads",
            grown >> 10,
            system::threads(host.id())
        );
        report.require_unharmed();
        assert!(grown < bound(most), "grown by {} MiB", grown / MIB);
        let peak: usize = host.ask("peak").parse().unwrap();
        assert!(peak <= Limits::default().running_calls, "{peak} calls ran at the same time");
        drop(client);
    });
}

/// Waits until the host has read everything that was sent.
fn await_pong(client: &mut RawClient) {
    let mut ping = Vec::new();
    encode_ping(&mut ping, 1);
    client.stream.write_all(&ping).unwrap();
    while let Some(frame) = client.next() {
        if matches!(Message::decode(&frame), Ok(Message::Pong { .. })) {
            return;
        }
    }
    panic!("the host has ended the connection");
}

/// Sends one batch of calls after the other, each when the one before it is answered.
fn send_batches(client: &mut RawClient, batches: u64, calls: u64, frame: impl Fn(u64) -> Vec<u8>) {
    for batch in 0..batches {
        let ids = batch * calls + 1..=(batch + 1) * calls;
        let frames: Vec<u8> = ids.flat_map(&frame).collect();
        let mut writer = client.stream.try_clone().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || writer.write_all(&frames).unwrap());
            for _ in 0..calls {
                client.next().expect("an answer to each call");
            }
        });
    }
}

#[test]
fn calls_that_are_cancelled_at_once_count_until_they_return() {
    let test = "floods::calls_that_are_cancelled_at_once_count_until_they_return";
    flood(test, 24 * MIB, |mut client| {
        send_batches(&mut client, repeats(20), 1000, |id| {
            let mut frames = call_frame(id, "IWorker", "Work", NO_ARGUMENTS);
            encode_cancel(&mut frames, id);
            frames
        });
        client
    });
}

#[test]
fn cancels_of_calls_never_made_are_forgotten() {
    let test = "floods::cancels_of_calls_never_made_are_forgotten";
    flood(test, 8 * MIB, |mut client| {
        for batch in 0..repeats(2000) {
            let mut frames = Vec::new();
            for id in 0..1000 {
                encode_cancel(&mut frames, 1 << 40 | (batch * 1000 + id));
            }
            client.stream.write_all(&frames).unwrap();
        }
        await_pong(&mut client);
        client
    });
}

#[test]
fn unknown_interfaces_are_not_remembered_without_end() {
    let test = "floods::unknown_interfaces_are_not_remembered_without_end";
    flood(test, 20 * MIB, |mut client| {
        send_batches(&mut client, repeats(80), 500, |id| {
            let interface = format!("INothing{id:0>1000}");
            call_frame(id, &interface, "Call", NO_ARGUMENTS)
        });
        client
    });
}
