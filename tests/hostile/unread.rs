//! Peers that do not read what they are sent: what is kept for them is bounded, and so is the time.

use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient, RawHost};
use crate::support::{binary, calculator, calculator_host, sanitizer, system, watched};
use callgate::unstable::wire::{CallHeader, Message};
use callgate::{Client, Limits};

const LIMIT: Duration = Duration::from_secs(120);

/// A number of calls whose refusals would take 200 MiB.
const FLOOD: u64 = 2_000_000;

/// What a peer that reads nothing may cost by default, its calls, their replies and refusals together.
const BOUND: u64 = 48 << 20;

/// A call that its receiver refuses without running it: a flag is unknown that must be understood.
fn refused_call(id: u64) -> Vec<u8> {
    let header = CallHeader {
        id,
        flags: 1 << 6,
        interface: "ICalculator".into(),
        method: "Add".into(),
        signature: None,
        timeout_ms: None,
        lane: id,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, 1);
    frame.push(0x90);
    frame
}

/// Sends calls that are refused, and reads nothing, until the peer ends the stream; returns how many.
fn flood(peer: &mut RawClient) -> u64 {
    const BATCH: u64 = 500;
    for first in (1..=FLOOD).step_by(BATCH as usize) {
        let calls: Vec<u8> = (first..first + BATCH).flat_map(refused_call).collect();
        if peer.stream.write_all(&calls).is_err() {
            return first;
        }
    }
    FLOOD
}

/// Asserts that a process has not grown by more than the bound since it had `before` bytes.
fn assert_grown_little(process: u32, before: u64, what: &str) {
    let grown = system::peak_memory(process).saturating_sub(before);
    println!("{what}: grew by {} KiB", grown >> 10);
    assert!(grown < sanitizer::bound(BOUND), "{what}: grew by {} MiB", grown >> 20);
}

/// The default limits, except that no write timeout is over before too many refusals wait: on a busy machine it
/// would be.
fn patient() -> Limits {
    let mut limits = Limits::default();
    limits.write_timeout = 10 * LIMIT;
    limits
}

/// Asserts that a connection ended because too many refusals wait, or over TCP because nothing was read for 20 s.
fn assert_unread(endpoint: &str, reason: &str) {
    let timed_out = endpoint.starts_with("tcp") && reason.contains("timed out");
    assert!(timed_out || reason.contains("does not read"), "{endpoint}: {reason}");
}

/// A host in a process of its own, which prints its endpoints and why connections end.
fn serve(endpoint: &str, limits: Limits) {
    let host = calculator_host(endpoint)
        .endpoint("tcp://127.0.0.1:0")
        .limits(limits)
        .client_disconnected(|_, reason| process::tell(format!("left: {reason}")))
        .start()
        .unwrap();
    host.endpoints().iter().for_each(process::tell);
    process::orders().for_each(drop);
    host.close().unwrap();
}

#[test]
fn a_host_keeps_few_refusals_for_a_client_that_reads_none() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint, patient());
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("refusals");
        let test = "unread::a_host_keeps_few_refusals_for_a_client_that_reads_none";
        let mut host = Process::start(test, &endpoint);
        let endpoints = [host.hear(), host.hear()];
        let honest = Client::connect(&endpoints[0]).unwrap();
        let calculator = honest.proxy("ICalculator").unwrap();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        for endpoint in endpoints {
            let before = system::peak_memory(host.id());
            let mut rude = RawClient::connect(&endpoint);
            let sent = flood(&mut rude);
            assert_grown_little(host.id(), before, &endpoint);
            assert!(sent < FLOOD, "the host took all calls over {endpoint}");
            let reason = host.hear();
            assert_unread(&endpoint, &reason);
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3, "others are served");
        }
        honest.close().unwrap();
    });
}

#[test]
fn a_client_keeps_few_refusals_for_a_host_that_reads_none() {
    if let Some(endpoint) = process::role() {
        let client = Client::builder(&endpoint)
            .limits(patient())
            .callback_handler("ICalculator", calculator)
            .disconnected(|_, reason| process::tell(format!("left: {reason}")))
            .connect()
            .unwrap();
        process::orders().for_each(drop);
        return client.close().unwrap();
    }
    watched(LIMIT, || {
        let test = "unread::a_client_keeps_few_refusals_for_a_host_that_reads_none";
        for host in RawHost::on_each_transport("refusals-of-client") {
            let endpoint = host.endpoint();
            let mut client = Process::start(test, &endpoint);
            let mut rude = host.accept();
            let before = system::peak_memory(client.id());
            let sent = flood(&mut rude);
            assert_grown_little(client.id(), before, &format!("the client of {endpoint}"));
            assert!(sent < FLOOD, "the client took all calls from {endpoint}");
            let reason = client.hear();
            assert_unread(&endpoint, &reason);
            let mut again = host.accept();
            let call = call_frame(1, "ICalculator", "Add", b"\x92\x01\x02");
            again.stream.write_all(&call).unwrap();
            assert!(again.next().is_some(), "the client has connected again and serves");
        }
    });
}

/// Sends as many calls as it has credit for before it reads the refusals, three times.
fn read_late(peer: &mut RawClient) {
    let calls = Limits::default().inbound_calls as u64;
    for round in 0..3 {
        let ids = round * calls + 1..=(round + 1) * calls;
        let frames: Vec<u8> = ids.clone().flat_map(refused_call).collect();
        peer.stream.write_all(&frames).unwrap();
        for id in ids {
            let refusal = peer.next().expect("every call is answered");
            let Ok(Message::Error(header, _)) = Message::decode(&refusal) else {
                panic!("not an error: {refusal:?}");
            };
            assert_eq!(header.id, id);
        }
    }
}

#[test]
fn refusals_within_the_credit_wait_for_a_peer_that_reads_late() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("late-reader");
        let host = calculator_host(&endpoint).endpoint("tcp://127.0.0.1:0").start().unwrap();
        for endpoint in host.endpoints() {
            read_late(&mut RawClient::connect(&endpoint.to_string()));
        }
        host.close().unwrap();
    });
}

#[test]
fn calls_whose_replies_wait_count_as_unfinished() {
    const LARGE: usize = 4 << 20;
    if let Some(endpoint) = process::role() {
        let mut limits = Limits::default();
        limits.frame = LARGE + 1024;
        limits.inbound_bytes = 2 * LARGE;
        limits.running_calls = 64;
        return serve(&endpoint, limits);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("waiting-replies");
        let test = "unread::calls_whose_replies_wait_count_as_unfinished";
        let mut host = Process::start(test, &endpoint);
        let endpoints = [host.hear(), host.hear()];
        for endpoint in endpoints {
            let before = system::memory(host.id());
            let mut rude = RawClient::connect(&endpoint);
            let arguments = binary(LARGE);
            let sent = (1..=40)
                .take_while(|&id| {
                    let frame = call_frame(id, "ICalculator", "Echo", &arguments);
                    rude.stream.write_all(&frame).is_ok()
                })
                .count();
            assert!(sent < 40, "the host took 160 MiB of calls over {endpoint}");
            let grown = system::peak_memory(host.id()).saturating_sub(before);
            println!("{endpoint}: took {sent} calls and grew by {} MiB", grown >> 20);
            assert!(grown < sanitizer::bound(80 << 20), "grew by {} MiB", grown >> 20);
            let reason = host.hear();
            assert!(reason.contains("more calls than it had credit for"), "{reason}");
        }
    });
}

/// Sends calls whose replies fill the system's buffers, and reads none. On a busy machine the peer may end the
/// connection before it has read all of them.
fn call_and_read_nothing(peer: &mut RawClient) {
    let call = |id| call_frame(id, "ICalculator", "Echo", &binary(1 << 20));
    let _ = (1..=8).try_for_each(|id| peer.stream.write_all(&call(id)));
}

#[test]
fn a_peer_that_never_reads_is_disconnected_by_the_write_timeout() {
    // Far more than the write timeout: a busy machine must not matter.
    const SOON: Duration = Duration::from_secs(20);
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.write_timeout = Duration::from_millis(500);
        let (left, leaving) = mpsc::channel();
        let leave = left.clone();
        let endpoint = raw::endpoint("never-reads");
        let host = calculator_host(&endpoint)
            .endpoint("tcp://127.0.0.1:0")
            .limits(limits.clone())
            .client_disconnected(move |_, reason| leave.send(reason.to_string()).unwrap())
            .start()
            .unwrap();
        for endpoint in host.endpoints() {
            let mut rude = RawClient::connect(&endpoint.to_string());
            call_and_read_nothing(&mut rude);
            let reason = leaving.recv_timeout(SOON).expect("the host disconnects it");
            assert!(reason.contains("read too little"), "{reason}");
        }
        host.close().unwrap();

        for rude_host in RawHost::on_each_transport("never-reads-of-client") {
            let left = left.clone();
            let client = Client::builder(&rude_host.endpoint())
                .limits(limits.clone())
                .callback_handler("ICalculator", calculator)
                .disconnected(move |_, reason| drop(left.send(reason.to_string())))
                .connect()
                .unwrap();
            let mut rude = rude_host.accept();
            call_and_read_nothing(&mut rude);
            let reason = leaving.recv_timeout(SOON).expect("the client disconnects it");
            assert!(reason.contains("read too little"), "{reason}");
            client.close().unwrap();
        }
    });
}

#[test]
fn a_peer_that_reads_nothing_over_tcp_is_disconnected_before_a_long_write_timeout() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.write_timeout = 10 * LIMIT;
        let (left, leaving) = mpsc::channel();
        let host = calculator_host("tcp://127.0.0.1:0")
            .limits(limits)
            .client_disconnected(move |_, reason| left.send(reason.to_string()).unwrap())
            .start()
            .unwrap();
        let mut rude = RawClient::connect(&host.endpoints()[0].to_string());
        call_and_read_nothing(&mut rude);
        let reason = leaving.recv_timeout(LIMIT / 2).expect("the system disconnects it");
        assert!(reason.contains("timed out"), "{reason}");
        host.close().unwrap();
    });
}
