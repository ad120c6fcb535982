//! One-way calls: when they are sent, and that each one whose call returned is either sent or counted and
//! logged.

use std::io::Write;
#[cfg(unix)]
use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::raw::{self, call_frame, one_way_frame, RawClient};
use crate::support::{binary, unique, watched};
use callgate::unstable::wire::{encode_credit, Message, PeerLimits};
use callgate::{CallOptions, Client, Connection, Host, InboundCall, Limits, Proxy, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// A host that sends one-way calls to a client that reads only on request.
struct Sender {
    host: Host,
    peer: RawClient,
    connection: Connection,
    notes: Proxy,
    /// What the log said about calls lost until the end of the connection: how many there were, each time.
    #[cfg_attr(windows, allow(dead_code))]
    ended: Receiver<Vec<u64>>,
}

impl Sender {
    fn start(name: &str, credit: u64) -> Sender {
        let endpoint = raw::endpoint(name);
        let (connected, connections) = mpsc::channel();
        let (ends, ended) = mpsc::channel();
        let log: Arc<Mutex<Vec<u64>>> = Arc::default();
        let logged = log.clone();
        let mut limits = Limits::default();
        limits.send_queue = 256 * 1024;
        let host = Host::builder()
            .limits(limits)
            .endpoint(&endpoint)
            .client_connected(move |connection| connected.send(connection.clone()).unwrap())
            .client_disconnected(move |_, _| drop(ends.send(log.lock().unwrap().split_off(0))))
            .log(move |event| {
                if event.message.contains("one-way calls that were not sent") {
                    logged.lock().unwrap().push(event.count.unwrap());
                }
            })
            .start()
            .unwrap();
        let takes = PeerLimits { calls: credit, bytes: 1 << 30, ..PeerLimits::default() };
        let peer = RawClient::ask_taking(&endpoint, takes).unwrap();
        let connection = connections.recv().unwrap();
        let notes = connection.proxy("INotes").unwrap();
        Sender { host, peer, connection, notes, ended }
    }

    /// How many one-way calls the log reports as dropped, once the connection has ended.
    #[cfg(unix)]
    fn dropped(&self) -> usize {
        let log = self.ended.recv().unwrap();
        assert!(log.len() < 2, "they are reported once: {log:?}");
        log.first().map_or(0, |count| *count as usize)
    }
}

/// The number of one-way calls that have arrived, and of those that still arrive.
#[cfg(unix)]
fn rest_of(peer: &mut RawClient) -> usize {
    std::iter::from_fn(|| peer.next()).filter(is_one_way).count()
}

fn is_one_way(frame: &callgate::unstable::wire::Frame) -> bool {
    matches!(Message::decode(frame), Ok(Message::OneWay(..)))
}

#[test]
fn a_lone_one_way_call_has_left_when_it_returns() {
    watched(LIMIT, || {
        let mut sender = Sender::start("lone-one-way", 1000);
        sender.notes.one_way("Note", &(1,)).unwrap();
        sender.peer.stream.set_nonblocking(true).unwrap();
        assert!(sender.peer.read_some(1000) > 0);
        assert!(is_one_way(&sender.peer.buffered().unwrap()));
        sender.host.close().unwrap();
    });
}

#[test]
fn those_that_are_held_back_leave_by_themselves() {
    watched(LIMIT, || {
        let mut sender = Sender::start("held-one-ways", 10_000);
        for count in [9, 40, 300] {
            (0..count).for_each(|n| sender.notes.one_way("Note", &(n,)).unwrap());
            (0..count).for_each(|_| assert!(is_one_way(&sender.peer.next().unwrap())));
        }
        sender.host.close().unwrap();
    });
}

#[test]
fn those_that_are_held_back_have_left_when_flush_returns() {
    watched(LIMIT, || {
        let mut sender = Sender::start("flushed-one-ways", 10_000);
        sender.peer.stream.set_nonblocking(true).unwrap();
        for _ in 0..50 {
            (0..100).for_each(|n| sender.notes.one_way("Note", &(n,)).unwrap());
            sender.connection.flush(LIMIT).unwrap();
            while sender.peer.read_some(1 << 20) > 0 {}
            let arrived = std::iter::from_fn(|| sender.peer.buffered());
            assert_eq!(arrived.filter(is_one_way).count(), 100);
        }
        sender.host.close().unwrap();
    });
}

#[test]
fn a_call_takes_those_that_are_held_back_along_in_order() {
    watched(LIMIT, || {
        let mut sender = Sender::start("overtaking", 10_000);
        for payload in [1, 100_000] {
            (0..50).for_each(|n| sender.notes.one_way("Note", &(n,)).unwrap());
            let options = CallOptions::timeout(Duration::from_millis(1));
            let unanswered = sender.notes.call_bytes("Ask", &binary(payload), &options);
            assert_eq!(unanswered.unwrap_err().status(), Status::TimedOut);
            for n in 0..50 {
                let frame = sender.peer.next().unwrap();
                let Ok(Message::OneWay(_, arguments)) = Message::decode(&frame) else {
                    panic!("{n} one-way calls have come, and something else");
                };
                assert_eq!(arguments, [0x91, n]);
            }
            let frame = sender.peer.next().unwrap();
            let Ok(Message::Call(_, arguments)) = Message::decode(&frame) else { panic!("a call") };
            assert_eq!(arguments, binary(payload));
            assert!(matches!(
                Message::decode(&sender.peer.next().unwrap()),
                Ok(Message::Cancel { .. })
            ));
        }
        sender.host.close().unwrap();
    });
}

#[test]
fn who_waits_for_credit_holds_nothing_back() {
    watched(LIMIT, || {
        let mut sender = Sender::start("credit-of-one-ways", 20);
        let notes = sender.notes.clone();
        let sending =
            thread::spawn(move || (0..500).try_for_each(|n| notes.one_way("Note", &(n,))));
        for _ in 0..500 {
            let frame = sender.peer.next().unwrap();
            assert!(is_one_way(&frame));
            let mut credit = Vec::new();
            encode_credit(&mut credit, 1, frame.len() as u64);
            std::io::Write::write_all(&mut sender.peer.stream, &credit).unwrap();
        }
        sending.join().unwrap().unwrap();
        sender.host.close().unwrap();
    });
}

// Only a Unix socket takes nothing more and keeps what has arrived.
#[cfg(unix)]
#[test]
fn those_that_are_dropped_with_their_connection_are_logged() {
    watched(LIMIT, || {
        let mut sender = Sender::start("dropped-one-ways", 1 << 20);
        let options = CallOptions::timeout(Duration::from_millis(50));
        let mut sent = 0;
        while match sender.notes.one_way_with("Note", &(sent,), &options) {
            Ok(()) => true,
            // The system and the queue are full.
            Err(error) => {
                assert_eq!(error.status(), Status::TimedOut);
                false
            }
        } {
            sent += 1;
        }
        // Nothing more gets in; what did can still be read.
        sender.peer.stream.shutdown(Shutdown::Read).unwrap();
        let arrived = rest_of(&mut sender.peer);
        sender.peer.stream.shutdown(Shutdown::Both).unwrap();
        let dropped = sender.dropped();
        assert!(dropped > 0);
        assert_eq!(arrived + dropped, sent);
        sender.host.close().unwrap();
    });
}

// Only a Unix socket takes nothing more and keeps what has arrived.
#[cfg(unix)]
#[test]
fn each_that_returned_has_left_or_is_counted_wherever_the_connection_ends() {
    watched(LIMIT, || {
        for round in 0..200 {
            let mut sender = Sender::start("counted-one-ways", 1 << 20);
            let senders = [(); 2].map(|()| {
                let notes = sender.notes.clone();
                thread::spawn(move || {
                    (0..1_000).take_while(|n| notes.one_way("Note", &(n,)).is_ok()).count()
                })
            });
            let mut arrived = 0;
            while arrived < round * 10 {
                arrived += sender.peer.next().iter().filter(|frame| is_one_way(frame)).count();
            }
            sender.peer.stream.shutdown(Shutdown::Read).unwrap();
            let sent: usize = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
            arrived += rest_of(&mut sender.peer);
            sender.peer.stream.shutdown(Shutdown::Both).unwrap();
            assert_eq!(arrived + sender.dropped(), sent, "in round {round}");
            sender.host.close().unwrap();
        }
    });
}

/// One-way calls of a client, made without a pause, all run if it ends in this way.
fn arrive_by(name: &str, end: impl Fn(Client)) {
    let (ran, runs) = mpsc::channel();
    let ran = Mutex::new(ran);
    let note = move |call: InboundCall| {
        ran.lock().unwrap().send(call.args::<(u32,)>().unwrap().0).unwrap();
    };
    let note = Arc::new(note);
    let host = Host::builder()
        .endpoint(&format!("pipe://{}", unique(name)))
        .delegate("INotes", move |_: &Connection| {
            let note = note.clone();
            move |call: InboundCall| note(call)
        })
        .start()
        .unwrap();
    for _ in 0..20 {
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let notes = client.proxy("INotes").unwrap();
        (0..100).for_each(|n| notes.one_way("Note", &(n,)).unwrap());
        drop(notes);
        end(client);
        (0..100).for_each(|n| assert_eq!(runs.recv().unwrap(), n));
    }
    host.close().unwrap();
}

#[test]
fn those_that_are_held_back_arrive_however_their_client_ends() {
    watched(LIMIT, || {
        arrive_by("closed-one-ways", |client| client.close().unwrap());
        arrive_by("freed-one-ways", drop);
        arrive_by("ended-one-ways", |client| client.connection().unwrap().close());
    });
}

/// One-way calls of two threads, while a third closes their connection: each that returned runs. There are
/// fewer than the host returns credit for, and they fit the system's buffers.
#[test]
fn those_that_have_returned_run_when_their_connection_is_closed() {
    const EACH: usize = 200;
    watched(LIMIT, || {
        let (ran, runs) = mpsc::channel();
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("returned-one-ways")))
            .delegate("INotes", move |_: &Connection| {
                let ran = ran.clone();
                move |_: InboundCall| ran.send(()).unwrap()
            })
            .start()
            .unwrap();
        for round in 0..400 {
            let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
            client.wait_connected(None).unwrap();
            let connection = client.connection().unwrap();
            let made = Arc::new(AtomicUsize::new(0));
            let senders = [(); 2].map(|()| {
                let (made, notes) = (made.clone(), connection.proxy("INotes").unwrap());
                thread::spawn(move || {
                    for _ in (0..EACH).take_while(|n| notes.one_way("Note", &(n,)).is_ok()) {
                        made.fetch_add(1, Ordering::Relaxed);
                    }
                })
            });
            while made.load(Ordering::Relaxed) < round {
                thread::yield_now();
            }
            connection.close();
            senders.into_iter().for_each(|sender| sender.join().unwrap());
            (0..made.load(Ordering::Relaxed)).for_each(|_| runs.recv().unwrap());
            client.close().unwrap();
        }
        host.close().unwrap();
        assert!(runs.try_recv().is_err(), "none ran twice");
    });
}

/// A peer sends a call and one-way calls and is gone. The host can no longer reply or return credit,
/// but runs everything that was sent.
#[test]
fn those_of_a_peer_that_has_gone_run_although_nothing_can_be_sent_to_it() {
    const COUNT: usize = 1500;
    watched(LIMIT, || {
        let endpoint = raw::endpoint("gone-peer");
        let (ran, runs) = mpsc::channel();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("INotes", move |_: &Connection| {
                let ran = ran.clone();
                move |call: InboundCall| match call.is_one_way() {
                    true => ran.send(()).unwrap(),
                    false => drop(call.reply(&())),
                }
            })
            .start()
            .unwrap();
        for _ in 0..50 {
            let mut peer = RawClient::connect(&endpoint);
            let mut frames = call_frame(1, "INotes", "Ask", &[0x90]);
            (0..COUNT).for_each(|_| frames.extend(one_way_frame("INotes", "Note", &[0x90])));
            peer.stream.write_all(&frames).unwrap();
            drop(peer);
            (0..COUNT).for_each(|_| runs.recv().unwrap());
        }
        host.close().unwrap();
    });
}

/// The memory of a host that one-way calls use is free again when they have run, replied to or not.
#[test]
fn one_way_calls_that_have_run_take_none_of_the_hosts_memory() {
    const EACH: usize = 10_000;
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.host_inbound_bytes = 10 * EACH;
        let host = Host::builder()
            .limits(limits)
            .endpoint(&format!("pipe://{}", unique("one-way-budget")))
            .delegate("INotes", |_: &Connection| {
                let ran = AtomicUsize::new(0);
                move |call: InboundCall| match call.method() {
                    "Note" => drop(ran.fetch_add(1, Ordering::Relaxed)),
                    "Answer" => {
                        ran.fetch_add(1, Ordering::Relaxed);
                        call.reply(&()).unwrap();
                    }
                    _ => call.reply(&ran.load(Ordering::Relaxed)).unwrap(),
                }
            })
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let notes = client.proxy("INotes").unwrap();
        for round in 0..20 {
            for method in ["Note", "Answer"] {
                notes.one_way_bytes(method, &binary(EACH), &CallOptions::default()).unwrap();
            }
            assert_eq!(notes.call::<usize>("Count", &()).unwrap(), 2 * (round + 1));
        }
        client.close().unwrap();
        host.close().unwrap();
    });
}
