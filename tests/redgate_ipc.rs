//! What users of RedGate.Ipc have, each point in a test named after it: between two processes, over a
//! pipe and over TCP.

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate::{
    CallOptions, Client, Connection, Delegate, Error, Execution, Host, InboundCall, Limits, Proxy,
    Result, Status,
};
use serde::de::DeserializeOwned;
use serde::Serialize;
use support::gate::eventually;
use support::process::{self, Process};
use support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(120);

/// What the hosts' delegates, factories and handlers share.
#[derive(Default)]
struct Shared {
    /// How often factories were asked for each interface.
    asked: Mutex<HashMap<String, u32>>,
    /// Calls that are never answered, and the callbacks that are used later.
    kept: Mutex<Vec<InboundCall>>,
    callbacks: Mutex<Vec<Proxy>>,
    connected: AtomicU32,
    disconnected: AtomicU32,
}

/// Answers with what is made of the arguments.
fn answer<A: DeserializeOwned, R: Serialize>(
    call: InboundCall,
    work: impl FnOnce(A) -> R,
) -> Result<()> {
    let outcome = call.args().map(work);
    call.answer(outcome)
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

/// Makes one counter for each connection.
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
        call.answer(doubled.map(|doubled| in_factory + doubled)).ok();
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
        .type_alias("Old.", "ICounter")
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

/// The host's process: does what it is told.
fn serve(endpoints: &str) {
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

/// Plays a test between two processes, once over a pipe and once over TCP.
fn between_processes(test: &'static str, play: impl Fn(&str, Process) + Send + 'static) {
    if let Some(endpoints) = process::role() {
        return serve(&endpoints);
    }
    watched(LIMIT, move || {
        for endpoint in [format!("pipe://{}", unique("redgate")), "tcp://127.0.0.1:0".into()] {
            let mut host = Process::start(test, &endpoint);
            let endpoint = host.hear();
            play(&endpoint, host);
        }
    });
}

/// Waits until the host's process tells that, passing over other news.
fn hear(host: &mut Process, news: &str) {
    while host.hear() != news {}
}

fn counter(endpoint: &str) -> (Client, Proxy) {
    let client = Client::connect(endpoint).unwrap();
    let counter = client.proxy("ICounter").unwrap();
    (client, counter)
}

fn failure(result: Result<u32>) -> (Status, Execution) {
    let error = result.unwrap_err();
    (error.status(), error.execution())
}

#[test]
fn point_1_several_endpoints_on_one_host() {
    const TEST: &str = "point_1_several_endpoints_on_one_host";
    if let Some(endpoints) = process::role() {
        return serve(&endpoints);
    }
    watched(LIMIT, || {
        let both = format!("pipe://{} tcp://127.0.0.1:0", unique("redgate"));
        let mut host = Process::start(TEST, &both);
        let listening = host.hear();
        let clients: Vec<_> = listening.split(' ').map(counter).collect();
        assert_eq!(clients.len(), 2);
        for (_, counter) in &clients {
            assert_eq!(counter.call::<u32>("Next", &()).unwrap(), 1);
        }
        host.say("close");
        hear(&mut host, "closed");
        for (client, counter) in &clients {
            let soon = CallOptions::timeout(Duration::from_millis(50));
            let refused = failure(counter.call_with("Next", &(), &soon));
            assert_eq!(refused, (Status::TimedOut, Execution::NotRun));
            client.close().unwrap();
        }
    });
}

#[test]
fn point_2_delegate_factories_in_order_once_per_connection() {
    let test = "point_2_delegate_factories_in_order_once_per_connection";
    between_processes(test, |endpoint, mut host| {
        let (client, first) = counter(endpoint);
        let again = client.proxy("ICounter").unwrap();
        assert_eq!(first.call::<u32>("Next", &()).unwrap(), 1);
        assert_eq!(again.call::<u32>("Next", &()).unwrap(), 2, "the delegate is kept");
        assert_eq!(host.ask("ICounter"), "1");
        let (_other, other) = counter(endpoint);
        assert_eq!(other.call::<u32>("Next", &()).unwrap(), 1, "each connection has its own");
        assert_eq!(host.ask("ICounter"), "2");
        let text: String = client.proxy("IFirst").unwrap().call("Get", &()).unwrap();
        assert_eq!(text, "the first factory's");
        assert_eq!(host.ask("IFirst"), "0", "the next ones are not asked");
        for _ in 0..2 {
            let nobody = client.proxy("INobody").unwrap();
            let refused = failure(nobody.call("Get", &()));
            assert_eq!(refused, (Status::ContractMismatch, Execution::NotRun));
        }
        assert_eq!(host.ask("INobody"), "1", "none is an answer too");
    });
}

#[test]
fn point_3_methods_overloads_properties_inherited_interfaces() {
    let test = "point_3_methods_overloads_properties_inherited_interfaces";
    between_processes(test, |endpoint, _host| {
        let (client, counter) = counter(endpoint);
        let overload = |signature: &str| {
            let mut options = CallOptions::default();
            options.signature = Some(signature.into());
            options
        };
        let sum: i64 = counter.call_with("Add", &(1, 2), &overload("Add_Int64_Int64")).unwrap();
        let text: String =
            counter.call_with("Add", &("a", "b"), &overload("Add_String_String")).unwrap();
        assert_eq!((sum, text.as_str()), (3, "ab"));
        let named = client.proxy("INamed").unwrap();
        named.call::<()>("set_Name", &("Ada",)).unwrap();
        assert_eq!(named.call::<String>("get_Name", &()).unwrap(), "Ada");
    });
}

#[test]
fn point_4_full_duplex() {
    between_processes("point_4_full_duplex", |endpoint, mut host| {
        let client = Client::builder(endpoint)
            .callback_handler("ICallback", |call: InboundCall| {
                answer(call, |(number,): (i64,)| 2 * number).ok();
            })
            .connect()
            .unwrap();
        let duplex = client.proxy("IDuplex").unwrap();
        assert_eq!(duplex.call::<i64>("Run", &(5,)).unwrap(), 210, "in the factory, in the call");
        assert_eq!(host.ask("call back"), "42", "kept, and used later by another thread");
        let twice = Host::builder()
            .endpoint(&format!("pipe://{}", unique("twice")))
            .duplex_delegate_factory("IDuplex", "ICallback", |_, _| Ok(None))
            .duplex_delegate_factory("IDuplex", "IOther", |_, _| Ok(None))
            .start();
        assert_eq!(twice.err().expect("one at most").status(), Status::InvalidArgument);
        client.close().unwrap();
    });
}

#[test]
fn point_5_silent_reconnect() {
    const TEST: &str = "point_5_silent_reconnect";
    between_processes(TEST, |endpoint, mut host| {
        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_secs(60);
        let client = Client::builder(endpoint).limits(limits).connect().unwrap();
        let counter = client.proxy("ICounter").unwrap();
        assert_eq!(counter.call::<u32>("Next", &()).unwrap(), 1);
        host.say("cut");
        let lost = |generation| {
            eventually("the client sees that its connection is lost", || {
                let now = client.connection().filter(Connection::is_open);
                now.is_none_or(|connection| connection.generation() > generation)
            });
        };
        lost(1);
        assert_eq!(counter.call::<u32>("Next", &()).unwrap(), 1, "a new connection's delegate");
        host.kill();
        lost(2);
        thread::scope(|scope| {
            let waits = scope.spawn(|| counter.call::<u32>("Next", &()));
            let mut next = Process::start(TEST, endpoint);
            assert_eq!(next.hear(), endpoint);
            assert_eq!(waits.join().unwrap().unwrap(), 1);
            next.kill();
        });
        client.close().unwrap();

        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_millis(50);
        let client = Client::builder(endpoint).limits(limits).connect().unwrap();
        let nobody = failure(client.proxy("ICounter").unwrap().call("Next", &()));
        assert_eq!(nobody, (Status::ChannelFaulted, Execution::NotRun));
    });
}

#[test]
fn point_6_errors_reach_the_caller_and_are_told_apart() {
    let test = "point_6_errors_reach_the_caller_and_are_told_apart";
    between_processes(test, |endpoint, mut host| {
        let (client, counter) = counter(endpoint);
        let thrown = counter.call::<u32>("Fail", &()).unwrap_err();
        assert_eq!((thrown.status(), thrown.execution()), (Status::RemoteError, Execution::Ran));
        assert_eq!(thrown.remote().unwrap().type_name, "System.IO.IOException");
        assert_eq!(thrown.message(), "the disk is full");

        let method = failure(counter.call("Nothing", &()));
        assert_eq!(method.0, Status::ContractMismatch);
        let mut add = CallOptions::default();
        add.signature = Some("Add_Int64_Int64".into());
        let arguments = failure(counter.call_with("Add", &("a", "b"), &add));
        assert_eq!(arguments.0, Status::ContractMismatch);

        let soon = CallOptions::timeout(Duration::from_millis(300));
        let late = failure(counter.call_with("Keep", &(), &soon));
        assert_eq!(late.0, Status::TimedOut);
        hear(&mut host, "kept");
        thread::scope(|scope| {
            let dropped = scope.spawn(|| failure(counter.call("Keep", &())));
            hear(&mut host, "kept");
            host.say("cut");
            let lost = (Status::ChannelFaulted, Execution::Unknown);
            assert_eq!(dropped.join().unwrap(), lost);
            let disposed = scope.spawn(|| failure(counter.call("Keep", &())));
            hear(&mut host, "kept");
            client.close().unwrap();
            assert_eq!(disposed.join().unwrap(), (Status::Closed, Execution::Unknown));
        });
        assert_eq!(failure(counter.call("Next", &())), (Status::Closed, Execution::NotRun));
    });
}

#[test]
fn point_7_type_aliases_on_host_and_client() {
    between_processes("point_7_type_aliases_on_host_and_client", |endpoint, mut host| {
        let client = Client::builder(endpoint)
            .type_alias("ICall", "IRenamed")
            .callback_handler("IRenamed", |call: InboundCall| {
                answer(call, |(number,): (i64,)| 2 * number).ok();
            })
            .connect()
            .unwrap();
        for (name, count) in [("Old.ICounter", 1), ("ICounter", 2), ("Old.Another", 3)] {
            let counter = client.proxy(name).unwrap();
            assert_eq!(counter.call::<u32>("Next", &()).unwrap(), count, "one delegate: {name}");
        }
        assert_eq!(host.ask("ICounter"), "1");
        assert_eq!(client.proxy("IDuplex").unwrap().call::<i64>("Run", &(1,)).unwrap(), 202);
        client.close().unwrap();
    });
}

#[test]
fn point_8_initialisation_routines() {
    between_processes("point_8_initialisation_routines", |endpoint, mut host| {
        let client = Client::connect(endpoint).unwrap();
        let (tell, ran) = mpsc::channel();
        let tell = Mutex::new(tell);
        let counter = client
            .proxy_with_initialisation("ICounter", move |counter| {
                let first: u32 = counter.call("LogIn", &())?;
                tell.lock().unwrap().send(first).unwrap();
                Ok(())
            })
            .unwrap();
        client.wait_connected(None).unwrap();
        assert!(ran.try_recv().is_err(), "the first time it waits for a call");
        assert_eq!(counter.call::<u32>("Count", &()).unwrap(), 1, "calls wait for it");
        assert_eq!(counter.call::<u32>("Count", &()).unwrap(), 1, "it runs once");
        assert_eq!(ran.recv().unwrap(), 1);
        host.say("cut");
        assert_eq!(ran.recv().unwrap(), 1, "by itself on the next connection");
        assert_eq!(counter.call::<u32>("Count", &()).unwrap(), 1);
        client.close().unwrap();
    });
}

#[test]
fn point_9_client_connected_handlers_and_disconnected_events() {
    let test = "point_9_client_connected_handlers_and_disconnected_events";
    between_processes(test, |endpoint, mut host| {
        for number in 1..=3 {
            let (client, counter) = counter(endpoint);
            counter.call::<u32>("Next", &()).unwrap();
            assert_eq!(host.ask("connected"), number.to_string());
            assert_eq!(host.ask("ended"), (number - 1).to_string());
            client.close().unwrap();
            hear(&mut host, "disconnected");
        }
    });
}

#[test]
fn point_10_one_way_methods() {
    between_processes("point_10_one_way_methods", |endpoint, mut host| {
        let (client, counter) = counter(endpoint);
        for _ in 0..1_000 {
            counter.one_way("Next", &()).unwrap();
        }
        assert_eq!(counter.call::<u32>("Count", &()).unwrap(), 1_000, "in order, before the call");
        // A method that never returns anything holds nobody up.
        counter.one_way("Keep", &()).unwrap();
        hear(&mut host, "kept");
        counter.one_way("Fail", &()).unwrap();
        assert_eq!(counter.call::<u32>("Count", &()).unwrap(), 1_000);
        client.close().unwrap();
    });
}
