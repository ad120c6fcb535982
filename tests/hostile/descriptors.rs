//! A host whose descriptors are all taken.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use callgate::Client;

use crate::support::process::{self, Process};
use crate::support::{calculator_host, raw, watched};

const TEST: &str = "descriptors::a_host_without_descriptors_tries_seldom_and_serves_on";

/// The descriptors of the host: enough to start, and for a few connections.
const DESCRIPTORS: u32 = 24;

/// How long the host is watched, and how often it may try to accept in that time: 20 times a second is
/// what it does, and a loop without a pause tries many thousand times.
const WATCHED: Duration = Duration::from_secs(1);
const MOST_TRIES: usize = 200;

fn host(endpoint: &str) {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    let host = calculator_host(endpoint)
        .log(move |event| {
            let failed = event.message.contains("cannot accept connections");
            counted.fetch_add(usize::from(failed), Ordering::Relaxed);
        })
        .start()
        .unwrap();
    process::tell("listening");
    for _ in process::orders() {
        process::tell(tries.load(Ordering::Relaxed));
    }
    host.close().unwrap();
}

#[test]
fn a_host_without_descriptors_tries_seldom_and_serves_on() {
    if let Some(endpoint) = process::role() {
        return host(&endpoint);
    }
    watched(Duration::from_secs(120), || {
        let endpoint = raw::endpoint("descriptors");
        let mut host = Process::start_with_descriptors(TEST, &endpoint, DESCRIPTORS);
        assert_eq!(host.hear(), "listening");
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let add = || calculator.call::<i64>("Add", &(1, 2)).unwrap();
        assert_eq!(add(), 3);
        let many: Vec<_> = (0..2 * DESCRIPTORS).map(|_| raw::dial(&endpoint)).collect();
        let mut tries = || host.ask("tries").parse::<usize>().unwrap();
        while tries() == 0 {
            std::thread::yield_now();
        }
        let before = tries();
        std::thread::sleep(WATCHED);
        let more = tries() - before;
        assert!(more < MOST_TRIES, "{more} tries to accept in {WATCHED:?}");
        assert_eq!(add(), 3, "a client that is connected is served on");
        drop(many);
        let late = Client::connect(&endpoint).unwrap();
        late.wait_connected(Some(Duration::from_secs(60))).expect("descriptors are free again");
    });
}
