//! What users of RedGate.Ipc have, each point in a test named after it: between two processes, over a pipe
//! and over TCP.

mod host;
#[path = "../support/mod.rs"]
mod support;

use std::sync::{mpsc, Mutex};
use std::thread;
use std::time::Duration;

use callgate::{
    CallOptions, Client, Connection, Execution, Host, InboundCall, Limits, Proxy, Result, Status,
};
use host::{answer, serve};
use support::gate::eventually;
use support::process::{self, Process};
use support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(120);

/// Runs a test between two processes, once over a pipe and once over TCP.
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

/// Waits until the host's process reports this, skipping other reports.
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
        assert_eq!(host.ask("INobody"), "1", "`None` counts too");
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
        let present = client.connection().unwrap().generation();
        host.kill();
        lost(present);
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
fn point_7_interface_aliases_on_host_and_client() {
    between_processes("point_7_interface_aliases_on_host_and_client", |endpoint, mut host| {
        let client = Client::builder(endpoint)
            .interface_alias("ICall", "IRenamed")
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
        // A method that never returns anything blocks nobody.
        counter.one_way("Keep", &()).unwrap();
        hear(&mut host, "kept");
        counter.one_way("Fail", &()).unwrap();
        assert_eq!(counter.call::<u32>("Count", &()).unwrap(), 1_000);
        client.close().unwrap();
    });
}
