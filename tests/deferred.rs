//! Replies that come later, from other threads.

mod support;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate::{Client, Execution, Host, InboundCall, Status};
use support::process::{self, Process};
use support::{system, unique, watched};

const CALLS: u64 = 1000;

/// Threads that a host with a thousand deferred calls may have: those of a connection that serves,
/// and those of the test runner.
const MOST_THREADS: usize = 48;

#[test]
fn a_thousand_are_held_without_threads_and_answered_in_reverse() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint);
    }
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("deferred"));
        let test = "a_thousand_are_held_without_threads_and_answered_in_reverse";
        let mut host = Process::start(test, &endpoint);
        assert_eq!(host.hear(), "listening");
        let client = Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("IDefer").unwrap();
        for order in ["answer", "drop"] {
            thread::scope(|scope| {
                let calls: Vec<_> = (0..CALLS)
                    .map(|number| {
                        let proxy = &proxy;
                        scope.spawn(move || proxy.call::<u64>("Later", &(number,)))
                    })
                    .collect();
                assert_eq!(host.ask("wait"), "held");
                let threads = system::threads(host.id());
                assert!(threads <= MOST_THREADS, "{threads} threads hold the calls");
                assert_eq!(proxy.call::<u64>("Now", &(1u64,)).unwrap(), 1, "others pass");
                assert_eq!(host.ask(order), "done");
                for (number, call) in calls.into_iter().enumerate() {
                    match call.join().unwrap() {
                        Ok(result) => assert_eq!((result, order), (number as u64, "answer")),
                        Err(error) => {
                            assert_eq!(order, "drop", "{error:?}");
                            assert_eq!(error.status(), Status::RemoteError);
                            assert_eq!(error.execution(), Execution::Ran);
                        }
                    }
                }
            });
        }
        client.close().unwrap();
    });
}

fn serve(endpoint: &str) {
    let held: Arc<Mutex<Vec<InboundCall>>> = Arc::default();
    let keep = held.clone();
    let host = Host::builder()
        .endpoint(endpoint)
        .delegate("IDefer", move |_| {
            let keep = keep.clone();
            move |call: InboundCall| match call.method() {
                "Later" => keep.lock().unwrap().push(call),
                _ => drop(call.reply(&1)),
            }
        })
        .start()
        .unwrap();
    process::tell("listening");
    for order in process::orders() {
        if order == "wait" {
            while held.lock().unwrap().len() < CALLS as usize {
                thread::sleep(Duration::from_millis(1));
            }
            process::tell("held");
            continue;
        }
        let calls = std::mem::take(&mut *held.lock().unwrap());
        for call in calls.into_iter().rev() {
            if order == "answer" {
                let (number,) = call.args::<(u64,)>().unwrap();
                call.reply(&number).unwrap();
            }
        }
        process::tell("done");
    }
    host.close().unwrap();
}
