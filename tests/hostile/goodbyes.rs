//! Peers that say goodbye and then keep the connection.

use std::io::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::raw::{self, RawClient, RawHost};
use crate::support::{calculator_host, watched};
use callgate::unstable::wire::{encode_goodbye, encode_reply, Frame, Message};
use callgate::{CallOptions, CancelToken, Client, Limits, Status, Timeout};

const LIMIT: Duration = Duration::from_secs(60);

/// How long a peer may keep its connection after its goodbye: the shortest that there is.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.drain_timeout = Duration::from_secs(1);
    limits.connection_timeout = Duration::from_secs(20);
    limits
}

fn say_goodbye(peer: &mut RawClient) {
    let mut frame = Vec::new();
    encode_goodbye(&mut frame, Status::Closed.code().into(), "enough");
    peer.stream.write_all(&frame).unwrap();
}

/// The id of the next call.
fn next_call(peer: &mut RawClient) -> u64 {
    let frame: Frame = peer.next().expect("a call");
    match Message::decode(&frame) {
        Ok(Message::Call(header, _)) => header.id,
        other => panic!("no call: {other:?}"),
    }
}

/// Replies 3 to a call.
fn reply(peer: &mut RawClient, id: u64) {
    let mut frame = Vec::new();
    encode_reply(&mut frame, id, 0, 1);
    frame.push(3);
    peer.stream.write_all(&frame).unwrap();
}

#[test]
fn a_host_that_stays_after_its_goodbye_is_left_for_another_connection() {
    watched(LIMIT, || {
        RawHost::on_each_transport("stays").iter().for_each(stay_after_the_goodbye);
    });
}

fn stay_after_the_goodbye(host: &RawHost) {
    let client = Client::builder(&host.endpoint()).limits(limits()).connect().unwrap();
    let calculator = client.proxy("ICalculator").unwrap();
    thread::scope(|scope| {
        let add = || calculator.call::<i64>("Add", &(1, 2));
        let first = scope.spawn(add);
        let mut staying = host.accept();
        let id = next_call(&mut staying);
        reply(&mut staying, id);
        assert_eq!(first.join().unwrap().unwrap(), 3);
        // A call that was given up keeps nothing.
        let options = CallOptions::timeout(Duration::from_millis(50));
        calculator.call_with::<i64>("Add", &(1, 2), &options).unwrap_err();
        next_call(&mut staying);
        say_goodbye(&mut staying);
        while staying.next().is_some() {}
        let second = scope.spawn(add);
        let mut next = host.accept();
        let id = next_call(&mut next);
        reply(&mut next, id);
        assert_eq!(second.join().unwrap().unwrap(), 3);
    });
    client.close().unwrap();
}

#[test]
fn a_client_that_stays_after_its_goodbye_loses_its_place() {
    watched(LIMIT, || {
        for endpoint in raw::endpoints("stays-at-host") {
            let mut limits = limits();
            limits.connections = 1;
            let (left, leaving) = mpsc::channel();
            let host = calculator_host(&endpoint)
                .limits(limits)
                .client_disconnected(move |_, reason| left.send(reason.to_string()).unwrap())
                .start()
                .unwrap();
            let endpoint = host.endpoints()[0].to_string();
            let mut staying = RawClient::connect(&endpoint);
            say_goodbye(&mut staying);
            let reason = leaving.recv_timeout(Duration::from_secs(20)).expect("it is disconnected");
            assert!(reason.contains("after its goodbye"), "{reason}");
            let client = Client::connect(&endpoint).unwrap();
            let sum = client.proxy("ICalculator").unwrap().call::<i64>("Add", &(1, 2));
            assert_eq!(sum.unwrap(), 3, "the place is free");
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

#[test]
fn a_host_that_works_after_its_goodbye_is_waited_for() {
    watched(LIMIT, || {
        for host in RawHost::on_each_transport("works") {
            let client = Client::builder(&host.endpoint()).limits(limits()).connect().unwrap();
            let calculator = client.proxy("ICalculator").unwrap();
            thread::scope(|scope| {
                let call = scope.spawn(|| calculator.call::<i64>("Add", &(1, 2)));
                let mut working = host.accept();
                let id = next_call(&mut working);
                say_goodbye(&mut working);
                // The work, which takes more than the drain timeout.
                thread::sleep(Duration::from_millis(2500));
                reply(&mut working, id);
                assert_eq!(call.join().unwrap().unwrap(), 3);
            });
            client.close().unwrap();
        }
    });
}

#[test]
fn a_call_without_a_deadline_keeps_the_connection_until_it_is_cancelled() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("kept");
        let host = RawHost::listen(&endpoint);
        let (left, leaving) = mpsc::channel();
        let client = Client::builder(&endpoint)
            .limits(limits())
            .disconnected(move |_, reason| left.send(reason.to_string()).unwrap())
            .connect()
            .unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let mut options = CallOptions::default();
        options.timeout = Timeout::Never;
        let token = CancelToken::new();
        options.cancel = Some(token.clone());
        thread::scope(|scope| {
            let call = scope.spawn(|| calculator.call_with::<i64>("Add", &(1, 2), &options));
            let mut staying = host.accept();
            next_call(&mut staying);
            say_goodbye(&mut staying);
            // More than the drain timeout.
            leaving.recv_timeout(Duration::from_millis(2500)).expect_err("it is kept");
            token.cancel();
            assert_eq!(call.join().unwrap().unwrap_err().status(), Status::Cancelled);
            let reason = leaving.recv_timeout(Duration::from_secs(20)).expect("it is ended");
            assert!(reason.contains("after its goodbye"), "{reason}");
        });
        client.close().unwrap();
    });
}
