//! Callers that cancel, and delegates that notice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::binary;
use crate::support::raw::{self, RawClient};
use crate::support::{calculator, unique, watched};
use callgate::unstable::wire::PeerLimits;
use callgate::{
    CallOptions, CancelToken, Check, Client, Connection, Execution, Host, InboundCall, Limits,
    Status, Timeout,
};

const LIMIT: Duration = Duration::from_secs(60);

/// A host whose `IWaiter` waits to be cancelled and reports what it saw; and those reports. `Wait` then
/// replies; `Forget` never does: its call is dropped only with the connection.
fn waiting_host(limits: Limits) -> (Host, mpsc::Receiver<bool>) {
    let (report, reports) = mpsc::channel();
    let report = Mutex::new(report);
    let forgotten = Arc::new(Mutex::new(Vec::new()));
    let host = Host::builder()
        .endpoint(&format!("pipe://{}", unique("cancel")))
        .limits(limits)
        .delegate_factory(move |interface, _: &Connection| {
            let report = report.lock().unwrap().clone();
            let forgotten = forgotten.clone();
            Ok(match interface {
                "IWaiter" => Some(Arc::new(move |call: InboundCall| {
                    report.send(call.is_cancelled()).ok();
                    report.send(call.wait_cancelled(None)).ok();
                    match call.method() {
                        "Forget" => forgotten.lock().unwrap().push(call),
                        _ => drop(call.reply(&"too late")),
                    }
                })),
                _ => Some(Arc::new(calculator)),
            })
        })
        .start()
        .unwrap();
    (host, reports)
}

fn options(token: &CancelToken) -> CallOptions {
    let mut options = CallOptions::default();
    options.timeout = Timeout::Never;
    options.cancel = Some(token.clone());
    options
}

#[test]
fn a_cancelled_call_returns_at_once_and_its_delegate_learns_of_it() {
    watched(LIMIT, || {
        let (host, reports) = waiting_host(Limits::default());
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let waiter = client.proxy("IWaiter").unwrap();
        let token = CancelToken::new();
        thread::scope(|scope| {
            let call = scope.spawn(|| waiter.call_with::<String>("Wait", &(), &options(&token)));
            assert!(!reports.recv().unwrap(), "not cancelled yet");
            token.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(
                (error.status(), error.execution()),
                (Status::Cancelled, Execution::Unknown)
            );
            assert!(reports.recv().unwrap(), "the delegate noticed");
        });
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3, "the connection goes on");
        let error = waiter.call_with::<String>("Wait", &(), &options(&token)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
        let error = waiter.one_way_bytes("Wait", &[0x90], &options(&token)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
        assert!(reports.try_recv().is_err(), "a call with a cancelled token is not sent");
    });
}

/// Options with a check that cancels when it runs for the given time.
fn checked(at: usize) -> CallOptions {
    let asked = AtomicUsize::new(0);
    let mut options = CallOptions::default();
    options.timeout = Timeout::Never;
    options.check = Some(Check::new(move || asked.fetch_add(1, Ordering::Relaxed) + 1 == at));
    options
}

#[test]
fn a_check_cancels_a_call_that_waits_for_its_reply() {
    watched(LIMIT, || {
        let (host, reports) = waiting_host(Limits::default());
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let waiter = client.proxy("IWaiter").unwrap();
        let error = waiter.call_with::<String>("Wait", &(), &checked(3)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::Unknown));
        assert!(!reports.recv().unwrap() && reports.recv().unwrap(), "the delegate noticed");
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3, "the connection goes on");
    });
}

#[test]
fn a_check_that_lets_a_call_go_on_may_call_itself() {
    watched(LIMIT, || {
        let (host, _reports) = waiting_host(Limits::default());
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let (calculator, token) = (client.proxy("ICalculator").unwrap(), CancelToken::new());
        let mut options = options(&token);
        options.check = Some(Check::new(move || {
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            token.cancel();
            false
        }));
        let waiter = client.proxy("IWaiter").unwrap();
        let error = waiter.call_with::<String>("Wait", &(), &options).unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
    });
}

#[test]
fn a_check_cancels_a_call_that_waits_for_a_connection_or_for_credit() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.connection_timeout = LIMIT;
        let endpoint = format!("pipe://{}", unique("nobody"));
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        let proxy = client.proxy("IWaiter").unwrap();
        let error = proxy.call_with::<String>("Wait", &(), &checked(2)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));

        let mut limits = Limits::default();
        limits.inbound_calls = 1;
        let (host, reports) = waiting_host(limits);
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let waiter = client.proxy("IWaiter").unwrap();
        let token = CancelToken::new();
        thread::scope(|scope| {
            let first = scope.spawn(|| waiter.call_with::<String>("Wait", &(), &options(&token)));
            assert!(!reports.recv().unwrap(), "the only credit is taken");
            let error = waiter.one_way_bytes("Wait", &[0x90], &checked(2)).unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
            token.cancel();
            assert!(first.join().unwrap().is_err());
        });
    });
}

#[test]
fn the_deadline_and_the_end_of_the_connection_cancel_too() {
    watched(LIMIT, || {
        let (host, reports) = waiting_host(Limits::default());
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        client.wait_connected(None).unwrap();
        let waiter = client.proxy("IWaiter").unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(200));
        let error = waiter.call_with::<String>("Forget", &(), &soon).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::Unknown));
        assert!(!reports.recv().unwrap());
        assert!(reports.recv().unwrap(), "by the deadline");
        thread::scope(|scope| {
            scope.spawn(|| waiter.call::<String>("Wait", &()).unwrap_err());
            assert!(!reports.recv().unwrap());
            client.connection().expect("it is connected").close();
            assert!(reports.recv().unwrap(), "by the end of the connection");
        });
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_call_that_waits_for_a_connection_or_for_credit_can_be_cancelled() {
    watched(LIMIT, || {
        let alone = Client::connect(&format!("pipe://{}", unique("nobody"))).unwrap();
        let proxy = alone.proxy("IWaiter").unwrap();
        let token = CancelToken::new();
        thread::scope(|scope| {
            let call = scope.spawn(|| proxy.call_with::<String>("Wait", &(), &options(&token)));
            token.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
        });

        let mut limits = Limits::default();
        limits.inbound_calls = 1;
        let (host, reports) = waiting_host(limits);
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let waiter = client.proxy("IWaiter").unwrap();
        let (first, second) = (CancelToken::new(), CancelToken::new());
        thread::scope(|scope| {
            let running = scope.spawn(|| waiter.call_with::<String>("Wait", &(), &options(&first)));
            assert!(!reports.recv().unwrap());
            let queued = scope.spawn(|| waiter.call_with::<String>("Wait", &(), &options(&second)));
            second.cancel();
            let error = queued.join().unwrap().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
            first.cancel();
            running.join().unwrap().unwrap_err();
        });
    });
}

#[test]
fn cancelling_races_with_the_answer_and_each_call_has_one_outcome() {
    watched(LIMIT, || {
        let (host, _reports) = waiting_host(Limits::default());
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let (send, tokens) = mpsc::channel::<CancelToken>();
        thread::scope(|scope| {
            scope.spawn(move || tokens.iter().for_each(|token| token.cancel()));
            let mut cancelled = 0;
            for n in 0..5_000i64 {
                let token = CancelToken::new();
                send.send(token.clone()).unwrap();
                match calculator.call_with::<i64>("Add", &(n, 1), &options(&token)) {
                    Ok(sum) => assert_eq!(sum, n + 1),
                    Err(error) => {
                        assert_eq!(error.status(), Status::Cancelled, "{error}");
                        cancelled += 1;
                    }
                }
            }
            println!("{cancelled} of 5,000 were cancelled in time");
            drop(send);
        });
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    });
}

#[test]
fn a_call_that_waits_for_the_initialisation_routine_can_be_cancelled() {
    watched(LIMIT, || {
        let (host, _reports) = waiting_host(Limits::default());
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel();
        let ends = Mutex::new(ends);
        let calculator = client
            .proxy_with_initialisation("ICalculator", move |_| {
                begun.send(()).unwrap();
                ends.lock().unwrap().recv().unwrap();
                Ok(())
            })
            .unwrap();
        let token = CancelToken::new();
        thread::scope(|scope| {
            let call =
                scope.spawn(|| calculator.call_with::<i64>("Add", &(1, 2), &options(&token)));
            begins.recv().unwrap();
            token.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
        });
        let error = calculator.call_with::<i64>("Add", &(1, 2), &checked(2)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
        end.send(()).unwrap();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3, "the routine goes on");
    });
}

#[test]
fn a_call_that_waits_for_earlier_frames_can_be_cancelled() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("cancelled-in-line");
        let (connected, connections) = mpsc::channel();
        let mut limits = Limits::default();
        limits.send_queue = 1;
        let host = Host::builder()
            .endpoint(&endpoint)
            .limits(limits)
            .client_connected(move |connection| connected.send(connection.clone()).unwrap())
            .start()
            .unwrap();
        let takes = PeerLimits { bytes: 64 << 20, ..PeerLimits::default() };
        let mut unread = RawClient::ask_taking(&endpoint, takes).unwrap();
        let proxy = connections.recv().unwrap().proxy("INone").unwrap();
        let large = binary(4 << 20);
        let send = |options| proxy.one_way_bytes("Take", &large, &options);
        let token = CancelToken::new();
        thread::scope(|scope| {
            let writer = scope.spawn(|| send(options(&CancelToken::new())));
            assert_eq!(unread.read_some(1), 1, "it is being written");
            send(options(&CancelToken::new())).expect("it is queued");
            let error = send(checked(2)).unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
            let call = scope.spawn(|| proxy.call_bytes("Take", &large, &options(&token)));
            token.cancel();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Cancelled, Execution::NotRun));
            drop(unread);
            writer.join().unwrap().unwrap_err();
        });
        host.close().unwrap();
    });
}
