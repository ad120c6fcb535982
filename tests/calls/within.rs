//! The program's own threads that act on behalf of a call.

use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::support::gate::{Gate, Opened};
use crate::support::{unique, watched};
use callgate::{CallOptions, Client, Host, InboundCall, Limits, Proxy, Result, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// Lets a thread of its own reply to a call, with the result of work done within it.
fn on_another_thread(call: InboundCall, work: impl FnOnce(i64) -> Result<i64> + Send + 'static) {
    thread::spawn(move || {
        let outcome = call.args::<(i64,)>().and_then(|(number,)| call.within(|| work(number)));
        call.reply_with(outcome).ok();
    });
}

/// Counts down by one on the other side until nothing is left.
fn ping_pong(other: &Proxy, number: i64) -> Result<i64> {
    match number {
        0 => Ok(0),
        _ => Ok(1 + other.call::<i64>("Run", &(number - 1,))?),
    }
}

/// A host that serves every call on a thread of its own, which calls back.
fn deferring_host(name: &str) -> Host {
    Host::builder()
        .endpoint(&format!("pipe://{}", unique(name)))
        .duplex_delegate_factory("IService", "ICallback", |_, callback| {
            Ok(Some(Arc::new(move |call: InboundCall| {
                let callback = callback.clone();
                match call.method() {
                    "Now" => drop(call.reply(&0)),
                    _ => on_another_thread(call, move |number| ping_pong(&callback, number)),
                }
            })))
        })
        .start()
        .unwrap()
}

/// A client that serves its callbacks like that, with a proxy of the service at hand; it must be closed.
fn client(
    host: &Host,
    serve: impl Fn(InboundCall, Proxy) + Send + Sync + 'static,
) -> (Client, Proxy) {
    let back: Arc<OnceLock<Proxy>> = Arc::default();
    let proxy = back.clone();
    let client = Client::builder(&host.endpoints()[0].to_string())
        .callback_handler("ICallback", move |call: InboundCall| {
            serve(call, proxy.get().expect("the proxy was made before any call").clone());
        })
        .connect()
        .unwrap();
    let service = client.proxy("IService").unwrap();
    back.set(service.clone()).expect("set once");
    (client, service)
}

#[test]
fn calls_within_handed_over_calls_need_no_running_slot() {
    watched(LIMIT, || {
        let host = deferring_host("slots");
        let gate = Arc::new(Gate::default());
        let _opened = Opened(&gate);
        let passed = gate.clone();
        let (client, service) = client(&host, move |call, service| {
            passed.pass();
            call.reply_with(service.call::<i64>("Now", &(0,))).ok();
        });
        let count = 2 * Limits::default().running_calls;
        let start = |_| service.start::<i64>("Later", &(1,), &CallOptions::default()).unwrap();
        let started: Vec<_> = (0..count).map(start).collect();
        // Only as many roots as may run.
        gate.wait_for(count);
        gate.open();
        for call in started {
            assert_eq!(call.wait().unwrap(), 1);
        }
        client.close().unwrap();
    });
}

#[test]
fn calls_that_change_threads_at_every_level_know_how_deep_they_are() {
    watched(LIMIT, || {
        let host = deferring_host("levels");
        let (client, service) = client(&host, |call, service| {
            on_another_thread(call, move |number| ping_pong(&service, number));
        });
        assert_eq!(service.call::<i64>("Run", &(32,)).unwrap(), 32);
        let error = service.call::<i64>("Run", &(80,)).unwrap_err();
        assert_eq!(error.status(), Status::LimitExceeded, "{error}");
        client.close().unwrap();
    });
}

#[test]
fn a_wait_for_oneself_by_way_of_another_thread_is_told() {
    watched(LIMIT, || {
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("oneself")))
            .duplex_delegate_factory("IService", "ICallback", |_, callback| {
                let seen: i64 = callback.call("Run", &(1,))?;
                Ok(Some(Arc::new(move |call: InboundCall| drop(call.reply(&seen)))))
            })
            .start()
            .unwrap();
        let (client, service) = client(&host, |call, service| {
            on_another_thread(call, move |_| {
                let error = service.call::<i64>("Run", &(1,)).expect_err("a deadlock");
                assert_eq!(error.status(), Status::WouldDeadlock, "{error}");
                Ok(7)
            });
        });
        assert_eq!(service.call::<i64>("Run", &(1,)).unwrap(), 7);
        client.close().unwrap();
    });
}

#[test]
fn calls_within_pass_where_all_slots_are_taken() {
    watched(LIMIT, || {
        let host = deferring_host("taken");
        let gate = Arc::new(Gate::default());
        let _opened = Opened(&gate);
        let passed = gate.clone();
        let (client, service) = client(&host, move |call, service| match call.method() {
            "Hold" => {
                passed.pass();
                call.reply(&0i64).ok();
            }
            _ => on_another_thread(call, move |number| ping_pong(&service, number)),
        });
        assert_eq!(service.call::<i64>("Run", &(1,)).unwrap(), 1);
        let callback = host.connections()[0].proxy("ICallback").unwrap();
        let most = Limits::default().running_calls;
        let held: Vec<_> = (0..most + 1)
            .map(|_| callback.start::<i64>("Hold", &(0,), &CallOptions::default()).unwrap())
            .collect();
        gate.wait_for(most);
        // All slots are taken, and one call waits for a slot: nested calls pass nevertheless.
        assert_eq!(service.call::<i64>("Run", &(4,)).unwrap(), 4);
        assert_eq!(gate.arrived(), most, "a root waits");
        gate.open();
        for call in held {
            assert_eq!(call.wait().unwrap(), 0);
        }
        client.close().unwrap();
    });
}
