//! The order of calls: those of one thread on one proxy start as they were sent, and those to an ordered
//! interface run one at a time.

use std::time::Duration;

use super::program::{sleep, Habits, Program, INTERFACE};
use super::world::{client, host, World};
use crate::connection::InboundCall;
use crate::proxy::CallOptions;
use crate::sync::modelled::explore::{choose, explore, one_of, perhaps};
use crate::sync::{Arc, Mutex};

/// How many calls each thread makes.
const CALLS: u8 = 3;

/// What one thread has sent, as the delegate sees it.
#[derive(Clone, Copy, Default)]
struct Lane {
    /// The calls that have begun.
    begun: u8,
    /// Whether one of its one-way calls runs.
    runs: bool,
}

#[derive(Default)]
struct Record {
    lanes: [Lane; 2],
    /// How many calls run.
    running: usize,
}

/// Serves a call: its arguments are the number of its lane, its number within that, and whether it is one-way.
fn serve(record: &Mutex<Record>, ordered: bool, call: InboundCall) {
    let [_, lane, number, one_way] = *call.arguments() else { panic!("three numbers") };
    let lane = usize::from(lane);
    let mut now = record.lock();
    assert!(!ordered || now.running == 0, "two calls to an ordered interface run at once");
    assert!(!now.lanes[lane].runs, "a call has overtaken the one-way call before it");
    assert_eq!(now.lanes[lane].begun, number, "calls of a thread begin in another order");
    now.lanes[lane] = Lane { begun: number + 1, runs: one_way == 1 };
    now.running += 1;
    drop(now);
    if one_of(3) {
        sleep(Duration::from_millis(choose(3) as u64));
    }
    now = record.lock();
    now.lanes[lane].runs = false;
    now.running -= 1;
    drop(now);
    call.reply_bytes(&[0xc0]).unwrap();
}

/// Two threads, each with a proxy of its own, which make calls and one-way calls.
fn calls_keep_their_order(ordered: bool) {
    let record = Arc::<Mutex<Record>>::default();
    let served = record.clone();
    let host = host(|builder| {
        let builder = if ordered { builder.ordered(INTERFACE) } else { builder };
        builder.delegate(INTERFACE, move |_| {
            let record = served.clone();
            move |call: InboundCall| serve(&record, ordered, call)
        })
    });
    let (program, client) = (Program::new(Habits::default()), client(|builder| builder));
    let world = World { program, host, client };
    for lane in 0..2 {
        let proxy = world.client.proxy(INTERFACE).unwrap();
        world.program.spawn(move || {
            for number in 0..CALLS {
                // The last one shows that all have arrived.
                let one_way = number + 1 < CALLS && perhaps();
                let arguments = [0x93, lane, number, u8::from(one_way)];
                let options = CallOptions::default();
                match one_way {
                    true => proxy.one_way_bytes("Do", &arguments, &options).unwrap(),
                    false => drop(proxy.call_bytes("Do", &arguments, &options).unwrap()),
                }
            }
        });
    }
    world.program.join();
    assert!(record.lock().lanes.iter().all(|lane| lane.begun == CALLS), "a call is lost");
    world.end();
}

#[test]
fn calls_of_a_thread_begin_as_they_were_sent() {
    explore(|| calls_keep_their_order(false));
}

#[test]
fn calls_to_an_ordered_interface_run_one_at_a_time() {
    explore(|| calls_keep_their_order(true));
}
