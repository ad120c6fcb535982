//! The client: three lanes of calls, each a thread with proxies of its own.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use callgate::{Client, InboundCall, Limits};

use crate::lanes::{self, Lane};
use crate::record::Record;
use crate::serve::reply;

/// Serves `ICallback`, which calls back in turn.
fn serve(call: InboundCall) {
    let work = call.connection().proxy("IWork");
    let replied = match call.method() {
        "Again" => reply(call, |(depth,): (u64,)| match depth {
            0 => Ok(0),
            _ => Ok(1 + work?.call::<u64>("Deeper", &(depth - 1,))?),
        }),
        _ => call.fail_no_method(),
    };
    // The host may have gone.
    replied.ok();
}

/// Lost links and hosts are noticed soon. Calls have the usual 30 s, for busy machines.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.connection_timeout = Duration::from_secs(2);
    limits.ping_after = Some(Duration::from_secs(2));
    limits.ping_timeout = Duration::from_secs(5);
    limits.reconnect_backoff = Some((Duration::from_millis(10), Duration::from_millis(200)));
    limits
}

/// Calls until standard input ends.
pub fn run(record: &str, endpoint: &str, number: u64, seed: u64, pause: u64) {
    let record = Record::open(record);
    let client = Client::builder(endpoint)
        .callback_handler("ICallback", serve)
        .limits(limits())
        .connect()
        .expect("a client");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for (number_of_lane, step) in (0..).zip(lanes::STEPS) {
            let (client, record, done) = (&client, &record, &done);
            scope.spawn(move || {
                let mut lane = Lane::new(client, record, number, number_of_lane, seed);
                while !done.load(Ordering::Relaxed) {
                    step(&mut lane);
                    thread::sleep(Duration::from_millis(pause));
                }
            });
        }
        std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input");
        done.store(true, Ordering::Relaxed);
    });
    client.close().expect("nothing runs any more");
}
