//! Memory for large values goes back to the system, from both processes, once their connection is no
//! longer in use. Alone in its program, since it measures the whole process.

#![cfg(target_os = "linux")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use callgate::{CallOptions, Client, Connection, Host, InboundCall, Proxy};
use support::process::{self, Process};
use support::{sanitizer, system, unique, watched};

const LIMIT: Duration = Duration::from_secs(180);
const CALL: Duration = Duration::from_secs(60);

const TEST: &str = "memory_for_large_values_goes_back";

const LARGE: usize = 8 << 20;
const ROUNDS: usize = 30;
const THREADS: usize = 4;

/// A process may keep this much more than it had before the large calls.
const BOUND: u64 = 8 << 20;

/// Longer than a connection that is not in use keeps memory for large frames, which is two seconds.
const GIVEN_BACK: Duration = Duration::from_secs(20);

/// Serves until the test that started this process ends.
fn host_process(endpoint: &str) {
    // Made once: the test measures the library's memory, not the program's.
    let text: &str = "x".repeat(LARGE).leak();
    let delegate = move |_: &Connection| {
        move |call: InboundCall| {
            let answered = match call.method() {
                "Echo" => call.reply_from_arguments(|arguments| &arguments[1..]),
                "Length" => {
                    let length = call.args::<(&str,)>().map(|(text,)| text.len());
                    call.reply_with(length)
                }
                "Text" => call.reply(text),
                _ => call.reply(&()),
            };
            answered.unwrap();
        }
    };
    let host = Host::builder().endpoint(endpoint).delegate("ILarge", delegate).start().unwrap();
    process::tell(&host.endpoints()[0]);
    process::orders().for_each(drop);
}

/// One round of large values each way: bytes that are encoded already, and values that the library encodes.
fn exchange(proxy: &Proxy, text: &str, arguments: &[u8]) {
    let options = CallOptions::timeout(CALL);
    let echo = proxy.call_bytes("Echo", arguments, &options).unwrap();
    assert_eq!(echo.len(), arguments.len() - 1);
    let length = proxy.call_with::<usize>("Length", &(text,), &options).unwrap();
    assert_eq!(length, LARGE);
    let started = proxy.start::<usize>("Length", &(text,), &options).unwrap();
    assert_eq!(started.wait().unwrap(), LARGE);
    let reply = proxy.call_bytes("Text", &[0x90], &options).unwrap();
    assert!(reply.len() > LARGE);
}

/// What both processes keep beyond what they had, once it is little enough or long after the last call.
fn kept(processes: [u32; 2], before: [u64; 2]) -> [u64; 2] {
    let give_up = Instant::now() + GIVEN_BACK;
    loop {
        let more = [0, 1].map(|it| system::memory(processes[it]).saturating_sub(before[it]));
        if more.iter().all(|&bytes| bytes <= BOUND) || Instant::now() > give_up {
            return more;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn memory_for_large_values_goes_back() {
    if let Some(endpoint) = process::role() {
        return host_process(&endpoint);
    }
    if sanitizer::leaves_out("memory that goes back, of which the sanitizer keeps some") {
        return;
    }
    watched(LIMIT, || {
        let mut host = Process::start(TEST, &format!("pipe://{}", unique("returned")));
        let client = Client::connect(&host.hear()).unwrap();
        let proxy = client.proxy("ILarge").unwrap();
        let text = "x".repeat(LARGE);
        let mut arguments = vec![0x91, 0xc6];
        arguments.reserve_exact(4 + LARGE);
        arguments.extend((LARGE as u32).to_be_bytes());
        arguments.extend_from_slice(text.as_bytes());
        (0..1000).for_each(|_| proxy.call::<()>("Nothing", &()).unwrap());
        let processes = [std::process::id(), host.id()];
        let before = processes.map(system::memory);
        for threads in [1, THREADS] {
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        (0..ROUNDS / threads).for_each(|_| exchange(&proxy, &text, &arguments));
                    });
                }
            });
            let kept = kept(processes, before);
            assert!(
                kept.iter().all(|&bytes| bytes <= BOUND),
                "after calls of {threads} threads, the client and the host keep {kept:?} bytes more"
            );
        }
        client.close().unwrap();
    });
}
