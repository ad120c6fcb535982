//! `callgate demo`.

mod calculator;

use std::process::ExitCode;

use callgate::{Contract, Endpoint, Host};

use crate::commands::listen::serve_until_interrupted;
use crate::failure::Failure;
use crate::output::{self, BOLD, RESET};

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
        output::line(&format!("{BOLD}Try in another terminal:{RESET}"))?;
        for command in TRY {
            let command = command.replace("ENDPOINT", &self.endpoint.to_string());
            output::line(&format!("  callgate {command}"))?;
        }
        output::line(&"Ctrl-C ends it.")?;
        serve_until_interrupted(builder)
    }
}
