//! Peers over TCP that hang: the kernel of a stopped process still acknowledges what is sent, so only the
//! protocol's own ping can tell. A peer that is merely busy replies to it.

#![cfg(unix)]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::watched;
use callgate::{CallOptions, Client, Execution, Host, InboundCall, Limits, Proxy, Status, Timeout};

const LIMIT: Duration = Duration::from_secs(120);

/// In these tests, the silence after which a side pings, and how long it waits for the pong.
const SILENCE: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a delegate works: longer than any of these.
const WORK: Duration = Duration::from_secs(4);

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.ping_after = Some(SILENCE);
    limits.ping_timeout = PATIENCE;
    limits.call_timeout = None;
    limits
}

fn worker(call: InboundCall) {
    if call.method() == "Work" {
        thread::sleep(WORK);
    }
    call.reply(&()).ok();
}

fn patient() -> CallOptions {
    let mut options = CallOptions::default();
    options.timeout = Timeout::Never;
    options
}

/// Calls a peer that works, and one that hangs.
fn notices_the_difference(worker: &Proxy, peer: &Process) {
    worker.call_with::<()>("Work", &(), &patient()).expect("a busy peer replies to pings");
    let calls: Vec<_> = thread::scope(|scope| {
        let waiting: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| worker.call_with::<()>("Work", &(), &patient())))
            .collect();
        worker.call::<()>("Nothing", &()).expect("it has started");
        peer.stop();
        waiting.into_iter().map(|call| call.join().unwrap()).collect()
    });
    peer.resume();
    for outcome in calls {
        let error = outcome.unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Status::ChannelFaulted, Execution::Unknown),
            "{error}"
        );
        assert!(error.message().contains("ping"), "{error}");
    }
}

#[test]
fn a_client_gives_up_a_host_that_hangs_and_not_one_that_works() {
    if let Some(endpoint) = process::role() {
        let host =
            Host::builder().endpoint(&endpoint).delegate("IWorker", |_| worker).start().unwrap();
        process::tell(&host.endpoints()[0]);
        process::orders().for_each(drop);
        return;
    }
    watched(LIMIT, || {
        let test = "hung_peers::a_client_gives_up_a_host_that_hangs_and_not_one_that_works";
        let mut peer = Process::start(test, "tcp://127.0.0.1:0");
        let client = Client::builder(&peer.hear()).limits(limits()).connect().unwrap();
        let worker = client.proxy("IWorker").unwrap();
        notices_the_difference(&worker, &peer);
        worker.call::<()>("Nothing", &()).expect("the client has connected again");
        client.close().unwrap();
    });
}

#[test]
fn a_host_gives_up_a_client_that_hangs_and_not_one_that_works() {
    if let Some(endpoint) = process::role() {
        let client =
            Client::builder(&endpoint).callback_handler("IWorker", worker).connect().unwrap();
        process::orders().for_each(drop);
        return drop(client);
    }
    watched(LIMIT, || {
        let (connected, connections) = mpsc::channel();
        let host = Host::builder()
            .endpoint("tcp://127.0.0.1:0")
            .limits(limits())
            .client_connected(move |connection| connected.send(connection.clone()).unwrap())
            .start()
            .unwrap();
        let test = "hung_peers::a_host_gives_up_a_client_that_hangs_and_not_one_that_works";
        let peer = Process::start(test, &host.endpoints()[0].to_string());
        let worker = connections.recv().unwrap().proxy("IWorker").unwrap();
        notices_the_difference(&worker, &peer);
        host.close().unwrap();
    });
}
