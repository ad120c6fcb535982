//! A host and a client of it, in this process or in two, with calls that a test holds and lets go.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::Duration;

use callgate::{CallOptions, Client, Host, InboundCall, Limits, Proxy, Timeout};

use crate::support::calculator_host;
use crate::support::gate::Gate;
use crate::support::process;

/// The longest that a test may take.
pub const LIMIT: Duration = Duration::from_secs(240);

/// Limits with which nothing times out within a test.
pub fn patient() -> Limits {
    let mut limits = Limits::default();
    limits.connection_timeout = LIMIT;
    limits.call_timeout = Some(LIMIT);
    limits.reconnect_backoff = Some((Duration::from_millis(5), Duration::from_millis(50)));
    limits
}

/// Options with which a call waits at most this long.
pub fn within(time: Duration) -> CallOptions {
    let mut options = CallOptions::default();
    options.timeout = Timeout::After(time);
    options
}

/// An address for hosts that follow one another. The system gives no client a port of this range, so that none has
/// it between two hosts.
pub fn tcp() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(41) + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + number % 10_000;
        if TcpListener::bind(("127.0.0.1", port as u16)).is_ok() {
            return format!("tcp://127.0.0.1:{port}");
        }
    }
}

/// A host of `ICalculator` and of `IGate`, whose method `Pass` replies when the gate is open.
pub fn host(endpoint: &str, limits: Limits) -> (Host, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let delegate = gate.clone();
    let host = calculator_host(endpoint)
        .delegate("IGate", move |_| {
            let gate = delegate.clone();
            move |call: InboundCall| {
                gate.pass();
                call.reply(&()).ok();
            }
        })
        .limits(limits)
        .start()
        .unwrap();
    (host, gate)
}

/// Serves as such a host in a process of its own: tells its endpoint, and opens the gate when ordered to.
pub fn serve(endpoint: &str, limits: Limits) {
    let (host, gate) = host(endpoint, limits);
    process::tell(&host.endpoints()[0]);
    for order in process::orders() {
        match order.as_str() {
            "await a call" => gate.wait_for(1),
            "open" => gate.open(),
            other => panic!("no such order: {other}"),
        }
        process::tell("done");
    }
}

/// A client of it, and its proxies of `ICalculator` and `IGate`.
pub fn client(endpoint: &str, limits: Limits) -> (Client, Proxy, Proxy) {
    let client = Client::builder(endpoint).limits(limits).connect().unwrap();
    let (calculator, gate) = (client.proxy("ICalculator").unwrap(), client.proxy("IGate").unwrap());
    (client, calculator, gate)
}

/// Calls `Add`, which must succeed.
pub fn add(calculator: &Proxy) {
    assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
}
