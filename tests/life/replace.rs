//! Hosts that are replaced by a successor at the same endpoint while they work: no call is lost, and none
//! runs twice.

use std::path::Path;
use std::process as this;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate::{Connection, Execution, Host, HostBuilder, InboundCall, Proxy, Status};

use crate::scene::{client, patient, LIMIT};
use crate::support::durable::DurableLedger;
use crate::support::gate::Gate;
use crate::support::ledger::answer;
use crate::support::process::{self, Process};
use crate::support::{unique, watched};

/// How often the host is replaced, and how many threads call meanwhile.
const REPLACED: usize = 20;
const CALLERS: usize = 4;

/// The size of one caller's arguments, which leave in parts.
const LARGE: usize = 2 << 20;

/// A new version of the host takes the place as soon as the old one lets it go.
fn start(builder: impl Fn() -> HostBuilder) -> Host {
    loop {
        match builder().start() {
            Ok(host) => return host,
            Err(error) => assert_eq!(error.status(), Status::AddressInUse, "{error:?}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// One version of the host: orders make it listen, close, and let calls go.
pub fn version(role: &str) {
    let (endpoint, place) = role.split_once(' ').unwrap();
    let ledger = Arc::new(DurableLedger::open(Path::new(place)));
    let gate = Arc::new(Gate::default());
    let mut limits = patient();
    limits.drain_timeout = LIMIT;
    let builder = || {
        let (ledger, gate) = (ledger.clone(), gate.clone());
        let delegate = move |_: &Connection| {
            let (ledger, gate) = (ledger.clone(), gate.clone());
            move |call: InboundCall| serve(&ledger, &gate, call)
        };
        Host::builder().endpoint(endpoint).delegate("ILedger", delegate).limits(limits.clone())
    };
    let mut orders = process::orders();
    assert_eq!(orders.next().as_deref(), Some("listen"));
    let mut host = Some(start(builder));
    process::tell("listening");
    for order in orders {
        match order.as_str() {
            "await a call" => gate.wait_for(1),
            "open" => gate.open(),
            "close" => {
                let host = host.take().unwrap();
                thread::spawn(move || {
                    host.close().unwrap();
                    process::tell("closed");
                });
            }
            other => panic!("no such order: {other}"),
        }
        if order != "close" {
            process::tell("done");
        }
    }
}

fn serve(ledger: &DurableLedger, gate: &Gate, call: InboundCall) {
    match call.method() {
        "Run" => {
            let (number, _) = call.args::<(u64, &str)>().unwrap();
            // Some take longer, so that some are always under way.
            thread::sleep(Duration::from_micros(number % 8 * 300));
            ledger.note(number);
            call.reply(&answer(number)).ok();
        }
        "Pass" => {
            gate.pass();
            call.reply(&this::id()).ok();
        }
        _ => drop(call.reply(&this::id())),
    }
}

/// Calls without a pause until told to stop, with a text of `size` bytes. A call that has not run is made
/// again by the client. Returns the numbers of the calls that may have run.
pub fn call_on(proxy: &Proxy, size: usize, next: &AtomicU64, stop: &AtomicBool) -> Vec<u64> {
    let text = "x".repeat(size);
    let mut unknown = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        match proxy.call::<u64>("Run", &(number, &text)) {
            Ok(result) => assert_eq!(result, answer(number)),
            Err(error) => {
                assert_eq!(error.execution(), Execution::Unknown, "{error:?}");
                unknown.push(number);
            }
        }
    }
    unknown
}

/// Replaces the host again and again while threads call. `leave` makes the old one go, once its successor is
/// about to listen.
fn replace(
    test: &'static str,
    endpoint: &str,
    leave: impl Fn(usize, &mut Process),
) -> (Vec<u32>, Vec<u64>) {
    let place = DurableLedger::place("replaced");
    let role = format!("{endpoint} {}", place.display());
    let mut host = Process::start(test, &role);
    assert_eq!(host.ask("listen"), "listening");
    let (client, ..) = client(endpoint, patient());
    let proxy = client.proxy("ILedger").unwrap();
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let unknown = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for size in [0; CALLERS - 1].into_iter().chain([LARGE]) {
            let (proxy, next, stop, unknown) = (&proxy, &next, &stop, &unknown);
            scope.spawn(move || unknown.lock().unwrap().extend(call_on(proxy, size, next, stop)));
        }
        for round in 0..REPLACED {
            let before = next.load(Ordering::Relaxed);
            while next.load(Ordering::Relaxed) < before + 20 {
                thread::yield_now();
            }
            let mut successor = Process::start(test, &role);
            successor.say("listen");
            leave(round, &mut host);
            assert_eq!(successor.hear(), "listening");
            host = successor;
        }
        stop.store(true, Ordering::Relaxed);
    });
    client.close().unwrap();
    let runs = DurableLedger::runs(&place, next.into_inner());
    std::fs::remove_file(place).unwrap();
    (runs, unknown.into_inner().unwrap())
}

/// Each caller learns the truth: a call either ran once, or its caller does not know, and it ran once at most.
pub fn check(runs: Vec<u32>, unknown: &[u64]) {
    for (number, runs) in (0..).zip(runs) {
        let is_true = runs == 1 || runs == 0 && unknown.contains(&number);
        assert!(is_true, "call {number} ran {runs} times");
    }
}

/// A call that crosses the goodbye of the old host is refused, and made again with the new one.
#[test]
fn a_successor_takes_over_and_each_call_runs_once() {
    const TEST: &str = "replace::a_successor_takes_over_and_each_call_runs_once";
    if let Some(role) = process::role() {
        return version(&role);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("replaced"));
        let (runs, unknown) =
            replace(TEST, &endpoint, |_, old| assert_eq!(old.ask("close"), "closed"));
        assert_eq!(unknown, [0; 0], "calls without a known outcome");
        check(runs, &unknown);
    });
}

#[test]
fn a_successor_of_a_host_killed_while_it_closes_runs_no_call_twice() {
    const TEST: &str = "replace::a_successor_of_a_host_killed_while_it_closes_runs_no_call_twice";
    if let Some(role) = process::role() {
        return version(&role);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("replaced"));
        let (runs, unknown) = replace(TEST, &endpoint, |round, old| {
            old.say("close");
            thread::sleep(Duration::from_micros(200 * round as u64));
            old.kill();
        });
        check(runs, &unknown);
    });
}

/// The process that serves a call. One that is refused because its host closes is made again.
fn who(proxy: &Proxy) -> u32 {
    proxy.call("Who", &()).unwrap()
}

/// A call that runs for long ends where it began. Its client's next calls wait for that.
#[test]
fn a_predecessor_finishes_its_calls_and_later_ones_go_to_the_successor() {
    const TEST: &str =
        "replace::a_predecessor_finishes_its_calls_and_later_ones_go_to_the_successor";
    if let Some(role) = process::role() {
        return version(&role);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("replaced"));
        let place = DurableLedger::place("replaced");
        let role = format!("{endpoint} {}", place.display());
        let mut old = Process::start(TEST, &role);
        assert_eq!(old.ask("listen"), "listening");
        let (client, ..) = client(&endpoint, patient());
        let proxy = client.proxy("ILedger").unwrap();
        thread::scope(|scope| {
            let held = scope.spawn(|| proxy.call::<u32>("Pass", &()));
            assert_eq!(old.ask("await a call"), "done");
            old.say("close");
            let mut new = Process::start(TEST, &role);
            assert_eq!(new.ask("listen"), "listening");
            let next = scope.spawn(|| who(&proxy));
            old.say("open");
            assert_eq!(held.join().unwrap().unwrap(), old.id());
            assert_eq!(next.join().unwrap(), new.id());
            client.close().unwrap();
        });
        std::fs::remove_file(place).unwrap();
    });
}
