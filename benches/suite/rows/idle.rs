//! A client and a host with nothing to do. A "call" here is a second; the reference is the same two
//! processes before they were connected.

use std::thread;
use std::time::Duration;

use super::{calculator, Row};
use crate::measure::{Amount, Outcome, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::{Figure, Slice};

pub const ROW: Row = Row {
    name: "idle",
    title: "an idle client and host; a call here is a second",
    figures: &[Figure::Processor],
    // A "call" here is a millisecond.
    whole: Amount { rounds: 5, calls: 2_000 },
    quick: Amount { rounds: 2, calls: 100 },
    serve,
    measure,
};

/// How many calls are made before, so that everything is warm and spinning has been found to pay.
const CALLS: usize = 1_000;

/// The pause after these calls: longer than anything is kept active because of them.
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
    // Shows that it was not idle because it was broken.
    calculator::add(&calculator);
    Ok(Outcome::of(lines))
}

/// Lets this many milliseconds pass.
fn pass(milliseconds: usize) -> Slice {
    let time = Duration::from_millis(milliseconds as u64);
    thread::sleep(time);
    Slice::of(time.as_secs_f64(), time)
}
