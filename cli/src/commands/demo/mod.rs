//! `callgate demo`.

mod calculator;
mod visitors;

use std::process::ExitCode;

use callgate::{Contract, Endpoint, Host};

use crate::commands::listen::introduce_and_serve;
use crate::failure::Failure;
use crate::output::{self, Plain, BOLD, RESET};
use crate::shell;

use calculator::{CalculatorDelegate, Desk};

/// Run a host to try the other commands on.
///
/// It serves a calculator that calls back, until Ctrl-C.
#[derive(clap::Args)]
pub struct Demo {
    /// Where to listen.
    #[arg(default_value = "pipe://callgate-demo")]
    endpoint: Endpoint,
}

/// What to try, after the name of the program; ENDPOINT stands for the endpoint.
const TRY: [&str; 9] = [
    "list ENDPOINT",
    "describe ENDPOINT",
    "call ENDPOINT ICalculator.Add 1 2",
    "call ENDPOINT ICalculator.Divide 1 0",
    "call ENDPOINT ICalculator.Sum 100",
    "call ENDPOINT ICalculator.Log hello",
    "ping ENDPOINT",
    "watch ENDPOINT",
    "bench ENDPOINT ICalculator.Add 1 2",
];

impl Demo {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let contract = Contract::parse(include_str!("contract.json"))?;
        let builder = Host::builder()
            .endpoint(&self.endpoint.to_string())
            .serve_duplex(|_, progress| CalculatorDelegate::new(Desk { progress }))
            .describe(&contract);
        introduce_and_serve(builder, |host| host.endpoints().iter().try_for_each(introduce))
    }
}

/// Says what can be tried on a host that listens here.
fn introduce(endpoint: &Endpoint) -> Result<(), Failure> {
    let visitors = visitors::endpoint(endpoint)?;
    let word = shell::word(&visitors.endpoint.to_string());
    output::line(&format!("{BOLD}Try in another terminal:{RESET}"))?;
    for command in TRY {
        output::line(&format!("  callgate {}", Plain(&command.replace("ENDPOINT", &word))))?;
    }
    if let Some(missing) = &visitors.missing {
        output::line(&Plain(missing))?;
    }
    output::line(&"Ctrl-C ends it.")?;
    Ok(())
}
