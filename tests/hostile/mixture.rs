//! All kinds of attacks at once, for a while, on a host and on a client. `CALLGATE_ATTACK_SECONDS` sets how long,
//! `CALLGATE_ATTACK_SEED` repeats the choices of a run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::honest::beside;
use crate::support::attack::{duration, seed, Attack, Call};
use crate::support::{binary, calculator_host, raw, watched};
use callgate::{CallOptions, Client, InboundCall, Limits};

/// The time that a test may take.
fn limit() -> Duration {
    duration() + Duration::from_secs(240)
}

/// What the hosts and clients under attack serve.
fn calls() -> Vec<Call> {
    vec![
        Call::new("ICalculator", "Add", b"\x92\x01\x02"),
        Call::new("ICalculator", "Echo", &binary(3000)),
        Call::new("ICalculator", "Echo", &binary(200_000)),
        Call::new("ICaller", "CallBack", b"\x90"),
        Call::new("ICaller", "Wait", b"\x90"),
    ]
}

/// Serves `ICaller`: calls its caller back, or waits until that no longer waits.
fn call_back(call: InboundCall) {
    let done = match call.method() {
        "CallBack" => {
            let options = CallOptions::timeout(Duration::from_millis(200));
            let proxy = call.connection().proxy("ICallback");
            let replied = proxy.and_then(|proxy| proxy.call_with::<i64>("Ask", &(), &options));
            call.reply_with(replied)
        }
        _ => {
            call.wait_cancelled(Some(Duration::from_millis(200)));
            call.reply(&())
        }
    };
    // The caller may be gone.
    done.ok();
}

#[test]
fn a_host_serves_the_honest_among_hostile_peers_of_all_kinds() {
    watched(limit(), || {
        let local = raw::endpoint("mixture");
        let mut limits = Limits::default();
        limits.write_timeout = Duration::from_secs(2);
        let host = calculator_host(&local)
            .endpoint("tcp://127.0.0.1:0")
            .delegate("ICaller", |_| call_back)
            .limits(limits)
            .start()
            .unwrap();
        let seed = seed();
        let (report, tallies) = beside(&local, || {
            let attacks = Attack::start_each(host.endpoints(), &calls(), seed, 3, Duration::ZERO);
            thread::sleep(duration());
            attacks.into_iter().map(Attack::stop).collect::<Vec<_>>()
        });
        tallies.iter().for_each(|tally| println!("{tally}"));
        report.require_unharmed();
        assert!(tallies.iter().all(|tally| tally.total() > 0));
        host.close_within(Duration::from_secs(60)).unwrap();
    });
}

#[test]
fn a_client_outlives_hostile_hosts_of_all_kinds() {
    watched(limit(), || {
        let endpoint = raw::endpoint("hostile-hosts");
        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_millis(500);
        limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(20)));
        let attack = Attack::listen(&endpoint, &calls(), seed());
        let client = Client::builder(&endpoint)
            .limits(limits)
            .callback_handler("ICaller", call_back)
            .connect()
            .unwrap();
        let (begun, made) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        thread::scope(|scope| {
            for number in 0..3 {
                let (made, calculator) = (made.clone(), client.proxy("ICalculator").unwrap());
                scope.spawn(move || {
                    let options = CallOptions::timeout(Duration::from_millis(500));
                    while begun.elapsed() < duration() {
                        // Any outcome will do, but there must be one.
                        calculator.call_with::<i64>("Add", &(number, 1), &options).ok();
                        calculator.one_way("Note", &()).ok();
                        made.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        client.close_within(Duration::from_secs(60)).unwrap();
        let tally = attack.stop();
        println!("{tally}; {} calls", made.load(Ordering::Relaxed));
        assert!(tally.total() > 0 && made.load(Ordering::Relaxed) > 0);
    });
}
