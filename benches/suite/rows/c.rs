//! The null call from C to C, through the C ABI and the shared library, beside Rust to Rust.

use std::path::{Path, PathBuf};

use super::{calculator, Row, LATENCY};
use crate::compile::compile;
use crate::measure::{Amount, Subject};
use crate::placement::Side;
use crate::processes::Process;
use crate::run::{Run, Verdict};
use crate::server::Service;

pub const ROW: Row = Row {
    name: "c",
    title: "null call, C to C",
    figures: LATENCY,
    whole: Amount { rounds: 30, calls: 5_000 },
    quick: Amount { rounds: 2, calls: 500 },
    serve,
    measure,
};

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
    service.host(calculator::serve);
}

fn measure(run: &mut Run) -> Verdict {
    let (host, client) = (compiled("null_host", run)?, compiled("null_client", run)?);
    let endpoint = format!("unix://{}", run.path("c-host").display());
    let _host = start(run, Side::Server, &host, &endpoint);
    let mut c = start(run, Side::Client, &client, &endpoint);
    let client = run.server.client();
    let calculator = calculator::proxy(&client);
    let mut subjects = run.floors(&calculator::floors());
    subjects.push(Subject::calls("Callgate, Rust to Rust", || calculator::add(&calculator)));
    subjects.push(Subject::new("Callgate, C to C", |calls| c.slice(calls)));
    run.measure(subjects)
}

fn compiled(name: &str, run: &Run) -> Result<PathBuf, String> {
    let program = run.path(name);
    compile(name, &program)?;
    Ok(program)
}

fn start(run: &mut Run, side: Side, program: &Path, endpoint: &str) -> Process {
    // Cargo's own search path might find an older build of the library.
    let words = ["-u".as_ref(), "LD_LIBRARY_PATH".as_ref(), program.as_os_str(), endpoint.as_ref()];
    run.start(side, "env", &words)
}
