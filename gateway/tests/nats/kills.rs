//! Hosts, gateways and the NATS server are killed while calls run. Each call has one outcome, and what it says
//! agrees with what the hosts wrote into a file before they died.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Mutex;
use std::thread;

use callgate::{Client, Execution, Status};

use crate::support::gateway::{connect_at, offer, Gateway};
use crate::support::host::client;
use crate::support::process_host::ProcessHost;
use crate::support::server::Server;
use crate::support::{eventually, unique, watched_for, LIMIT};

const CALLERS: usize = 4;
const INSTANCES: usize = 2;

/// `CALLGATE_KILLS` sets another number.
const KILLS: u32 = 18;

/// What can be killed.
struct World {
    server: Server,
    hosts: Vec<Option<ProcessHost>>,
    offers: Vec<Option<Gateway>>,
    entrance: Option<Gateway>,
    service: String,
    endpoint: String,
    ledger: PathBuf,
}

impl World {
    fn new() -> Option<World> {
        let server = Server::start()?;
        let ledger = std::env::temp_dir().join(unique("ledger"));
        fs::write(&ledger, "").expect("it can be written");
        let service = server.service("test");
        let host = |_| Some(host(&format!("pipe://{}", unique("killed")), &ledger));
        let hosts: Vec<_> = (0..INSTANCES).map(host).collect();
        let offers =
            hosts.iter().flatten().map(|host| Some(offer(&service, &host.endpoint))).collect();
        let endpoint = format!("pipe://{}", unique("entrance"));
        let entrance = Some(connect_at(&service, &endpoint, &[]));
        Some(World { server, hosts, offers, entrance, service, endpoint, ledger })
    }

    /// Kills one of them without a chance to clean up, and starts it again.
    fn kill(&mut self, which: u32) {
        let instance = (which / 4) as usize % INSTANCES;
        let endpoint = self.hosts[instance].as_ref().expect("it runs").endpoint.clone();
        match which % 4 {
            0 => {
                self.hosts[instance] = None;
                self.hosts[instance] = Some(host(&endpoint, &self.ledger));
            }
            1 => {
                self.offers[instance] = None;
                self.offers[instance] = Some(offer(&self.service, &endpoint));
            }
            2 => {
                self.entrance = None;
                self.entrance = Some(connect_at(&self.service, &self.endpoint, &[]));
            }
            _ => {
                self.server.kill();
                self.server.start_again();
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        fs::remove_file(&self.ledger).ok();
    }
}

fn host(endpoint: &str, ledger: &Path) -> ProcessHost {
    ProcessHost::start_at(endpoint, Some(ledger))
}

/// The outcome of the call that notes a number: whether it ran, as far as its caller knows.
fn call(client: &Client, number: u64) -> Execution {
    match client.proxy("ITest").unwrap().call::<u64>("Note", &(number,)) {
        Ok(result) => {
            assert_eq!(result, number);
            Execution::Ran
        }
        Err(error) => {
            assert_eq!(error.status(), Status::ChannelFaulted, "{error:?}");
            assert_ne!(error.execution(), Execution::Ran, "nobody can know: {error:?}");
            error.execution()
        }
    }
}

#[test]
fn every_call_has_one_true_outcome_whatever_is_killed() {
    let kills =
        std::env::var("CALLGATE_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number"));
    watched_for(LIMIT * (2 + kills / 20), move || {
        let Some(mut world) = World::new() else { return };
        let clients: Vec<Client> = (0..CALLERS).map(|_| client(&world.endpoint)).collect();
        let (next, succeeded, is_done) =
            (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        let outcomes = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for client in &clients {
                scope.spawn(|| {
                    while !is_done.load(Ordering::SeqCst) {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        let outcome = call(client, number);
                        succeeded.fetch_add(u64::from(outcome == Execution::Ran), Ordering::SeqCst);
                        outcomes.lock().unwrap().push((number, outcome));
                    }
                });
            }
            for which in 0..kills {
                let before = succeeded.load(Ordering::SeqCst);
                eventually("calls succeed", || succeeded.load(Ordering::SeqCst) > before + 20);
                world.kill(which);
            }
            let before = succeeded.load(Ordering::SeqCst);
            eventually("calls succeed in the end", || {
                succeeded.load(Ordering::SeqCst) > before + 20
            });
            is_done.store(true, Ordering::SeqCst);
        });
        compare(
            &outcomes.into_inner().unwrap(),
            &fs::read_to_string(&world.ledger).expect("the ledger"),
        );
    });
}

/// Compares what the callers know with what has run.
fn compare(outcomes: &[(u64, Execution)], ledger: &str) {
    let mut runs: HashMap<u64, usize> = HashMap::new();
    for line in ledger.lines() {
        *runs.entry(line.parse().expect("a number")).or_default() += 1;
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (number, outcome) in outcomes {
        let (what, allowed) = match outcome {
            Execution::Ran => ("succeeded", 1..=1),
            Execution::NotRun => ("did not run", 0..=0),
            Execution::Unknown => ("are unknown", 0..=1),
        };
        let runs = runs.get(number).copied().unwrap_or(0);
        assert!(allowed.contains(&runs), "call {number}: {outcome}, and it ran {runs} times");
        *counts.entry(what).or_default() += 1;
    }
    println!("{} calls: {counts:?}", outcomes.len());
}
