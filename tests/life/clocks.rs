//! Clocks that jump by hours. The time of day means nothing to calls and connections. If the monotonic clock
//! jumps, as in a virtual machine that was moved, deadlines pass, and nothing else happens.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use callgate::{CallOptions, Client, Error, Execution, Host, InboundCall, Limits, Status, Timeout};

use crate::clock::{set_own, Ahead, Clock, HOUR};
use crate::scene::{add, client, host, patient, within, LIMIT};
use crate::support::gate::eventually;
use crate::support::process;
use crate::support::{unique, watched};

/// Forwards, and back beyond the present.
const JUMPS: [i64; 5] = [10 * HOUR, -10 * HOUR, 0, -1, 500_000 * HOUR];

fn endpoints() -> [String; 2] {
    [format!("pipe://{}", unique("clocks")), "tcp://127.0.0.1:0".to_owned()]
}

/// Runs a test in a process whose clocks it can set.
fn with_clocks(test: &str, run: fn()) {
    if process::role().is_some() {
        run();
        return process::tell("done");
    }
    let test = test.to_owned();
    watched(LIMIT, move || {
        let clock = Clock::new();
        assert_eq!(clock.start(&test, "alone").hear(), "done");
    });
}

fn set_time_of_day(time_of_day: i64) {
    set_own(Ahead { time_of_day, ..Ahead::default() });
}

/// Calls without a deadline, while their connection is pinged after short silences.
fn impatient() -> Limits {
    let mut limits = patient();
    limits.ping_after = Some(Duration::from_millis(100));
    limits.ping_timeout = Duration::from_secs(60);
    limits
}

fn never() -> CallOptions {
    let mut options = CallOptions::default();
    options.timeout = Timeout::Never;
    options
}

#[test]
fn the_time_of_day_moves_no_deadline() {
    with_clocks("clocks::the_time_of_day_moves_no_deadline", || {
        for endpoint in endpoints() {
            set_time_of_day(0);
            let (host, gate) = host(&endpoint, impatient());
            let (client, calculator, held) = client(&host.endpoints()[0].to_string(), impatient());
            thread::scope(|scope| {
                let waiting = scope.spawn(|| held.call::<()>("Pass", &()));
                gate.wait_for(1);
                for jump in JUMPS {
                    let start = Instant::now();
                    let time = Duration::from_millis(300);
                    let held = held.clone();
                    let soon =
                        scope.spawn(move || held.call_with::<()>("Pass", &(), &within(time)));
                    let before = SystemTime::now();
                    set_time_of_day(jump);
                    assert!(SystemTime::now() != before, "the clock does not follow its file");
                    add(&calculator);
                    let error = soon.join().unwrap().unwrap_err();
                    assert_eq!(error.status(), Status::TimedOut, "{error:?}");
                    assert!(start.elapsed() >= time && start.elapsed() < LIMIT, "{jump}");
                    assert!(!waiting.is_finished(), "its deadline is far away, {jump}");
                }
                gate.open();
                waiting.join().unwrap().unwrap();
            });
            assert_eq!(client.connection().unwrap().generation(), 1);
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

/// A client whose host has gone comes again in time.
#[test]
fn the_time_of_day_delays_no_reconnection() {
    with_clocks("clocks::the_time_of_day_delays_no_reconnection", || {
        let endpoint = format!("pipe://{}", unique("clocks"));
        let (client, calculator, _) = client(&endpoint, patient());
        for jump in JUMPS {
            let (host, _) = host(&endpoint, patient());
            add(&calculator);
            set_time_of_day(jump);
            host.close().unwrap();
        }
        client.close().unwrap();
    });
}

fn failing(call: InboundCall) {
    call.fail(Error::remote_error("Some", "on purpose")).ok();
}

/// Ten lines of a kind are logged in a second, whatever second the time of day shows.
#[test]
fn the_time_of_day_neither_stops_nor_floods_the_log() {
    with_clocks("clocks::the_time_of_day_neither_stops_nor_floods_the_log", || {
        const CALLS: usize = 500;
        let endpoint = format!("pipe://{}", unique("clocks"));
        let lines = Arc::new(Mutex::new((0, 0)));
        let counted = lines.clone();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("IFailing", |_| failing)
            .log(move |event| {
                let mut lines = counted.lock().unwrap();
                lines.0 += usize::from(event.message.contains("on purpose"));
                lines.1 += usize::from(event.message.contains("were not logged"));
            })
            .start()
            .unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let failing = client.proxy("IFailing").unwrap();
        for jump in JUMPS {
            let start = Instant::now();
            let (before, counted) = *lines.lock().unwrap();
            (0..CALLS).for_each(|_| failing.one_way("Fail", &()).unwrap());
            set_time_of_day(jump);
            (0..CALLS).for_each(|_| failing.one_way("Fail", &()).unwrap());
            // The calls so far may all be within a second that had its lines already.
            eventually("some were logged, and others counted", || {
                failing.one_way("Fail", &()).unwrap();
                let lines = lines.lock().unwrap();
                lines.0 > before && lines.1 > counted
            });
            let seconds = start.elapsed().as_secs() as usize + 2;
            let logged = lines.lock().unwrap().0 - before;
            assert!(logged <= 10 * seconds, "{logged} lines in {seconds} s, {jump}");
        }
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_jump_of_the_monotonic_clock_ends_waits_and_nothing_else() {
    with_clocks("clocks::a_jump_of_the_monotonic_clock_ends_waits_and_nothing_else", || {
        for endpoint in endpoints() {
            set_own(Ahead::default());
            let (host, gate) = host(&endpoint, impatient());
            let (client, calculator, held) = client(&host.endpoints()[0].to_string(), impatient());
            add(&calculator);
            thread::scope(|scope| {
                let also_held = held.clone();
                let patient = scope.spawn(move || also_held.call_with::<()>("Pass", &(), &never()));
                let time = Duration::from_secs(3);
                let soon = scope
                    .spawn(move || held.call_with::<()>("Pass", &(), &within(time)).unwrap_err());
                gate.wait_for(2);
                for hours in 1..=3 {
                    let ahead = hours * HOUR;
                    let before = Instant::now();
                    set_own(Ahead { time_of_day: ahead, monotonic: ahead, with_sleep: ahead });
                    assert!(before.elapsed() >= Duration::from_secs(3600));
                    add(&calculator);
                    let error = calculator.call::<i64>("Divide", &(1, 0)).unwrap_err();
                    assert_eq!(error.status(), Status::RemoteError);
                }
                let error = soon.join().unwrap();
                let (status, execution) = (error.status(), error.execution());
                assert_eq!((status, execution), (Status::TimedOut, Execution::Unknown));
                // Calls under way are pinged, and go on.
                thread::sleep(Duration::from_millis(500));
                add(&calculator);
                assert!(!patient.is_finished());
                gate.open();
                patient.join().unwrap().expect("it has no deadline");
            });
            assert_eq!(client.connection().unwrap().generation(), 1);
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}
