//! `callgate diff`.

mod side;

use std::process::ExitCode;
use std::time::Duration;

use callgate::Difference;
use serde_json::json;

use crate::duration;
use crate::failure::Failure;
use crate::output::{self, counted, Plain, BOLD, RED, RESET};

use side::Side;

/// The exit code if there are differences.
const DIFFERENT: u8 = 1;

/// Compare two descriptions: can callers built from CALLER use HOST?
///
/// Each of them is an endpoint, or a file with the output of `callgate describe --json`: of one interface or of
/// all. Exit code 0 says that every interface of CALLER fits, 1 that there are differences. Methods, interfaces
/// and optional parameters that only HOST has are no difference, and neither are types of the taking side that
/// hold all values of the giving side's. If HOST is an endpoint, names that it has aliases for are compared with the
/// interfaces that they stand for.
#[derive(clap::Args)]
pub struct Diff {
    /// What the callers know: a file or an endpoint.
    caller: String,
    /// What the host serves: a file or an endpoint.
    host: String,
    /// How long to wait for a connection.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration::parse)]
    connect_timeout: Duration,
}

impl Diff {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let caller = Side::read(&self.caller, self.connect_timeout)?;
        let host = Side::read(&self.host, self.connect_timeout)?;
        let differences = caller.differences(&host)?;
        if json {
            let all = differences.iter().map(
                |Difference { place, caller, host }| json!({ "place": place, "caller": caller, "host": host }),
            );
            output::json(&all.collect::<Vec<_>>())?;
        } else {
            self.print(&differences, caller.contracts.len())?;
        }
        Ok(ExitCode::from(if differences.is_empty() { 0 } else { DIFFERENT }))
    }

    fn print(&self, differences: &[Difference], compared: usize) -> Result<(), Failure> {
        let width = self.caller.len().max(self.host.len()) + 1;
        let side = |name: &str| format!("{:width$}", format!("{}:", Plain(name)));
        for Difference { place, caller, host } in differences {
            output::line(&format!(
                "{RED}{BOLD}error:{RESET} {BOLD}{}{RESET}\n  {} {}\n  {} {}",
                Plain(place),
                side(&self.caller),
                Plain(caller),
                side(&self.host),
                Plain(host),
            ))?;
        }
        let (caller, host) = (Plain(&self.caller), Plain(&self.host));
        match differences.len() {
            0 => output::line(&format!(
                "no differences in {}",
                counted(compared as u64, "interface")
            ))?,
            count => {
                let counted = counted(count as u64, "difference");
                output::line(&format!("{counted}: callers built from {caller} do not fit {host}"))?;
            }
        }
        Ok(())
    }
}
