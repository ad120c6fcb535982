//! Calls in both directions: each has one outcome, which is true, and all return what they took.

use std::time::Duration;

use super::program::{sleep, Gate, Habits, Program, INTERFACE};
use super::world::{client, host, World};
use crate::connection::InboundCall;
use crate::error::Status;
use crate::host::HostBuilder;
use crate::proxy::CallOptions;
use crate::sync::modelled::explore::{choose, explore};
use crate::sync::modelled::thread::make_scarce;

#[test]
fn undisturbed_calls_have_their_replies() {
    explore(|| {
        let world = World::new(Habits::default());
        world.caller(2);
        world.caller(2);
        world.program.join();
        world.program.ledger.check_errors(|error| error.status() == Status::RemoteError);
        world.program.await_one_way_calls();
        world.end();
    });
}

#[test]
fn calls_nest_both_ways() {
    explore(|| {
        let world = World::new(Habits { nests: true, slow: true, ..Habits::default() });
        world.caller(2);
        world.host_caller(1);
        world.program.join();
        let expected = [Status::RemoteError, Status::LimitExceeded, Status::TimedOut];
        world.program.ledger.check_errors(|error| expected.contains(&error.status()));
        world.end();
    });
}

#[test]
fn hurried_and_cancelled_calls_have_true_outcomes() {
    explore(|| {
        let world = World::new(Habits {
            hurried: true,
            cancels: true,
            slow: true,
            nests: true,
            ..Habits::default()
        });
        world.caller(2);
        world.caller(2);
        world.program.join();
        world.end();
    });
}

#[test]
fn calls_have_true_outcomes_where_threads_are_scarce() {
    explore(|| {
        let world = World::new(Habits { slow: true, scarce: true, ..Habits::default() });
        world.client.wait_connected(None).unwrap();
        make_scarce(true);
        world.caller(2);
        world.caller(1);
        world.host_caller(1);
        world.program.join();
        world.end();
    });
}

/// A delegate whose `Wait` returns when `Go` is called.
fn waiting(builder: HostBuilder) -> HostBuilder {
    builder.delegate(INTERFACE, |_| {
        let gate = Gate::default();
        move |call: InboundCall| {
            match call.method() {
                "Wait" => gate.wait(),
                "Go" => gate.open(),
                _ => {}
            }
            call.reply_bytes(&[0xc0]).unwrap();
        }
    })
}

/// A long call, whose delegate waits for a second one, with threads scarce before it or during it.
fn others_are_served_beside_a_long_call(scarce_before: bool) {
    let program = Program::new(Habits::default());
    let (host, client) = (host(waiting), client(|builder| builder));
    let world = World { program, host, client };
    world.client.wait_connected(None).unwrap();
    let call = |method: &'static str| {
        let proxy = world.client.proxy(INTERFACE).unwrap();
        move || drop(proxy.call_bytes(method, &[0x90], &CallOptions::default()))
    };
    make_scarce(scarce_before);
    call("Nothing")();
    make_scarce(!scarce_before);
    world.program.spawn(call("Wait"));
    sleep(Duration::from_millis(choose(6) as u64));
    make_scarce(false);
    world.program.spawn(call("Go"));
    world.program.join();
    world.end();
}

#[test]
fn others_are_served_beside_a_long_call_once_threads_can_be_started() {
    explore(|| others_are_served_beside_a_long_call(true));
    explore(|| others_are_served_beside_a_long_call(false));
}
