//! `callgate completions`.

use std::io;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::command_line::CommandLine;
use crate::failure::Failure;

/// Print the completions of a shell.
///
/// For bash, for example: callgate completions bash > ~/.local/share/bash-completion/completions/callgate
#[derive(clap::Args)]
pub struct Completions {
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut CommandLine::command(), "callgate", &mut text);
        io::Write::write_all(&mut io::stdout().lock(), &text)?;
        Ok(ExitCode::SUCCESS)
    }
}
