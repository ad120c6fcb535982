//! A host that cannot start the thread that notices long calls.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crate::support::gate::Gate;
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::{calculator_host, system, watched};
use callgate::unstable::wire::Message;
use callgate::InboundCall;

const LIMIT: Duration = Duration::from_secs(120);

/// How many calls run without that thread.
const CALLS: u64 = 200;

/// A host in a child process, which runs short of threads on request, and says how often it has logged that.
fn host_in_a_child(endpoint: &str) {
    let (gate, lines) = (Arc::new(Gate::default()), Arc::new(AtomicUsize::new(0)));
    let (passing, counted) = (gate.clone(), lines.clone());
    let _host = calculator_host(endpoint)
        .delegate("IGate", move |_| {
            let gate = passing.clone();
            move |call: InboundCall| {
                gate.pass();
                call.reply(&()).ok();
            }
        })
        .log(move |event| {
            if event.message.contains("no thread could be started to watch long calls") {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        })
        .start()
        .unwrap();
    process::tell("listening");
    for order in process::orders() {
        match order.as_str() {
            // Less than the stack of a thread is left.
            "no threads" => system::limit_address_space(system::address_space() + (1 << 20)),
            "threads" => system::limit_address_space(u64::MAX),
            "lines" => {
                process::tell(lines.load(Ordering::SeqCst));
                continue;
            }
            _ => gate.open(),
        }
        process::tell("done");
    }
}

fn send(client: &mut RawClient, id: u64, interface: &str, method: &str, arguments: &[u8]) {
    client.stream.write_all(&call_frame(id, interface, method, arguments)).unwrap();
}

/// Reads the next reply, to a call with this id.
fn expect_reply(client: &mut RawClient, call: u64) {
    let frame = client.next().expect("the connection goes on");
    match Message::decode(&frame).unwrap() {
        Message::Reply { id, .. } => assert_eq!(id, call),
        other => panic!("no reply: {other:?}"),
    }
}

#[test]
fn without_a_thread_for_that_calls_run_and_long_ones_are_noticed_once_there_is_one() {
    const TEST: &str =
        "monitor::without_a_thread_for_that_calls_run_and_long_ones_are_noticed_once_there_is_one";
    if let Some(endpoint) = process::role() {
        return host_in_a_child(&endpoint);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("unwatched");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        let mut client = RawClient::connect(&endpoint);
        assert_eq!(child.ask("no threads"), "done");
        for id in 1..=CALLS {
            send(&mut client, id, "ICalculator", "Add", &[0x92, 1, 2]);
            expect_reply(&mut client, id);
        }
        let lines: u64 = child.ask("lines").parse().unwrap();
        println!("{lines} lines for {CALLS} calls");
        assert!(lines > 0, "the log says so");
        assert!(lines < CALLS / 2, "calls do not fill the log: {lines} lines");
        assert_eq!(child.ask("threads"), "done");
        // It is asked for again when the next call begins.
        send(&mut client, CALLS + 1, "IGate", "Pass", &[0x90]);
        send(&mut client, CALLS + 2, "ICalculator", "Add", &[0x92, 1, 2]);
        expect_reply(&mut client, CALLS + 2);
        assert_eq!(child.ask("open"), "done");
        expect_reply(&mut client, CALLS + 1);
    });
}
