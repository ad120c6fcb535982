//! `callgate exit-codes`, which is also the page `callgate help exit-codes`.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output;

const TABLE: &str = "\
List the exit codes

   0  the command did what was asked
   1  the system failed, or `diff` or `trace replay` found differences
   2  the command line makes no sense, or a file that it names
  11  remote error: the delegate failed
  12  contract mismatch: no such interface or method, or values that do not fit
  13  channel faulted: not connected, or the connection was lost
  14  timed out
  15  cancelled
  16  closed: the host was closed meanwhile
  18  limit exceeded
  19  access denied
  21  unsupported
  22  invalid argument
  24  address in use
  25  internal

From 11 on a code is 10 plus the number of the status, as C, Python and .NET have it. Whether a call that failed
has run is printed beside it.";

#[derive(clap::Args)]
#[command(about = "List the exit codes", long_about = TABLE)]
pub struct ExitCodes {}

impl ExitCodes {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        output::line(&TABLE)?;
        Ok(ExitCode::SUCCESS)
    }
}
