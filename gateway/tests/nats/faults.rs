//! What is killed while calls run: the client learns of it soon, each call has its outcome, and all comes back.

use std::thread;
use std::time::{Duration, Instant};

use callgate::{Client, Error, Execution, Status};

use crate::support::gateway::{connect, connect_at, connect_with, offer, offer_with};
use crate::support::host::{client, host, host_at, name};
use crate::support::process_host::ProcessHost;
use crate::support::server::Server;
use crate::support::{eventually, watched};

/// The silence that ends a session, and as much again.
const SOON: Duration = Duration::from_secs(20);

/// How a call ends that runs while something happens.
pub fn fate(client: &Client, happens: impl FnOnce()) -> Error {
    thread::scope(|scope| {
        let waiting =
            scope.spawn(|| client.proxy("ITest").unwrap().call::<()>("Wait", &()).unwrap_err());
        // Behind the call that waits.
        name(client).unwrap();
        let begin = Instant::now();
        happens();
        let error = waiting.join().unwrap();
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
        error
    })
}

/// Whether a call failed as those on a lost connection do.
pub fn is_lost(error: &Error) -> bool {
    (error.status(), error.execution()) == (Status::ChannelFaulted, Execution::Unknown)
}

#[test]
fn a_killed_host_is_a_lost_connection() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, killed) = (server.service("test"), ProcessHost::start());
        let (_offer, entrance) = (offer(&service, &killed.endpoint), connect(&service));
        let client = client(&entrance.endpoint);
        let endpoint = killed.endpoint.clone();
        let error = fate(&client, || drop(killed));
        assert!(is_lost(&error), "{error:?}");
        let _host = host_at("next", &endpoint);
        assert_eq!(name(&client).unwrap(), "next");
    });
}

#[test]
fn a_killed_gateway_of_a_host_is_a_lost_connection() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (killed, entrance) = (offer(&service, &host.1), connect(&service));
        let client = client(&entrance.endpoint);
        let error = fate(&client, || drop(killed));
        assert!(is_lost(&error), "{error:?}");
        let _offer = offer(&service, &host.1);
        assert_eq!(name(&client).unwrap(), "one");
    });
}

#[test]
fn a_killed_gateway_is_noticed_by_the_next_message_long_before_its_silence() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let patient = ["--heartbeat", "60s"];
        let (killed, mut entrance) =
            (offer_with(&service, &host.1, &patient), connect_with(&service, &patient));
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        drop(killed);
        let _offer = offer(&service, &host.1);
        let begin = Instant::now();
        let error = name(&client).unwrap_err();
        assert!(is_lost(&error), "{error:?}");
        entrance.await_line("the other gateway is gone");
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
        assert_eq!(name(&client).unwrap(), "one");
    });
}

#[test]
fn a_killed_gateway_of_clients_is_a_lost_connection_on_both_sides() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (_offer, killed) = (offer(&service, &host.1), connect(&service));
        let endpoint = killed.endpoint.clone();
        let client = client(&endpoint);
        let error = fate(&client, || drop(killed));
        assert!(is_lost(&error), "{error:?}");
        eventually("the host has lost it too", || host.0.connections().is_empty());
        let _entrance = connect_at(&service, &endpoint, &[]);
        assert_eq!(name(&client).unwrap(), "one");
    });
}

#[test]
fn a_server_that_is_killed_and_started_again_ends_no_more_than_sessions() {
    watched(|| {
        let Some(mut server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (_offer, entrance) = (offer(&service, &host.1), connect(&service));
        let client = client(&entrance.endpoint);
        let error = fate(&client, || server.kill());
        assert!(is_lost(&error), "{error:?}");
        eventually("the host has lost it too", || host.0.connections().is_empty());
        server.start_again();
        assert_eq!(name(&client).unwrap(), "one");
    });
}

#[test]
fn a_server_that_hangs_is_noticed_by_its_silence() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (_offer, mut entrance) = (offer(&service, &host.1), connect(&service));
        let client = client(&entrance.endpoint);
        let error = fate(&client, || server.signal("STOP"));
        assert!(is_lost(&error), "{error:?}");
        entrance.await_line("the connection to NATS is lost");
        server.signal("CONT");
        assert_eq!(name(&client).unwrap(), "one");
    });
}

#[test]
fn a_client_that_leaves_ends_the_connection_of_its_host() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (_offer, entrance) = (offer(&service, &host.1), connect(&service));
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        assert_eq!(host.0.connections().len(), 1);
        drop(client);
        eventually("the host has no connection", || host.0.connections().is_empty());
    });
}
