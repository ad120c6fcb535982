//! A host whose process may have little memory, but as much as its limits allow its peers to take.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::{binary, calculator_host, sanitizer, system, watched};
use callgate::{Client, Connection, InboundCall, Limits};

const LIMIT: Duration = Duration::from_secs(120);
const CONNECTIONS: usize = 8;
const MIB: usize = 1 << 20;

/// What the process may take in addition when it has started: three times what its limits allow its peers,
/// and the stacks of its threads.
const MORE_MEMORY: u64 = 256 << 20;

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.frame = MIB;
    limits.inbound_bytes = 4 * MIB;
    limits.host_inbound_bytes = 32 * MIB;
    limits.send_queue = MIB / 4;
    limits.connections = CONNECTIONS + 1;
    limits.running_calls = 2;
    limits.nested_calls = 2;
    limits.write_timeout = Duration::from_secs(1);
    limits
}

/// Large calls that are never replied to, large replies that are never read, and a frame that never ends.
fn flood(endpoint: &str) {
    let Ok(mut client) = RawClient::ask(endpoint) else { return };
    client.stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let large = binary(MIB * 9 / 10);
    let mut frames: Vec<Vec<u8>> =
        (1..4).map(|id| call_frame(id, "IKeep", "Keep", &large)).collect();
    frames.extend((4..8).map(|id| call_frame(id, "IKeep", "Echo", &large)));
    frames.push(call_frame(8, "IKeep", "Keep", &large)[..MIB / 2].to_vec());
    for frame in frames {
        if client.stream.write_all(&frame).is_err() {
            return;
        }
    }
    // The host has read some of it when it begins to reply, or refuses.
    client.stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let _ = client.stream.read(&mut [0; 16]);
}

#[test]
fn a_flooded_host_lives_within_the_memory_that_its_limits_add_up_to() {
    const TEST: &str =
        "little_memory::a_flooded_host_lives_within_the_memory_that_its_limits_add_up_to";
    if let Some(endpoint) = process::role() {
        return host_in_a_child(&endpoint);
    }
    if sanitizer::leaves_out("limits of memory, of which the sanitizer needs much") {
        return;
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("memory");
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "listening");
        for _ in 0..4 {
            thread::scope(|scope| {
                for _ in 0..CONNECTIONS {
                    scope.spawn(|| flood(&endpoint));
                }
            });
        }
        assert_eq!(child.ask("alive?"), "alive");
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    });
}

fn host_in_a_child(endpoint: &str) {
    let kept: Arc<Mutex<Vec<InboundCall>>> = Arc::default();
    let keep = kept.clone();
    let _host = calculator_host(endpoint)
        .delegate("IKeep", move |_: &Connection| {
            let kept = keep.clone();
            move |call: InboundCall| {
                if call.method() == "Echo" {
                    call.reply_from_arguments(|arguments| &arguments[1..]).ok();
                    return;
                }
                let mut kept = kept.lock().unwrap();
                kept.retain(|call| !call.is_cancelled());
                kept.push(call);
            }
        })
        .limits(limits())
        .start()
        .unwrap();
    // The C library would reserve 64 MiB of address space for each of several threads.
    // SAFETY: takes no pointers.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    system::limit_address_space(system::address_space() + MORE_MEMORY);
    process::tell("listening");
    process::orders().for_each(|_| process::tell("alive"));
}
