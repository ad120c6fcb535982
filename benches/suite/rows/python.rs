//! The null call from Python to Python, beside the standard library's own pipe with the same bytes.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use super::{calculator, Row, LATENCY};
use crate::compile::libraries;
use crate::measure::{Amount, Subject};
use crate::placement::Side;
use crate::processes::Process;
use crate::run::{Run, Verdict};
use crate::server::Service;

pub const ROW: Row = Row {
    name: "python",
    title: "null call, Python to Python",
    figures: LATENCY,
    whole: Amount { rounds: 20, calls: 2_000 },
    quick: Amount { rounds: 2, calls: 100 },
    serve,
    measure,
};

/// The size of the standard library's header of each message.
const PIPE_HEAD: usize = 4;

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
}

fn measure(run: &mut Run) -> Verdict {
    let python = interpreter()?;
    let endpoint = format!("unix://{}", run.path("python-host").display());
    let pipe = run.path("python-pipe").display().to_string();
    let (question, answer) = calculator::frames();
    let [question, answer] = [question, answer].map(|size| (size - PIPE_HEAD).to_string());

    let _host = start(run, &python, Side::Server, "null_host.py", &[&endpoint]);
    let mut callgate = start(run, &python, Side::Client, "null_client.py", &[&endpoint]);
    let _echo = start(run, &python, Side::Server, "pipe_host.py", &[&pipe, &answer]);
    let mut bare =
        start(run, &python, Side::Client, "pipe_client.py", &[&pipe, &question, &answer]);

    let mut subjects = run.floors(&calculator::floors());
    subjects.push(Subject::new("multiprocessing's pipe", |calls| bare.slice(calls)));
    subjects.push(Subject::new("Callgate", |calls| callgate.slice(calls)));
    run.measure(subjects)
}

/// The Python that the tests use; an error if there is none.
pub(super) fn interpreter() -> Result<String, String> {
    let found = Command::new(root().join("ci/python")).output();
    let output = found.map_err(|error| format!("ci/python cannot be run: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("ci/python found no Python: {}", reason.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Starts a script of `benches/suite/python`.
pub(super) fn start(
    run: &mut Run,
    python: &str,
    side: Side,
    script: &str,
    arguments: &[&str],
) -> Process {
    let assigned = |name: &str, value: &Path| {
        let mut assignment = OsString::from(format!("{name}="));
        assignment.push(value);
        assignment
    };
    let mut words = vec![
        assigned("PYTHONPATH", &root().join("bindings/python")),
        assigned("CALLGATE_LIBRARY", &libraries().join("libcallgate.so")),
        python.into(),
        root().join("benches/suite/python").join(script).into(),
    ];
    words.extend(arguments.iter().map(OsString::from));
    run.start::<OsString>(side, OsStr::new("env"), &words)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
