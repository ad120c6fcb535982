//! Callbacks to a client that has been idle for 50 ms, timed by the host. The floors are ping-pongs that
//! wake a reader after an equally long sleep; their sides are swapped.

use std::sync::mpsc::{channel, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate::{HostBuilder, InboundCall, Proxy};

use super::{calculator, Row};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::{micros, timed, Figure, Slice};

pub const ROW: Row = Row {
    name: "idle-callback",
    title: "a callback to a client that was idle for 50 ms",
    figures: &[Figure::P50, Figure::P99, Figure::Mean, Figure::Processor],
    whole: Amount { rounds: 5, calls: 200 },
    quick: Amount { rounds: 2, calls: 2 },
    serve,
    measure,
};

const IDLE: Duration = Duration::from_millis(50);

/// How long a host may take for a callback, idle time included.
const PATIENCE: Duration = Duration::from_secs(5);

const BELL: &str = "IBell";
const EAR: &str = "IEar";
/// Requests a number of callbacks from the host.
const ORDER: &str = "Order";
/// The callback: adds two numbers, so that its frames have the sizes of the floors'.
const RING: &str = "Add";
/// Reports to the client how long they took, in µs.
const DONE: &str = "Done";

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
    service.host(serve_bell);
}

/// Rings on a thread of its own, so that the client waits for nothing meanwhile.
fn serve_bell(builder: HostBuilder) -> HostBuilder {
    builder.duplex_delegate_factory(BELL, EAR, |_, ear| {
        let order = move |call: InboundCall| {
            let (ear, (times,)) = (ear.clone(), call.args::<(usize,)>().expect("a number"));
            thread::spawn(move || {
                let latencies: Vec<f64> = (0..times).map(|_| micros(ring(&ear))).collect();
                ear.one_way(DONE, &(latencies,)).expect("the client is there");
            });
        };
        Ok(Some(Arc::new(order)))
    })
}

/// One callback to an idle client; returns how long it took.
fn ring(ear: &Proxy) -> Duration {
    thread::sleep(IDLE);
    let (sum, took) = timed(|| ear.call::<i32>(RING, &(20, 22)));
    assert_eq!(sum.expect("the callback succeeds"), 42);
    took
}

fn measure(run: &mut Run) -> Verdict {
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    let client = run.server.client_with(|builder| {
        builder.callback_handler(EAR, move |call: InboundCall| {
            if call.method() == DONE {
                let (latencies,) = call.args::<(Vec<f64>,)>().expect("latencies");
                sender.lock().expect("nobody panics").send(latencies).ok();
            } else if let Ok((a, b)) = call.args::<(i32, i32)>() {
                call.reply(&(a + b)).ok();
            }
        })
    });
    let bell = client.proxy(BELL).expect("the name is one");
    let mut subjects: Vec<Subject> = Vec::new();
    for floor in calculator::floors() {
        let mut asker = run.server.floor(&floor);
        subjects.push(Subject::calls(floor.name(), move || {
            thread::sleep(IDLE);
            asker.ask()
        }));
    }
    subjects.push(Subject::new("Callgate", |times| rings(&bell, times, &receiver)));
    run.measure(subjects)
}

/// Requests `times` callbacks, and receives how long each took.
fn rings(bell: &Proxy, times: usize, latencies: &Receiver<Vec<f64>>) -> Slice {
    bell.one_way(ORDER, &(times,)).expect("the call is queued");
    let latencies = latencies.recv_timeout(PATIENCE * times as u32).expect("the host rings");
    assert_eq!(latencies.len(), times, "all have been called back");
    Slice::of_latencies(latencies)
}
