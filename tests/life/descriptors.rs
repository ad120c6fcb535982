//! A program whose descriptors are all taken.

use std::fs::File;

use callgate::{Client, Execution, Host, Status};

use crate::scene::{add, client, host, patient, within, LIMIT};
use crate::support::process::{self, Process};
use crate::support::{unique, watched};

/// Enough for a test program and a connection.
const DESCRIPTORS: u32 = 40;

fn take_all() -> Vec<File> {
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

/// Runs in a process with few descriptors, and connects to a host outside.
fn run_short(endpoint: &str) {
    let (connected, calculator, _) = client(endpoint, patient());
    add(&calculator);
    let taken = take_all();
    add(&calculator);

    let (late, late_calculator, _) = client(endpoint, patient());
    let error = late_calculator
        .call_with::<i64>("Add", &(1, 2), &within(std::time::Duration::from_millis(500)))
        .unwrap_err();
    assert_eq!(
        (error.status(), error.execution()),
        (Status::TimedOut, Execution::NotRun),
        "{error:?}"
    );
    assert!(format!("{error:?}").contains("open files"), "{error:?}");

    let error = Host::builder().endpoint(&format!("{endpoint}-other")).start().err().unwrap();
    assert_eq!(error.status(), Status::LimitExceeded, "{error:?}");
    assert!(error.message().contains("open files"), "{error:?}");

    drop(taken);
    add(&late_calculator);
    Client::close(&late).unwrap();
    connected.close().unwrap();
    process::tell("done");
}

#[test]
fn a_client_without_descriptors_says_so_and_connects_once_there_are_some() {
    const TEST: &str =
        "descriptors::a_client_without_descriptors_says_so_and_connects_once_there_are_some";
    if let Some(endpoint) = process::role() {
        return run_short(&endpoint);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("descriptors"));
        let (host, _) = host(&endpoint, patient());
        let mut process = Process::start_with_descriptors(TEST, &endpoint, DESCRIPTORS);
        assert_eq!(process.hear(), "done");
        host.close().unwrap();
    });
}
