//! Peers that leave while their calls run, and come again.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::system;
use crate::support::watched;
use callgate::{Connection, Host, InboundCall, Limits, Status};

const LIMIT: Duration = Duration::from_secs(120);

/// Calls a method of `IScene`, and does not wait for the reply. Dropping the client leaves the host.
fn call(endpoint: &str, method: &str) -> RawClient {
    let mut client = RawClient::connect(endpoint);
    client.stream.write_all(&call_frame(1, "IScene", method, &[0x90])).unwrap();
    client
}

#[test]
fn a_connection_keeps_its_place_until_its_calls_have_returned() {
    const PLACES: usize = 3;
    watched(LIMIT, || {
        let (gate, endpoint) = (Arc::new(Gate::default()), raw::endpoint("places"));
        let mut limits = Limits::default();
        limits.connections = PLACES;
        let holds = gate.clone();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("IScene", move |_: &Connection| {
                let gate = holds.clone();
                move |call: InboundCall| {
                    gate.pass();
                    call.reply(&()).ok();
                }
            })
            .limits(limits)
            .start()
            .unwrap();
        let _opened = Opened(&gate);
        for held in 1..=PLACES {
            let _client = call(&endpoint, "Hold");
            gate.wait_for(held);
        }
        eventually("the connections end", || host.connections().is_empty());
        let refused = RawClient::ask(&endpoint).err().expect("no place is free");
        assert_eq!(refused.0, i64::from(Status::LimitExceeded.code()), "{}", refused.1);
        gate.open();
        eventually("the places are free", || RawClient::ask(&endpoint).is_ok());
    });
}

/// Neither a deferred call nor a program's reference to a connection keeps the socket of one that has ended.
#[test]
fn an_ended_connection_keeps_no_socket() {
    const TEST: &str = "places::an_ended_connection_keeps_no_socket";
    const CLIENTS: usize = 20;
    if let Some(endpoint) = process::role() {
        return defer_in_a_child(&endpoint);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("places");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let before = system::sockets(child.id());
        for kept in 1..=CLIENTS {
            // A call that has not started is dropped with its connection.
            let _client = call(&endpoint, "Defer");
            assert_eq!(child.ask(&kept.to_string()), kept.to_string());
        }
        let most = before + system::SOCKET_NOISE;
        eventually("the sockets are closed", || system::sockets(child.id()) <= most);
    });
}

fn defer_in_a_child(endpoint: &str) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let deferred = kept.clone();
    let connections = Arc::new(Mutex::new(Vec::new()));
    let connected = connections.clone();
    let _host = Host::builder()
        .endpoint(endpoint)
        .client_connected(move |connection| connected.lock().unwrap().push(connection.clone()))
        .delegate("IScene", move |_: &Connection| {
            let kept = deferred.clone();
            move |call: InboundCall| kept.lock().unwrap().push(call)
        })
        .start()
        .unwrap();
    process::tell("listening");
    for order in process::orders() {
        let expected = order.parse().unwrap();
        eventually("all calls are kept", || kept.lock().unwrap().len() >= expected);
        process::tell(kept.lock().unwrap().len());
    }
}
