//! Clients that lose their connections: the routine of a proxy runs first on each new one, and no call is
//! made twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::program::{sleep, Habits, Program, INTERFACE};
use super::world::{client, host, World};
use crate::connection::InboundCall;
use crate::error::{Error, Result, Status};
use crate::proxy::{CallOptions, Proxy};
use crate::sync::modelled::explore::{choose, explore, one_of};
use crate::sync::Arc;
use crate::transport::modelled::cut;

/// A world whose host demands that each connection logs in before it calls.
fn with_log_in(habits: Habits) -> World {
    let program = Program::new(habits);
    let served = program.clone();
    let host = host(|builder| {
        builder.delegate(INTERFACE, move |_| {
            let (program, logged_in) = (served.clone(), AtomicBool::new(false));
            move |call: InboundCall| match call.method() {
                "LogIn" => {
                    logged_in.store(true, Ordering::SeqCst);
                    drop(call.reply_bytes(&[0xc0]));
                }
                _ => {
                    assert!(logged_in.load(Ordering::SeqCst), "a call has passed the routine");
                    program.serve(call);
                }
            }
        })
    });
    let client = client(|builder| builder);
    World { program, host, client }
}

/// A routine that logs in, or fails the first time.
fn log_in(failed: &AtomicBool, proxy: &Proxy) -> Result<()> {
    if one_of(4) && !failed.swap(true, Ordering::SeqCst) {
        return Err(Error::remote_error("NotYet", "as it was to"));
    }
    proxy.call_bytes("LogIn", &[0x90], &CallOptions::default()).map(drop)
}

/// A thread that makes calls by that proxy.
fn caller(world: &World, proxy: &Arc<Proxy>, calls: usize) {
    let (program, proxy) = (world.program.clone(), proxy.clone());
    world.program.spawn(move || (0..calls).for_each(|_| program.call(&proxy, None, 0)));
}

fn initialised(world: &World) -> Arc<Proxy> {
    let failed = AtomicBool::new(false);
    let routine = move |proxy: &Proxy| log_in(&failed, proxy);
    Arc::new(world.client.proxy_with_initialisation(INTERFACE, routine).unwrap())
}

#[test]
fn the_routine_runs_before_all_calls_of_its_proxy() {
    explore(|| {
        let world = with_log_in(Habits::default());
        let proxy = initialised(&world);
        caller(&world, &proxy, 2);
        caller(&world, &proxy, 1);
        world.program.join();
        let expected = [Status::RemoteError, Status::InitialisationFailed];
        world.program.ledger.check_errors(|error| expected.contains(&error.status()));
        world.end();
    });
}

#[test]
fn calls_go_on_after_connections_were_lost() {
    explore(|| {
        let world = with_log_in(Habits { slow: true, ..Habits::default() });
        let proxy = initialised(&world);
        caller(&world, &proxy, 2);
        caller(&world, &proxy, 2);
        for _ in 0..choose(3) {
            sleep(Duration::from_millis(choose(4) as u64));
            match world.client.connection() {
                Some(connection) if one_of(3) => connection.close(),
                _ => cut(),
            }
        }
        world.program.join();
        world.end();
    });
}

#[test]
fn calls_go_on_after_the_host_was_restarted() {
    explore(|| {
        let mut world = World::new(Habits { slow: true, ..Habits::default() });
        world.caller(2);
        world.caller(2);
        sleep(Duration::from_millis(choose(4) as u64));
        world.restart_host();
        world.caller(1);
        world.program.join();
        world.end();
    });
}
