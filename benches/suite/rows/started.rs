//! Calls that are started and then waited for together: from Rust, with futures and with completions, and
//! from Python. Beside them the same calls made one after another.

use std::sync::mpsc;

use callgate::{CallOptions, PendingCall, Proxy};

use super::{calculator, python, Row};
use crate::measure::{Amount, Subject};
use crate::placement::Side;
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::{timed, Figure, Slice};

const FIGURES: &[Figure] = &[Figure::Rate, Figure::Processor];

pub const ROW: Row = Row {
    name: "started",
    title: "null calls that are started, and then waited for",
    figures: FIGURES,
    whole: Amount { rounds: 10, calls: 10_000 },
    quick: Amount { rounds: 2, calls: 1_000 },
    serve: |service| service.host(calculator::serve),
    measure,
};

pub const PYTHON: Row = Row {
    name: "python-started",
    title: "null calls from Python to Python that are started, and then waited for",
    figures: FIGURES,
    whole: Amount { rounds: 5, calls: 10_000 },
    quick: Amount { rounds: 2, calls: 500 },
    serve: |_: &mut Service| {},
    measure: measure_python,
};

fn measure(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let proxy = calculator::proxy(&client);
    run.measure(vec![
        Subject::calls("one after another", || calculator::add(&proxy)),
        Subject::new("started, with completions", |calls| complete(&proxy, calls)),
        Subject::new("started", |calls| start(&proxy, calls)),
    ])
}

fn start(proxy: &Proxy, calls: usize) -> Slice {
    let ((), elapsed) = timed(|| {
        let started: Vec<PendingCall<i32>> =
            (0..calls).map(|_| calculator::start(proxy, &CallOptions::default())).collect();
        for call in started {
            assert_eq!(call.wait().expect("the call succeeds"), 42);
        }
    });
    Slice::of(calls as f64, elapsed)
}

fn complete(proxy: &Proxy, calls: usize) -> Slice {
    let (tell, told) = mpsc::channel();
    let ((), elapsed) = timed(|| {
        for _ in 0..calls {
            let tell = tell.clone();
            calculator::start_bytes(proxy, move |outcome| {
                let sum = outcome.and_then(|reply| reply.decode::<i32>());
                tell.send(sum).expect("it is waited for");
            });
        }
        for _ in 0..calls {
            let sum = told.recv().expect("an outcome for each");
            assert_eq!(sum.expect("the call succeeds"), 42);
        }
    });
    Slice::of(calls as f64, elapsed)
}

fn measure_python(run: &mut Run) -> Verdict {
    let interpreter = python::interpreter()?;
    let endpoint = format!("unix://{}", run.path("python-host").display());
    let start =
        |run: &mut Run, side, script| python::start(run, &interpreter, side, script, &[&endpoint]);
    let _host = start(run, Side::Server, "null_host.py");
    let mut one_by_one = start(run, Side::Client, "null_client.py");
    let mut started = start(run, Side::Client, "started_client.py");
    run.measure(vec![
        Subject::new("one after another", |calls| one_by_one.slice(calls)),
        Subject::new("started", |calls| started.slice(calls)),
    ])
}
