//! Gateways and hosts that are stopped in order.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::support::gateway::{connect, offer, offer_with};
use crate::support::host::{client, host, name};
use crate::support::server::Server;
use crate::support::{eventually, watched};

#[test]
fn hosts_are_replaced_under_load_without_a_failed_call() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let service = server.service("test");
        let entrance = connect(&service);
        let mut running: Vec<_> = (0..3)
            .map(|_| {
                let host = host("old");
                let offer = offer(&service, &host.1);
                (host.0, offer)
            })
            .collect();
        let clients: Vec<_> = (0..4).map(|_| client(&entrance.endpoint)).collect();
        let (done, calls) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for client in &clients {
                scope.spawn(|| {
                    while !done.load(Ordering::SeqCst) {
                        name(client).expect("no call fails");
                        calls.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            for present in &mut running {
                let before = calls.load(Ordering::SeqCst);
                eventually("calls go on", || calls.load(Ordering::SeqCst) > before + 20);
                let host = host("new");
                let new = (host.0, offer(&service, &host.1));
                let (old, mut gateway) = std::mem::replace(present, new);
                gateway.process.signal("TERM");
                gateway.await_line("no longer offering test");
                old.close().expect("the delegates end");
                assert_eq!(gateway.process.wait(), Some(0));
            }
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(name(&clients[0]).unwrap(), "new");
    });
}

#[test]
fn a_gateway_that_is_stopped_takes_no_new_session_and_keeps_those_that_it_has() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, one) = (server.service("test"), host("one"));
        let (mut offer, mut entrance) = (offer(&service, &one.1), connect(&service));
        let old = client(&entrance.endpoint);
        assert_eq!(name(&old).unwrap(), "one");
        offer.process.signal("TERM");
        offer.await_line("no longer offering test; sessions left: 1");
        let _new = client(&entrance.endpoint);
        entrance.await_line("there is no instance of it");
        assert_eq!(name(&old).unwrap(), "one");
        drop(old);
        assert_eq!(offer.process.wait(), Some(0));
    });
}

#[test]
fn sessions_that_do_not_end_are_cut() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, one) = (server.service("test"), host("one"));
        let mut offer = offer_with(&service, &one.1, &["--drain-timeout", "200ms"]);
        let mut entrance = connect(&service);
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        offer.process.signal("INT");
        assert_eq!(offer.process.wait(), Some(0));
        entrance.await_line("the other gateway ended it: the gateway is stopped");
        eventually("the host has lost it", || one.0.connections().is_empty());
    });
}

#[test]
fn a_second_signal_cuts_sessions_at_once() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, one) = (server.service("test"), host("one"));
        let mut offer = offer_with(&service, &one.1, &["--drain-timeout", "10m"]);
        let entrance = connect(&service);
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        offer.process.signal("INT");
        offer.await_line("no longer offering test");
        offer.process.signal("INT");
        assert_eq!(offer.process.wait(), Some(0));
    });
}

#[test]
fn a_gateway_of_clients_that_is_stopped_ends_its_sessions_on_both_sides() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, one) = (server.service("test"), host("one"));
        let (mut offer, mut entrance) = (offer(&service, &one.1), connect(&service));
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        entrance.process.signal("TERM");
        assert_eq!(entrance.process.wait(), Some(0));
        offer.await_line("the other gateway ended it: the gateway is stopped");
        eventually("the host has lost it", || one.0.connections().is_empty());
    });
}
