//! Connecting, a first call, and closing. The floors connect a raw socket, exchange one ping-pong and
//! close.

use std::time::Duration;

use callgate::Client;

use super::{calculator, Row, LATENCY};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::timed;

pub const ROW: Row = Row {
    name: "connect",
    title: "connect, handshake, first call, close",
    figures: LATENCY,
    whole: Amount { rounds: 20, calls: 200 },
    quick: Amount { rounds: 2, calls: 20 },
    serve,
    measure,
};

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
    service.host(calculator::serve);
}

fn measure(run: &mut Run) -> Verdict {
    let (server, endpoint) = (&run.server, run.server.endpoint());
    let mut subjects: Vec<Subject> = Vec::new();
    for floor in calculator::floors() {
        let name = floor.name();
        subjects.push(Subject::calls(name, move || timed(|| server.floor(&floor).ask()).1));
    }
    subjects.push(Subject::calls("Callgate", || connect_and_call(&endpoint)));
    run.measure(subjects)
}

fn connect_and_call(endpoint: &str) -> Duration {
    let visit = || {
        let client = Client::connect(endpoint).expect("the endpoint is one");
        calculator::add(&calculator::proxy(&client));
        client.close().expect("the client closes");
    };
    timed(visit).1
}
