//! Long silences over TCP: a host that replies to pings is kept, and one that hangs is given up.

use std::time::Duration;

use super::program::{Gate, Habits, Program, INTERFACE};
use super::world::{client_of, host_at, World, TCP};
use crate::connection::InboundCall;
use crate::error::{Execution, Result};
use crate::proxy::{CallOptions, Proxy, Timeout};
use crate::sync::modelled::explore::explore;
use crate::sync::{Arc, Mutex};
use crate::time::model::let_pass;
use crate::transport::modelled::hang;
use crate::Reply;

/// Several times as long as a silence may last.
const LONG: Duration = Duration::from_secs(300);

/// A delegate that notes when it begins, and waits until it may reply.
#[derive(Default)]
struct Delegate {
    begun: Gate,
    may_reply: Gate,
}

fn world(delegate: &Arc<Delegate>) -> World {
    let served = delegate.clone();
    let host = host_at(TCP, |builder| {
        builder.delegate(INTERFACE, move |_| {
            let delegate = served.clone();
            move |call: InboundCall| {
                delegate.begun.open();
                delegate.may_reply.wait();
                // The caller may be gone.
                drop(call.reply_bytes(&[0xc0]));
            }
        })
    });
    let (program, client) = (Program::new(Habits::default()), client_of(TCP, |builder| builder));
    World { program, host, client }
}

fn call(proxy: &Proxy) -> Result<Reply> {
    let options = CallOptions { timeout: Timeout::Never, ..CallOptions::default() };
    proxy.call_bytes("Do", &[0x90], &options)
}

/// Makes a call on another thread, and waits until its delegate runs. Returns where its outcome will be.
fn begin_call(world: &World, delegate: &Delegate) -> Arc<Mutex<Option<Result<Reply>>>> {
    let outcome = Arc::<Mutex<_>>::default();
    let (noted, proxy) = (outcome.clone(), world.client.proxy(INTERFACE).unwrap());
    world.program.spawn(move || *noted.lock() = Some(call(&proxy)));
    delegate.begun.wait();
    outcome
}

#[test]
fn a_host_that_replies_to_pings_is_kept() {
    explore(|| {
        let delegate = Arc::<Delegate>::default();
        let world = world(&delegate);
        let outcome = begin_call(&world, &delegate);
        let_pass(LONG);
        delegate.may_reply.open();
        world.program.join();
        assert!(outcome.lock().as_ref().is_some_and(Result::is_ok), "its connection has ended");
        world.end();
    });
}

#[test]
fn a_host_that_hangs_is_given_up() {
    explore(|| {
        let delegate = Arc::<Delegate>::default();
        let world = world(&delegate);
        let outcome = begin_call(&world, &delegate);
        hang();
        let_pass(LONG);
        let failed = outcome.lock().take().expect("it was given up").map(drop).unwrap_err();
        assert_eq!(failed.execution(), Execution::Unknown);
        delegate.may_reply.open();
        call(&world.client.proxy(INTERFACE).unwrap()).expect("on the next connection");
        world.program.join();
        world.end();
    });
}
