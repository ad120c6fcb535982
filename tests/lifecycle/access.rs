//! Hosts for other users, and clients that require their host to run as a given user.
#![cfg(unix)]

use crate::support;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use crate::support::user::{as_stranger, is_root, STRANGER};
use crate::support::{calculator_host, unique, watched};
use callgate::{Client, Status};

const LIMIT: Duration = Duration::from_secs(60);

fn me() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

fn add(client: &Client) -> callgate::Result<i64> {
    client.proxy("ICalculator")?.call("Add", &(1, 2))
}

#[test]
fn a_pipe_of_the_system_serves_everyone_if_told_to() {
    if !is_root() {
        return;
    }
    watched(LIMIT, || {
        let pipe = format!("pipe://{}?scope=system", unique("system"));
        let private = calculator_host(&pipe).start().unwrap();
        assert_eq!(add(&Client::connect(&pipe).unwrap()).unwrap(), 3);
        let denied = as_stranger(|| add(&Client::connect(&pipe).unwrap()).unwrap_err());
        assert_eq!(denied.status(), Status::AccessDenied, "{denied}");
        private.close().unwrap();

        let _public = calculator_host(&format!("{pipe}&access=everyone")).start().unwrap();
        assert_eq!(as_stranger(|| add(&Client::connect(&pipe).unwrap())).unwrap(), 3);
    });
}

#[test]
fn a_host_of_the_demanded_user_is_called() {
    watched(LIMIT, || {
        let pipe = format!("pipe://{}", unique("demanded"));
        let _host = calculator_host(&pipe).start().unwrap();
        let client = Client::builder(&pipe).host_user(me()).connect().unwrap();
        assert_eq!(add(&client).unwrap(), 3);
    });
}

#[test]
fn a_host_of_another_user_is_not_called() {
    watched(LIMIT, || {
        let pipe = format!("pipe://{}", unique("another"));
        let _host = calculator_host(&pipe).start().unwrap();
        let client = Client::builder(&pipe).host_user(STRANGER).connect().unwrap();
        let why = format!("runs as user {}, not as user {STRANGER}", me());
        for error in [client.wait_connected(None).unwrap_err(), add(&client).unwrap_err()] {
            assert_eq!(error.status(), Status::AccessDenied, "{error}");
            assert!(error.message().contains(&why), "{error}");
        }
        assert!(client.connection().is_none());
    });
}

#[test]
fn a_host_of_the_demanded_user_may_come_after_another() {
    if !is_root() {
        return;
    }
    watched(LIMIT, || {
        let pipe = format!("unix:///tmp/{}.sock?access=everyone", unique("succession"));
        let host = calculator_host(&pipe).start().unwrap();
        let client = Client::builder(&pipe).host_user(STRANGER).connect().unwrap();
        assert_eq!(client.wait_connected(None).unwrap_err().status(), Status::AccessDenied);
        host.close().unwrap();
        let _host = as_stranger(|| calculator_host(&pipe).start().unwrap());
        support::gate::eventually("the client finds the other host", || add(&client).is_ok());
    });
}

#[test]
fn no_user_can_be_demanded_over_tcp() {
    let client = Client::builder("tcp://127.0.0.1:1").host_user(me());
    let error = client.connect().err().unwrap();
    assert_eq!(error.status(), Status::AccessDenied);
    assert!(error.message().contains("over TCP the user of a host is unknown"), "{error}");
}
