//! `callgate list`.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::{self, Plain};
use crate::target::Target;

/// List the interfaces that a host declares.
#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    target: Target,
}

impl List {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let interfaces = self.target.connect()?.interfaces()?;
        if json {
            output::json(&interfaces)?;
        } else {
            for interface in &interfaces {
                output::line(&Plain(interface))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
