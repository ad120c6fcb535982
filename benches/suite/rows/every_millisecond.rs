//! A null call every millisecond: spinning for frames must not cost a slow conversation anything.

use std::thread;
use std::time::{Duration, Instant};

use super::{calculator, Row};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::{Figure, Slice};

pub const ROW: Row = Row {
    name: "every-ms",
    title: "a null call every millisecond",
    figures: &[Figure::P50, Figure::P99, Figure::Mean, Figure::Processor],
    whole: Amount { rounds: 8, calls: 500 },
    quick: Amount { rounds: 2, calls: 40 },
    serve,
    measure,
};

const PERIOD: Duration = Duration::from_millis(1);

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
    service.host(calculator::serve);
}

fn measure(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let calculator = calculator::proxy(&client);
    let [mut blocking, mut spinning] =
        calculator::floors().map(|floor| (floor.name(), run.server.floor(&floor)));
    run.measure(vec![
        Subject::new(blocking.0, |calls| paced(calls, || blocking.1.ask())),
        Subject::new(spinning.0, |calls| paced(calls, || spinning.1.ask())),
        Subject::new("Callgate", |calls| paced(calls, || calculator::add(&calculator))),
    ])
}

/// Makes calls, each one period after the previous one.
fn paced(calls: usize, mut call: impl FnMut() -> Duration) -> Slice {
    let mut next = Instant::now();
    Slice::one_by_one(calls, || {
        next += PERIOD;
        thread::sleep(next.saturating_duration_since(Instant::now()));
        call()
    })
}
