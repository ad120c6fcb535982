//! A side that was stopped itself notices its timeouts late. It does not blame a peer that could do nothing
//! about that.

use std::io::Write;
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::Message;

use crate::scene::{add, client, patient, serve, LIMIT};
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient, RawHost};
use crate::support::{binary, watched};

/// The timeout within which a peer must read, or reply to a ping, and for how long a side is stopped.
const TIMEOUT: Duration = Duration::from_secs(3);
const STOPPED: Duration = Duration::from_secs(7);

/// More than a socket holds.
const LARGE: usize = 1 << 20;

#[test]
fn a_host_that_was_stopped_while_it_sent_goes_on_sending() {
    const TEST: &str = "pause::a_host_that_was_stopped_while_it_sent_goes_on_sending";
    if let Some(endpoint) = process::role() {
        let mut limits = patient();
        limits.write_timeout = TIMEOUT;
        return serve(&endpoint, limits);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("paused");
        let mut host = Process::start(TEST, &endpoint);
        host.hear();
        let mut client = RawClient::connect(&endpoint);
        let call = call_frame(1, "ICalculator", "Echo", &binary(LARGE));
        client.stream.write_all(&call).unwrap();
        await_arrival(&client);
        host.stop();
        thread::sleep(STOPPED);
        // This is less than must be read within the timeout.
        client.read_some(1 << 20);
        host.resume();
        await_arrival(&client);
        thread::sleep(TIMEOUT / 10);
        let frame = client.next().expect("the connection goes on");
        assert!(matches!(Message::decode(&frame).unwrap(), Message::Reply { .. }));
    });
}

#[test]
fn a_client_that_was_stopped_while_it_sent_goes_on_sending() {
    const TEST: &str = "pause::a_client_that_was_stopped_while_it_sent_goes_on_sending";
    if let Some(endpoint) = process::role() {
        let mut limits = patient();
        limits.write_timeout = TIMEOUT;
        let (_client, calculator, _) = client(&endpoint, limits);
        let large = "x".repeat(LARGE);
        return calculator.call::<()>("Swallow", &(large,)).expect("the connection goes on");
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("paused");
        let host = RawHost::listen(&endpoint);
        let client = Process::start(TEST, &endpoint);
        let mut peer = host.accept();
        await_arrival(&peer);
        client.stop();
        thread::sleep(STOPPED);
        // This is less than must be read within the timeout.
        peer.read_some(1 << 20);
        client.resume();
        await_arrival(&peer);
        thread::sleep(TIMEOUT / 10);
        let frame = peer.next().expect("the connection goes on");
        assert!(matches!(Message::decode(&frame).unwrap(), Message::Call(..)));
    });
}

/// Waits until there are bytes to read.
fn await_arrival(peer: &RawClient) {
    use std::os::fd::AsRawFd;
    let mut arrived = 0;
    while arrived == 0 {
        // SAFETY: the count is writable.
        let asked = unsafe { libc::ioctl(peer.stream.as_raw_fd(), libc::FIONREAD, &mut arrived) };
        assert_eq!(asked, 0);
        thread::yield_now();
    }
}

/// Both are stopped while a ping waits for its pong, as when a machine freezes.
#[test]
fn a_client_that_was_stopped_after_a_ping_asks_again() {
    const TEST: &str = "pause::a_client_that_was_stopped_after_a_ping_asks_again";
    match process::role().as_deref() {
        Some("host") => return serve("tcp://127.0.0.1:0", patient()),
        Some(endpoint) => return call_with_pings(endpoint),
        None => {}
    }
    watched(LIMIT, || {
        let mut host = Process::start(TEST, "host");
        let mut client = Process::start(TEST, &host.hear());
        assert_eq!(client.hear(), "calling");
        assert_eq!(host.ask("await a call"), "done");
        host.stop();
        // It has pinged by then.
        thread::sleep(TIMEOUT / 2);
        client.stop();
        thread::sleep(STOPPED);
        client.resume();
        thread::sleep(TIMEOUT / 10);
        host.resume();
        assert_eq!(host.ask("open"), "done");
        assert_eq!(client.hear(), "generation 1");
    });
}

fn call_with_pings(endpoint: &str) {
    let mut limits = patient();
    limits.ping_after = Some(TIMEOUT / 10);
    limits.ping_timeout = TIMEOUT;
    let (client, calculator, gate) = client(endpoint, limits);
    add(&calculator);
    process::tell("calling");
    gate.call::<()>("Pass", &()).expect("the host was not given up");
    process::tell(format_args!("generation {}", client.connection().unwrap().generation()));
    client.close().unwrap();
}
