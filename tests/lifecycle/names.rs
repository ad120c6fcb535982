//! Hosts that race for one pipe name.

#![cfg(unix)]

use std::os::unix::net::UnixListener;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::{system, unique, watched};
use callgate::{Client, Host, Status};

const TEST: &str = "names::exactly_one_of_many_hosts_has_the_name";
const RACERS: usize = 4;
const ROUNDS: usize = 1000;

/// Killing takes longer than leaving a stale file, so only every few winners are killed.
const KILL_EVERY: usize = 40;

#[test]
fn exactly_one_of_many_hosts_has_the_name() {
    if let Some(endpoint) = process::role() {
        return race(&endpoint);
    }
    watched(Duration::from_secs(240), || {
        let name = unique("race");
        let endpoint = format!("pipe://{name}");
        let start = || {
            let mut racer = Process::start(TEST, &endpoint);
            assert_eq!(racer.hear(), "ready");
            racer
        };
        let mut racers: Vec<_> = (0..RACERS).map(|_| start()).collect();
        for round in 0..ROUNDS {
            racers.iter_mut().for_each(|racer| racer.say("go"));
            let told: Vec<_> = racers.iter_mut().map(Process::hear).collect();
            let winners: Vec<_> = (0..RACERS).filter(|&racer| told[racer] == "won").collect();
            assert_eq!(winners.len(), 1, "round {round}: {told:?}");
            assert!(told.iter().all(|told| told == "won" || told == "in use"), "{told:?}");
            let winner = winners[0];
            assert_eq!(who_serves(&endpoint), racers[winner].id(), "round {round}");

            let socket = system::pipe_socket(&name).expect("the winner's socket");
            if round % KILL_EVERY == 1 {
                racers[winner].kill();
                assert!(socket.exists(), "a killed host cannot have removed its socket");
                racers[winner] = start();
            } else {
                assert_eq!(racers[winner].ask("stop"), "stopped");
                if round % 2 == 1 {
                    drop(UnixListener::bind(&socket).unwrap());
                }
            }
        }
    });
}

fn who_serves(endpoint: &str) -> u32 {
    let client = Client::connect(endpoint).unwrap();
    let process = client.proxy("IWho").unwrap().call("Process", &()).unwrap();
    client.close().unwrap();
    process
}

fn race(endpoint: &str) {
    process::tell("ready");
    let mut host = None;
    for order in process::orders() {
        if order == "stop" {
            host.take().map(|host: Host| host.close()).unwrap().unwrap();
            process::tell("stopped");
            continue;
        }
        let started = Host::builder()
            .endpoint(endpoint)
            .delegate("IWho", |_| {
                |call: callgate::InboundCall| call.reply(&std::process::id()).unwrap()
            })
            .start();
        match started {
            Ok(started) => {
                host = Some(started);
                process::tell("won");
            }
            Err(error) if error.status() == Status::AddressInUse => process::tell("in use"),
            Err(error) => process::tell(format!("{error:?}")),
        }
    }
}
