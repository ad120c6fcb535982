//! The null call over TLS, beside bare rustls over the same kind of socket, and beside TCP without TLS.

use super::{calculator, Row, LATENCY};
use crate::floor::SecuredFloor;
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;

pub const ROW: Row = Row {
    name: "tls",
    title: "null call add(int32, int32) over TLS",
    figures: LATENCY,
    whole: Amount { rounds: 30, calls: 3_000 },
    quick: Amount { rounds: 3, calls: 300 },
    serve,
    measure,
};

fn serve(service: &mut Service) {
    service.secured_floors(&SecuredFloor::both(calculator::frames()));
    service.network_host(calculator::serve);
}

fn measure(run: &mut Run) -> Verdict {
    let (plain, secured) = run.server.network_clients();
    let (plain, secured) = (calculator::proxy(&plain), calculator::proxy(&secured));
    let mut subjects: Vec<Subject> = Vec::new();
    for floor in SecuredFloor::both(calculator::frames()) {
        subjects.push(Subject::calls(floor.name, floor.connect(&run.server.folder)));
    }
    subjects.push(Subject::calls("Callgate, TCP", || calculator::add(&plain)));
    subjects.push(Subject::calls("Callgate", || calculator::add(&secured)));
    run.measure(subjects)
}
