//! Machines that are cut off while calls run. Nobody is notified: only silence tells.

use std::time::Duration;

use callgate::Execution;

use crate::faults::{fate, is_lost};
use crate::support::gateway::{connect_in, offer_in};
use crate::support::host::{client, client_with, host, name};
use crate::support::machines::Machines;
use crate::support::server::Server;
use crate::support::{eventually, watched};

#[test]
fn a_host_that_is_cut_off_is_a_lost_connection_and_comes_back() {
    watched(|| {
        let Some(machines) = Machines::new(3) else { return };
        let Some(server) = Server::start_on(&machines, 0, &[]) else { return };
        let (service, host) = (server.service("test"), host("one"));
        let _offer = offer_in(&machines.prefix(1), &service, &host.1);
        let entrance = connect_in(&machines.prefix(2), &service);
        let client = client(&entrance.endpoint);
        let error = fate(&client, || machines.cut(1));
        assert!(is_lost(&error), "{error:?}");
        eventually("the host has lost it too", || host.0.connections().is_empty());
        let impatient = client_with(&entrance.endpoint, Duration::from_millis(300));
        assert_eq!(name(&impatient).unwrap_err().execution(), Execution::NotRun);
        machines.heal(1);
        eventually("calls succeed again", || name(&client).is_ok());
    });
}

#[test]
fn gateways_leave_a_server_that_is_cut_off() {
    watched(|| {
        let Some(machines) = Machines::new(5) else { return };
        let Some(servers) = Server::cluster_on(&machines, [0, 1, 2]) else { return };
        let places: Vec<_> = servers.iter().map(Server::place).collect();
        let (service, host) = (format!("nats://{}/test", places.join(",")), host("one"));
        let _offer = offer_in(&machines.prefix(3), &service, &host.1);
        let entrance = connect_in(&machines.prefix(4), &service);
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        for cut in 0..servers.len() {
            machines.cut(cut);
            eventually("calls succeed through the others", || name(&client).is_ok());
            machines.heal(cut);
        }
        assert_eq!(name(&client).unwrap(), "one");
    });
}
