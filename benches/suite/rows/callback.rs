//! A call that calls its caller back before it replies: client, host, client, host, client. The floors are
//! two raw round trips, one inside the other.

use std::sync::Arc;
use std::time::Duration;

use callgate::{HostBuilder, InboundCall, Proxy};

use super::{Row, LATENCY};
use crate::floor::{frames, Floor};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::timed;

pub const ROW: Row = Row {
    name: "callback",
    title: "a callback inside a call; the floors nest two round trips",
    figures: LATENCY,
    whole: Amount { rounds: 20, calls: 2_000 },
    quick: Amount { rounds: 2, calls: 200 },
    serve,
    measure,
};

const WORKER: &str = "IWorker";
const PROGRESS: &str = "IProgress";
const WORK: &str = "Work";
const REPORT: &str = "Report";

fn floors() -> [Floor; 2] {
    // The arguments are an array of one one-byte integer, the results are one.
    let call = frames::call(WORKER, WORK, 2).max(frames::call(PROGRESS, REPORT, 2));
    let reply = frames::reply(1);
    // The host's first message back is a call of its own; after the reply to that comes its reply.
    Floor::both_of(&[(call, call), (reply, reply)])
}

fn serve(service: &mut Service) {
    service.floors(&floors());
    service.host(serve_work);
}

/// Serves work by asking the caller for the result.
fn serve_work(builder: HostBuilder) -> HostBuilder {
    builder.duplex_delegate_factory(WORKER, PROGRESS, |_, progress| {
        let work = move |call: InboundCall| {
            let done = call.args::<(u32,)>();
            call.reply_with(done.and_then(|(number,)| progress.call::<u32>(REPORT, &(number,))))
                .ok();
        };
        Ok(Some(Arc::new(work)))
    })
}

fn measure(run: &mut Run) -> Verdict {
    let client = run.server.client_with(|builder| {
        builder.callback_handler(PROGRESS, |call: InboundCall| {
            let number = call.args::<(u32,)>();
            call.reply_with(number.map(|(number,)| number + 1)).ok();
        })
    });
    let worker = client.proxy(WORKER).expect("the name is one");
    let mut subjects = run.floors(&floors());
    subjects.push(Subject::calls("Callgate", || work(&worker)));
    run.measure(subjects)
}

/// Calls, and is called back; returns how long it took.
fn work(worker: &Proxy) -> Duration {
    let (result, took) = timed(|| worker.call::<u32>(WORK, &(41,)));
    assert_eq!(result.expect("the call succeeds"), 42, "the callback's result comes back");
    took
}
