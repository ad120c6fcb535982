//! Functions that run when the caller of an inbound call stops waiting.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::{unique, watched};
use callgate::{
    CallOptions, CancelNotice, CancelToken, Client, Connection, Host, InboundCall, PendingCall,
    Status, Timeout,
};

const LIMIT: Duration = Duration::from_secs(60);

/// Far longer than any test takes.
const LONG: Timeout = Timeout::After(Duration::from_secs(600));

fn options(timeout: Timeout, token: Option<&CancelToken>) -> CallOptions {
    let mut options = CallOptions::default();
    options.timeout = timeout;
    options.cancel = token.cloned();
    options
}

/// A call that the host holds, and its notice.
type Held = (Option<InboundCall>, Option<CancelNotice>);

/// A host that holds every call, and reports when one is held and when one is cancelled.
fn hold_calls(endpoint: &str) {
    let held: Arc<Mutex<Vec<Held>>> = Arc::default();
    let keep = held.clone();
    let host = Host::builder()
        .endpoint(endpoint)
        .delegate("IHeld", move |_: &Connection| {
            let held = keep.clone();
            move |call: InboundCall| {
                let number = call.args::<(u64,)>().unwrap().0;
                let notice = call
                    .on_cancelled(move || process::tell(format!("cancelled {number}")))
                    .unwrap();
                held.lock().unwrap().push((Some(call), Some(notice)));
                process::tell("held");
            }
        })
        .start()
        .unwrap();
    process::tell(&host.endpoints()[0]);
    for order in process::orders() {
        let mut held = held.lock().unwrap();
        match order.as_str() {
            "answer" => {
                held.iter_mut().for_each(|(call, _)| call.take().unwrap().reply(&1).unwrap())
            }
            "remove" => {
                for (_, notice) in held.iter_mut() {
                    assert!(notice.take().unwrap().remove(), "it has not run");
                }
            }
            _ => held.clear(),
        }
        process::tell("done");
    }
    host.close().unwrap();
}

fn start_held(client: &Client, number: u64, options: &CallOptions) -> PendingCall<u64> {
    client.proxy("IHeld").unwrap().start("Hold", &(number,), options).unwrap()
}

/// A host in another process, and a client of it.
fn held_by(test: &str) -> (Process, Client) {
    let mut host = Process::start(test, &format!("pipe://{}", unique("notices")));
    let client = Client::connect(&host.hear()).unwrap();
    (host, client)
}

#[test]
fn a_cancel_a_deadline_and_the_end_of_the_connection_run_the_function() {
    if let Some(endpoint) = process::role() {
        return hold_calls(&endpoint);
    }
    watched(LIMIT, || {
        let (mut host, client) = held_by(
            "cancel_notices::a_cancel_a_deadline_and_the_end_of_the_connection_run_the_function",
        );
        let token = CancelToken::new();
        let cancelled = start_held(&client, 1, &options(Timeout::Never, Some(&token)));
        assert_eq!(host.hear(), "held");
        token.cancel();
        assert_eq!(host.hear(), "cancelled 1");
        assert_eq!(cancelled.wait().unwrap_err().status(), Status::Cancelled);

        let soon = Timeout::After(Duration::from_secs(1));
        let late = start_held(&client, 2, &options(soon, None));
        assert_eq!(host.hear(), "held");
        assert_eq!(host.hear(), "cancelled 2");
        assert_eq!(late.wait().unwrap_err().status(), Status::TimedOut);

        let lost = start_held(&client, 3, &options(LONG, None));
        assert_eq!(host.hear(), "held");
        client.connection().unwrap().close();
        assert_eq!(host.hear(), "cancelled 3");
        assert_eq!(lost.wait().unwrap_err().status(), Status::Closed);
        assert_eq!(host.ask("clear"), "done", "and none of them ran twice");
        client.close().unwrap();
    });
}

#[test]
fn one_way_calls_are_cancelled_by_the_end_of_their_connection() {
    if let Some(endpoint) = process::role() {
        return hold_calls(&endpoint);
    }
    watched(LIMIT, || {
        let (mut host, client) =
            held_by("cancel_notices::one_way_calls_are_cancelled_by_the_end_of_their_connection");
        client.proxy("IHeld").unwrap().one_way("Hold", &(7,)).unwrap();
        assert_eq!(host.hear(), "held");
        client.close().unwrap();
        assert_eq!(host.hear(), "cancelled 7");
    });
}

#[test]
fn neither_an_answered_call_nor_a_removed_notice_runs_the_function() {
    if let Some(endpoint) = process::role() {
        return hold_calls(&endpoint);
    }
    watched(LIMIT, || {
        for order in ["answer", "remove"] {
            let (mut host, client) = held_by(
                "cancel_notices::neither_an_answered_call_nor_a_removed_notice_runs_the_function",
            );
            let token = CancelToken::new();
            let options = options(Timeout::After(Duration::from_secs(1)), Some(&token));
            let call = start_held(&client, 1, &options);
            assert_eq!(host.hear(), "held");
            assert_eq!(host.ask(order), "done");
            if order == "answer" {
                assert_eq!(call.wait().unwrap(), 1);
            } else {
                assert_eq!(call.wait().unwrap_err().status(), Status::TimedOut);
            }
            // The call behind it is cancelled after the deadline of the first.
            let behind = start_held(&client, 2, &options);
            assert_eq!(host.hear(), "held");
            assert_eq!(host.hear(), "cancelled 2", "not 1, after: {order}");
            assert!(behind.wait().is_err());
            client.connection().unwrap().close();
            assert_eq!(host.ask("clear"), "done", "nothing more ran");
            client.close().unwrap();
        }
    });
}

/// A host in this process whose delegate is `serve`, and a client of it.
fn served(serve: impl Fn(InboundCall) + Send + Sync + Clone + 'static) -> (Host, Client) {
    let host = Host::builder()
        .endpoint(&format!("pipe://{}", unique("notices")))
        .delegate("IHeld", move |_: &Connection| serve.clone())
        .start()
        .unwrap();
    let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    (host, client)
}

#[test]
fn a_function_that_comes_late_runs_soon_and_one_that_panics_does_no_harm() {
    watched(LIMIT, || {
        let (ran, runs) = mpsc::channel();
        let (host, client) = served(move |call: InboundCall| {
            ran.send("begun").unwrap();
            assert!(call.wait_cancelled(None));
            let ran = ran.clone();
            let panicking = call.on_cancelled(|| panic!("a test's own"));
            let notice = call.on_cancelled(move || ran.send("cancelled").unwrap());
            // These must stay alive until the functions have run.
            std::mem::forget((panicking, notice, call));
        });
        let token = CancelToken::new();
        let call = start_held(&client, 1, &options(Timeout::Never, Some(&token)));
        assert_eq!(runs.recv().unwrap(), "begun");
        token.cancel();
        assert_eq!(runs.recv().unwrap(), "cancelled");
        assert!(call.wait().is_err());
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_function_may_answer_call_and_close() {
    watched(LIMIT, || {
        let (ran, runs) = mpsc::channel();
        let held: Arc<Mutex<Vec<Held>>> = Arc::default();
        let keep = held.clone();
        let (host, client) = served(move |call: InboundCall| {
            let (ran, held, connection) = (ran.clone(), held.clone(), call.connection().clone());
            let arrived = ran.clone();
            let mut keep = keep.lock().unwrap();
            let notice = call.on_cancelled(move || {
                let (call, notice) = held.lock().unwrap().pop().unwrap();
                call.unwrap().reply(&"half").unwrap();
                assert!(!notice.unwrap().remove(), "it is running");
                connection.close();
                ran.send("cancelled").unwrap();
            });
            keep.push((Some(call), Some(notice.unwrap())));
            arrived.send("held").unwrap();
        });
        let token = CancelToken::new();
        let call = start_held(&client, 1, &options(Timeout::Never, Some(&token)));
        // Cancelled before it is sent, it would never be served.
        assert_eq!(runs.recv().unwrap(), "held");
        token.cancel();
        assert_eq!(runs.recv().unwrap(), "cancelled");
        assert_eq!(call.wait().unwrap_err().status(), Status::Cancelled);
        client.close().unwrap();
        host.close().unwrap();
    });
}

/// Counts how often it is dropped.
struct Released(Arc<AtomicUsize>);

impl Drop for Released {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn cancelling_races_with_the_answer_and_each_function_is_released_once() {
    const CALLS: u32 = 3000;
    watched(LIMIT, || {
        let counts: [Arc<AtomicUsize>; 3] = Default::default();
        let [served_calls, ran, released] = counts.clone();
        let (host, client) = served(move |call: InboundCall| {
            let spins = call.args::<(u32,)>().unwrap().0;
            served_calls.fetch_add(1, Ordering::SeqCst);
            let (ran, guard) = (ran.clone(), Released(released.clone()));
            let notice = call.on_cancelled(move || {
                ran.fetch_add(1, Ordering::SeqCst);
                drop(guard);
            });
            for _ in 0..spins {
                std::hint::spin_loop();
            }
            call.reply(&1).ok();
            drop(notice);
        });
        let held = client.proxy("IHeld").unwrap();
        for round in 0..CALLS {
            let token = CancelToken::new();
            let spins = round % 64 * 100;
            let options = options(LONG, Some(&token));
            let call: PendingCall<u64> = held.start("Hold", &(spins,), &options).unwrap();
            token.cancel();
            match call.wait() {
                Ok(result) => assert_eq!(result, 1),
                Err(error) => assert_eq!(error.status(), Status::Cancelled),
            }
        }
        client.close().unwrap();
        host.close().unwrap();
        let [served_calls, ran, released] = counts.map(|count| count.load(Ordering::SeqCst));
        println!("{served_calls} calls were served, {ran} functions ran");
        assert!(ran <= served_calls);
        assert_eq!(released, served_calls);
    });
}
