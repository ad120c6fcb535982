//! Differences that are found before a call runs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use callgate::{
    CallOptions, Client, Connection, Contract, Error, Execution, Host, InboundCall, Result, Status,
};

use crate::support::{unique, watched};
use crate::{adding, described};

const LIMIT: Duration = Duration::from_secs(60);

/// A host that adds, and counts the calls that it ran.
fn adding_host(endpoint: &str, contract: Option<&Contract>) -> (Host, Arc<AtomicU32>) {
    let ran = Arc::new(AtomicU32::new(0));
    let counter = ran.clone();
    let builder =
        Host::builder().endpoint(endpoint).delegate("ICalculator", move |_: &Connection| {
            let ran = counter.clone();
            move |call: InboundCall| {
                ran.fetch_add(1, Ordering::SeqCst);
                let sum = call.args::<(i64, i64)>().map(|(a, b)| a + b);
                call.reply_with(sum).ok();
            }
        });
    let builder = match contract {
        Some(contract) => builder.describe(contract),
        None => builder,
    };
    (builder.start().unwrap(), ran)
}

fn pipe() -> String {
    format!("pipe://{}", unique("verifying"))
}

fn assert_differs(error: &Error) {
    assert_eq!(error.status(), Status::ContractMismatch, "{error}");
    assert_eq!(error.execution(), Execution::NotRun, "{error}");
    let place = "ICalculator.Add, parameter 2 (b): int64 here, int32 at the host";
    assert!(error.message().contains(place), "{error}");
}

#[test]
fn a_difference_is_found_before_anything_runs() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let (host, ran) = adding_host(&endpoint, Some(&adding("int32", "int32")));
        let client = Client::connect(&endpoint).unwrap();
        let described = || {
            let proxy = client.proxy("ICalculator").unwrap();
            proxy.describe(&adding("int64", "int64")).unwrap();
            proxy
        };
        let proxy = described();
        for _ in 0..2 {
            assert_differs(&proxy.call::<i64>("Add", &(1, 2)).unwrap_err());
        }
        assert_differs(&described().one_way("Add", &(1, 2)).unwrap_err());
        let started = described().start::<i64>("Add", &(1, 2), &CallOptions::default()).unwrap();
        assert_differs(&started.wait().unwrap_err());
        assert_differs(&described().verify(&CallOptions::default()).unwrap_err());
        assert_eq!(ran.load(Ordering::SeqCst), 0);

        // Other proxies of the same client are not concerned.
        assert_eq!(client.proxy("ICalculator").unwrap().call::<i64>("Add", &(1, 2)).unwrap(), 3);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn what_fits_is_called_and_what_is_not_described_too() {
    watched(LIMIT, || {
        for (contract, hidden) in [
            (Some(adding("int64", "int32")), false),
            (None, false),
            (Some(adding("int8", "int8")), true),
        ] {
            let endpoint = pipe();
            let (host, _) = if hidden {
                let builder = Host::builder().endpoint(&endpoint).described(false);
                let builder = builder.describe(contract.as_ref().unwrap());
                let builder = builder.delegate("ICalculator", |_: &Connection| {
                    |call: InboundCall| drop(call.reply(&3))
                });
                (builder.start().unwrap(), Arc::default())
            } else {
                adding_host(&endpoint, contract.as_ref())
            };
            let client = Client::connect(&endpoint).unwrap();
            let proxy = client.proxy("ICalculator").unwrap();
            proxy.describe(&adding("int32", "int64")).unwrap();
            proxy.verify(&CallOptions::default()).unwrap();
            assert_eq!(proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

#[test]
fn a_started_call_is_sent_at_once_if_the_verdict_is_known() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let contract = adding("int32", "int32");
        let builder = Host::builder().endpoint(&endpoint).describe(&contract);
        // Replies once the caller has cancelled.
        let builder = builder.delegate("ICalculator", |_: &Connection| {
            |call: InboundCall| _ = call.wait_cancelled(Some(LIMIT))
        });
        let host = builder.start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let described = || {
            let proxy = client.proxy("ICalculator").unwrap();
            proxy.describe(&contract).unwrap();
            proxy
        };
        described().verify(&CallOptions::default()).unwrap();
        // More would exceed the calls that a host runs at once.
        let (proxies, mut started): (Vec<_>, Vec<_>) =
            ((0..15).map(|_| described()).collect(), vec![]);
        for proxy in &proxies {
            let call = proxy.start::<i64>("Add", &(1, 2), &CallOptions::default()).unwrap();
            started.push(call);
            assert_eq!(client.counters().made.in_flight, started.len() as u64);
        }
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn each_connection_is_compared_anew() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let (first, _) = adding_host(&endpoint, Some(&adding("int32", "int32")));
        let client = Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        proxy.describe(&adding("int64", "int64")).unwrap();
        assert_differs(&proxy.call::<i64>("Add", &(1, 2)).unwrap_err());
        first.close().unwrap();

        let (second, ran) = adding_host(&endpoint, Some(&adding("int64", "int64")));
        let patient = CallOptions::timeout(LIMIT);
        // Until the client has noticed the end of the old connection, its verdict stands.
        let sum = std::iter::repeat_with(|| proxy.call_with::<i64>("Add", &(1, 2), &patient))
            .find_map(Result::ok);
        assert_eq!(sum, Some(3));
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        second.close().unwrap();
        client.close().unwrap();
    });
}

#[test]
fn the_comparison_counts_as_waiting_for_the_call() {
    watched(LIMIT, || {
        let client = Client::connect(&pipe()).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        proxy.describe(&adding("int32", "int32")).unwrap();
        let hasty = CallOptions::timeout(Duration::from_millis(20));
        let error = proxy.call_with::<i64>("Add", &(1, 2), &hasty).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
        let error = proxy.verify(&hasty).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
        client.close().unwrap();
    });
}

#[test]
fn many_differences_are_counted() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let (host, _) = adding_host(&endpoint, Some(&adding("int32", "int32")));
        let client = Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        let methods = (0..8).map(|n| json!({ "name": format!("Method{n}"), "params": [] }));
        proxy.describe(&described("ICalculator", methods.collect())).unwrap();
        let error = proxy.call::<()>("Method0", &()).unwrap_err();
        let message = error.message();
        let first = "ICalculator.Method0: Method0() here, no such method at the host; ";
        assert!(message.contains(first), "{error}");
        assert!(message.contains("; and 3 more"), "{error}");
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_proxy_has_one_description_of_its_own_interface() {
    watched(LIMIT, || {
        let (host, _) = adding_host(&pipe(), None);
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        let refused = |outcome: Result<()>, part: &str| {
            let error = outcome.unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{error}");
            assert!(error.message().contains(part), "{error}");
        };
        refused(proxy.describe(&described("IOther", json!([]))), "'IOther'");
        proxy.describe(&adding("int32", "int32")).unwrap();
        refused(proxy.describe(&adding("int32", "int32")), "already");
        client.wait_connected(Some(LIMIT)).unwrap();
        let scoped = client.connection().unwrap().proxy("ICalculator").unwrap();
        refused(scoped.describe(&adding("int32", "int32")), "client's proxy");
        client.close().unwrap();
        host.close().unwrap();
    });
}
