//! `callgate-gateway`: carries connections of Callgate over NATS.

use std::process::ExitCode;

use callgate_gateway::command_line::CommandLine;
use clap::Parser;

fn main() -> ExitCode {
    CommandLine::parse().run()
}
