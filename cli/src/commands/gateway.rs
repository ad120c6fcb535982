//! `callgate gateway`.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::failure::Failure;
use crate::gateway;

/// Carry connections between machines, over NATS.
///
/// Runs the program callgate-gateway with these arguments: `callgate gateway help` lists them.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Gateway {
    /// What callgate-gateway is given.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Gateway {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let mut command = gateway::command();
        become_program(command.args(&self.arguments)).map_err(gateway::cannot_start)
    }
}

/// Signals then reach the program, as if a shell had started it.
#[cfg(unix)]
fn become_program(command: &mut Command) -> std::io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code().unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
