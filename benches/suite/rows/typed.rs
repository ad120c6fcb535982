//! The null call through a typed interface, beside the untyped one.

use super::{calculator, Row, LATENCY};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::timed;

pub const ROW: Row = Row {
    name: "typed",
    title: "null call of a typed interface",
    figures: LATENCY,
    whole: Amount { rounds: 30, calls: 5_000 },
    quick: Amount { rounds: 3, calls: 500 },
    serve,
    measure,
};

/// As long as the name of the untyped interface, so that the frames are equally long.
#[callgate::interface(name = "ICalcByType")]
trait Calculator {
    fn add(&self, a: i32, b: i32) -> i32;
}

struct Desk;

impl Calculator for Desk {
    fn add(&self, a: i32, b: i32) -> i32 {
        a + b
    }
}

fn serve(service: &mut Service) {
    service.host(|builder| calculator::serve(builder).serve(|_| CalculatorDelegate::new(Desk)));
}

fn measure(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let by_name = calculator::proxy(&client);
    let by_trait = CalculatorProxy::new(&client).expect("the name is one");
    let typed = || {
        let (sum, took) = timed(|| by_trait.add(20, 22));
        assert_eq!(sum.expect("the call succeeds"), 42);
        took
    };
    let named = Subject::calls("Callgate, by name", || calculator::add(&by_name));
    run.measure(vec![named, Subject::calls("Callgate, by trait", typed)])
}
