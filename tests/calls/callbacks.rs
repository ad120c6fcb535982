//! Calls from the host to the client, while the client calls the host.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::gate::eventually;
use crate::support::process::{self, Process};
use crate::support::{unique, watched};
use callgate::{Client, Connection, Execution, Host, InboundCall, Status};

/// How long a callback is kept after the call that brought it: longer than any idle thread of a pool lives.
const KEPT: Duration = Duration::from_secs(10);

/// Calls an interface that the client does not serve, and expects the error for that.
fn call_back(connection: &Connection) {
    let error = connection.proxy("ICallback").unwrap().call::<i32>("Get", &()).unwrap_err();
    assert_eq!(error.status(), Status::ContractMismatch, "{error:?}");
    assert_eq!(error.execution(), Execution::NotRun);
}

#[test]
fn callbacks_inside_calls_and_from_kept_threads_get_their_outcome() {
    watched(Duration::from_secs(120), || {
        let stop = Arc::new(AtomicBool::new(false));
        let kept = Arc::new(AtomicUsize::new(0));
        let (stopped, counted) = (stop.clone(), kept.clone());
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("callbacks")))
            .client_connected(move |connection| {
                for _ in 0..3 {
                    let connection = connection.clone();
                    let (stop, count) = (stopped.clone(), counted.clone());
                    thread::spawn(move || {
                        while !stop.load(Ordering::SeqCst) {
                            call_back(&connection);
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                    });
                }
            })
            .delegate("INested", |_| {
                |call: InboundCall| {
                    if call.method() == "Nested" {
                        call_back(call.connection());
                    }
                    call.reply(&7).unwrap();
                }
            })
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let proxy = client.proxy("INested").unwrap();
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    for number in 0..200 {
                        let method = if number % 2 == 0 { "Nested" } else { "Plain" };
                        assert_eq!(proxy.call::<i32>(method, &()).unwrap(), 7);
                    }
                });
            }
        });
        // A client that only waits replies too.
        let before = kept.load(Ordering::SeqCst);
        eventually("kept threads go on", || kept.load(Ordering::SeqCst) > before + 100);
        stop.store(true, Ordering::SeqCst);
        host.close().unwrap();
        client.close().unwrap();
    });
}

#[test]
fn a_proxy_of_a_connection_dies_with_it() {
    watched(Duration::from_secs(60), || {
        let host = Host::builder().endpoint(&format!("pipe://{}", unique("dies"))).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        client.wait_connected(None).unwrap();
        eventually("the host knows of it", || !host.connections().is_empty());
        let proxy = host.connections()[0].proxy("ICallback").unwrap();
        client.close().unwrap();
        let error = proxy.call::<i32>("Get", &()).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::NotRun));
        host.close().unwrap();
    });
}

/// Keeps each caller's callback, and uses it later, on a thread of its own.
fn keeping_host(endpoints: &str) {
    let mut builder = Host::builder();
    for endpoint in endpoints.split(' ') {
        builder = builder.endpoint(endpoint);
    }
    let host = builder
        .duplex_delegate_factory("IKeep", "ICallback", |_, callback| {
            Ok(Some(Arc::new(move |call: InboundCall| {
                let callback = callback.clone();
                thread::spawn(move || {
                    thread::sleep(KEPT);
                    process::tell(callback.call::<i64>("Double", &(21,)).unwrap());
                });
                call.reply(&()).unwrap();
            })))
        })
        .start()
        .unwrap();
    let listening: Vec<_> = host.endpoints().iter().map(ToString::to_string).collect();
    process::tell(listening.join(" "));
    process::orders().for_each(drop);
}

#[test]
fn a_callback_is_used_10_seconds_after_the_call_that_brought_it() {
    if let Some(endpoints) = process::role() {
        return keeping_host(&endpoints);
    }
    watched(Duration::from_secs(60), || {
        let endpoints = format!("pipe://{} tcp://127.0.0.1:0", unique("kept"));
        let test = "callbacks::a_callback_is_used_10_seconds_after_the_call_that_brought_it";
        let mut host = Process::start(test, &endpoints);
        let (tell, told) = mpsc::channel();
        let begun = Instant::now();
        let clients: Vec<_> = host
            .hear()
            .split(' ')
            .map(|endpoint| {
                let tell = tell.clone();
                let client = Client::builder(endpoint)
                    .callback_handler("ICallback", move |call: InboundCall| {
                        let (number,) = call.args::<(i64,)>().unwrap();
                        call.reply(&(2 * number)).unwrap();
                        tell.send(Instant::now()).unwrap();
                    })
                    .connect()
                    .unwrap();
                client.proxy("IKeep").unwrap().call::<()>("Keep", &()).unwrap();
                client
            })
            .collect();
        // Nothing is sent on either connection until then.
        for client in &clients {
            assert_eq!(host.hear(), "42");
            assert!(told.recv().unwrap().duration_since(begun) >= KEPT);
            assert_eq!(client.connection().unwrap().generation(), 1);
        }
    });
}
