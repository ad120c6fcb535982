//! Calls that cross the goodbye of their host: none follows the pong to a ping behind it, and all that the
//! host has refused are made again on the next connection.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::raw::{self, RawClient, RawHost};
use crate::support::watched;
use callgate::unstable::wire::{
    encode_goodbye, encode_ping, encode_reply, ErrorHeader, Frame, Message,
};
use callgate::{CallOptions, Client, Limits, Proxy, Status};

/// How often the host closes, after how many replies, and how many threads call.
const HOSTS: usize = 20;
const REPLIES: usize = 200;
const CALLERS: usize = 4;

/// The id of a call.
fn id_of(frame: &Frame) -> u64 {
    match Message::decode(frame) {
        Ok(Message::Call(header, _)) => header.id,
        other => panic!("no call: {other:?}"),
    }
}

fn reply(peer: &mut RawClient, call: u64) {
    let mut frame = Vec::new();
    encode_reply(&mut frame, call, 0, 1);
    frame.push(3);
    peer.stream.write_all(&frame).unwrap();
}

fn refuse(peer: &mut RawClient, call: u64) {
    let header = ErrorHeader {
        id: call,
        status: Status::Closed.code().into(),
        execution: 0,
        message: "closing",
        type_name: None,
        trace: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, 1);
    frame.push(0xc0);
    peer.stream.write_all(&frame).unwrap();
}

/// Replies to some calls, says goodbye, and refuses the calls that cross it; returns how many those were.
fn serve_and_close(peer: &mut RawClient) -> usize {
    for _ in 0..REPLIES {
        let call = id_of(&peer.next().expect("a call"));
        reply(peer, call);
    }
    let mut frames = Vec::new();
    encode_goodbye(&mut frames, Status::Closed.code().into(), "closing");
    encode_ping(&mut frames, 9);
    peer.stream.write_all(&frames).unwrap();
    let mut crossed = 0;
    loop {
        let frame = peer.next().expect("a pong");
        match Message::decode(&frame) {
            Ok(Message::Pong { token: 9 }) => break,
            _ => refuse(peer, id_of(&frame)),
        }
        crossed += 1;
    }
    peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(peer.next().is_none(), "a frame after the pong");
    crossed
}

/// Replies to all calls until the client says goodbye.
fn serve_until_goodbye(peer: &mut RawClient) {
    while let Some(frame) = peer.next() {
        if let Ok(Message::Goodbye { .. }) = Message::decode(&frame) {
            return;
        }
        let call = id_of(&frame);
        reply(peer, call);
    }
}

/// Calls until told to stop, now in one way, now in the other.
fn call_on(proxy: &Proxy, stop: &AtomicBool) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let sum = match number % 2 {
            0 => proxy.call::<i64>("Add", &(1, 2)),
            _ => {
                let options = CallOptions::default();
                let started = proxy.start::<i64>("Add", &(1, 2), &options);
                started.and_then(|pending| pending.wait())
            }
        };
        assert_eq!(sum.expect("each call runs in the end"), 3);
    }
}

#[test]
fn no_call_follows_the_pong_and_all_run_in_the_end() {
    watched(Duration::from_secs(120), || {
        let host = RawHost::listen(&raw::endpoint("crossing"));
        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_secs(60);
        limits.call_timeout = Some(Duration::from_secs(60));
        let client = Client::builder(&host.endpoint()).limits(limits).connect().unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let callers = [(); CALLERS].map(|()| scope.spawn(|| call_on(&proxy, &stop)));
            let crossed: usize = (0..HOSTS).map(|_| serve_and_close(&mut host.accept())).sum();
            println!("{crossed} calls crossed {HOSTS} goodbyes");
            stop.store(true, Ordering::Relaxed);
            let mut last = host.accept();
            scope.spawn(move || serve_until_goodbye(&mut last));
            callers.into_iter().for_each(|caller| caller.join().unwrap());
            client.close().unwrap();
        });
    });
}
