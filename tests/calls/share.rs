//! Many threads of one client share one connection.

use std::thread;
use std::time::Duration;

use crate::support::ledger::{answer, Ledger};
use crate::support::process::{self, Process};
use crate::support::{unique, watched};
use callgate::{Client, Host};

const THREADS: u64 = 64;
const CALLS: u64 = 100_000;

#[test]
fn every_thread_gets_its_own_answer_once() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint);
    }
    watched(Duration::from_secs(240), || {
        let endpoint = format!("pipe://{}", unique("sharing"));
        let mut host = Process::start("share::every_thread_gets_its_own_answer_once", &endpoint);
        assert_eq!(host.hear(), "listening");
        let client = Client::connect(&endpoint).unwrap();
        let ledger = client.proxy("ILedger").unwrap();
        thread::scope(|scope| {
            for first in 0..THREADS {
                let ledger = &ledger;
                scope.spawn(move || {
                    for number in (first..CALLS).step_by(THREADS as usize) {
                        assert_eq!(ledger.call::<u64>("Run", &(number,)).unwrap(), answer(number));
                    }
                });
            }
        });
        let not_once: Vec<u64> = ledger.call("NotOnce", &()).unwrap();
        assert!(not_once.is_empty(), "not run exactly once: {not_once:?}");
        client.close().unwrap();
    });
}

fn serve(endpoint: &str) {
    let ledger = Ledger::new(CALLS as usize);
    let host = Host::builder()
        .endpoint(endpoint)
        .delegate("ILedger", move |_| {
            let ledger = ledger.clone();
            move |call| ledger.serve(call)
        })
        .start()
        .unwrap();
    process::tell("listening");
    process::orders().for_each(drop);
    host.close().unwrap();
}
