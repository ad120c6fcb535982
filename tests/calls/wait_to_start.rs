//! Started calls that wait to be sent: for a connection, an initialisation routine, or credit.

use crate::support;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::support::gate::{Gate, Opened};
use crate::support::{calculator_host, unique, watched};
use callgate::{
    CallOptions, Client, Connection, Error, Execution, Host, InboundCall, Limits, PendingCall,
    Proxy, Status,
};

const LIMIT: Duration = Duration::from_secs(60);

/// How long a client's calls wait for a connection, in most of these tests.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// Calls that wait at once: one after another they would take twice as long as [`TOGETHER`].
const CALLS: usize = 20;

/// A generous limit for calls that wait at once.
const TOGETHER: Duration = Duration::from_secs(10);

fn client_with(endpoint: &str, connection_timeout: Duration, call_timeout: Duration) -> Client {
    let mut limits = Limits::default();
    limits.connection_timeout = connection_timeout;
    limits.call_timeout = Some(call_timeout);
    Client::builder(endpoint).limits(limits).connect().unwrap()
}

/// A client of an endpoint that nobody listens on.
fn lonely_client() -> Client {
    client_with(&format!("pipe://{}", unique("nobody")), CONNECTION_TIMEOUT, LIMIT)
}

fn start(proxy: &Proxy) -> PendingCall<i64> {
    proxy.start("Add", &(1, 2), &CallOptions::default()).unwrap()
}

fn assert_no_connection(error: &Error) {
    let outcome = (error.status(), error.execution());
    assert_eq!(outcome, (Status::ChannelFaulted, Execution::NotRun), "{error}");
}

#[test]
fn all_wait_for_a_connection_at_once() {
    watched(LIMIT, || {
        let client = lonely_client();
        let proxy = client.proxy("ICalculator").unwrap();
        let begun = Instant::now();
        let calls: Vec<_> = (0..CALLS).map(|_| start(&proxy)).collect();
        for call in calls {
            assert_no_connection(&call.wait().unwrap_err());
        }
        assert!(begun.elapsed() >= CONNECTION_TIMEOUT);
        assert!(begun.elapsed() < TOGETHER, "they waited for {:?}", begun.elapsed());
    });
}

#[test]
fn a_call_behind_them_waits_no_longer_than_a_lone_one() {
    watched(LIMIT, || {
        let client = lonely_client();
        let proxy = client.proxy("ICalculator").unwrap();
        let started: Vec<_> = (0..CALLS).map(|_| start(&proxy)).collect();
        for is_one_way in [false, true] {
            let begun = Instant::now();
            let error = match is_one_way {
                false => proxy.call::<i64>("Add", &(1, 2)).unwrap_err(),
                true => proxy.one_way("Add", &(1, 2)).unwrap_err(),
            };
            assert_no_connection(&error);
            assert!(begun.elapsed() < TOGETHER, "it waited for {:?}", begun.elapsed());
        }
        drop(started);
    });
}

#[test]
fn each_waits_from_when_it_was_made() {
    watched(LIMIT, || {
        let client = lonely_client();
        let proxy = client.proxy("ICalculator").unwrap();
        let first = start(&proxy);
        assert!(!first.wait_for(CONNECTION_TIMEOUT / 2));
        let second = start(&proxy);
        let begun = Instant::now();
        assert_no_connection(&first.wait().unwrap_err());
        assert_no_connection(&second.wait().unwrap_err());
        assert!(begun.elapsed() >= CONNECTION_TIMEOUT, "it waited for {:?}", begun.elapsed());
    });
}

#[test]
fn one_that_is_cancelled_behind_others_ends_at_once() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("nobody"));
        let client = client_with(&endpoint, LIMIT, LIMIT);
        let proxy = client.proxy("ICalculator").unwrap();
        let first = start(&proxy);
        let token = callgate::CancelToken::new();
        let mut options = CallOptions::default();
        options.cancel = Some(token.clone());
        let cancelled = proxy.start::<i64>("Add", &(1, 2), &options).unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(50));
        let late = proxy.start::<i64>("Add", &(1, 2), &soon).unwrap();
        token.cancel();
        assert_eq!(cancelled.wait().unwrap_err().status(), Status::Cancelled);
        assert_eq!(late.wait().unwrap_err().status(), Status::TimedOut);
        assert!(!first.is_done());
        let _host = calculator_host(&endpoint).start().unwrap();
        assert_eq!(first.wait().unwrap(), 3);
    });
}

#[test]
fn a_routine_that_fails_fails_all_that_waited_for_it() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("failing"));
        let _host = calculator_host(&endpoint).start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let (gate, attempts) = (Arc::new(Gate::default()), AtomicU32::new(0));
        let waiting = gate.clone();
        let proxy = client
            .proxy_with_initialisation("ICalculator", move |_| {
                waiting.pass();
                let attempt = attempts.fetch_add(1, Ordering::SeqCst);
                Err(Error::remote_error("NotYet", format!("attempt {attempt}")))
            })
            .unwrap();
        let _opened = Opened(&gate);
        let calls: Vec<_> = (0..CALLS).map(|_| start(&proxy)).collect();
        gate.wait_for(1);
        gate.open();
        for call in calls {
            let error = call.wait().unwrap_err();
            assert_eq!(error.status(), Status::InitialisationFailed);
            let cause = error.cause().expect("the routine's error").message();
            assert_eq!(cause, "attempt 0", "it waited for a further attempt");
        }
    });
}

#[test]
fn a_routine_may_start_calls_itself() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("routine"));
        let _host = calculator_host(&endpoint).start().unwrap();
        let client = client_with(&endpoint, CONNECTION_TIMEOUT, Duration::from_secs(20));
        let gate = Arc::new(Gate::default());
        let waiting = gate.clone();
        let proxy = client
            .proxy_with_initialisation("ICalculator", move |proxy| {
                waiting.pass();
                start(proxy).wait().map(drop)
            })
            .unwrap();
        let _opened = Opened(&gate);
        let before = start(&proxy);
        gate.wait_for(1);
        let behind = start(&proxy);
        gate.open();
        assert_eq!(before.wait().unwrap(), 3);
        assert_eq!(behind.wait().unwrap(), 3);
    });
}

/// What the client's callback does while a started call waits for credit.
type Nested = fn(&Proxy) -> Result<i64, Error>;

#[test]
fn nested_calls_do_not_wait_for_one_that_waits_for_credit() {
    let called: Nested = |proxy| proxy.call("Add", &(1, 2));
    let started: Nested = |proxy| start(proxy).wait();
    for nested in [called, started] {
        watched(LIMIT, move || {
            let mut limits = Limits::default();
            limits.inbound_calls = 1;
            let host = Host::builder()
                .endpoint(&format!("pipe://{}", unique("nested")))
                .limits(limits)
                .delegate("ICalculator", |connection: &Connection| {
                    let callback = connection.proxy("ICallback").unwrap();
                    move |call: InboundCall| match call.method() {
                        "CallBack" => {
                            let sum = callback.call::<i64>("Nest", &());
                            call.reply_with(sum).ok();
                        }
                        _ => support::calculator(call),
                    }
                })
                .start()
                .unwrap();
            let proxy: Arc<OnceLock<Proxy>> = Arc::default();
            let (theirs, gate) = (proxy.clone(), Arc::new(Gate::default()));
            let (waiting, _opened) = (gate.clone(), Opened(&gate));
            let mut limits = Limits::default();
            limits.call_timeout = Some(Duration::from_secs(20));
            let client = Client::builder(&host.endpoints()[0].to_string())
                .limits(limits)
                .callback_handler("ICallback", move |call: InboundCall| {
                    waiting.pass();
                    let sum = nested(theirs.get().expect("made before any call"));
                    call.reply_with(sum).ok();
                })
                .connect()
                .unwrap();
            let calculator = client.proxy("ICalculator").unwrap();
            proxy.set(calculator.clone()).expect("set once");
            let first = calculator.start::<i64>("CallBack", &(), &CallOptions::default()).unwrap();
            // It cannot be sent before the host has replied to "CallBack".
            let behind = start(&calculator);
            gate.open();
            assert_eq!(first.wait().unwrap(), 3);
            assert_eq!(behind.wait().unwrap(), 3);
        });
    }
}
