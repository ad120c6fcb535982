//! The host and the client of a run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callgate::unstable::model::{self, trace};
use callgate::{Client, Connection, Host, InboundCall, Limits};

use super::faults::{spoil, Event};
use super::program::{pause, Act, Around, Input, Program, Setup, INTERFACES};

const ENDPOINTS: [&str; 2] = ["unix:///fuzzed", "tcp://127.0.0.1:1"];

/// Limits so low that a few calls reach them.
fn limits(setup: &Setup, side: usize) -> Limits {
    let mut limits = Limits::default();
    limits.spin = Some(Duration::ZERO);
    limits.inbound_calls = 1 + usize::from(setup.calls % 4);
    limits.running_calls = 1 + usize::from(setup.running % 3);
    limits.nested_calls = 4;
    limits.send_queue = 40 + usize::from(setup.queue);
    limits.frame = 1024 + usize::from(setup.frame);
    limits.parts = setup.parts[side];
    limits.call_timeout = None;
    limits.connection_timeout = Duration::from_millis(200);
    limits.write_timeout = Duration::from_secs(1);
    limits.drain_timeout = Duration::from_secs(1);
    limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(2)));
    limits
}

/// The connections of both sides that a run has seen.
type Seen = Arc<Mutex<Vec<Connection>>>;

fn note(seen: &Seen, connection: &Connection) {
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(connection.clone());
}

fn host(setup: &Setup, program: &Arc<Program>, seen: &Seen) -> Host {
    let mut builder = Host::builder()
        .endpoint(ENDPOINTS[usize::from(setup.pings)])
        .limits(limits(setup, 0))
        .ordered(INTERFACES[1])
        .log(|event| trace(|| format!("the host says: {}", event.message)));
    for interface in &INTERFACES[..2] {
        let program = program.clone();
        builder = builder.delegate(interface, move |_| {
            let program = program.clone();
            move |call: InboundCall| program.serve(call)
        });
    }
    if setup.handlers {
        let seen = seen.clone();
        builder = builder
            .client_connected(move |connection| note(&seen, connection))
            .client_disconnected(|_, reason| trace(|| format!("the host lost it: {reason}")));
    }
    builder.start().expect("nothing prevents a host")
}

fn client(setup: &Setup, program: &Arc<Program>, seen: &Seen) -> Client {
    let mut builder = Client::builder(ENDPOINTS[usize::from(setup.pings)])
        .limits(limits(setup, 1))
        .log(|event| trace(|| format!("the client says: {}", event.message)));
    for interface in &INTERFACES[..2] {
        let program = program.clone();
        builder = builder.callback_handler(interface, move |call: InboundCall| program.serve(call));
    }
    if setup.handlers {
        let (first, later) = (seen.clone(), seen.clone());
        builder = builder
            .connected(move |connection| note(&first, connection))
            .reconnected(move |connection| note(&later, connection))
            .disconnected(|_, reason| trace(|| format!("the client lost it: {reason}")));
    }
    builder.connect().expect("nothing prevents a client")
}

/// Lets the events happen to the first connection of a run.
fn spoil_first(to_host: Vec<Event>, to_client: Vec<Event>) {
    let first = std::cell::Cell::new(true);
    model::wrap_streams(move |client, host| match first.replace(false) {
        true => (spoil(client, &to_host), spoil(host, &to_client)),
        false => (client, host),
    });
}

/// Does what one thread does: thread 2 is the host's.
fn play(program: &Arc<Program>, host: &Host, client: &Client, thread: usize, act: &Act) {
    trace(|| format!("thread {thread}: {act:?}"));
    match act {
        Act::Call(call) if thread < 2 => {
            program.call(|name| client.proxy(name), call, &Around::NOTHING)
        }
        Act::Call(call) => {
            for connection in host.connections() {
                program.call(|name| connection.proxy(name), call, &Around::NOTHING);
            }
        }
        Act::Pause(time) => pause(*time),
        // What it returns depends on the input.
        Act::Flush(time) => drop(client.flush(Duration::from_millis(u64::from(*time)))),
        Act::CutNetwork => model::cut(),
        Act::HangHost => model::hang(),
        Act::CloseConnection => client.connection().iter().for_each(Connection::close),
        Act::CloseClient => drop(client.close()),
        Act::CloseHost => drop(host.close()),
    }
}

/// Runs all of it, and checks what must be true at the end.
fn live(input: &Input) {
    let (program, seen) = (Program::new(input), Seen::default());
    spoil_first(input.to_host.clone(), input.to_client.clone());
    let host = host(&input.setup, &program, &seen);
    let client = client(&input.setup, &program, &seen);
    if input.setup.connected {
        // The input may prevent it.
        client.wait_connected(Some(Duration::from_millis(100))).ok();
    }
    for (thread, acts) in input.acts.iter().enumerate() {
        let (theirs, host, client, acts) =
            (program.clone(), host.clone(), client.clone(), acts.clone());
        program.spawn(move || {
            acts.iter().for_each(|act| play(&theirs, &host, &client, thread, act));
        });
    }
    program.join();
    client.connection().iter().for_each(|connection| note(&seen, connection));
    // A delegate may still be busy; then closing goes on.
    client.close().ok();
    client.wait_closed(None).expect("no handler waits for it");
    host.close().ok();
    host.wait(None).expect("no handler waits for it");
    program.join();
    program.ledger.check(program.honest);
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    seen.iter().for_each(Connection::check_nothing_left);
    model::wrap_streams(|client, host| (client, host));
}

/// Runs an input.
pub fn run(mut input: Input) {
    let (order, seed) = (std::mem::take(&mut input.order), input.seed);
    model::run(order, seed, move || live(&input));
}
