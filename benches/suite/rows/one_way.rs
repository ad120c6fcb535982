//! One-way calls from one thread, until all have run. Spinning makes no difference to a stream, whose
//! reader rarely waits. The floors are raw messages of the same size, one per write, and batched into
//! writes of 64 KiB: the cost for a sender that does not batch, and the least for one that does.

use std::sync::atomic::{AtomicU64, Ordering};

use callgate::{Connection, InboundCall, Proxy};

use super::Row;
use crate::floor::{frames, StreamFloor};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::{timed, Figure, Slice};

pub const ROW: Row = Row {
    name: "one-way",
    title: "one-way calls of one thread, until all have run",
    figures: &[Figure::Rate, Figure::Processor],
    whole: Amount { rounds: 10, calls: 200_000 },
    quick: Amount { rounds: 2, calls: 10_000 },
    serve,
    measure,
};

const INTERFACE: &str = "ILog";
const NOTE: &str = "Note";
const COUNT: &str = "Count";

fn floors() -> [StreamFloor; 2] {
    // The arguments are an array of one one-byte integer.
    let message = frames::one_way(INTERFACE, NOTE, 2);
    [StreamFloor::one_by_one(message), StreamFloor::gathered(message)]
}

fn serve(service: &mut Service) {
    floors().iter().for_each(|floor| service.stream(floor));
    service.host(|builder| {
        builder.delegate(INTERFACE, |_: &Connection| {
            let sum = AtomicU64::new(0);
            move |call: InboundCall| {
                if call.method() == COUNT {
                    call.reply(&sum.load(Ordering::Relaxed)).ok();
                } else if let Ok((number,)) = call.args::<(u64,)>() {
                    sum.fetch_add(number, Ordering::Relaxed);
                }
            }
        })
    });
}

fn measure(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let log = client.proxy(INTERFACE).expect("the name is one");
    let [mut one_by_one, mut gathered] =
        floors().map(|floor| (floor.name, run.server.stream(&floor)));
    let mut sent = 0;
    run.measure(vec![
        Subject::new(one_by_one.0, |count| one_by_one.1.send(count)),
        Subject::new(gathered.0, |count| gathered.1.send(count)),
        Subject::new("Callgate", |count| {
            sent += count;
            send(&log, count, sent)
        }),
    ])
}

/// Sends `count` calls; waits until `ran` have run since the beginning.
fn send(log: &Proxy, count: usize, ran: usize) -> Slice {
    let (arrived, elapsed) = timed(|| {
        (0..count).for_each(|_| log.one_way(NOTE, &(1,)).expect("the call is queued"));
        // This call starts after the earlier one-way calls of this thread.
        log.call::<usize>(COUNT, &())
    });
    assert_eq!(arrived.expect("the call succeeds"), ran, "all have run");
    Slice::of(count as f64, elapsed)
}
