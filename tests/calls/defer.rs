//! Replies that come later, from other threads.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::gate::{eventually, Gate};
use crate::support::process::{self, Process};
use crate::support::{system, unique, watched};
use callgate::{CallOptions, Client, Execution, Host, InboundCall, Limits, Status};

const CALLS: u64 = 1000;

/// How many threads a host with a thousand deferred calls may have: those of a connection that serves, and
/// those of the test runner.
const MOST_THREADS: usize = 48;

#[test]
fn a_thousand_are_held_without_threads_and_answered_in_reverse() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint);
    }
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("deferred"));
        let test = "defer::a_thousand_are_held_without_threads_and_answered_in_reverse";
        let mut host = Process::start(test, &endpoint);
        let client = Client::connect(&host.hear()).unwrap();
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

/// How many threads a connection may have besides one for each running call: its leader, one about to
/// replace it, and one that has just handed its work on and is ending.
const BESIDE_RUNNING: usize = 3;

#[test]
fn sixteen_running_and_a_thousand_deferred_take_sixteen_threads() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint);
    }
    watched(Duration::from_secs(60), || {
        for endpoint in [format!("pipe://{}", unique("running")), "tcp://127.0.0.1:0".into()] {
            let test = "defer::sixteen_running_and_a_thousand_deferred_take_sixteen_threads";
            let mut host = Process::start(test, &endpoint);
            let client = Client::connect(&host.hear()).unwrap();
            let proxy = client.proxy("IDefer").unwrap();
            assert_eq!(proxy.call::<u64>("Now", &(1u64,)).unwrap(), 1);
            let before = system::threads(host.id());
            let start = |method: &str, number: u64| {
                proxy.start::<u64>(method, &(number,), &CallOptions::default()).unwrap()
            };
            let deferred: Vec<_> = (0..CALLS).map(|number| start("Later", number)).collect();
            assert_eq!(host.ask("wait"), "held");
            // Far more than may run.
            let running: Vec<_> = (0..200).map(|number| start("Run", number)).collect();
            let most_running = Limits::default().running_calls;
            assert_eq!(host.ask("running"), most_running.to_string());
            let threads = system::threads(host.id());
            println!("{endpoint}: {before} threads, {threads} with all of that");
            assert!(threads > most_running, "{threads} threads");
            assert!(threads <= before + most_running + BESIDE_RUNNING, "{threads} threads");
            assert_eq!(host.ask("answer"), "done");
            for (number, call) in deferred.into_iter().enumerate() {
                assert_eq!(call.wait().unwrap(), number as u64, "served while all slots are taken");
            }
            assert_eq!(host.ask("running"), most_running.to_string(), "the others wait still");
            assert_eq!(host.ask("open"), "opened");
            for call in running {
                assert_eq!(call.wait().unwrap(), 2);
            }
            client.close().unwrap();
        }
    });
}

fn serve(endpoint: &str) {
    let gate = Arc::new(Gate::default());
    let held: Arc<Mutex<Vec<InboundCall>>> = Arc::default();
    let (keep, waiting) = (held.clone(), gate.clone());
    let host = Host::builder()
        .endpoint(endpoint)
        .delegate("IDefer", move |_| {
            let (keep, gate) = (keep.clone(), waiting.clone());
            move |call: InboundCall| match call.method() {
                "Later" => keep.lock().unwrap().push(call),
                "Run" => {
                    gate.pass();
                    call.reply(&2).ok();
                }
                _ => drop(call.reply(&1)),
            }
        })
        .start()
        .unwrap();
    process::tell(&host.endpoints()[0]);
    for order in process::orders() {
        match order.as_str() {
            "wait" => {
                eventually("all are held", || held.lock().unwrap().len() == CALLS as usize);
                process::tell("held");
            }
            "running" => {
                gate.wait_for(Limits::default().running_calls);
                process::tell(gate.arrived());
            }
            "open" => {
                gate.open();
                process::tell("opened");
            }
            _ => {
                end(std::mem::take(&mut *held.lock().unwrap()), order == "answer");
                process::tell("done");
            }
        }
    }
    host.close().unwrap();
}

/// Replies to calls, the last first, or drops them.
fn end(calls: Vec<InboundCall>, answered: bool) {
    for call in calls.into_iter().rev() {
        if answered {
            let (number,) = call.args::<(u64,)>().unwrap();
            call.reply(&number).unwrap();
        }
    }
}
