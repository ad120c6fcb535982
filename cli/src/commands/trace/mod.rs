//! `callgate trace`: reads and plays what a program has recorded.

mod json;
mod replay;
mod serve;
mod show;
mod stats;
mod text;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// Show and replay traces: recordings of what passed on connections.
///
/// A program records if its builder says so, or if the variable CALLGATE_TRACE names a file or folder;
/// CALLGATE_TRACE_PAYLOADS=1 records arguments and results too. `callgate proxy` records for programs that do
/// not. A trace is a capture file (pcapng).
#[derive(clap::Args)]
pub struct Trace {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Show(show::Show),
    Stats(stats::Stats),
    Replay(replay::Replay),
    Serve(serve::Serve),
}

impl Trace {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        match &self.command {
            Command::Show(command) => command.run(json),
            Command::Stats(command) => command.run(json),
            Command::Replay(command) => command.run(json),
            Command::Serve(command) => command.run(),
        }
    }
}
