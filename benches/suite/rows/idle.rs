//! A client and a host that have nothing to do. What stands for a call is a second; the reference is the
//! same two processes before they were connected.

use std::thread;
use std::time::Duration;

use super::{calculator, Row};
use crate::measure::{Amount, Outcome, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::{Figure, Slice};

pub const ROW: Row = Row {
    name: "idle",
    title: "an idle client and host; for a call read a second",
    figures: &[Figure::Processor],
    // The calls are milliseconds.
    whole: Amount { rounds: 5, calls: 2_000 },
    quick: Amount { rounds: 2, calls: 100 },
    serve,
    measure,
};

/// How many calls are made before, so that all is warm and looking has been found to pay.
const CALLS: usize = 1_000;

/// After these calls: longer than anything is kept up for their sake.
const REST: Duration = Duration::from_millis(100);

fn serve(service: &mut Service) {
    service.host(calculator::serve);
}

fn measure(run: &mut Run) -> Verdict {
    let mut lines = run.lines(vec![Subject::new("not connected", pass)]);
    let client = run.server.client();
    let calculator = calculator::proxy(&client);
    for _ in 0..CALLS {
        calculator::add(&calculator);
    }
    thread::sleep(REST);
    lines.extend(run.lines(vec![Subject::new("Callgate", pass)]));
    // That it was not idle for being broken.
    calculator::add(&calculator);
    Ok(Outcome::of(lines))
}

/// Lets so many milliseconds pass.
fn pass(milliseconds: usize) -> Slice {
    let time = Duration::from_millis(milliseconds as u64);
    thread::sleep(time);
    Slice::of(time.as_secs_f64(), time)
}
