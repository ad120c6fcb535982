//! Low memory, in processes of their own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::c::{folder, program, succeed, Link};
use crate::support::process::{self, Process};
use crate::support::relay::{Fault, Relay, Way};
use crate::support::{raw, sanitizer, unique, watched};
use callgate::{
    CallOptions, Client, Connection, Error, Execution, Host, InboundCall, Proxy, Reply, Status,
};

const PROGRAM: &str = "tests/c/out_of_memory.c";
const LIMIT: Duration = Duration::from_secs(60);

/// A value of this many bytes fits once into the address space of a process that has this much.
const LARGE: usize = 1 << 30;
const ADDRESS_SPACE: u64 = 1792 << 20;

/// A call with one argument of this many bytes.
fn call(proxy: &Proxy, method: &str, bytes: u32) -> Result<Reply, Error> {
    let mut arguments = vec![0x91, 0xc6];
    arguments.extend(bytes.to_be_bytes());
    arguments.resize(arguments.len() + bytes as usize, 7);
    let options = CallOptions::timeout(LIMIT);
    proxy.call_bytes(method, &arguments, &options)
}

/// A host whose process has little memory left.
fn short_host(endpoint: &str, name: &str) -> (Child, Proxy, Client) {
    let program = program(PROGRAM, &folder(name), Link::Dynamic);
    let mut command = Command::new(program);
    let command = command.arg(endpoint).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut host = command.env_remove("LD_LIBRARY_PATH").spawn().unwrap();
    let mut listening = String::new();
    let output = host.stdout.as_mut().expect("it is piped");
    BufReader::new(output).read_line(&mut listening).unwrap();
    let client = Client::connect(listening.trim()).unwrap();
    let proxy = client.proxy("IMemory").unwrap();
    proxy.call_bytes("Short", &[0x90], &CallOptions::default()).unwrap();
    (host, proxy, client)
}

#[test]
fn writers_that_run_out_of_memory_say_so() {
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        let program = program(PROGRAM, &folder("out-of-memory"), Link::Dynamic);
        succeed(&mut Command::new(program));
    });
}

/// Creates a delegate that replies with a text of the requested length.
fn give(_: &Connection) -> fn(InboundCall) {
    |call| {
        let (size,) = call.args::<(usize,)>().unwrap();
        call.reply(&"x".repeat(size)).unwrap();
    }
}

/// Sends values that there is no memory for, each way, by a host and a client of this process.
fn send_too_large_values() {
    let endpoint = format!("pipe://{}", unique("values"));
    // Never written, so that it takes only address space.
    let large: &str = std::str::from_utf8(vec![0; LARGE].leak()).unwrap();
    let delegate = move |_: &Connection| {
        move |call: InboundCall| match call.method() {
            "Give" => process::tell(call.reply(large).expect_err("there is no memory")),
            _ => call.reply(&1).unwrap(),
        }
    };
    let host = Host::builder().endpoint(&endpoint).delegate("IMemory", delegate).start().unwrap();
    let client = Client::connect(&endpoint).unwrap();
    let proxy = client.proxy("IMemory").unwrap();
    for _ in 0..3 {
        let refused = proxy.call::<usize>("Size", &(large,)).expect_err("there is no memory");
        process::tell(&refused);
        assert_eq!(
            (refused.status(), refused.execution()),
            (Status::LimitExceeded, Execution::NotRun)
        );
        let failed = proxy.call::<String>("Give", &()).expect_err("there is no memory");
        assert_eq!((failed.status(), failed.execution()), (Status::LimitExceeded, Execution::Ran));
        assert_eq!(proxy.call::<i32>("Small", &()).unwrap(), 1);
    }
    client.close().unwrap();
    host.close().unwrap();
    process::tell("done");
}

#[test]
fn values_of_rust_that_run_out_of_memory_say_so() {
    if process::role().is_some() {
        return send_too_large_values();
    }
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        let test = "out_of_memory::values_of_rust_that_run_out_of_memory_say_so";
        let mut process = Process::start_with_memory(test, "both", ADDRESS_SPACE);
        for _ in 0..6 {
            let told = process.hear();
            assert!(told.contains("there is no memory for"), "{told}");
        }
        assert_eq!(process.hear(), "done");
    });
}

#[test]
fn a_host_answers_a_call_that_it_has_no_memory_for() {
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        for endpoint in [format!("pipe://{}", unique("memory")), "tcp://127.0.0.1:0".into()] {
            let (mut host, proxy, client) = short_host(&endpoint, "short-host");
            for _ in 0..3 {
                let refused = call(&proxy, "Size", 60 << 20).expect_err("there is no memory");
                assert_eq!(refused.status(), Status::LimitExceeded, "{refused}");
                assert_eq!(refused.execution(), Execution::NotRun);
                assert!(refused.message().contains("no memory for"), "{refused}");
                // The connection continues, and so does the host.
                let size = call(&proxy, "Size", 1000).unwrap();
                assert_eq!(&size[..], [0xcd, 3, 232]);
            }
            assert_eq!(client.connection().unwrap().generation(), 1);
            client.close().unwrap();
            drop(host.stdin.take());
            assert!(host.wait().unwrap().success());
        }
    });
}

#[test]
fn a_caller_learns_that_the_host_has_no_memory_to_queue_its_result() {
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("memory"));
        let (mut host, proxy, client) = short_host(&endpoint, "short-replies");
        let options = CallOptions::timeout(LIMIT / 4);
        let mut refused = 0;
        // Results that find another one being sent are to be queued behind it.
        while refused == 0 {
            let outcomes = thread::scope(|scope| {
                let call = || proxy.call_bytes("Result", &[0x90], &options);
                let calls = [0; 4].map(|_| scope.spawn(call));
                calls.map(|call| call.join().unwrap())
            });
            for error in outcomes.into_iter().filter_map(Result::err) {
                let outcome = (error.status(), error.execution());
                assert_eq!(outcome, (Status::LimitExceeded, Execution::Ran), "{error}");
                refused += 1;
            }
        }
        client.close().unwrap();
        drop(host.stdin.take());
        assert!(host.wait().unwrap().success());
    });
}

#[test]
fn a_client_without_memory_for_the_rest_of_a_call_ends_its_connection() {
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        let program = program(PROGRAM, &folder("short-sender"), Link::Dynamic);
        let endpoint = raw::endpoint("stalled");
        let host = Host::builder().endpoint(&endpoint).delegate("IMemory", give).start().unwrap();
        let relay = Relay::start(&endpoint);
        relay.prepare(Some(Fault::Stall(Way::ToHost, 2 << 20)));
        succeed(Command::new(&program).arg("sender").arg(relay.endpoint()));
        host.close().unwrap();
    });
}

#[test]
fn a_client_reports_a_result_that_it_has_no_memory_for() {
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        let program = program(PROGRAM, &folder("short-client"), Link::Dynamic);
        for endpoint in [format!("pipe://{}", unique("memory")), "tcp://127.0.0.1:0".into()] {
            let host = Host::builder().endpoint(&endpoint).delegate("IMemory", give);
            let host = host.start().unwrap();
            succeed(Command::new(&program).arg("client").arg(host.endpoints()[0].to_string()));
            host.close().unwrap();
        }
    });
}
