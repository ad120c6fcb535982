//! What a host allows, and what happens beyond that.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use crate::support::gate::{Gate, Opened};
use crate::support::{calculator, calculator_host, raw, unique, watched};
use callgate::{Client, Execution, Host, InboundCall, Limits, Status};

const LIMIT: Duration = Duration::from_secs(60);

fn with_limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[test]
fn interfaces_are_limited_and_unknown_ones_take_no_place() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("interfaces")))
            .interface_alias("Old.", "ICalculator")
            .delegate("IOne", |_| calculator)
            .delegate("ITwo", |_| calculator)
            .delegate("IThree", |_| calculator)
            .limits(with_limits(|limits| limits.interfaces = 3))
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let status = |interface: &str| {
            let proxy = client.proxy(interface).unwrap();
            proxy.call::<i64>("Add", &(1, 2)).map_err(|error| error.status())
        };
        for number in 0..10 {
            assert_eq!(status(&format!("INothing{number}")), Err(Status::ContractMismatch));
        }
        assert_eq!(status("ICalculator"), Ok(3), "unknown interfaces take no place");
        assert_eq!((status("IOne"), status("ITwo")), (Ok(3), Ok(3)));
        assert_eq!(status("IThree"), Err(Status::LimitExceeded));
        assert_eq!(status("INothing"), Err(Status::ContractMismatch), "it is still unknown");
        assert_eq!(status("ICalculator"), Ok(3), "known interfaces are still served");
        assert_eq!(status("Old.ICalculator"), Ok(3), "an alias needs no place of its own");
    });
}

#[test]
fn a_host_takes_so_many_connections_and_says_so() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("connections")))
            .limits(with_limits(|limits| limits.connections = 2))
            .start()
            .unwrap();
        let endpoint = host.endpoints()[0].to_string();
        let clients = [Client::connect(&endpoint).unwrap(), Client::connect(&endpoint).unwrap()];
        for client in &clients {
            client.wait_connected(Some(LIMIT)).unwrap();
        }
        let third = Client::connect(&endpoint).unwrap();
        let error = third.wait_connected(Some(Duration::from_millis(300))).unwrap_err();
        assert_eq!(error.status(), Status::TimedOut);
        let cause = error.cause().expect("the host's refusal");
        assert_eq!(cause.status(), Status::LimitExceeded, "{error}");
        clients[0].close().unwrap();
        third.wait_connected(Some(LIMIT)).expect("there is room for it now");
    });
}

#[test]
fn silent_diallers_do_not_shut_out_an_honest_client() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("silent");
        let host = calculator_host(&endpoint)
            .limits(with_limits(|limits| {
                limits.handshakes = 8;
                limits.handshake_timeout = 2 * LIMIT;
            }))
            .start()
            .unwrap();
        let silent: Vec<_> = (0..100).map(|_| raw::dial(&endpoint)).collect();
        for mut dropped in silent.iter().take(silent.len() - 8) {
            dropped.set_read_timeout(Some(LIMIT / 2)).unwrap();
            let read = dropped.read(&mut [0]);
            assert!(matches!(read, Ok(0)), "the oldest are dropped for newer ones: {read:?}");
        }
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        client.wait_connected(Some(LIMIT)).unwrap();
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3);
        drop(silent);
    });
}

#[test]
fn calls_beyond_the_hosts_memory_are_refused_before_they_run() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let waiting = gate.clone();
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("budget")))
            // A single connection gets five sixteenths.
            .limits(with_limits(|limits| limits.host_inbound_bytes = 160_000))
            .delegate("IGate", move |_| {
                let gate = waiting.clone();
                move |call: InboundCall| {
                    gate.pass();
                    call.reply(&()).ok();
                }
            })
            .delegate("ICalculator", |_| calculator)
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let (held, other) = (client.proxy("IGate").unwrap(), client.proxy("ICalculator").unwrap());
        let _opened = Opened(&gate);
        std::thread::scope(|scope| {
            let first = scope.spawn(|| held.call::<()>("Hold", &("x".repeat(40_000),)));
            gate.wait_for(1);
            let error = other.call::<String>("Echo", &("y".repeat(40_000),)).unwrap_err();
            assert_eq!(error.status(), Status::LimitExceeded, "{error}");
            assert_eq!(error.execution(), Execution::NotRun);
            gate.open();
            first.join().unwrap().unwrap();
            let echoed: String = other.call("Echo", &("y".repeat(40_000),)).unwrap();
            assert_eq!(echoed.len(), 40_000);
        });
    });
}
