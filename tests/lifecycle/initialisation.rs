//! Initialisation routines of proxies.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::{unique, watched};
use callgate::{
    CallOptions, Client, Connection, Error, Execution, Host, InboundCall, Proxy, Status,
};

const LIMIT: Duration = Duration::from_secs(60);

/// A host that records the calls of `ISession` in order; `Work` fails on a connection without a log-in.
fn session_host(endpoint: &str, notes: &Arc<Mutex<Vec<String>>>) -> Host {
    let notes = notes.clone();
    Host::builder()
        .endpoint(endpoint)
        .delegate("ISession", move |_: &Connection| {
            let notes = notes.clone();
            let logged_in = AtomicU32::new(0);
            move |call: InboundCall| {
                notes.lock().unwrap().push(call.method().into());
                match call.method() {
                    "LogIn" => call.reply(&logged_in.fetch_add(1, Ordering::SeqCst)).ok(),
                    _ => call.reply(&logged_in.load(Ordering::SeqCst)).ok(),
                };
            }
        })
        .start()
        .unwrap()
}

fn log_in(proxy: &Proxy) -> Result<(), Error> {
    proxy.call::<u32>("LogIn", &()).map(drop)
}

#[test]
fn the_routine_runs_once_per_connection_before_any_call_and_again_after_a_reconnect() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("init"));
        let notes: Arc<Mutex<Vec<String>>> = Arc::default();
        let host = session_host(&endpoint, &notes);
        let client = Client::connect(&endpoint).unwrap();
        let session = client.proxy_with_initialisation("ISession", log_in).unwrap();
        client.wait_connected(None).unwrap();
        assert!(notes.lock().unwrap().is_empty(), "the first connection waits for the first call");
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| assert_eq!(session.call::<u32>("Work", &()).unwrap(), 1));
            }
        });
        assert_eq!(notes.lock().unwrap()[0], "LogIn");
        host.close().unwrap();
        notes.lock().unwrap().clear();
        let _host = session_host(&endpoint, &notes);
        eventually("the routine runs by itself", || !notes.lock().unwrap().is_empty());
        assert_eq!(session.call::<u32>("Work", &()).unwrap(), 1);
        assert_eq!(*notes.lock().unwrap(), ["LogIn", "Work"]);
    });
}

#[test]
fn a_started_call_waits_for_it_too() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("started"));
        let _host = session_host(&endpoint, &Arc::default());
        let client = Client::connect(&endpoint).unwrap();
        let session = client.proxy_with_initialisation("ISession", log_in).unwrap();
        let call = session.start::<u32>("Work", &(), &CallOptions::default()).unwrap();
        assert_eq!(call.wait().unwrap(), 1);
    });
}

#[test]
fn other_proxies_do_not_wait_for_it() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("others"));
        let _host = session_host(&endpoint, &Arc::default());
        let client = Client::connect(&endpoint).unwrap();
        let gate = Arc::new(Gate::default());
        let waiting = gate.clone();
        let slow = client
            .proxy_with_initialisation("ISession", move |_| {
                waiting.pass();
                Ok(())
            })
            .unwrap();
        let plain = client.proxy("ISession").unwrap();
        let _opened = Opened(&gate);
        thread::scope(|scope| {
            let call = scope.spawn(|| slow.call::<u32>("Work", &()));
            gate.wait_for(1);
            assert_eq!(plain.call::<u32>("Work", &()).unwrap(), 0);
            assert!(!call.is_finished(), "its own calls wait");
            gate.open();
            assert_eq!(call.join().unwrap().unwrap(), 0);
        });
    });
}

#[test]
fn a_failure_reaches_those_who_wait_and_is_tried_again() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("failure"));
        let _host = session_host(&endpoint, &Arc::default());
        let client = Client::connect(&endpoint).unwrap();
        let attempts = Arc::new(AtomicU32::new(0));
        let counted = attempts.clone();
        let session = client
            .proxy_with_initialisation("ISession", move |_| {
                match counted.fetch_add(1, Ordering::SeqCst) {
                    0 => Err(Error::remote_error("NotYet", "come back later")),
                    1 => panic!("on purpose"),
                    _ => Ok(()),
                }
            })
            .unwrap();
        let mut failures = Vec::new();
        let result = loop {
            match session.call::<u32>("Work", &()) {
                Ok(result) => break result,
                Err(error) => failures.push(error),
            }
        };
        assert_eq!(result, 0);
        assert_eq!(attempts.load(Ordering::SeqCst), 3);
        assert!(!failures.is_empty());
        for error in &failures {
            assert_eq!(
                (error.status(), error.execution()),
                (Status::InitialisationFailed, Execution::NotRun)
            );
        }
        // A caller that wakes up late gets the latest failure.
        let cause = failures[0].cause().expect("the routine's error");
        let told = cause.remote().is_some_and(|remote| remote.type_name == "NotYet");
        assert!(told || cause.message().contains("panicked"), "{cause}");
        assert!(client.connection().is_some(), "the connection is left alone");
    });
}

#[test]
fn the_routine_and_what_it_causes_may_call_its_proxy() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("causes"));
        let _host = Host::builder()
            .endpoint(&endpoint)
            .duplex_delegate_factory("IService", "ICallback", |_, callback| {
                Ok(Some(Arc::new(move |call: InboundCall| {
                    let answer = match call.method() {
                        "Ask" => callback.call::<i32>("Answer", &()),
                        _ => Ok(7),
                    };
                    call.reply_with(answer).ok();
                })))
            })
            .start()
            .unwrap();
        let back: Arc<OnceLock<Proxy>> = Arc::default();
        let proxy = back.clone();
        let client = Client::builder(&endpoint)
            .callback_handler("ICallback", move |call: InboundCall| {
                // Inside the routine, from the host and back, through the very proxy that is being
                // initialised.
                let service = proxy.get().expect("the proxy was made before any call");
                call.reply_with(service.call::<i32>("Seven", &())).ok();
            })
            .connect()
            .unwrap();
        let seen = Arc::new(AtomicU32::new(0));
        let saw = seen.clone();
        let service = client
            .proxy_with_initialisation("IService", move |service| {
                saw.store(service.call::<u32>("Ask", &())?, Ordering::SeqCst);
                Ok(())
            })
            .unwrap();
        back.set(service.clone()).expect("set once");
        assert_eq!(service.call::<i32>("Seven", &()).unwrap(), 7);
        assert_eq!(seen.load(Ordering::SeqCst), 7);
        client.close().unwrap();
    });
}
