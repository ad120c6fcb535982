//! Threads that a burst of calls needed end, although the host goes on with less work. Alone in its program,
//! since it counts the threads of the whole process.

mod support;

use std::sync::{Arc, Barrier};
use std::time::Duration;

use callgate::{CallOptions, Client, Connection, Host, InboundCall, Limits};
use support::gate::eventually;
use support::{system, unique, watched};

/// The calls of the burst, and the threads that they need at least.
const BURST: usize = 24;

/// The threads that a host needs which serves one client after another, with those of the client.
const FEW: usize = 10;

#[test]
fn threads_of_a_burst_end_while_the_host_goes_on() {
    watched(Duration::from_secs(60), || {
        let pipe = format!("pipe://{}", unique("idle"));
        let host = host(&pipe);
        burst(&pipe);
        assert!(system::own_library_threads().len() >= BURST, "the burst ran in few threads");
        eventually("threads end that are not needed", || {
            let client = Client::connect(&pipe).unwrap();
            let meet = client.proxy("IMeet").unwrap();
            assert!(meet.call::<bool>("Pass", &()).unwrap());
            let threads = system::own_library_threads().len();
            client.close().unwrap();
            threads <= FEW
        });
        host.close().unwrap();
    });
}

/// A host whose calls of `Meet` wait until all of the burst run.
fn host(pipe: &str) -> Host {
    let barrier = Arc::new(Barrier::new(BURST));
    let mut limits = Limits::default();
    limits.running_calls = BURST;
    let meet = move |_: &Connection| {
        let barrier = barrier.clone();
        move |call: InboundCall| {
            if call.method() == "Meet" {
                barrier.wait();
            }
            call.reply(&true).unwrap();
        }
    };
    Host::builder().endpoint(pipe).limits(limits).delegate("IMeet", meet).start().unwrap()
}

fn burst(pipe: &str) {
    let client = Client::connect(pipe).unwrap();
    let meet = client.proxy("IMeet").unwrap();
    let options = CallOptions::default();
    let start = |_| meet.start::<bool>("Meet", &(), &options).unwrap();
    let calls: Vec<_> = (0..BURST).map(start).collect();
    calls.into_iter().for_each(|call| assert!(call.wait().unwrap()));
    client.close().unwrap();
}
