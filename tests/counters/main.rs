//! What hosts and clients count, as programs and clients read it.

#[path = "../support/mod.rs"]
mod support;

mod read;

use std::time::Duration;

use callgate::{
    CallOptions, CancelToken, Client, Connection, Counters, Error, Host, InboundCall, Status,
};

use support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

/// A host of ITest: `Echo` replies, `Fail` fails, `Hold` keeps the call for a while, `Note` is one-way.
fn host(endpoint: &str) -> Host {
    let host = Host::builder().endpoint(endpoint).delegate("ITest", |_: &Connection| {
        |call: InboundCall| match call.method() {
            "Echo" => drop(call.reply_from_arguments(|arguments| &arguments[1..])),
            "Fail" => drop(call.fail(Error::new(Status::RemoteError, "as asked"))),
            "Hold" => drop(call.wait_cancelled(Some(LIMIT))),
            _ => {}
        }
    });
    host.start().unwrap()
}

fn pair(name: &str) -> (Host, Client) {
    let endpoint = format!("pipe://{}", unique(name));
    let host = host(&endpoint);
    (host, Client::connect(&endpoint).unwrap())
}

/// Waits until what a host has counted is as expected: it counts some things just after its client learns of them.
fn await_counters(host: &Host, mut expected: impl FnMut(&Counters) -> bool) -> Counters {
    loop {
        let counters = host.counters();
        if expected(&counters) {
            return counters;
        }
        std::thread::yield_now();
    }
}

fn count_of(counters: &[(Status, u64)], status: Status) -> u64 {
    counters.iter().find(|(other, _)| *other == status).map_or(0, |(_, count)| *count)
}

#[test]
fn calls_bytes_and_errors_are_counted_on_both_sides() {
    watched(LIMIT, || {
        let (host, client) = pair("counted");
        let proxy = client.proxy("ITest").unwrap();
        for n in 0..40 {
            assert_eq!(proxy.call::<i32>("Echo", &(n,)).unwrap(), n);
        }
        for _ in 0..3 {
            proxy.call::<()>("Fail", &()).unwrap_err();
        }
        client.proxy("IUnknown").unwrap().call::<()>("M", &()).unwrap_err();
        (0..20).for_each(|n| proxy.one_way("Note", &(n,)).unwrap());
        assert_eq!(proxy.call::<i32>("Echo", &(1,)).unwrap(), 1);

        let mut made = client.counters();
        let served = await_counters(&host, |it| {
            made = client.counters();
            // Credit for the one-way calls may be on its way.
            it.served.one_way == 20 && it.bytes_sent == made.bytes_received
        });
        assert_eq!((made.connections, made.connections_established), (1, 1));
        assert_eq!((served.connections, served.connections_established), (1, 1));
        assert_eq!((served.connections_failed, made.connections_failed), (0, 0));
        assert_eq!((made.made.calls, made.made.one_way), (45, 20));
        // The call to an unknown interface reached no delegate.
        assert_eq!((served.served.calls, served.served.one_way), (44, 20));
        for errors in [&made.made.errors, &served.served.errors] {
            let expected = [(Status::RemoteError, 3), (Status::ContractMismatch, 1)];
            assert_eq!(errors[..], expected, "{errors:?}");
        }
        assert_eq!((made.bytes_sent, made.bytes_queued), (served.bytes_received, 0));
        assert!(made.bytes_sent > 65 * 10, "{}", made.bytes_sent);
        assert_eq!((made.made.in_flight, served.served.in_flight), (0, 0));
        // The calls 1, 18 and 35 are measured.
        let measured = (served.served.latencies.count(), made.made.latencies.count());
        assert_eq!(measured, (3, 3));
        assert!(made.made.latencies.quantile(1.0).is_some_and(|longest| longest < LIMIT));
        assert_eq!((made.served.calls, served.made.calls), (0, 0));
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn calls_in_flight_and_given_up_are_counted() {
    watched(LIMIT, || {
        let (host, client) = pair("in-flight");
        let proxy = client.proxy("ITest").unwrap();
        let (token, mut options) = (CancelToken::new(), CallOptions::timeout(LIMIT));
        options.cancel = Some(token.clone());
        let held = proxy.start::<()>("Hold", &(), &options).unwrap();
        await_counters(&host, |it| it.served.in_flight == 1);
        assert_eq!((client.counters().made.in_flight, client.counters().made.calls), (1, 1));
        token.cancel();
        held.wait().unwrap_err();
        await_counters(&host, |it| it.served.in_flight == 0);
        assert_eq!(count_of(&client.counters().made.errors, Status::Cancelled), 1);
        let late = CallOptions::timeout(Duration::from_millis(20));
        proxy.call_with::<()>("Hold", &(), &late).unwrap_err();
        assert_eq!(count_of(&client.counters().made.errors, Status::TimedOut), 1);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn counts_outlive_their_connections_and_failures_to_connect_are_counted() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("outlived"));
        let client = Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("ITest").unwrap();
        let briefly = CallOptions::timeout(Duration::from_millis(200));
        proxy.call_with::<i32>("Echo", &(1,), &briefly).unwrap_err();
        let alone = client.counters();
        assert!(alone.connections_failed > 0 && alone.connections == 0, "{alone:?}");
        assert_eq!((alone.made.calls, alone.made.errors.len()), (0, 1));

        let host = host(&endpoint);
        for round in 1..=3 {
            let patient = CallOptions::timeout(LIMIT);
            proxy.call_with::<i32>("Echo", &(round,), &patient).unwrap();
            let counters = await_counters(&host, |it| it.connections == 1);
            assert_eq!(counters.served.calls, round);
            assert_eq!(counters.connections_established, round);
            client.connection().unwrap().close();
            await_counters(&host, |it| it.connections == 0);
            assert_eq!(host.counters().served.calls, round);
        }
        client.close().unwrap();
        assert_eq!(client.counters().made.calls, 3);
        assert_eq!(client.counters().connections, 0);
        host.close().unwrap();
        assert_eq!(host.counters().served.latencies.count(), 3);
    });
}
