//! The null call from C to C, through the C ABI and the shared library, beside Rust to Rust.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{calculator, Row, LATENCY};
use crate::measure::{Amount, Subject};
use crate::placement::Side;
use crate::processes::{libraries, Process};
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

/// Compiles a program of benches/suite/c; an error if there is no compiler.
fn compiled(name: &str, run: &Run) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = run.path(name);
    let mut search = OsString::from("-Wl,-rpath,");
    search.push(libraries());
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    compiler.arg("-I").arg(root.join("include"));
    compiler.arg(root.join("benches/suite/c").join(name).with_extension("c"));
    compiler.arg("-o").arg(&program).arg("-L").arg(libraries()).arg("-lcallgate").arg(search);
    match compiler.status() {
        Err(error) => Err(format!("there is no C compiler 'cc': {error}")),
        Ok(status) => {
            assert!(status.success(), "{compiler:?}: {status}");
            Ok(program)
        }
    }
}

fn start(run: &mut Run, side: Side, program: &Path, endpoint: &str) -> Process {
    // Cargo's own search path might find an older build of the library.
    let words = ["-u".as_ref(), "LD_LIBRARY_PATH".as_ref(), program.as_os_str(), endpoint.as_ref()];
    run.start(side, "env", &words)
}
