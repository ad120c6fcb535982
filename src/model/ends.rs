//! How connections end while calls are in progress.

use super::program::Habits;
use super::world::World;
use crate::error::Execution;
use crate::sync::modelled::explore::{choose, explore};
use crate::transport::modelled::cut;

#[test]
fn one_way_calls_leave_before_a_client_closes() {
    explore(|| {
        let world = World::new(Habits { slow: true, ..Habits::default() });
        let (program, proxy) = (world.program.clone(), world.client.proxy("I").unwrap());
        let sender = program.clone();
        program.spawn(move || (0..5).for_each(|_| sender.one_way(&proxy, None, 0)));
        world.caller(1);
        program.join();
        world.client.close().unwrap();
        program.await_one_way_calls();
        world.end();
    });
}

#[test]
fn every_call_runs_though_its_host_is_replaced() {
    explore(|| {
        let mut world = World::new(Habits { slow: true, ..Habits::default() });
        world.caller(2);
        world.caller(1);
        world.restart_host();
        let program = world.program.clone();
        program.join();
        world.end();
        program.ledger.check_errors(|error| error.execution() == Execution::Ran);
    });
}

#[test]
fn no_call_that_has_left_is_made_again_on_the_next_connection() {
    explore(|| {
        let world = World::new(Habits::default());
        world.client.wait_connected(None).unwrap();
        let connection = world.client.connection().expect("it is connected");
        world.caller(2);
        world.caller(1);
        world.program.spawn(move || match choose(2) {
            0 => cut(),
            _ => connection.close(),
        });
        world.program.join();
        world.end();
    });
}

#[test]
fn whoever_ends_a_connection_every_call_has_an_outcome() {
    explore(|| {
        let world = World::new(Habits { nests: true, slow: true, ..Habits::default() });
        world.caller(2);
        world.caller(1);
        world.host_caller(1);
        match choose(4) {
            0 => cut(),
            1 => world.host.close().unwrap(),
            2 => world.client.close().unwrap(),
            _ => {
                if let Some(connection) = world.client.connection() {
                    connection.close();
                }
            }
        }
        let program = world.program.clone();
        world.end();
        program.join();
        program.ledger.check();
    });
}
