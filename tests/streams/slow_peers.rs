//! Peers that stall, or send or read one byte a second: each call has its outcome by its deadline, and each
//! limit closes what it applies to.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::raw::{self, call_frame, hello, RawClient};
use crate::support::relay::{Fault, Relay, Way};
use crate::support::stream::{is_timeout, Stream};
use crate::support::{binary, calculator_host, watched};
use callgate::unstable::wire::PeerLimits;
use callgate::{CallOptions, Client, Execution, Host, Limits, Proxy, Result, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// What these tests set the limits to: a few bytes at one a second.
const SHORT: Duration = Duration::from_secs(3);

/// More than the machine may need beside that, and far less than the default limits.
const SLACK: Duration = Duration::from_secs(4);

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.handshake_timeout = SHORT;
    limits.write_timeout = SHORT;
    limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(5)));
    limits
}

fn host_at(endpoint: &str) -> Host {
    calculator_host(endpoint).limits(limits()).start().unwrap()
}

fn calculator(endpoint: &str) -> (Client, Proxy) {
    let client = Client::builder(endpoint).limits(limits()).connect().unwrap();
    let calculator = client.proxy("ICalculator").unwrap();
    (client, calculator)
}

/// Does something that must end soon after the limit, and not before.
fn by_the_limit<R>(what: &str, work: impl FnOnce() -> R) -> R {
    let begun = Instant::now();
    let result = work();
    let took = begun.elapsed();
    assert!(took > SHORT - SECOND && took < SHORT + SLACK, "{what} took {took:?}");
    result
}

/// Sends the beginning of a hello and then a byte a second, or nothing more, until the host gives up.
fn until_the_host_ends(mut stream: Stream, begin: usize, drips: bool) {
    let hello = hello(&[], PeerLimits::default());
    stream.write_all(&hello[..begin]).unwrap();
    let mut heard = [0; 256];
    for byte in &hello[begin..] {
        // The read's timeout is a second.
        match stream.read(&mut heard) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if is_timeout(&error) => {}
            Err(_) => return,
        }
        if drips && stream.write_all(&[*byte]).is_err() {
            return;
        }
    }
    panic!("the host heard a whole hello of {} bytes", hello.len());
}

#[test]
fn a_host_ends_handshakes_that_stall_or_drip_by_the_limit() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("dripped-hello");
        let host = calculator_host(&endpoint)
            .endpoint("tcp://127.0.0.1:0")
            .limits(limits())
            .start()
            .unwrap();
        thread::scope(|scope| {
            for begin in [0, 3, 20] {
                for drips in [false, true] {
                    for endpoint in host.endpoints() {
                        let stream = raw::dial(&endpoint.to_string());
                        stream.set_read_timeout(Some(SECOND)).unwrap();
                        let what = format!("{endpoint} after {begin} bytes, dripping: {drips}");
                        scope.spawn(move || {
                            by_the_limit(&what, || until_the_host_ends(stream, begin, drips));
                        });
                    }
                }
            }
            let (client, calculator) = calculator(&host.endpoints()[0].to_string());
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3, "others are served");
            client.close().unwrap();
        });
        host.close().unwrap();
    });
}

#[test]
fn a_client_gives_up_handshakes_that_stall_or_drip_and_calls_go_by_the_next() {
    watched(LIMIT, || {
        thread::scope(|scope| {
            for fault in [
                Fault::Stall(Way::ToClient, 0),
                Fault::Drip(Way::ToClient, 0),
                Fault::Drip(Way::ToClient, 9),
                Fault::Drip(Way::ToHost, 9),
            ] {
                scope.spawn(move || {
                    let endpoint = raw::endpoint("dripped-welcome");
                    let host = host_at(&endpoint);
                    let relay = Relay::start(&endpoint);
                    relay.prepare(Some(fault));
                    let (client, calculator) = calculator(&relay.endpoint());
                    let sum = by_the_limit(&format!("{fault:?}"), || {
                        calculator.call::<i64>("Add", &(1, 2))
                    });
                    assert_eq!(sum.unwrap(), 3);
                    client.close().unwrap();
                    host.close().unwrap();
                });
            }
        });
    });
}

/// An echo of more bytes than the frames of the handshake and of a first call have.
fn echo(calculator: &Proxy) -> Result<String> {
    calculator.call_with("Echo", &("x".repeat(2000),), &CallOptions::timeout(SHORT))
}

#[test]
fn calls_whose_frames_stall_or_drip_end_by_their_deadlines_and_closing_goes_on() {
    watched(LIMIT, || {
        thread::scope(|scope| {
            for way in [Way::ToHost, Way::ToClient] {
                for fault in [Fault::Stall(way, 1500), Fault::Drip(way, 1500)] {
                    scope.spawn(move || calls_over(fault));
                }
            }
        });
    });
}

fn calls_over(fault: Fault) {
    let endpoint = raw::endpoint("dripped-frame");
    // The calls' deadlines come before the limit for frames that stall.
    let patient = || {
        let mut limits = limits();
        limits.write_timeout = 4 * SHORT;
        limits
    };
    let host = calculator_host(&endpoint).limits(patient());
    let host = host.start().unwrap();
    let relay = Relay::start(&endpoint);
    relay.prepare(Some(fault));
    let client = Client::builder(&relay.endpoint()).limits(patient()).connect().unwrap();
    let calculator = client.proxy("ICalculator").unwrap();
    assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    let results: Vec<_> = by_the_limit(&format!("calls over {fault:?}"), || {
        thread::scope(|scope| {
            let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| echo(&calculator))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        })
    });
    for result in results {
        let error = result.unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::Unknown));
    }
    let straight = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    echo(&straight.proxy("ICalculator").unwrap()).expect("others are served");
    let begun = Instant::now();
    client.close().unwrap();
    straight.close().unwrap();
    host.close().unwrap();
    assert!(begun.elapsed() < SLACK, "closing took {:?} over {fault:?}", begun.elapsed());
}

#[test]
fn a_peer_that_takes_one_byte_a_second_is_closed_by_the_write_timeout() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("sips");
        let (left, leaving) = mpsc::channel();
        let host = calculator_host(&endpoint)
            .limits(limits())
            .client_disconnected(move |_, reason| left.send(reason.clone()).unwrap())
            .start()
            .unwrap();
        let mut slow = RawClient::connect(&endpoint);
        let arguments = binary(1 << 20);
        for id in 1..=4 {
            slow.stream.write_all(&call_frame(id, "ICalculator", "Echo", &arguments)).unwrap();
        }
        let reason = by_the_limit("a peer that sips", || loop {
            slow.read_some(1);
            if let Ok(reason) = leaving.recv_timeout(SECOND) {
                break reason;
            }
        });
        assert_eq!(reason.status(), Status::ChannelFaulted, "{reason}");
        host.close().unwrap();
    });
}
