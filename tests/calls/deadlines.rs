//! Every wait ends in time, and reports how far the call got.

use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::gate::{Gate, Opened};
use crate::support::{calculator_host, unique, watched};
use callgate::{CallOptions, Client, Execution, Host, InboundCall, Limits, Status, Timeout};

const LIMIT: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

/// Long enough for a call to be sent, even on a busy machine.
const ENOUGH_TO_LEAVE: Duration = Duration::from_millis(400);

/// Keeps calls of `Keep` without a reply and hands them to the test; replies to others with 7.
fn keeping_host() -> (Host, mpsc::Receiver<InboundCall>) {
    let (keep, kept) = mpsc::channel();
    let keep = Mutex::new(keep);
    let delegate = Arc::new(move |call: InboundCall| match call.method() {
        "Keep" => drop(keep.lock().unwrap().send(call)),
        _ => drop(call.reply(&7)),
    });
    let host = Host::builder()
        .endpoint(&format!("pipe://{}", unique("deadlines")))
        .delegate_factory(move |_, _| Ok(Some(delegate.clone())))
        .start()
        .unwrap();
    (host, kept)
}

fn client_of(host: &Host) -> Client {
    Client::connect(&host.endpoints()[0].to_string()).unwrap()
}

#[test]
fn how_long_calls_wait_for_a_connection_can_be_changed() {
    watched(LIMIT, || {
        let client = Client::connect(&format!("pipe://{}", unique("nobody"))).unwrap();
        let proxy = client.proxy("INobody").unwrap();
        client.set_connection_timeout(SHORT);
        assert_eq!(client.connection_timeout(), SHORT);
        let error = proxy.call_with::<i32>("Get", &(), &CallOptions::default()).unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Status::ChannelFaulted, Execution::NotRun)
        );
        client.set_connection_timeout(Duration::MAX);
        let error = proxy.call_with::<i32>("Get", &(), &CallOptions::timeout(SHORT)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
    });
}

#[test]
fn without_a_host_the_nearer_of_both_timeouts_tells() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.connection_timeout = SHORT;
        let endpoint = format!("pipe://{}", unique("nobody"));
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        let proxy = client.proxy("INobody").unwrap();

        for timeout in [Timeout::Default, Timeout::Never, Timeout::After(Duration::from_secs(20))] {
            let mut options = CallOptions::default();
            options.timeout = timeout;
            let error = proxy.call_with::<i32>("Get", &(), &options).unwrap_err();
            assert_eq!(error.status(), Status::ChannelFaulted, "{error}");
            assert_eq!(error.execution(), Execution::NotRun);
            assert!(error.cause().unwrap().message().contains("no host listens"), "{error}");
        }
        let options = CallOptions::timeout(SHORT / 4);
        let begun = Instant::now();
        let error = proxy.call_with::<i32>("Get", &(), &options).unwrap_err();
        assert!(begun.elapsed() >= SHORT / 4, "it gave up early");
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
        let error = proxy.one_way_bytes("Get", &[0x90], &options).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
        let error = client.wait_connected(Some(SHORT)).unwrap_err();
        assert_eq!(error.status(), Status::TimedOut);
        assert!(error.cause().is_some());
        client.close().unwrap();
    });
}

#[test]
fn a_host_that_comes_later_serves_calls_that_wait() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("later"));
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let early = client.wait_connected(Some(Duration::ZERO)).unwrap_err();
        assert_eq!(early.status(), Status::TimedOut);
        thread::scope(|scope| {
            let call = scope.spawn(|| calculator.call::<i64>("Add", &(1, 2)));
            let waiting = scope.spawn(|| client.wait_connected(None));
            let host = calculator_host(&endpoint).start().unwrap();
            waiting.join().unwrap().unwrap();
            assert_eq!(call.join().unwrap().unwrap(), 3);
            client.wait_connected(Some(Duration::ZERO)).unwrap();
            client.close().unwrap();
            host.close().unwrap();
        });
    });
}

#[test]
fn late_answers_are_ignored() {
    watched(LIMIT, || {
        let (host, kept) = keeping_host();
        let client = client_of(&host);
        let proxy = client.proxy("IKeep").unwrap();
        client.wait_connected(None).unwrap();
        for readers in [1, 5] {
            thread::scope(|scope| {
                for _ in 0..readers {
                    scope.spawn(|| {
                        let options = CallOptions::timeout(ENOUGH_TO_LEAVE);
                        let error = proxy.call_with::<i32>("Keep", &(), &options).unwrap_err();
                        assert_eq!(error.status(), Status::TimedOut);
                        assert_eq!(error.execution(), Execution::Unknown);
                    });
                }
            });
            let id = client.connection().unwrap().id();
            for late in kept.try_iter() {
                late.reply(&13).unwrap();
                assert_eq!(proxy.call::<i32>("Get", &()).unwrap(), 7);
            }
            assert_eq!(client.connection().unwrap().id(), id, "the connection works on");
        }
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn late_answers_give_their_credit_back() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let passing = gate.clone();
        let mut limits = Limits::default();
        limits.inbound_calls = 4;
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("credit")))
            .limits(limits)
            .delegate("IGate", move |_| {
                let gate = passing.clone();
                move |call: InboundCall| {
                    gate.pass();
                    call.reply(&7).unwrap();
                }
            })
            .start()
            .unwrap();
        let client = client_of(&host);
        let proxy = client.proxy("IGate").unwrap();
        let _opened = Opened(&gate);
        client.wait_connected(None).unwrap();
        let options = CallOptions::timeout(ENOUGH_TO_LEAVE);
        for number in 0..6 {
            let error = proxy.call_with::<i32>("Pass", &(), &options).unwrap_err();
            assert_eq!(error.status(), Status::TimedOut);
            let execution = if number < 4 { Execution::Unknown } else { Execution::NotRun };
            assert_eq!(error.execution(), execution, "{error}");
        }
        gate.open();
        for _ in 0..20 {
            assert_eq!(proxy.call::<i32>("Pass", &()).unwrap(), 7);
        }
        assert_eq!(gate.arrived(), 24);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn never_waits_longer_than_the_usual_timeout() {
    watched(LIMIT, || {
        let (host, kept) = keeping_host();
        let mut limits = Limits::default();
        limits.call_timeout = Some(ENOUGH_TO_LEAVE);
        let endpoint = host.endpoints()[0].to_string();
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        let proxy = client.proxy("IKeep").unwrap();
        client.wait_connected(None).unwrap();
        let error = proxy.call::<i32>("Keep", &()).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::Unknown));
        assert!(kept.recv().unwrap().deadline().is_some());

        thread::scope(|scope| {
            let call = scope.spawn(|| {
                let mut options = CallOptions::default();
                options.timeout = Timeout::Never;
                proxy.call_with::<i32>("Keep", &(), &options)
            });
            let unlimited = kept.recv().unwrap();
            assert!(unlimited.deadline().is_none());
            let outlived = CallOptions::timeout(ENOUGH_TO_LEAVE * 2);
            proxy.call_with::<i32>("Keep", &(), &outlived).unwrap_err();
            unlimited.reply(&13).unwrap();
            assert_eq!(call.join().unwrap().unwrap(), 13);
        });
        drop(kept);
        client.close().unwrap();
        host.close().unwrap();
    });
}
