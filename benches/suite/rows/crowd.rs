//! A host with a thousand idle connections: how much memory they take, and whether calls on a further one
//! are slower than on a host without them. The clients of the crowd are in a third process.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use callgate::{Client, Connection, HostBuilder, InboundCall};

use super::{calculator, Row, LATENCY};
use crate::measure::{Amount, Outcome, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;

pub const ROW: Row = Row {
    name: "crowd",
    title: "null calls beside 1,000 idle connections (100 if quick)",
    figures: LATENCY,
    whole: Amount { rounds: 20, calls: 5_000 },
    quick: Amount { rounds: 2, calls: 300 },
    serve,
    measure,
};

const CROWD: usize = 1_000;
const QUICK_CROWD: usize = 100;

/// The pause after the crowd has connected: longer than anything is kept active because of calls.
const REST: Duration = Duration::from_millis(200);

/// Makes a process become the clients of another process's host.
const CROWD_MAKER: &str = "ICrowdMaker";
const GATHER: &str = "Gather";

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
    service.host(|builder| serve_gathering(calculator::serve(builder)));
}

fn serve_gathering(builder: HostBuilder) -> HostBuilder {
    builder.delegate(CROWD_MAKER, |_: &Connection| {
        let crowd = Mutex::new(Vec::new());
        move |call: InboundCall| {
            let (endpoint, size) = call.args::<(String, usize)>().expect("an endpoint and a size");
            let clients = (0..size).map(|_| connected(&endpoint));
            crowd.lock().expect("nobody panics").extend(clients);
            call.reply(&size).ok();
        }
    })
}

/// A client that has made a call, so that its connection has everything that connections have.
fn connected(endpoint: &str) -> Client {
    let client = Client::connect(endpoint).expect("the endpoint is one");
    calculator::add(&calculator::proxy(&client));
    client
}

fn measure(run: &mut Run) -> Verdict {
    let (crowded, makers) = (run.start_server("crowded"), run.start_server("makers"));
    let clients = [run.server.client(), crowded.client(), makers.client()];
    let [alone, beside] = [&clients[0], &clients[1]].map(calculator::proxy);
    calculator::add(&beside);
    let before = crowded.process.resident_kib();
    let size = if run.is_quick { QUICK_CROWD } else { CROWD };
    let maker = clients[2].proxy(CROWD_MAKER).expect("the name is one");
    let gathered = maker.call::<usize>(GATHER, &(crowded.endpoint(), size));
    assert_eq!(gathered.expect("the crowd connects"), size);
    thread::sleep(REST);
    let after = crowded.process.resident_kib();

    let mut subjects = run.floors(&calculator::floors());
    subjects.push(Subject::calls("Callgate, alone", || calculator::add(&alone)));
    subjects.push(Subject::calls("Callgate, beside them", || calculator::add(&beside)));
    let outcome = Outcome::of(run.lines(subjects));
    let each = (after as f64 - before as f64) / size as f64;
    Ok(outcome.note("KiB that are resident on the host for each idle connection", each))
}
