//! Hosts that are killed in the middle of calls, thousands of times: every call has one outcome, and what
//! it says agrees with what the hosts recorded before they died.

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use std::{process as this, thread};

use callgate::{
    CallOptions, Client, Execution, Host, InboundCall, Limits, PendingCall, Proxy, Result, Status,
};
use support::durable::DurableLedger;
use support::gate::eventually;
use support::ledger::answer;
use support::process::{self, Process};
use support::{system, unique, watched};

const TEST: &str = "killed_hosts_leave_every_call_with_one_true_outcome";

/// Threads that call and wait, besides one that starts several calls at a time.
const CALLERS: usize = 4;
const STARTED: usize = 8;

/// What the caller of a call learnt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Ok,
    NotRun,
    Unknown,
}

fn outcome(number: u64, result: Result<u64>) -> Outcome {
    match result {
        Ok(result) => {
            assert_eq!(result, answer(number));
            Outcome::Ok
        }
        Err(error) => {
            assert_eq!(error.status(), Status::ChannelFaulted, "{error:?}");
            match error.execution() {
                Execution::NotRun => Outcome::NotRun,
                Execution::Unknown => Outcome::Unknown,
                Execution::Ran => panic!("nobody can know that it ran: {error:?}"),
            }
        }
    }
}

/// Shared by the callers and the thread that kills.
#[derive(Default)]
struct Scene {
    /// Odd while a host may be listening.
    epoch: AtomicU64,
    next: AtomicU64,
    done: AtomicBool,
    outcomes: Mutex<Vec<(u64, Outcome)>>,
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// What was seen in the present epoch.
#[derive(Default)]
struct Seen {
    succeeded: u64,
    /// How many calls began and ended in it.
    within: u64,
}

impl Scene {
    fn turn(&self) {
        let mut seen = self.seen.lock().unwrap();
        self.epoch.fetch_add(1, Ordering::SeqCst);
        *seen = Seen::default();
    }

    fn wait_until(&self, holds: impl Fn(&Seen) -> bool) {
        let mut seen = self.seen.lock().unwrap();
        while !holds(&seen) {
            seen = self.changed.wait(seen).unwrap();
        }
    }

    /// A number for a call, and the epoch in which it begins.
    fn begin(&self) -> (u64, u64) {
        (self.next.fetch_add(1, Ordering::Relaxed), self.epoch.load(Ordering::SeqCst))
    }

    fn end(&self, (number, begun): (u64, u64), result: Result<u64>) -> (u64, Outcome) {
        let what = result.as_ref().err().cloned();
        let outcome = outcome(number, result);
        let mut seen = self.seen.lock().unwrap();
        if self.epoch.load(Ordering::SeqCst) == begun {
            seen.within += 1;
            seen.succeeded += u64::from(outcome == Outcome::Ok);
            let down = begun % 2 == 0;
            assert!(!down || outcome == Outcome::NotRun, "without a host: {outcome:?} {what:?}");
        }
        self.changed.notify_one();
        (number, outcome)
    }

    fn keep(&self, outcomes: Vec<(u64, Outcome)>) {
        self.outcomes.lock().unwrap().extend(outcomes);
    }

    fn call(&self, proxy: &Proxy) {
        let mut outcomes = Vec::new();
        while !self.done.load(Ordering::Relaxed) {
            let begun = self.begin();
            outcomes.push(self.end(begun, proxy.call("Run", &(begun.0,))));
        }
        self.keep(outcomes);
    }

    fn start(&self, proxy: &Proxy) {
        let mut outcomes = Vec::new();
        while !self.done.load(Ordering::Relaxed) {
            let calls: Vec<_> = (0..STARTED)
                .map(|_| {
                    let begun = self.begin();
                    (begun, proxy.start("Run", &(begun.0,), &CallOptions::default()))
                })
                .collect();
            for (begun, call) in calls {
                outcomes.push(self.end(begun, call.and_then(PendingCall::wait)));
            }
        }
        self.keep(outcomes);
    }

    /// Starts hosts and kills them, `kills` times.
    fn kill(&self, role: &str, kills: u64) {
        let mut host = Process::start(TEST, role);
        for round in 0..kills {
            self.turn();
            assert_eq!(host.ask("listen"), "listening");
            if round % 10 > 0 {
                self.wait_until(|seen| seen.succeeded > round % 50);
            }
            host.kill();
            self.turn();
            // While the next one starts.
            host = Process::start(TEST, role);
            self.wait_until(|seen| seen.within > 0);
        }
        self.turn();
        assert_eq!(host.ask("listen"), "listening");
        self.wait_until(|seen| seen.succeeded > 0);
        self.done.store(true, Ordering::Relaxed);
        eventually("all have ended", || {
            self.outcomes.lock().unwrap().len() as u64 == self.next.load(Ordering::Relaxed)
        });
        host.kill();
        self.turn();
    }

    fn run(&self, proxy: &Proxy, role: &str, kills: u64) {
        self.done.store(false, Ordering::Relaxed);
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| self.call(proxy));
            }
            scope.spawn(|| self.start(proxy));
            self.kill(role, kills);
        });
    }

    /// Compares what callers learnt with what ran.
    fn check(self, place: &Path) {
        let numbers = self.next.into_inner();
        let runs = DurableLedger::runs(place, numbers);
        let mut counts = [0_u64; 3];
        let mut told = vec![0; numbers as usize];
        for (number, outcome) in self.outcomes.into_inner().unwrap() {
            let runs = runs[number as usize];
            let is_true = match outcome {
                Outcome::Ok => runs == 1,
                Outcome::NotRun => runs == 0,
                Outcome::Unknown => runs <= 1,
            };
            assert!(is_true, "call {number} ran {runs} times and ended as {outcome:?}");
            told[number as usize] += 1;
            counts[outcome as usize] += 1;
        }
        assert!(told.iter().all(|told| *told == 1), "one outcome each");
        let [ok, not_run, unknown] = counts;
        println!("{numbers} calls: {ok} ok, {not_run} not run, {unknown} unknown");
        let enough = (kills() / 20).max(1);
        assert!(counts.iter().all(|it| *it >= enough), "each outcome often enough: {counts:?}");
    }
}

fn serve(role: &str) {
    let (endpoint, place) = role.split_once(' ').unwrap();
    let ledger = std::sync::Arc::new(DurableLedger::open(Path::new(place)));
    let builder = Host::builder().endpoint(endpoint).delegate("ILedger", move |_| {
        let ledger = ledger.clone();
        move |call: InboundCall| {
            let (number,) = call.args::<(u64,)>().unwrap();
            ledger.note(number);
            call.reply(&answer(number)).ok();
        }
    });
    let mut orders = process::orders();
    let Some(_) = orders.next() else { return };
    let _host = builder.start().unwrap();
    process::tell("listening");
    orders.for_each(drop);
}

/// How many hosts are killed; `CALLGATE_KILLS` overrides it.
fn kills() -> u64 {
    std::env::var("CALLGATE_KILLS").map_or(2_000, |kills| kills.parse().unwrap())
}

/// The time that the test may take: what starting a process may need under wine, for each kill.
fn limit() -> Duration {
    Duration::from_secs(60) + Duration::from_millis(600 * kills())
}

fn descriptors_and_threads() -> (usize, usize) {
    (system::own_descriptor_count(), system::threads(this::id()))
}

#[test]
fn killed_hosts_leave_every_call_with_one_true_outcome() {
    if let Some(role) = process::role() {
        return serve(&role);
    }
    watched(limit(), || {
        let endpoint = format!("pipe://{}", unique("killed-hosts"));
        let place = DurableLedger::place("killed-hosts");
        let mut limits = Limits::default();
        limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(2)));
        limits.connection_timeout = Duration::from_millis(3);
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        let proxy = client.proxy("ILedger").unwrap();
        let role = format!("{endpoint} {}", place.display());
        let scene = Scene::default();
        scene.run(&proxy, &role, kills() / 10);
        let before = descriptors_and_threads();
        scene.run(&proxy, &role, kills() - kills() / 10);
        eventually("no more descriptors and threads than before", || {
            let now = descriptors_and_threads();
            now.0 <= before.0 && now.1 <= before.1
        });
        client.close().unwrap();
        scene.check(&place);
        std::fs::remove_file(place).unwrap();
    });
}
