//! Null calls beside echoes of 64 MiB on the same connection: with the feature `parts` a small frame waits
//! for one part of a large frame, without it for the whole.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use callgate::{Client, Limits};

use super::{calculator, echo, Row, LATENCY};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::Slice;

pub const ROW: Row = Row {
    name: "beside",
    title: "null calls that begin during echoes of 64 MiB on the same connection",
    figures: LATENCY,
    whole: Amount { rounds: 10, calls: 200 },
    quick: Amount { rounds: 1, calls: 30 },
    serve,
    measure,
};

const SIZE: usize = 64 << 20;

fn serve(service: &mut Service) {
    service.host(|builder| echo::serve_with(calculator::serve(builder)));
}

fn measure(run: &mut Run) -> Verdict {
    let mut whole = Limits::default();
    whole.parts = false;
    let without = run.server.client_with(|builder| builder.limits(whole));
    let with = run.server.client();
    let alone = calculator::proxy(&with);
    let subjects = vec![
        Subject::calls("Callgate, alone", || calculator::add(&alone)),
        beside("Callgate, without parts", &without),
        beside("Callgate", &with),
    ];
    run.measure(subjects)
}

/// Null calls, each begun while an echo of another thread is in progress; that thread makes no pause.
fn beside<'a>(name: &'a str, client: &'a Client) -> Subject<'a> {
    let calculator = calculator::proxy(client);
    let mut arguments = echo::arguments(SIZE);
    Subject::new(name, move |calls| {
        let (in_progress, over) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                let large = echo::proxy(client);
                let mut count = 0;
                while !over.load(Ordering::Relaxed) {
                    count += 1;
                    in_progress.store(true, Ordering::Release);
                    echo::call(&large, &mut arguments, count);
                    in_progress.store(false, Ordering::Release);
                }
            });
            let slice = Slice::one_by_one(calls, || {
                while !in_progress.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                calculator::add(&calculator)
            });
            over.store(true, Ordering::Relaxed);
            slice
        })
    })
}
