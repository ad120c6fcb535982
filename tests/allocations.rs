//! A warm call allocates nothing, on either side.

#![cfg(feature = "c-abi")]

#[path = "support/c.rs"]
mod c;
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use c::{folder, program, succeed, Link};
use callgate::{CallOptions, Client, Connection, Host, InboundCall};
use support::{calculator_host, sanitizer, unique, watched};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// The system's allocator with a counter.
struct Counting;

// SAFETY: the system's allocator keeps the contract; counting does not affect it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: promised by the caller.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const BATCHES: u64 = 30;
const CALLS: u64 = 1_000;

/// While one call takes this long, another thread may take over the connection, which allocates.
const LONG: Duration = Duration::from_micros(300);

/// The allocations of a thread that takes over, with some room.
const FEW: u64 = 10;

/// Makes calls until [`CALLS`] of them in a row have allocated nothing in the whole process, host and client.
///
/// Where the machine delays some thread in every thousand calls, the quick calls between two long ones show
/// what a call costs. A thread that took over earlier may still allocate a little among them, which divides
/// them into a few parts.
fn expect_no_allocations(what: &str, mut call: impl FnMut(i64)) {
    let look = || (ALLOCATIONS.load(Ordering::Relaxed), Instant::now());
    let (mut free, mut most_free, mut quick, mut most_quick) = (0, 0, 0, 0);
    let mut before = look();
    for n in 0..BATCHES * CALLS {
        call(n as i64);
        let after = look();
        free = if after.0 == before.0 { free + 1 } else { 0 };
        quick = if after.1 - before.1 < LONG { quick + 1 } else { 0 };
        (most_free, most_quick) = (most_free.max(free), most_quick.max(quick));
        if free == CALLS {
            return;
        }
        before = after;
    }
    assert!(
        most_free >= 1.max(most_quick / 4),
        "{what}: {most_free} in a row allocated nothing, and {most_quick} in a row were quick"
    );
}

/// The allocations of the whole process, host and client, in the best of some batches of calls.
fn fewest_in_a_batch(mut call: impl FnMut(i64)) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..BATCHES {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        (0..CALLS as i64).for_each(&mut call);
        fewest = fewest.min(ALLOCATIONS.load(Ordering::Relaxed) - before);
        if fewest == 0 {
            break;
        }
    }
    fewest
}

#[test]
fn warm_calls_allocate_nothing_on_either_side() {
    watched(Duration::from_secs(300), || {
        // One after the other, since each counts for the whole process.
        for endpoint in [format!("pipe://{}", unique("allocations")), "tcp://127.0.0.1:0".into()] {
            by_name(&endpoint);
            by_trait(&endpoint);
            // Turns take long under the sanitizer, so threads are started to take over.
            if !sanitizer::leaves_out("counting allocations of one-way calls") {
                one_way(&endpoint);
            }
        }
    });
}

/// In a process of its own, whose allocations it counts.
#[test]
fn warm_calls_from_c_to_c_allocate_nothing_on_either_side() {
    if sanitizer::leaves_out("counting allocations in C, since it has an allocator of its own") {
        return;
    }
    watched(Duration::from_secs(180), || {
        let program = program("tests/c/allocations.c", &folder("allocations"), Link::Dynamic);
        succeed(Command::new(program).arg(format!("pipe://{}", unique("c-allocations"))));
    });
}

/// Calls through an untyped proxy.
fn by_name(endpoint: &str) {
    let host = calculator_host(endpoint).start().unwrap();
    let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    let calculator = client.proxy("ICalculator").unwrap();
    expect_no_allocations(&format!("calls of values, {endpoint}"), |n| {
        assert_eq!(calculator.call::<i64>("Add", &(n, 1)).unwrap(), n + 1);
    });
    let options = CallOptions::default();
    expect_no_allocations(&format!("calls of bytes, {endpoint}"), |_| {
        let sum = calculator.call_bytes("Add", &[0x92, 1, 2], &options).unwrap();
        assert_eq!(&sum[..], [3]);
    });
    client.close().unwrap();
    host.close().unwrap();
}

#[callgate::interface(name = "IScale")]
trait Scale {
    fn weigh(&self, name: &str, bytes: &[u8]) -> callgate::Result<usize>;
}

struct Kitchen;

impl Scale for Kitchen {
    fn weigh(&self, name: &str, bytes: &[u8]) -> callgate::Result<usize> {
        Ok(name.len() + bytes.len())
    }
}

/// Calls through a typed proxy, whose arguments are borrowed on both sides.
fn by_trait(endpoint: &str) {
    let host = Host::builder().endpoint(endpoint);
    let host = host.serve(|_| ScaleDelegate::new(Kitchen)).start().unwrap();
    let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    let scale = ScaleProxy::new(&client).unwrap();
    expect_no_allocations(&format!("calls of a typed interface, {endpoint}"), |_| {
        assert_eq!(scale.weigh("flour", &[1, 2, 3]).unwrap(), 8);
    });
    client.close().unwrap();
    host.close().unwrap();
}

/// One-way calls, enough to wait for credit now and then.
fn one_way(endpoint: &str) {
    let host = Host::builder().endpoint(endpoint).delegate("ILog", |_: &Connection| {
        let sum = AtomicU64::new(0);
        move |call: InboundCall| {
            if call.is_one_way() {
                sum.fetch_add(call.args::<(u64,)>().unwrap().0, Ordering::Relaxed);
            } else {
                call.reply(&sum.load(Ordering::Relaxed)).unwrap();
            }
        }
    });
    let host = host.start().unwrap();
    let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    let log = client.proxy("ILog").unwrap();
    let mut sent = 0;
    let noted = fewest_in_a_batch(|_| {
        (0..3).for_each(|_| log.one_way("Note", &(1,)).unwrap());
        sent += 3;
    });
    assert_eq!(log.call::<u64>("Sum", &()).unwrap(), sent);
    // On a busy machine a thread may be replaced in every batch.
    assert!(noted <= FEW, "{noted} allocations in a batch of one-way calls, {endpoint}");
    client.close().unwrap();
    host.close().unwrap();
}
