//! The host under test, in a process of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use callgate::{Connection, Delegate, Error, Host, InboundCall, Proxy, Result};
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::support::process;

/// Shared by the host's delegates, factories and handlers.
#[derive(Default)]
struct Shared {
    /// How often factories were asked for each interface.
    asked: Mutex<HashMap<String, u32>>,
    /// Calls that never get a reply, and callbacks that are used later.
    kept: Mutex<Vec<InboundCall>>,
    callbacks: Mutex<Vec<Proxy>>,
    connected: AtomicU32,
    disconnected: AtomicU32,
}

/// Replies with the result of `work` on the arguments.
pub fn answer<A: DeserializeOwned, R: Serialize>(
    call: InboundCall,
    work: impl FnOnce(A) -> R,
) -> Result<()> {
    let outcome = call.args().map(work);
    call.reply_with(outcome)
}

/// The delegate of `ICounter`, and of `INamed`, which it inherits from.
#[derive(Default)]
struct Counter {
    count: AtomicU32,
    name: Mutex<String>,
}

impl Counter {
    fn serve(&self, interface: &str, shared: &Shared, call: InboundCall) {
        let count = || self.count.load(Ordering::SeqCst);
        let outcome = match (interface, call.method(), call.signature()) {
            ("ICounter", "Next" | "LogIn", _) => {
                call.reply(&(self.count.fetch_add(1, Ordering::SeqCst) + 1))
            }
            ("ICounter", "Count", _) => call.reply(&count()),
            ("ICounter", "Add", Some("Add_Int64_Int64")) => {
                answer(call, |(a, b): (i64, i64)| a + b)
            }
            ("ICounter", "Add", Some("Add_String_String")) => {
                answer(call, |(a, b): (String, String)| a + &b)
            }
            ("INamed", "get_Name", _) => call.reply(&*self.name.lock().unwrap()),
            ("INamed", "set_Name", _) => {
                answer(call, |(name,): (String,)| *self.name.lock().unwrap() = name)
            }
            ("ICounter", "Fail", _) => {
                call.fail(Error::remote_error("System.IO.IOException", "the disk is full"))
            }
            ("ICounter", "Keep", _) => {
                shared.kept.lock().unwrap().push(call);
                return process::tell("kept");
            }
            _ => call.fail_no_method(),
        };
        outcome.ok();
    }
}

/// Creates one counter for each connection.
fn counters(
    shared: &Arc<Shared>,
) -> impl Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> {
    let shared = shared.clone();
    let made = Mutex::new(HashMap::<u64, Arc<Counter>>::new());
    move |interface, connection| {
        *shared.asked.lock().unwrap().entry(interface.into()).or_default() += 1;
        if !["ICounter", "INamed"].contains(&interface) {
            return Ok(None);
        }
        let counter = made.lock().unwrap().entry(connection.id()).or_default().clone();
        let (interface, shared) = (interface.to_owned(), shared.clone());
        Ok(Some(Arc::new(move |call: InboundCall| counter.serve(&interface, &shared, call))))
    }
}

/// A delegate of `IDuplex`: it calls back within calls, and its callback is kept for later.
fn duplex(shared: &Shared, callback: Proxy) -> Result<Option<Arc<dyn Delegate>>> {
    let in_factory: i64 = callback.call("Double", &(100,))?;
    shared.callbacks.lock().unwrap().push(callback.clone());
    Ok(Some(Arc::new(move |call: InboundCall| {
        let (number,) = call.args::<(i64,)>().unwrap();
        let doubled = callback.call::<i64>("Double", &(number,));
        call.reply_with(doubled.map(|doubled| in_factory + doubled)).ok();
    })))
}

fn host(endpoints: &str, shared: &Arc<Shared>) -> Host {
    let (on, off, calling) = (shared.clone(), shared.clone(), shared.clone());
    let mut builder = Host::builder();
    for endpoint in endpoints.split(' ') {
        builder = builder.endpoint(endpoint);
    }
    builder
        .delegate_factory(|interface, _| {
            let first = |call: InboundCall| drop(call.reply("the first factory's"));
            Ok((interface == "IFirst").then(|| Arc::new(first) as Arc<dyn Delegate>))
        })
        .delegate_factory(counters(shared))
        .duplex_delegate_factory("IDuplex", "ICallback", move |_, callback| {
            duplex(&calling, callback)
        })
        .interface_alias("Old.", "ICounter")
        .client_connected(move |_| {
            on.connected.fetch_add(1, Ordering::SeqCst);
        })
        .client_disconnected(move |_, _| {
            off.disconnected.fetch_add(1, Ordering::SeqCst);
            process::tell("disconnected");
        })
        .start()
        .unwrap()
}

/// The host's process: carries out orders.
pub fn serve(endpoints: &str) {
    let shared = Arc::new(Shared::default());
    let host = host(endpoints, &shared);
    let listening: Vec<_> = host.endpoints().iter().map(ToString::to_string).collect();
    process::tell(listening.join(" "));
    for order in process::orders() {
        match order.as_str() {
            "cut" => host.connections().iter().for_each(Connection::close),
            "close" => {
                host.close().unwrap();
                process::tell("closed");
            }
            "call back" => {
                let callback = shared.callbacks.lock().unwrap().pop().unwrap();
                let later = thread::spawn(move || callback.call::<i64>("Double", &(21,)).unwrap());
                process::tell(later.join().unwrap());
            }
            "connected" => process::tell(shared.connected.load(Ordering::SeqCst)),
            "ended" => process::tell(shared.disconnected.load(Ordering::SeqCst)),
            interface => {
                process::tell(shared.asked.lock().unwrap().get(interface).unwrap_or(&0));
            }
        }
    }
}
