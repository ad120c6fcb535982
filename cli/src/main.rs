//! `callgate`: asks a running host what it serves, and calls it, from a shell.
//!
//! One file for each command is in `commands/`. They use the public API of the library alone.

mod answers;
mod command_line;
mod commands;
mod counters;
mod descriptions;
mod duration;
mod failure;
mod gateway;
mod interrupts;
mod method_call;
mod output;
mod process;
mod recording;
mod shell;
mod statistics;
mod stub;
mod target;
#[cfg(all(test, unix))]
#[path = "../tests/cli/terminal.rs"]
mod terminal;
mod values;

use std::process::ExitCode;

use clap::Parser;

use command_line::CommandLine;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match command_line.run() {
        Ok(code) => code,
        Err(failure) => {
            failure.report(command_line.json);
            failure.exit_code()
        }
    }
}
