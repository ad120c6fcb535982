//! Peers on Unix sockets that are stopped (SIGSTOP), at each stage, and resumed. They are not pinged, as
//! they may be under a debugger: their peers' deadlines alone end waits, and the connection lives on.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use callgate::{Client, Execution, Host, InboundCall, Limits, Result, Status};

use crate::scene::{add, client, patient, serve, within, LIMIT};
use crate::support::process::{self, Process};
use crate::support::{calculator, unique, watched};

/// How long calls to a stopped peer wait.
const BRIEFLY: Duration = Duration::from_millis(300);

fn assert_timed_out<T: std::fmt::Debug>(result: Result<T>, execution: Execution) {
    let error = result.unwrap_err();
    assert_eq!((error.status(), error.execution()), (Status::TimedOut, execution), "{error:?}");
}

#[test]
fn a_host_stopped_before_the_handshake_serves_when_it_is_resumed() {
    const TEST: &str = "stop::a_host_stopped_before_the_handshake_serves_when_it_is_resumed";
    if let Some(endpoint) = process::role() {
        return serve(&endpoint, patient());
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("stopped"));
        let mut peer = Process::start(TEST, &endpoint);
        peer.hear();
        peer.stop();
        let (client, calculator, _) = client(&endpoint, patient());
        let call = calculator.call_with::<i64>("Add", &(1, 2), &within(BRIEFLY));
        assert_timed_out(call, Execution::NotRun);
        assert_timed_out(client.wait_connected(Some(BRIEFLY)), Execution::NotRun);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| add(&calculator));
            peer.resume();
            waiting.join().unwrap();
        });
        client.close().unwrap();
    });
}

#[test]
fn a_host_stopped_within_a_call_goes_on_with_it() {
    const TEST: &str = "stop::a_host_stopped_within_a_call_goes_on_with_it";
    if let Some(endpoint) = process::role() {
        return serve(&endpoint, patient());
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("stopped"));
        let mut peer = Process::start(TEST, &endpoint);
        peer.hear();
        let (client, calculator, gate) = client(&endpoint, patient());
        add(&calculator);
        thread::scope(|scope| {
            let held = scope.spawn(|| gate.call::<()>("Pass", &()));
            assert_eq!(peer.ask("await a call"), "done");
            peer.stop();
            let call = calculator.call_with::<i64>("Add", &(1, 2), &within(BRIEFLY));
            assert_timed_out(call, Execution::Unknown);
            peer.resume();
            add(&calculator);
            assert_eq!(peer.ask("open"), "done");
            held.join().unwrap().expect("the call that was under way");
        });
        assert_eq!(client.connection().unwrap().generation(), 1);
        client.close().unwrap();
    });
}

/// More than a socket and the queue of a side hold.
const LARGE: usize = 8 << 20;

#[test]
fn closing_beside_a_stopped_host_takes_its_timeout_at_most() {
    const TEST: &str = "stop::closing_beside_a_stopped_host_takes_its_timeout_at_most";
    if let Some(endpoint) = process::role() {
        return serve(&endpoint, patient());
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("stopped"));
        let mut peer = Process::start(TEST, &endpoint);
        peer.hear();
        let (client, calculator, gate) = client(&endpoint, patient());
        add(&calculator);
        thread::scope(|scope| {
            let held = scope.spawn(|| gate.call::<()>("Pass", &()));
            assert_eq!(peer.ask("await a call"), "done");
            peer.stop();
            let large = "x".repeat(LARGE);
            let call = calculator.call_with::<String>("Echo", &(&large,), &within(BRIEFLY));
            assert_timed_out(call, Execution::Unknown);
            assert!(client.flush(BRIEFLY).is_err(), "nobody reads what is queued");
            // What is queued is given up after the drain timeout, and the threads end soon after.
            let _ = client.close();
            client.wait_closed(Some(LIMIT)).expect("closing waits for no peer");
            assert_eq!(held.join().unwrap().unwrap_err().status(), Status::Closed);
        });
        peer.resume();
    });
}

#[test]
fn a_stopped_client_keeps_neither_its_host_from_calling_others_nor_from_closing() {
    const TEST: &str =
        "stop::a_stopped_client_keeps_neither_its_host_from_calling_others_nor_from_closing";
    if let Some(endpoint) = process::role() {
        let client = Client::builder(&endpoint)
            .callback_handler("ICalculator", calculator)
            .limits(patient())
            .connect()
            .unwrap();
        client.wait_connected(None).unwrap();
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("stopped"));
        let (connected, connections) = mpsc::channel();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("INothing", |_| |call: InboundCall| drop(call.reply(&())))
            .client_connected(move |connection| connected.send(connection.clone()).unwrap())
            .limits(Limits::default())
            .start()
            .unwrap();
        let peer = Process::start(TEST, &endpoint);
        let of_peer = connections.recv().unwrap().proxy("ICalculator").unwrap();
        add(&of_peer);
        peer.stop();
        let call = of_peer.call_with::<i64>("Add", &(1, 2), &within(BRIEFLY));
        assert_timed_out(call, Execution::Unknown);
        let other = Client::builder(&endpoint)
            .callback_handler("ICalculator", calculator)
            .connect()
            .unwrap();
        add(&connections.recv().unwrap().proxy("ICalculator").unwrap());
        peer.resume();
        add(&of_peer);
        peer.stop();
        host.close().expect("closing waits for no peer");
        drop(other);
    });
}
