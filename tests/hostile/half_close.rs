//! Peers that end their sending, and keep the other direction open, in each phase of a connection.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::{encode_goodbye, encode_reply, Message, PeerLimits};
use callgate::{CallOptions, Client, Error, Execution, InboundCall, Limits, Proxy, Status};

use crate::honest::beside;
use crate::support::gate::{eventually, Gate, Opened};
use crate::support::raw::{self, call_frame, dial, hello, RawClient, RawHost, Stream};
use crate::support::stream::is_timeout;
use crate::support::{binary, calculator_host, watched};

const LIMIT: Duration = Duration::from_secs(120);

/// How long the end of a stream may take on a busy machine, which is less than the write timeout.
const PATIENCE: Duration = Duration::from_secs(25);

/// More than a socket holds.
const LARGE: usize = 8 << 20;

fn goodbye() -> Vec<u8> {
    let mut frame = Vec::new();
    encode_goodbye(&mut frame, Status::Closed.code().into(), "enough");
    frame
}

/// Connects, completes the handshake, and sends this.
fn introduced(endpoint: &str, bytes: &[u8]) -> Stream {
    let mut client = RawClient::connect(endpoint);
    client.stream.write_all(bytes).unwrap();
    client.stream
}

/// Connects, and sends this without a handshake.
fn stranger(endpoint: &str, bytes: &[u8]) -> Stream {
    let mut stream = dial(endpoint);
    stream.write_all(bytes).unwrap();
    stream
}

fn held_calls() -> Vec<u8> {
    (1..=3).flat_map(|id| call_frame(id, "IGate", "Pass", &[0x90])).collect()
}

/// Brings a connection into a phase, with the endpoint of a host under attack or as a hostile host.
type Begin<T> = fn(&T) -> Stream;

/// What a client does before it ends its sending, by the phase that this leads to.
const PHASES: [(&str, Begin<str>); 6] = [
    ("before the hello", |endpoint| stranger(endpoint, &[])),
    ("within the hello", |endpoint| stranger(endpoint, &hello(&[], PeerLimits::default())[..20])),
    ("before the welcome", |endpoint| stranger(endpoint, &hello(&[], PeerLimits::default()))),
    ("after the handshake", |endpoint| introduced(endpoint, &[])),
    ("while its calls run", |endpoint| introduced(endpoint, &held_calls())),
    ("after its goodbye, while its calls run", |endpoint| {
        introduced(endpoint, &[held_calls(), goodbye()].concat())
    }),
];

/// Ends sending, and reads to the end of the stream.
fn half_close(mut stream: Stream, phase: &str) {
    stream.shutdown(Shutdown::Write).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    match stream.read_to_end(&mut Vec::new()) {
        Err(error) if is_timeout(&error) => {
            panic!("the host keeps the stream: {phase}")
        }
        // TCP resets a stream on which something was not read.
        Ok(_) | Err(_) => {}
    }
}

#[test]
fn a_host_ends_the_streams_of_clients_that_half_close() {
    watched(LIMIT, || {
        let local = raw::endpoint("half-closed");
        let gate = Arc::new(Gate::default());
        let passing = gate.clone();
        let host = calculator_host(&local)
            .endpoint("tcp://127.0.0.1:0")
            .delegate("IGate", move |_| {
                let gate = passing.clone();
                move |call: InboundCall| {
                    gate.pass();
                    call.reply(&()).ok();
                }
            })
            .start()
            .unwrap();
        let endpoints: Vec<_> = host.endpoints().iter().map(ToString::to_string).collect();
        let (report, ()) = beside(&local, || {
            let _opened = Opened(&gate);
            for (phase, begin) in PHASES {
                endpoints.iter().for_each(|endpoint| half_close(begin(endpoint), phase));
            }
        });
        report.require_unharmed();
        eventually("they leave nothing behind", || host.connections().is_empty());
        host.close().unwrap();
    });
}

/// Replies that nobody reads hold nothing once their caller has half-closed.
#[test]
fn a_host_forgets_a_client_that_half_closes_and_reads_nothing() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("half-closed-unread");
        let (left, leaving) = mpsc::channel();
        let host = calculator_host(&endpoint)
            .endpoint("tcp://127.0.0.1:0")
            .client_disconnected(move |_, reason| left.send(reason.to_string()).unwrap())
            .start()
            .unwrap();
        for endpoint in host.endpoints() {
            let call = |id| call_frame(id, "ICalculator", "Echo", &binary(LARGE));
            let stream = introduced(&endpoint.to_string(), &[call(1), call(2)].concat());
            stream.shutdown(Shutdown::Write).unwrap();
            leaving.recv_timeout(PATIENCE).expect("the connection ends");
            drop(stream);
        }
        host.close().unwrap();
    });
}

/// What a host does with a client's stream, by the phase in which it ends its sending.
const HOSTS: [(&str, Begin<RawHost>); 4] = [
    ("before the welcome", |host| host.accept_stream()),
    ("after the welcome", |host| host.accept().stream),
    ("while a call waits", |host| {
        let mut peer = host.accept();
        peer.next().expect("a call");
        peer.stream
    }),
    ("after its goodbye", |host| {
        let mut peer = host.accept();
        peer.next().expect("a call");
        peer.stream.write_all(&goodbye()).unwrap();
        peer.stream
    }),
];

fn is_true(error: &Error) -> bool {
    let of_the_end = matches!(error.status(), Status::ChannelFaulted | Status::Closed);
    of_the_end && error.execution() == Execution::Unknown
}

/// The errors of the calls before the one that succeeds.
fn call_until_it_runs(calculator: &Proxy) -> Vec<Error> {
    let mut errors = Vec::new();
    loop {
        match calculator.call_with::<i64>("Add", &(1, 2), &CallOptions::timeout(LIMIT)) {
            Ok(sum) => {
                assert_eq!(sum, 3);
                return errors;
            }
            Err(error) => errors.push(error),
        }
    }
}

/// Replies 3 to the next call.
fn reply(peer: &mut RawClient) {
    let frame = peer.next().expect("a call");
    let Ok(Message::Call(header, _)) = Message::decode(&frame) else { panic!("no call") };
    let mut frame = Vec::new();
    encode_reply(&mut frame, header.id, 0, 1);
    frame.push(3);
    peer.stream.write_all(&frame).unwrap();
}

#[test]
fn a_client_leaves_hosts_that_half_close_and_connects_again() {
    watched(LIMIT, || {
        for host in RawHost::on_each_transport("half-closing") {
            let mut limits = Limits::default();
            limits.connection_timeout = LIMIT;
            let client = Client::builder(&host.endpoint()).limits(limits).connect().unwrap();
            let calculator = client.proxy("ICalculator").unwrap();
            thread::scope(|scope| {
                let caller = scope.spawn(|| call_until_it_runs(&calculator));
                for (phase, begin) in HOSTS {
                    half_close(begin(&host), phase);
                }
                let mut last = host.accept();
                reply(&mut last);
                let errors = caller.join().unwrap();
                assert!(errors.len() >= 2 && errors.iter().all(is_true), "{errors:?}");
            });
            client.close().unwrap();
        }
    });
}
