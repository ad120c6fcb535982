//! Null calls between processes that also work: the caller before each call, the delegate within it. They
//! show how long waiting threads spin, and what that costs.

use std::time::Duration;

use callgate::{Connection, HostBuilder, InboundCall};

use super::{calculator, Row, LATENCY};
use crate::floor::Floor;
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::work::work_for;

pub const ROW_0: Row = row::<0>("slowed-0", "null calls without work");
pub const ROW_10: Row = row::<10>("slowed-10", "null calls, both sides work 10 µs each");
pub const ROW_20: Row = row::<20>("slowed-20", "null calls, both sides work 20 µs each");
pub const ROW_40: Row = row::<40>("slowed-40", "null calls, both sides work 40 µs each");
pub const ROW_80: Row = row::<80>("slowed-80", "null calls, both sides work 80 µs each");
pub const ROW_160: Row = row::<160>("slowed-160", "null calls, both sides work 160 µs each");

/// The row in which both sides work for this many microseconds.
const fn row<const MICROS: u64>(name: &'static str, title: &'static str) -> Row {
    Row {
        name,
        title,
        figures: LATENCY,
        whole: Amount { rounds: 15, calls: 1_000 },
        quick: Amount { rounds: 2, calls: 100 },
        serve: serve::<MICROS>,
        measure: measure::<MICROS>,
    }
}

const fn work<const MICROS: u64>() -> Duration {
    Duration::from_micros(MICROS)
}

fn floors<const MICROS: u64>() -> [Floor; 2] {
    calculator::floors().map(|floor| floor.working(work::<MICROS>()))
}

fn serve<const MICROS: u64>(service: &mut Service) {
    service.floors(&floors::<MICROS>());
    service.host(serve_slowed::<MICROS>);
}

fn serve_slowed<const MICROS: u64>(builder: HostBuilder) -> HostBuilder {
    builder.delegate(calculator::INTERFACE, |_: &Connection| {
        |call: InboundCall| {
            if let Ok((a, b)) = call.args::<(i32, i32)>() {
                work_for(work::<MICROS>());
                call.reply(&(a + b)).ok();
            }
        }
    })
}

fn measure<const MICROS: u64>(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let calculator = calculator::proxy(&client);
    let mut subjects = run.floors(&floors::<MICROS>());
    subjects.push(Subject::calls("Callgate", || {
        work_for(work::<MICROS>());
        calculator::add(&calculator)
    }));
    run.measure(subjects)
}
