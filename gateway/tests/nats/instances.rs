//! Which instance a client gets, if there is one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use callgate::{Execution, Status};

use crate::support::gateway::{connect, offer, start};
use crate::support::host::{client, client_with, host, name};
use crate::support::server::Server;
use crate::support::{unique, watched};

#[test]
fn instances_share_the_sessions() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("test");
        let (one, two) = (host("one"), host("two"));
        let _offers = [offer(&service, &one.1), offer(&service, &two.1)];
        let entrance = connect(&service);
        let mut sessions: HashMap<String, usize> = HashMap::new();
        let mut clients = Vec::new();
        for _ in 0..16 {
            let client = client(&entrance.endpoint);
            *sessions.entry(name(&client).unwrap()).or_default() += 1;
            clients.push(client);
        }
        // Three questions reach both instances in three of four cases, and then the sessions become equal.
        assert!(sessions.len() == 2 && sessions.values().all(|&count| count >= 4), "{sessions:?}");
    });
}

#[test]
fn without_an_instance_calls_do_not_run_and_say_so() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let entrance = connect(&server.service("nobody"));
        let client = client_with(&entrance.endpoint, Duration::from_millis(500));
        let begin = Instant::now();
        let error = name(&client).unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Status::ChannelFaulted, Execution::NotRun)
        );
        let cause = error.cause().expect("the refusal").message();
        assert!(cause.contains("/nobody is not available: there is no instance of it"), "{cause}");
        assert!(begin.elapsed() < Duration::from_secs(10));
    });
}

#[test]
fn an_instance_whose_host_is_gone_is_passed_over() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("test");
        let there = host("there");
        let _gone = offer(&service, &format!("pipe://{}", unique("gone")));
        let _there = offer(&service, &there.1);
        let entrance = connect(&service);
        for _ in 0..8 {
            assert_eq!(name(&client(&entrance.endpoint)).unwrap(), "there");
        }
    });
}

#[test]
fn an_instance_that_hangs_is_passed_over() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("test");
        let (hung, there) = (host("hung"), host("there"));
        let (stopped, _there) = (offer(&service, &hung.1), offer(&service, &there.1));
        let entrance = connect(&service);
        stopped.process.signal("STOP");
        for _ in 0..8 {
            assert_eq!(name(&client(&entrance.endpoint)).unwrap(), "there");
        }
    });
}

#[test]
fn an_instance_that_comes_later_is_found_by_clients_that_wait() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("late");
        let mut entrance = connect(&service);
        let client = client(&entrance.endpoint);
        entrance.await_line("there is no instance of it");
        let host = host("late");
        let _offer = offer(&service, &host.1);
        assert_eq!(name(&client).unwrap(), "late");
    });
}

#[test]
fn without_a_server_a_gateway_ends_with_the_reason() {
    watched(|| {
        let Some(mut server) = Server::start() else { return };
        server.kill();
        for command in ["offer", "connect"] {
            let endpoint = format!("pipe://{}", unique("none"));
            let mut gateway = start(command, &server.service("test"), &endpoint, &[]);
            gateway.await_line("error: NATS at nats://127.0.0.1:");
            assert_eq!(gateway.process.wait(), Some(1));
        }
    });
}
