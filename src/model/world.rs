//! The host and the client of a model.

use std::time::Duration;

use super::program::{sleep, Habits, Program, INTERFACE};
use crate::client::{Client, ClientBuilder};
use crate::connection::InboundCall;
use crate::host::{Host, HostBuilder};
use crate::limits::Limits;
use crate::proxy::Proxy;
use crate::sync::modelled::explore::{choose, perhaps, trace};
use crate::sync::modelled::thread::make_scarce;
use crate::sync::Arc;
use crate::time;
use crate::transport::modelled::make_roomy;

const ENDPOINT: &str = "unix:///model";

/// An endpoint whose peers are pinged in long silences.
pub(super) const TCP: &str = "tcp://127.0.0.1:1";

/// A host and its client, which serve and call each other.
pub(super) struct World {
    pub program: Arc<Program>,
    pub host: Host,
    pub client: Client,
}

/// Limits so low that a few calls reach them.
fn limits() -> Limits {
    Limits {
        spin: Some(Duration::ZERO),
        inbound_calls: 3,
        running_calls: 2,
        nested_calls: 4,
        send_queue: 40,
        parts: perhaps(),
        call_timeout: None,
        connection_timeout: time::LONG,
        reconnect_backoff: Some((Duration::from_millis(1), Duration::from_millis(2))),
        ..Limits::default()
    }
}

/// A host at the model's endpoint, which serves what `serving` adds.
pub(super) fn host(serving: impl FnOnce(HostBuilder) -> HostBuilder) -> Host {
    host_at(ENDPOINT, serving)
}

pub(super) fn host_at(endpoint: &str, serving: impl FnOnce(HostBuilder) -> HostBuilder) -> Host {
    let builder = Host::builder()
        .endpoint(endpoint)
        .limits(limits())
        .log(|event| trace(|| format!("the host says: {}", event.message)))
        .client_disconnected(|_, reason| trace(|| format!("the host lost it: {reason}")));
    serving(builder).start().unwrap()
}

/// A client of that host, which serves what `serving` adds.
pub(super) fn client(serving: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
    client_of(ENDPOINT, serving)
}

pub(super) fn client_of(
    endpoint: &str,
    serving: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Client {
    let builder = Client::builder(endpoint)
        .limits(limits())
        .log(|event| trace(|| format!("the client says: {}", event.message)))
        .disconnected(|_, reason| trace(|| format!("the client lost it: {reason}")));
    serving(builder).connect().unwrap()
}

/// A host that serves what the program does.
fn serving(program: &Arc<Program>) -> Host {
    let served = program.clone();
    host(|builder| {
        builder.delegate(INTERFACE, move |_| {
            let program = served.clone();
            move |call: InboundCall| program.serve(call)
        })
    })
}

impl World {
    pub fn new(habits: Habits) -> World {
        // If a call is cancelled, nobody may read for a sender without room, until it has waited briefly.
        make_roomy(habits.quick && habits.cancels);
        let program = Program::new(habits);
        let called_back = program.clone();
        let host = serving(&program);
        let client = client(|builder| {
            builder.callback_handler(INTERFACE, move |call: InboundCall| called_back.serve(call))
        });
        World { program, host, client }
    }

    /// Closes the host, and starts another one at its endpoint after a while.
    pub fn restart_host(&mut self) {
        self.host.close().expect("nothing keeps the host");
        sleep(Duration::from_millis(choose(4) as u64));
        self.host = serving(&self.program);
    }

    /// A thread of the client's program that makes this many calls.
    pub fn caller(&self, calls: usize) {
        let (program, proxy) = (self.program.clone(), self.client.proxy(INTERFACE).unwrap());
        self.program.spawn(move || {
            for _ in 0..calls {
                program.call(&proxy, None, 0);
            }
            program.caller_ends();
        });
    }

    /// A thread of the host's program that calls the client, once it is connected.
    pub fn host_caller(&self, calls: usize) {
        let (program, host) = (self.program.clone(), self.host.clone());
        self.client.wait_connected(None).unwrap();
        self.program.spawn(move || {
            for connection in host.connections() {
                let proxy: Proxy = connection.proxy(INTERFACE).unwrap();
                for _ in 0..calls {
                    program.call(&proxy, None, 0);
                }
            }
        });
    }

    /// Closes both, and checks what must be true then.
    pub fn end(self) {
        let connection = self.client.connection();
        make_scarce(false);
        trace(|| "the client closes".into());
        self.client.close().expect("nothing keeps the client");
        trace(|| "the host closes".into());
        self.host.close().expect("nothing keeps the host");
        self.program.join();
        if let Some(connection) = connection {
            connection.check_nothing_left();
        }
        self.program.ledger.check();
        // Without threads that read, senders may have to wait for their write timeout.
        let forced = match self.program.habits.quick {
            // Replies for which no caller waits any more may wait for a tick.
            true => self.program.forced_deadlines(),
            false => time::model::forced_deadlines(),
        };
        let stuck = forced > 0 && !self.program.habits.scarce;
        assert!(!stuck, "only a deadline let the model go on");
    }
}
