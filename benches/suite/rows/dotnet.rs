//! The null call from .NET to .NET, beside the base library's own socket with the same bytes.

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
    name: "dotnet",
    title: "null call, .NET to .NET",
    figures: LATENCY,
    whole: Amount { rounds: 20, calls: 4_000 },
    quick: Amount { rounds: 2, calls: 100 },
    serve,
    measure,
};

fn serve(service: &mut Service) {
    service.floors(&calculator::floors());
}

fn measure(run: &mut Run) -> Verdict {
    let program = program()?;
    let endpoint = format!("unix://{}", run.path("dotnet-host").display());
    let socket = run.path("dotnet-socket").display().to_string();
    let (question, answer) = calculator::frames();
    let [question, answer] = [question, answer].map(|size| size.to_string());
    let ping = |part: &'static str| [part, &socket, &question, &answer];

    let _host = start(run, &program, Side::Server, &["null-host", &endpoint]);
    let mut callgate = start(run, &program, Side::Client, &["null-client", &endpoint]);
    let _echo = start(run, &program, Side::Server, &ping("socket-host"));
    let mut bare = start(run, &program, Side::Client, &ping("socket-client"));

    let mut subjects = run.floors(&calculator::floors());
    subjects.push(Subject::new(".NET's socket", |calls| bare.slice(calls)));
    subjects.push(Subject::new("Callgate", |calls| callgate.slice(calls)));
    run.measure(subjects)
}

/// The command that runs the programs, and their assembly; an error if there is no SDK to build them with.
fn program() -> Result<Vec<String>, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/dotnet-bench");
    let found = Command::new(script).output();
    let output = found.map_err(|error| format!("ci/dotnet-bench cannot be run: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("ci/dotnet-bench cannot build the programs: {}", reason.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn start(run: &mut Run, program: &[String], side: Side, arguments: &[&str]) -> Process {
    let mut library = OsString::from("LD_LIBRARY_PATH=");
    library.push(libraries());
    let mut words = vec![library];
    words.extend(program.iter().map(OsString::from));
    words.extend(arguments.iter().map(OsString::from));
    run.start::<OsString>(side, OsStr::new("env"), &words)
}
