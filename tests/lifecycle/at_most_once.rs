//! No call runs twice, however connections end, and what an error says about it is true.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::support::ledger::{answer, Ledger};
use crate::support::{unique, watched};
use callgate::{Client, Execution, Host, Status};

const THREADS: u64 = 12;
const NUMBERS: u64 = 120_000;

fn host(endpoint: &str, ledger: &Arc<Ledger>) -> Host {
    let ledger = ledger.clone();
    Host::builder()
        .endpoint(endpoint)
        .delegate("ILedger", move |_| {
            let ledger = ledger.clone();
            move |call| ledger.serve(call)
        })
        .start()
        .unwrap()
}

/// Runs `send` for every number on many threads, while connections are cut again and again.
fn under_cuts(name: &str, send: impl Fn(&callgate::Proxy, &Ledger, u64) + Sync) {
    let ledger = Ledger::new(NUMBERS as usize);
    let host = host(&format!("pipe://{}", unique(name)), &ledger);
    let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    let proxy = client.proxy("ILedger").unwrap();
    let next = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let senders: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= NUMBERS {
                        return;
                    }
                    send(&proxy, &ledger, number);
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                client.wait_connected(None).unwrap();
                let before = ledger.total();
                while ledger.total() < before + 300 && !done.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                host.connections().iter().for_each(callgate::Connection::close);
            }
        });
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    client.close().unwrap();
    host.close().unwrap();
    assert!(ledger.repeated().is_empty(), "ran more than once: {:?}", ledger.repeated());
}

#[test]
fn cut_calls_never_run_twice_and_not_run_means_not_run() {
    watched(Duration::from_secs(240), || {
        under_cuts("cut-calls", |proxy, ledger, number| {
            match proxy.call::<u64>("Run", &(number,)) {
                Ok(result) => assert_eq!(result, answer(number)),
                Err(error) => {
                    assert_eq!(error.status(), Status::ChannelFaulted, "{error:?}");
                    if error.execution() == Execution::NotRun {
                        assert_eq!(ledger.runs(number), 0, "{error:?}");
                    }
                }
            }
        });
    });
}

#[test]
fn cut_one_way_calls_never_run_twice() {
    watched(Duration::from_secs(240), || {
        under_cuts("cut-one-ways", |proxy, _, number| {
            proxy.one_way("Run", &(number,)).unwrap();
        });
    });
}
