//! Null calls of eight threads at once, on one connection and on one connection each. The floors have a
//! socket for each thread, since simple code cannot share one.

use callgate::{Client, Proxy};

use super::{calculator, Row, LATENCY};
use crate::floor::Floor;
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::Slice;

pub const ONE_CONNECTION: Row = Row {
    name: "threads",
    title: "null calls of 8 threads on one connection",
    figures: LATENCY,
    whole: WHOLE,
    quick: QUICK,
    serve,
    measure: measure_one_connection,
};

pub const CONNECTIONS: Row = Row {
    name: "connections",
    title: "null calls of 8 threads on 8 connections",
    figures: LATENCY,
    whole: WHOLE,
    quick: QUICK,
    serve,
    measure: measure_connections,
};

const WHOLE: Amount = Amount { rounds: 20, calls: 8_000 };
const QUICK: Amount = Amount { rounds: 2, calls: 800 };

const THREADS: usize = 8;

fn floors() -> [Floor; 2] {
    calculator::floors().map(|floor| floor.connections(THREADS))
}

fn serve(service: &mut Service) {
    service.floors(&floors());
    service.host(calculator::serve);
}

fn measure_one_connection(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let calculator = calculator::proxy(&client);
    let mut subjects = threaded_floors(run);
    subjects.push(Subject::calls("Callgate, one thread", || calculator::add(&calculator)));
    subjects.push(threaded("Callgate", vec![calculator.clone(); THREADS]));
    run.measure(subjects)
}

fn measure_connections(run: &mut Run) -> Verdict {
    let clients: Vec<Client> = (0..THREADS).map(|_| run.server.client()).collect();
    let mut subjects = threaded_floors(run);
    subjects.push(threaded("Callgate", clients.iter().map(calculator::proxy).collect()));
    run.measure(subjects)
}

/// Calls through these proxies, with a thread for each.
fn threaded(name: &str, mut proxies: Vec<Proxy>) -> Subject<'_> {
    Subject::new(name, move |calls| {
        Slice::at_once(&mut proxies, calls, |proxy| calculator::add(proxy))
    })
}

fn threaded_floors(run: &Run) -> Vec<Subject<'static>> {
    let subjects = floors().into_iter().map(|floor| {
        let mut askers: Vec<_> = (0..THREADS).map(|_| run.server.floor(&floor)).collect();
        let slice = move |calls| Slice::at_once(&mut askers, calls, |asker| asker.ask());
        Subject::new(floor.name(), slice)
    });
    subjects.collect()
}
