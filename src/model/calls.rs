//! Calls both ways: each has one outcome, which is true, and all give back what they took.

use super::program::Habits;
use super::world::World;
use crate::error::Status;
use crate::sync::modelled::explore::explore;

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
        let expected = [Status::RemoteError, Status::LimitExceeded];
        world.program.ledger.check_errors(|error| expected.contains(&error.status()));
        world.end();
    });
}

#[test]
fn hurried_and_cancelled_calls_have_true_outcomes() {
    explore(|| {
        let world = World::new(Habits { hurried: true, cancels: true, slow: true, nests: true });
        world.caller(2);
        world.caller(2);
        world.program.join();
        world.end();
    });
}
