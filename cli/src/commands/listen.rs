//! `callgate listen`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use callgate::{Endpoint, Host, HostBuilder};

use crate::answers::Answers;
use crate::failure::Failure;
use crate::interrupts;
use crate::output;
use crate::stub::{Otherwise, Stub, Stubs};

/// Listen as a host of every interface, and print the calls that come.
///
/// Each call gets nil, or what --answers says. Runs until Ctrl-C.
#[derive(clap::Args)]
pub struct Listen {
    /// Where to listen, e.g. pipe://calculator.
    #[arg(required = true, value_name = "ENDPOINT")]
    endpoints: Vec<Endpoint>,
    /// A JSON file with the replies: {"INTERFACE.METHOD": RESULT, ...}. A RESULT
    /// {"$error": {"type": "...", "message": "..."}} fails.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

impl Listen {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let shared = Arc::new(Stubs {
            answers: Answers::read(self.answers.as_deref())?,
            otherwise: Otherwise::Nil,
            json,
            label: "",
            print: print_call,
        });
        let mut builder = Host::builder().delegate_factory(move |_, _| {
            Ok(Some(Arc::new(Stub { shared: shared.clone(), contract: None })))
        });
        for endpoint in &self.endpoints {
            builder = builder.endpoint(&endpoint.to_string());
        }
        serve_until_interrupted(builder)
    }
}

/// Prints a line to standard output. If that is closed, the host serves on.
pub fn print_call(line: &str) {
    output::line(&line).ok();
}

/// Starts a host, says where it listens, and closes it at Ctrl-C.
pub fn serve_until_interrupted(builder: HostBuilder) -> Result<ExitCode, Failure> {
    introduce_and_serve(builder, |_| Ok(()))
}

/// The same. `introduce` prints what comes before the line that says where the host listens.
pub fn introduce_and_serve(
    builder: HostBuilder,
    introduce: impl FnOnce(&Host) -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    let signals = interrupts::Interrupts::watch()?;
    let host = builder.start()?;
    introduce(&host)?;
    for endpoint in host.endpoints() {
        output::note(&format!("listening on {endpoint}"));
    }
    signals.wait();
    host.close()?;
    Ok(ExitCode::SUCCESS)
}
