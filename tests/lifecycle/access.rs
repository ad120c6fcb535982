//! Hosts for other users, and clients that require their host to run as a given user.

use std::time::Duration;

#[cfg(unix)]
use crate::support::gate::eventually;
#[cfg(unix)]
use crate::support::user::{as_stranger, is_root};
use crate::support::{calculator_host, unique, watched};
use callgate::{Client, Status, User};

const LIMIT: Duration = Duration::from_secs(60);

/// A user that does not run tests.
const STRANGER: &str = if cfg!(unix) { "65534" } else { "S-1-5-7" };

/// The user that runs the host of a pipe, and the tests.
fn user_of(pipe: &str) -> User {
    let client = Client::connect(pipe).unwrap();
    client.wait_connected(None).unwrap();
    client.connection().unwrap().peer().user.clone().unwrap()
}

fn add(client: &Client) -> callgate::Result<i64> {
    client.proxy("ICalculator")?.call("Add", &(1, 2))
}

#[cfg(unix)]
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
        let me = user_of(&pipe);
        for demanded in [me.to_string(), me.name().unwrap()] {
            let client = Client::builder(&pipe).host_user(&demanded).connect().unwrap();
            assert_eq!(add(&client).unwrap(), 3, "{demanded}");
        }
    });
}

#[test]
fn a_host_of_another_user_is_not_called() {
    watched(LIMIT, || {
        let pipe = format!("pipe://{}", unique("another"));
        let _host = calculator_host(&pipe).start().unwrap();
        let client = Client::builder(&pipe).host_user(STRANGER).connect().unwrap();
        let why = format!("runs as user {}, not as user {STRANGER}", user_of(&pipe));
        for error in [client.wait_connected(None).unwrap_err(), add(&client).unwrap_err()] {
            assert_eq!(error.status(), Status::AccessDenied, "{error}");
            assert!(error.message().contains(&why), "{error}");
        }
        assert!(client.connection().is_none());
    });
}

#[cfg(unix)]
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
        eventually("the client finds the other host", || add(&client).is_ok());
    });
}

#[test]
fn no_user_can_be_demanded_over_tcp() {
    let client = Client::builder("tcp://127.0.0.1:1").host_user(STRANGER);
    let error = client.connect().err().unwrap();
    assert_eq!(error.status(), Status::AccessDenied);
    assert!(error.message().contains("over TCP the user of a host is unknown"), "{error}");
}

#[test]
fn a_user_that_does_not_exist_is_refused() {
    let client = Client::builder("pipe://nobody").host_user("no such user");
    let error = client.connect().err().unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("there is no user \"no such user\""), "{error}");
}
