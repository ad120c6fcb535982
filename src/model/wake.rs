//! Threads that wait for each other alone: some thread reads whenever one waits, and each that waits is
//! woken. The clock stands still meanwhile, so a call that only a tick brings on is found.

use super::program::Habits;
use super::world::World;
use crate::sync::modelled::explore::explore;
use crate::time::model::be_patient;

/// Lets the threads that `start` adds run while no time passes.
fn without_ticks(habits: Habits, start: impl Fn(&World)) {
    let world = World::new(Habits { quick: true, ..habits });
    world.client.wait_connected(None).unwrap();
    be_patient(true);
    start(&world);
    world.program.join();
    be_patient(false);
    world.end();
}

#[test]
fn callers_read_for_each_other() {
    explore(|| {
        without_ticks(Habits::default(), |world| {
            world.caller(2);
            world.caller(1);
            world.caller(1);
        });
    });
}

#[test]
fn a_caller_that_cancels_leaves_reading_to_the_others() {
    explore(|| {
        without_ticks(Habits { cancels: true, ..Habits::default() }, |world| {
            world.caller(2);
            world.caller(1);
            world.caller(1);
        });
    });
}

#[test]
fn somebody_reads_while_delegates_call_back() {
    explore(|| {
        without_ticks(Habits { nests: true, ..Habits::default() }, |world| {
            world.caller(2);
            world.caller(2);
        });
    });
}
