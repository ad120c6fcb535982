//! No memory for what a peer sends: the allocator fails one large allocation, for each of them in turn. A
//! call may fail then, or a connection end; the process goes on. Chunks of 128 KiB and more do not come from
//! the allocator; `tests/c/out_of_memory.rs` has those.

#![cfg(unix)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callgate::{CallOptions, Client, Connection, Error, Host, InboundCall, Proxy, Remote, Status};

use support::process::{self, Process};
use support::{binary, sanitizer, unique, watched};

const LIMIT: Duration = Duration::from_secs(120);

/// Allocations from this size on may fail: a peer chooses their size.
const LARGE: usize = 4 << 10;

/// More large allocations than any round makes.
const NEVER: i64 = i64::MAX;

/// How many large allocations succeed before one fails.
static LEFT: AtomicI64 = AtomicI64::new(NEVER);

/// The system's allocator, which fails one large allocation.
struct Failing;

impl Failing {
    fn fails(size: usize) -> bool {
        size >= LARGE && LEFT.fetch_sub(1, Ordering::Relaxed) == 0
    }
}

// SAFETY: the system's allocator keeps the contract; failing does not break it.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if Failing::fails(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if Failing::fails(size) {
            return ptr::null_mut();
        }
        // SAFETY: promised by the caller.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Failing = Failing;

/// Runs `work` while the large allocation after `passing` others fails; returns whether there was one.
fn failing_after(passing: i64, work: impl FnOnce()) -> bool {
    LEFT.store(passing, Ordering::Relaxed);
    work();
    LEFT.swap(NEVER, Ordering::Relaxed) < 0
}

/// Replies with its argument, which it borrows; fails with it as data; or keeps it for nobody.
fn serve(call: InboundCall) {
    match call.method() {
        "Echo" => call.reply_from_arguments(|arguments| &arguments[1..]).ok(),
        "Size" => {
            let size = call.args::<(&[u8],)>().map(|(bytes,)| bytes.len());
            call.reply_with(size).ok()
        }
        "Fail" => {
            let remote = Remote {
                type_name: "Large".into(),
                trace: "at x\n".repeat(2_000),
                data: call.arguments()[1..].to_vec(),
            };
            let error = Error::remote_error("", "x".repeat(10_000)).with_remote(remote);
            call.fail(error).ok()
        }
        _ => None,
    };
}

fn options() -> CallOptions {
    CallOptions::timeout(LIMIT / 4)
}

/// Whether a call may fail so for want of memory.
fn is_expected(error: &Error) -> bool {
    matches!(error.status(), Status::LimitExceeded | Status::ChannelFaulted)
}

/// Makes calls and one-way calls of several sizes. Each succeeds, or fails for want of memory.
fn call(proxy: &Proxy, methods: &[&str], arguments: &[Vec<u8>]) {
    for (method, arguments) in methods.iter().flat_map(|m| arguments.iter().map(move |a| (*m, a))) {
        if let Err(error) = proxy.call_bytes(method, arguments, &options()) {
            let as_asked = method == "Fail" && error.status() == Status::RemoteError;
            assert!(as_asked || is_expected(&error), "{method}: {error}");
        }
        if let Err(error) = proxy.one_way_bytes("Note", arguments, &options()) {
            assert!(is_expected(&error), "Note: {error}");
        }
    }
}

/// Arguments of several sizes, below and above those of the buffers.
fn arguments() -> Vec<Vec<u8>> {
    [5_000, 20_000, 100_000, 300_000].map(binary).into()
}

fn host_at(endpoint: &str) -> Host {
    Host::builder().endpoint(endpoint).delegate("IMemory", |_: &Connection| serve).start().unwrap()
}

fn endpoints() -> [String; 2] {
    [format!("pipe://{}", unique("failing")), "tcp://127.0.0.1:0".into()]
}

/// Fails one large allocation after the other in another process, until there is none left.
fn fail_each(process: &mut Process, mut act: impl FnMut(&mut Process)) {
    let mut struck = 0;
    loop {
        assert_eq!(process.ask(&struck.to_string()), "ready");
        act(process);
        if process.hear() == "no more" {
            break;
        }
        struck += 1;
        assert!(struck < 1_000, "each round allocates more");
    }
    println!("{struck} large allocations failed");
    assert!(struck > 0, "nothing failed");
}

#[test]
fn a_host_without_memory_for_a_call_goes_on() {
    const TEST: &str = "a_host_without_memory_for_a_call_goes_on";
    if sanitizer::leaves_out("an allocator that fails, since it has one of its own") {
        return;
    }
    if let Some(endpoint) = process::role() {
        let host = host_at(&endpoint);
        process::tell(&host.endpoints()[0]);
        let mut orders = process::orders();
        while let Some(passing) = orders.next() {
            let struck = failing_after(passing.parse().unwrap(), || {
                process::tell("ready");
                orders.next();
            });
            process::tell(if struck { "failed" } else { "no more" });
        }
        return;
    }
    watched(LIMIT, || {
        let arguments = arguments();
        for endpoint in endpoints() {
            let mut host = Process::start(TEST, &endpoint);
            let endpoint = host.hear();
            fail_each(&mut host, |host| {
                // A new connection each time, whose buffers are new too.
                let client = Client::connect(&endpoint).unwrap();
                let proxy = client.proxy("IMemory").unwrap();
                call(&proxy, &["Echo", "Size"], &arguments);
                host.say("enough");
                client.close().unwrap();
            });
        }
    });
}

#[test]
fn a_client_without_memory_for_a_reply_goes_on() {
    const TEST: &str = "a_client_without_memory_for_a_reply_goes_on";
    if sanitizer::leaves_out("an allocator that fails, since it has one of its own") {
        return;
    }
    if let Some(endpoint) = process::role() {
        let arguments = arguments();
        for passing in process::orders() {
            process::tell("ready");
            let client = Client::connect(&endpoint).unwrap();
            let proxy = client.proxy("IMemory").unwrap();
            let struck = failing_after(passing.parse().unwrap(), || {
                call(&proxy, &["Echo", "Size", "Fail"], &arguments);
            });
            assert!(proxy.call_bytes("Size", &arguments[0], &options()).is_ok(), "it goes on");
            client.close().unwrap();
            process::tell(if struck { "failed" } else { "no more" });
        }
        return;
    }
    watched(LIMIT, || {
        for endpoint in endpoints() {
            let host = host_at(&endpoint);
            let mut client = Process::start(TEST, &host.endpoints()[0].to_string());
            fail_each(&mut client, |_| ());
            host.close().unwrap();
        }
    });
}
