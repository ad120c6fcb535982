//! What operators of NATS see and set.

use callgate::Execution;

use crate::support::gateway::{connect, connect_with, offer, offer_with};
use crate::support::host::{client, client_with, host, name};
use crate::support::nats::Other;
use crate::support::server::Server;
use crate::support::{eventually, watched, LIMIT};

#[test]
fn instances_are_listed_as_a_service_with_their_sessions() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("calculators"), host("one"));
        let (_offer, entrance) = (offer(&service, &host.1), connect(&service));
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        let other = Other::connect(&server);
        let ping = other.ask("$SRV.PING.calculators");
        assert_eq!(ping["name"], "calculators");
        let info = other.ask("$SRV.INFO.calculators");
        assert_eq!(info["endpoints"][0]["subject"], "callgate.calculators.find");
        assert_eq!(info["metadata"]["most_sessions"], "1000");
        let stats = other.ask("$SRV.STATS.calculators");
        assert_eq!(stats["endpoints"][0]["data"]["sessions"], 1);
        let found = other.ask("callgate.calculators.find");
        assert_eq!((&found["instance"], &found["sessions"]), (&ping["id"], &1.into()));
    });
}

#[test]
fn there_are_no_more_sessions_than_set() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let _offer = offer_with(&service, &host.1, &["--sessions", "1"]);
        let mut few = connect_with(&service, &["--sessions", "1"]);
        let mut many = connect(&service);
        let first = client(&few.endpoint);
        assert_eq!(name(&first).unwrap(), "one");
        let second = client(&few.endpoint);
        few.await_line("all of the gateway's sessions are in use (1)");
        let third = client(&many.endpoint);
        many.await_line("no instance takes the connection: all of its sessions are in use (1)");
        drop((first, third));
        // Its client tries again.
        assert_eq!(name(&second).unwrap(), "one");
    });
}

#[test]
fn clients_are_refused_at_once_while_there_is_no_server() {
    watched(|| {
        let Some(mut server) = Server::start() else { return };
        let mut entrance = connect(&server.service("test"));
        server.kill();
        entrance.await_line("the connection to NATS is lost");
        let client = client_with(&entrance.endpoint, LIMIT / 60);
        let error = name(&client).unwrap_err();
        assert_eq!(error.execution(), Execution::NotRun);
        let cause = error.cause().expect("the refusal").message();
        assert!(cause.contains("there is no connection to NATS"), "{cause}");
    });
}

#[test]
fn malformed_requests_to_open_a_session_are_refused() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let mut offer = offer(&service, &host.1);
        let other = Other::connect(&server);
        let found = other.ask("callgate.test.find");
        let subject = format!("callgate.test.open.{}", found["instance"].as_str().expect("a text"));
        let answer = other.ask(&subject);
        assert_eq!(answer["refused"], "the request is malformed, or of another version");
        offer.await_line("a request to open a session is malformed, and was refused");
        eventually("there is no session", || other.ask("callgate.test.find")["sessions"] == 0);
    });
}
