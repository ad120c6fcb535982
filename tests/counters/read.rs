//! Counters read by clients, and as text.

use std::collections::HashMap;

use serde::Deserialize;

use callgate::{Host, Status};

use crate::support::watched;
use crate::{pair, LIMIT};

/// What `callgate.Host.Counters` returns.
#[derive(Deserialize)]
struct Read {
    connections: u64,
    connections_established: u64,
    connections_failed: u64,
    bytes_received: u64,
    bytes_sent: u64,
    bytes_queued: u64,
    made: ReadCalls,
    served: ReadCalls,
}

#[derive(Deserialize)]
struct ReadCalls {
    calls: u64,
    one_way: u64,
    in_flight: u64,
    errors: HashMap<i32, u64>,
    latencies: Vec<(Option<u64>, u64)>,
}

#[test]
fn a_client_reads_the_counters_of_its_host() {
    watched(LIMIT, || {
        let (host, client) = pair("read");
        let proxy = client.proxy("ITest").unwrap();
        (0..5).for_each(|n| assert_eq!(proxy.call::<i32>("Echo", &(n,)).unwrap(), n));
        proxy.call::<()>("Fail", &()).unwrap_err();
        let about = client.proxy("callgate.Host").unwrap();
        let read: Read = about.call("Counters", &()).unwrap();
        assert_eq!((read.connections, read.connections_established), (1, 1));
        assert_eq!((read.connections_failed, read.bytes_queued), (0, 0));
        assert!(read.bytes_received > 0 && read.bytes_sent > 0);
        // The question itself is still in flight.
        assert_eq!((read.served.calls, read.served.in_flight, read.served.one_way), (6, 1, 0));
        assert_eq!(read.served.errors, HashMap::from([(Status::RemoteError.code(), 1)]));
        assert_eq!(read.served.latencies.iter().map(|(_, count)| count).sum::<u64>(), 1);
        assert!(read.served.latencies.iter().all(|(bound, _)| bound.is_some_and(|it| it >= 256)));
        assert_eq!((read.made.calls, read.made.in_flight, read.made.one_way), (0, 0, 0));
        assert!(read.made.errors.is_empty() && read.made.latencies.is_empty());
        client.close().unwrap();
        host.close().unwrap();
    });
}

/// The value in a line of OpenMetrics text.
fn value(text: &str, name: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
}

fn metrics(host: &Host) -> String {
    host.counters().open_metrics()
}

#[test]
fn counters_are_shown_as_open_metrics() {
    watched(LIMIT, || {
        let (host, client) = pair("metrics");
        let proxy = client.proxy("ITest").unwrap();
        (0..5).for_each(|n| assert_eq!(proxy.call::<i32>("Echo", &(n,)).unwrap(), n));
        proxy.call::<()>("Fail", &()).unwrap_err();
        let text = metrics(&host);
        assert_eq!(value(&text, "callgate_connections"), 1.0);
        assert_eq!(value(&text, "callgate_connections_established_total"), 1.0);
        let served = r#"callgate_calls_total{direction="served",kind="with_reply"}"#;
        assert_eq!(value(&text, served), 6.0);
        let failed = r#"callgate_call_errors_total{direction="served",status="remote error"}"#;
        assert_eq!(value(&text, failed), 1.0);
        let all = r#"callgate_call_seconds_bucket{direction="served",le="+Inf"}"#;
        assert_eq!(value(&text, all), 1.0);
        assert!(value(&text, "callgate_received_bytes_total") > 0.0);
        assert!(text.ends_with("\n# EOF\n"), "{text}");

        let bounds: Vec<f64> = text
            .lines()
            .filter_map(|line| {
                line.strip_prefix("callgate_call_seconds_bucket{direction=\"served\",le=\"")
            })
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect();
        assert!(bounds.len() > 20 && bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?}");
        client.close().unwrap();
        host.close().unwrap();
    });
}
