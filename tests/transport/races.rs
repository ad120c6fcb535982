//! Many hosts that want the same address at the same time: one gets it.

use crate::streams::{endpoint, unique, watched, Folder, STARTING};
use callgate::unstable::transport::{self, Endpoint};
use callgate::Status;
use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Barrier;
use std::thread;

const RACERS: usize = 8;
const ROUNDS: usize = 200;

/// Races for the endpoint, over a stale file in every other round.
fn race(endpoint: &Endpoint, stale: &Path) {
    let _closed_ones_are_gone = STARTING.read().unwrap();
    let barrier = Barrier::new(RACERS);
    let winners = AtomicUsize::new(0);
    thread::scope(|scope| {
        for racer in 0..RACERS {
            let (barrier, winners) = (&barrier, &winners);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    if racer == 0 && round % 2 == 1 {
                        drop(UnixListener::bind(stale).unwrap());
                    }
                    barrier.wait();
                    let listening = transport::listen(endpoint);
                    match &listening {
                        Ok(_) => drop(winners.fetch_add(1, Ordering::SeqCst)),
                        Err(error) => assert_eq!(error.status(), Status::AddressInUse, "{error}"),
                    }
                    barrier.wait();
                    assert_eq!(winners.load(Ordering::SeqCst), round + 1, "in round {round}");
                    drop(listening);
                    barrier.wait();
                }
            });
        }
    });
    assert!(!stale.exists());
}

#[test]
fn one_of_many_hosts_gets_a_name() {
    let name = unique("race");
    let endpoint = endpoint(&format!("pipe://{name}"));
    // The path of the pipe is looked up, not assumed.
    let listener = transport::listen(&endpoint).unwrap();
    let user = fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me));
    let user = user.unwrap();
    let places = [format!("/run/user/{user}/callgate"), format!("/tmp/callgate-{user}")];
    let path = places
        .iter()
        .map(|folder| Path::new(folder).join(format!("{name}.sock")))
        .find(|path| path.exists())
        .expect("the pipe is in one of its two folders");
    drop(listener);
    watched(move || race(&endpoint, &path));
}

#[test]
fn one_of_many_hosts_gets_a_path() {
    let folder = Folder::new();
    let (endpoint, path) = (folder.endpoint("x.sock"), folder.0.join("x.sock"));
    watched(move || race(&endpoint, &path));
}

#[test]
fn hosts_that_come_and_go_never_share_a_place() {
    let folder = Folder::new();
    let endpoint = folder.endpoint("x.sock");
    watched(move || {
        let (hosts, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..RACERS {
                scope.spawn(|| {
                    while turns.load(Ordering::SeqCst) < ROUNDS {
                        match transport::listen(&endpoint) {
                            Ok(listener) => {
                                assert_eq!(hosts.fetch_add(1, Ordering::SeqCst), 0);
                                turns.fetch_add(1, Ordering::SeqCst);
                                thread::yield_now();
                                hosts.fetch_sub(1, Ordering::SeqCst);
                                drop(listener);
                            }
                            Err(error) => {
                                assert_eq!(error.status(), Status::AddressInUse, "{error}")
                            }
                        }
                    }
                });
            }
        });
    });
}
