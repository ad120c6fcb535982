//! Many clients with many threads call and are called back, while their host is restarted again and again:
//! everything is accounted for, and nothing grows. `CALLGATE_SOAK_SECONDS` sets the duration.

#[cfg(windows)]
#[path = "support/allocated.rs"]
mod allocated;
mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate::{Client, Execution, Host, InboundCall, Proxy, Result, Status};
use support::process::{self, Process};
use support::{sanitizer, system, unique, watched};

const TEST: &str = "nothing_is_lost_and_nothing_grows";
const CLIENTS: usize = 50;
const THREADS: usize = 8;

/// How often the host is restarted in the whole run.
const RESTARTS: u32 = 12;

/// What may vary between two measurements of the process: threads of the pools, and the memory that the
/// system's allocator keeps for them. On Windows each thread has handles, and a connection several.
const MEMORY_NOISE: u64 = if cfg!(windows) { 2 << 20 } else { 8 << 20 };
const DESCRIPTOR_NOISE: usize = if cfg!(windows) { 250 } else { 8 };

#[cfg(windows)]
#[global_allocator]
static ALLOCATOR: allocated::Counted = allocated::Counted;

/// The memory that this process holds, in bytes: on Linux what is resident. Under wine all of a thread's stack is
/// resident, and threads come and go, so on Windows it is what the process has allocated.
fn memory() -> u64 {
    #[cfg(windows)]
    return allocated::bytes();
    #[cfg(unix)]
    return system::memory(std::process::id());
}

#[derive(Default)]
struct Counts {
    begun: AtomicU64,
    ok: AtomicU64,
    not_run: AtomicU64,
    unknown: AtomicU64,
    called_back: AtomicU64,
}

impl Counts {
    /// One call that calls back, whatever its outcome.
    fn call(&self, service: &Proxy, number: u64) {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let result: Result<u64> = service.call("Run", &(number,));
        let outcome = match result {
            Ok(result) => {
                assert_eq!(result, 2 * number + 1);
                &self.ok
            }
            Err(error) => {
                let lost = matches!(error.status(), Status::ChannelFaulted | Status::Closed);
                assert!(lost, "{error:?}");
                match error.execution() {
                    Execution::NotRun => &self.not_run,
                    Execution::Unknown => &self.unknown,
                    Execution::Ran => panic!("nobody can know that it ran: {error:?}"),
                }
            }
        };
        outcome.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the process holds at some moment.
#[derive(Debug)]
struct Holding {
    memory: u64,
    descriptors: usize,
}

impl Holding {
    fn now() -> Holding {
        Holding { memory: memory(), descriptors: system::own_descriptor_count() }
    }
}

fn serve(endpoint: &str) {
    let _host = Host::builder()
        .endpoint(endpoint)
        .duplex_delegate_factory("IService", "ICallback", |_, callback| {
            Ok(Some(Arc::new(move |call: InboundCall| {
                let (number,) = call.args::<(u64,)>().unwrap();
                let doubled = callback.call::<u64>("Double", &(number,));
                call.reply_with(doubled.map(|doubled| doubled + 1)).ok();
            })))
        })
        .start()
        .unwrap();
    process::tell("listening");
    process::orders().for_each(drop);
}

fn client(endpoint: &str, counts: &Arc<Counts>) -> Client {
    let counts = counts.clone();
    Client::builder(endpoint)
        .callback_handler("ICallback", move |call: InboundCall| {
            counts.called_back.fetch_add(1, Ordering::Relaxed);
            let doubled = call.args::<(u64,)>().map(|(number,)| 2 * number);
            call.reply_with(doubled).ok();
        })
        .connect()
        .unwrap()
}

/// Starts hosts and kills them; records what is held each time.
fn restart(endpoint: &str, pace: Duration, counts: &Counts) -> Vec<Holding> {
    let mut holdings = Vec::new();
    for _ in 0..RESTARTS {
        let mut host = Process::start(TEST, endpoint);
        assert_eq!(host.hear(), "listening");
        let (since, ok) = (Instant::now(), counts.ok.load(Ordering::Relaxed));
        // It serves for its time, and until everybody had a chance.
        while since.elapsed() < pace || counts.ok.load(Ordering::Relaxed) < ok + 1_000 {
            thread::sleep(Duration::from_millis(5));
        }
        holdings.push(Holding::now());
        host.kill();
    }
    holdings
}

/// The maximum of something in this quarter.
fn most<T: Ord>(holdings: &[Holding], quarter: usize, of: impl Fn(&Holding) -> T) -> T {
    let size = holdings.len() / 4;
    holdings[quarter * size..(quarter + 1) * size].iter().map(of).max().expect("a quarter")
}

fn seconds() -> u64 {
    std::env::var("CALLGATE_SOAK_SECONDS").map_or(10, |seconds| seconds.parse().unwrap())
}

#[test]
fn nothing_is_lost_and_nothing_grows() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint);
    }
    let duration = Duration::from_secs(seconds());
    watched(4 * duration + Duration::from_secs(120), move || {
        let endpoint = format!("pipe://{}", unique("soak"));
        let counts = Arc::new(Counts::default());
        let clients: Vec<_> = (0..CLIENTS).map(|_| client(&endpoint, &counts)).collect();
        let done = AtomicBool::new(false);
        let holdings = thread::scope(|scope| {
            for client in &clients {
                let service = client.proxy("IService").unwrap();
                for thread in 0..THREADS as u64 {
                    let (counts, done, service) = (&counts, &done, service.clone());
                    scope.spawn(move || {
                        for number in (thread..).step_by(THREADS) {
                            if done.load(Ordering::Relaxed) {
                                return;
                            }
                            counts.call(&service, number);
                        }
                    });
                }
            }
            let holdings = restart(&endpoint, duration / RESTARTS, &counts);
            done.store(true, Ordering::Relaxed);
            // No thread needs to wait for a host any longer.
            clients.iter().for_each(|client| client.close().unwrap());
            holdings
        });
        check(&counts, &holdings);
    });
}

fn check(counts: &Counts, holdings: &[Holding]) {
    let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let (begun, ok, unknown) = (get(&counts.begun), get(&counts.ok), get(&counts.unknown));
    let (not_run, called_back) = (get(&counts.not_run), get(&counts.called_back));
    println!(
        "{begun} calls: {ok} ok, {not_run} not run, {unknown} unknown; {called_back} callbacks"
    );
    println!("{holdings:?}");
    assert_eq!(begun, ok + not_run + unknown, "one outcome each");
    assert!(called_back >= ok, "each success had its callback");
    assert!(called_back <= ok + unknown, "no other call had one");
    let memory = [1, 3].map(|quarter| most(holdings, quarter, |held| held.memory));
    if !sanitizer::leaves_out("whether memory grows, as its own does") {
        assert!(memory[1] <= memory[0] + MEMORY_NOISE, "memory grows: {holdings:?}");
    }
    let descriptors = [1, 3].map(|quarter| most(holdings, quarter, |held| held.descriptors));
    assert!(descriptors[1] <= descriptors[0] + DESCRIPTOR_NOISE, "they grow: {holdings:?}");
}
