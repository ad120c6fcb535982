//! `callgate serve`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use callgate::{Contract, Endpoint, Host};

use crate::answers::Answers;
use crate::commands::listen::{print_call, serve_until_interrupted};
use crate::descriptions;
use crate::failure::Failure;
use crate::stub::{Otherwise, Stub, Stubs};

/// Serve described interfaces without a program, for tests of clients.
///
/// Prints each call. The reply is what --answers says, or the simplest value that fits: zero, empty, or the
/// first of several. Arguments that do not fit the description are refused. Runs until Ctrl-C.
#[derive(clap::Args)]
pub struct Serve {
    /// The descriptions: the output of `callgate describe --json`, of one interface or of all.
    file: String,
    /// Where to listen, e.g. pipe://calculator.
    #[arg(required = true, value_name = "ENDPOINT")]
    endpoints: Vec<Endpoint>,
    /// A JSON file with the replies: {"INTERFACE.METHOD": RESULT, ...}. A RESULT
    /// {"$error": {"type": "...", "message": "..."}} fails.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

impl Serve {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let contracts = descriptions::read(&self.file)?;
        let shared = Arc::new(Stubs {
            answers: Answers::read(self.answers.as_deref())?,
            otherwise: Otherwise::Sample,
            json,
            label: "",
            print: print_call,
        });
        let mut builder = Host::builder();
        for contract in &contracts {
            builder = builder.describe(contract);
        }
        for endpoint in &self.endpoints {
            builder = builder.endpoint(&endpoint.to_string());
        }
        let named =
            contracts.into_iter().map(|contract| (contract.interface().to_owned(), contract));
        let named: HashMap<String, Contract> = named.collect();
        serve_until_interrupted(builder.delegate_factory(move |interface, _| {
            let Some(contract) = named.get(interface) else { return Ok(None) };
            let contract = Some(contract.clone());
            Ok(Some(Arc::new(Stub { shared: shared.clone(), contract })))
        }))
    }
}
