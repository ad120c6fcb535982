//! The null call, Rust to Rust; and a million of them, for the tail latencies.

use super::{calculator, Row, LATENCY};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::Figure;

pub const ROW: Row = Row {
    name: "null",
    title: "null call add(int32, int32)",
    figures: LATENCY,
    whole: Amount { rounds: 30, calls: 5_000 },
    quick: Amount { rounds: 3, calls: 500 },
    serve,
    measure,
};

pub const TAILS: Row = Row {
    name: "tails",
    title: "a million null calls",
    figures: &[
        Figure::P50,
        Figure::P99,
        Figure::P999,
        Figure::Max,
        Figure::Mean,
        Figure::Rate,
        Figure::Processor,
    ],
    whole: Amount { rounds: 20, calls: 50_000 },
    quick: Amount { rounds: 2, calls: 1_000 },
    serve,
    measure,
};

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
    service.host(calculator::serve);
}

fn measure(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let calculator = calculator::proxy(&client);
    let mut subjects = run.floors(&calculator::floors());
    subjects.push(Subject::calls("Callgate", || calculator::add(&calculator)));
    run.measure(subjects)
}
