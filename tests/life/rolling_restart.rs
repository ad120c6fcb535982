//! Several hosts that stand in for one another are replaced in turn while clients call: no call fails.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Mutex;
use std::thread;

use callgate::Client;

use crate::replace::{call_on, check, version};
use crate::scene::{patient, LIMIT};
use crate::support::durable::DurableLedger;
use crate::support::process::{self, Process};
use crate::support::{unique, watched};

const HOSTS: usize = 3;
const CLIENTS: usize = 6;

/// How often each host is replaced.
const ROUNDS: usize = 4;

/// How many calls are made between two replacements.
const CALLS: u64 = 60;

fn start(test: &str, role: &str) -> Process {
    let mut host = Process::start(test, role);
    assert_eq!(host.ask("listen"), "listening");
    host
}

#[test]
fn hosts_are_replaced_in_turn_and_no_call_fails() {
    const TEST: &str = "rolling_restart::hosts_are_replaced_in_turn_and_no_call_fails";
    if let Some(role) = process::role() {
        return version(&role);
    }
    watched(LIMIT, || {
        let place = DurableLedger::place("rolling");
        let endpoints: Vec<_> =
            (0..HOSTS).map(|_| format!("pipe://{}", unique("rolling"))).collect();
        let role = |endpoint: &String| format!("{endpoint} {}", place.display());
        let mut hosts: Vec<_> = endpoints.iter().map(|one| start(TEST, &role(one))).collect();
        let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let unknown = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let client = Client::builder(&endpoints.join(", ")).shuffle_endpoints();
                let client = client.limits(patient()).connect().unwrap();
                let (next, stop, unknown) = (&next, &stop, &unknown);
                scope.spawn(move || {
                    let proxy = client.proxy("ILedger").unwrap();
                    unknown.lock().unwrap().extend(call_on(&proxy, 0, next, stop));
                    client.close().unwrap();
                });
            }
            for (host, endpoint) in (0..ROUNDS).flat_map(|_| (0..HOSTS).zip(&endpoints)) {
                let before = next.load(Ordering::Relaxed);
                while next.load(Ordering::Relaxed) < before + CALLS {
                    thread::yield_now();
                }
                assert_eq!(hosts[host].ask("close"), "closed");
                hosts[host] = start(TEST, &role(endpoint));
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(unknown.into_inner().unwrap(), [0; 0], "calls without a known outcome");
        check(DurableLedger::runs(&place, next.into_inner()), &[]);
        std::fs::remove_file(place).unwrap();
    });
}
