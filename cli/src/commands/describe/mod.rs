//! `callgate describe`.

mod text;
mod types;

use std::process::ExitCode;

use callgate::Contract;
use serde_json::Value;

use crate::failure::Failure;
use crate::output::{self, Plain, DIM, RESET};
use crate::target::{Host, Target};

pub use types::TypeText;

/// Describe what a host serves: its interfaces, methods and types.
///
/// The host must know descriptions of its interfaces. With --json, prints the OpenRPC document of the
/// interface, or an array with those of all interfaces. `callgate diff` and `callgate serve` read both from a
/// file.
#[derive(clap::Args)]
pub struct Describe {
    #[command(flatten)]
    target: Target,
    /// The interface to describe; all of them if it is left out.
    interface: Option<String>,
}

impl Describe {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let host = self.target.connect()?;
        match &self.interface {
            Some(interface) => {
                let contract = host.described(interface)?;
                match json {
                    true => output::readable_json(&document(&contract))?,
                    false => output::line(&text::Interface(&contract))?,
                }
            }
            None => describe_all(&host, json)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn describe_all(host: &Host, json: bool) -> Result<(), Failure> {
    let mut documents = Vec::new();
    for (number, interface) in host.interfaces()?.iter().enumerate() {
        let contract = host.describe(interface)?;
        if json {
            documents.extend(contract.as_ref().map(document));
            continue;
        }
        if number > 0 {
            output::line(&"")?;
        }
        match contract {
            Some(contract) => output::line(&text::Interface(&contract))?,
            None => {
                let name = Plain(interface);
                output::line(&format!("{DIM}# No description.{RESET}\ninterface {name}"))?;
            }
        }
    }
    if json {
        output::readable_json(&documents)?;
    }
    Ok(())
}

/// The OpenRPC document of a description.
pub fn document(contract: &Contract) -> Value {
    serde_json::from_str(contract.document()).expect("the library has read it")
}
