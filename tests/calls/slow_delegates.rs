//! Slow delegates delay nobody else.

use std::hint;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::gate::{Gate, Opened};
use crate::support::{unique, watched};
use callgate::{Client, Host, Proxy};

const SLEEPERS: usize = 15;
const CALLS: i64 = 1000;

/// A delay that no scheduler excuses.
const FAR_TOO_LONG: Duration = Duration::from_millis(250);

#[test]
fn quick_calls_pass_sleeping_and_busy_delegates() {
    watched(Duration::from_secs(60), || {
        let gate = Arc::new(Gate::default());
        let idle = Arc::new(AtomicBool::new(false));
        let host = host(&gate, &idle);
        let endpoint = host.endpoints()[0].to_string();
        let client = Client::connect(&endpoint).unwrap();
        let other = Client::connect(&endpoint).unwrap();
        let (worker, busy) = (client.proxy("IWork").unwrap(), other.proxy("IWork").unwrap());

        report("unloaded", &measure(&worker));
        thread::scope(|scope| {
            let _opened = Opened(&gate);
            for _ in 0..SLEEPERS {
                scope.spawn(|| worker.call::<()>("Sleep", &()).unwrap());
            }
            gate.wait_for(SLEEPERS);
            scope.spawn(|| busy.call::<()>("Busy", &()).unwrap());
            let delays = measure(&worker);
            idle.store(true, Ordering::Relaxed);
            report("with 15 sleeping and 1 busy", &delays);
            assert!(percentile(&delays, 99) < FAR_TOO_LONG);
        });
        client.close().unwrap();
        other.close().unwrap();
        host.close().unwrap();
    });
}

fn host(gate: &Arc<Gate>, idle: &Arc<AtomicBool>) -> Host {
    let (gate, idle) = (gate.clone(), idle.clone());
    Host::builder()
        .endpoint(&format!("pipe://{}", unique("slow")))
        .delegate("IWork", move |_| {
            let (gate, idle) = (gate.clone(), idle.clone());
            move |call: callgate::InboundCall| {
                match call.method() {
                    "Sleep" => gate.pass(),
                    "Busy" => {
                        while !idle.load(Ordering::Relaxed) {
                            hint::spin_loop();
                        }
                    }
                    _ => {
                        let (number,) = call.args::<(i64,)>().unwrap();
                        return drop(call.reply(&(number + 1)));
                    }
                }
                call.reply(&()).unwrap();
            }
        })
        .start()
        .unwrap()
}

fn measure(worker: &Proxy) -> Vec<Duration> {
    let mut delays: Vec<_> = (0..CALLS)
        .map(|number| {
            let begun = Instant::now();
            assert_eq!(worker.call::<i64>("Next", &(number,)).unwrap(), number + 1);
            begun.elapsed()
        })
        .collect();
    delays.sort();
    delays
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[sorted.len() * percent / 100]
}

fn report(what: &str, sorted: &[Duration]) {
    println!("{what}: p50 {:?}, p99 {:?}", percentile(sorted, 50), percentile(sorted, 99));
}
