//! The relay that spoils connections for the tests of programs.

use std::time::Duration;

use crate::support::{calculator_host, unique, watched};
use callgate::testing::{Direction, Faults, FaultyRelay};
use callgate::{CallOptions, Client, Execution, Host, Proxy, Status};

const LIMIT: Duration = Duration::from_secs(120);

/// A host, a relay to it, and a client of the relay.
struct Line {
    relay: FaultyRelay,
    client: Client,
    calculator: Proxy,
    host: Host,
}

impl Line {
    fn new(faults: Faults) -> Line {
        Line::over(&format!("pipe://{}", unique("spoiled")), faults)
    }

    fn over(listen: &str, faults: Faults) -> Line {
        let host = calculator_host(&format!("pipe://{}", unique("behind"))).start().unwrap();
        let relay = FaultyRelay::start(listen, &host.endpoints()[0].to_string(), faults).unwrap();
        let client = Client::connect(relay.endpoint()).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        Line { relay, client, calculator, host }
    }

    fn add(&self, number: i64) -> callgate::Result<i64> {
        self.calculator.call("Add", &(number, 1))
    }

    fn end(self) {
        self.client.close().ok();
        drop(self.relay);
        self.host.close().unwrap();
    }
}

fn faults(set: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    set(&mut faults);
    faults
}

#[test]
fn slow_and_byte_wise_connections_serve_every_call() {
    watched(LIMIT, || {
        for endpoint in [format!("pipe://{}", unique("crumbs")), "tcp://127.0.0.1:0".into()] {
            let line = Line::over(
                &endpoint,
                faults(|faults| {
                    faults.byte_wise = true;
                    faults.delay = Duration::from_micros(50);
                }),
            );
            for number in 0..20 {
                assert_eq!(line.add(number).unwrap(), number + 1);
            }
            assert_eq!(line.relay.connections(), 1);
            line.end();
        }
    });
}

#[test]
fn a_cut_connection_costs_no_call_that_did_not_run() {
    watched(LIMIT, || {
        for seed in 0..20 {
            let line = Line::new(faults(|faults| {
                faults.seed = seed;
                faults.cut = Some(100..=3000);
                faults.connections = Some(1);
            }));
            let failed: Vec<_> = (0..200).filter_map(|n| line.add(n).err()).collect();
            assert!(failed.len() <= 1, "{failed:?}");
            for error in failed {
                assert_eq!(
                    (error.status(), error.execution()),
                    (Status::ChannelFaulted, Execution::Unknown)
                );
            }
            assert_eq!(line.relay.connections(), 2);
            line.end();
        }
    });
}

#[test]
fn a_silent_peer_leaves_calls_to_their_deadlines() {
    watched(LIMIT, || {
        let line = Line::new(faults(|_| {}));
        line.add(1).unwrap();
        line.relay
            .set_faults(faults(|faults| {
                faults.silence = Some(400..=400);
                faults.direction = Some(Direction::ToClient);
                faults.connections = Some(1);
            }))
            .unwrap();
        line.relay.cut();
        let hasty = CallOptions::timeout(Duration::from_millis(500));
        let failed =
            (0..100).find_map(|n| line.calculator.call_with::<i64>("Add", &(n, 1), &hasty).err());
        let failed = failed.unwrap();
        assert_eq!((failed.status(), failed.execution()), (Status::TimedOut, Execution::Unknown));
        line.relay.cut();
        assert_eq!(line.add(5).unwrap(), 6);
        line.end();
    });
}

#[test]
fn changed_and_lost_bytes_end_no_host() {
    watched(LIMIT, || {
        for seed in 0..16 {
            let line = Line::new(faults(|faults| {
                faults.seed = seed;
                faults.corrupt = Some(0..=2000);
                faults.lose = (seed % 2 == 0).then_some(0..=2000);
                faults.connections = Some(1);
            }));
            let hasty = CallOptions::timeout(Duration::from_millis(200));
            // What they return depends on the bytes: nothing guards them but the system.
            let failed = (0..30).any(|number| {
                line.calculator.call_with::<i64>("Add", &(number, 1), &hasty).is_err()
            });
            println!("seed {seed}: a call failed: {failed}");
            line.relay.cut();
            assert_eq!(line.add(5).unwrap(), 6);
            line.end();
        }
    });
}

#[test]
fn malformed_faults_are_rejected() {
    let endpoint = format!("pipe://{}", unique("malformed"));
    let reversed = faults(|faults| {
        #[allow(clippy::reversed_empty_ranges)]
        let range = 2..=1;
        faults.lose = Some(range);
    });
    let error = FaultyRelay::start(&endpoint, "pipe://nobody", reversed.clone()).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.to_string().contains("'lose'"), "{error}");
    let relay = FaultyRelay::start(&endpoint, "pipe://nobody", Faults::default()).unwrap();
    assert_eq!(relay.set_faults(reversed).unwrap_err().status(), Status::InvalidArgument);
    let error = FaultyRelay::start("nonsense", "pipe://nobody", Faults::default()).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
}

#[test]
fn an_endpoint_that_is_taken_is_in_use() {
    let endpoint = format!("pipe://{}", unique("taken"));
    let _relay = FaultyRelay::start(&endpoint, "pipe://nobody", Faults::default()).unwrap();
    let error = FaultyRelay::start(&endpoint, "pipe://nobody", Faults::default()).unwrap_err();
    assert_eq!(error.status(), Status::AddressInUse);
}
