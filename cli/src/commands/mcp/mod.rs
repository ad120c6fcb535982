//! `callgate mcp`.

mod dispatch;
mod messages;
mod requests;
mod result;
mod schemas;
mod text;
mod tool;
mod toolbox;
mod versions;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use callgate::ClientBuilder;

use crate::answers::Answers;
use crate::duration;
use crate::failure::Failure;
use crate::stub::{Otherwise, Stub, Stubs};
use crate::target::{Host, Target};

use dispatch::{Callbacks, Offer};

/// Offer methods of a host as tools to a model.
///
/// Speaks the Model Context Protocol on standard input and output, for programs that start it. The model may call
/// every method of the interfaces that --interface names, and nothing else. The host must describe them.
#[derive(clap::Args)]
pub struct Mcp {
    #[command(flatten)]
    target: Target,
    /// An interface to offer, with all of its methods. May be given several times; without it, the command lists what
    /// there is, and fails.
    #[arg(long = "interface", short, value_name = "NAME")]
    interfaces: Vec<String>,
    /// How long each call may take.
    #[arg(long, short, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    timeout: Duration,
    /// A JSON file with the replies to callbacks, as for `callgate call`. Without it, those that ask something fail.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

impl Mcp {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let callbacks = Callbacks::default();
        let host = self.target.connect_with(self.with_callbacks(callbacks.clone())?)?;
        if self.interfaces.is_empty() {
            return Err(Failure::Usage(unchosen(&host)?));
        }
        let mut interfaces: Vec<String> = Vec::new();
        for name in &self.interfaces {
            if !interfaces.contains(name) {
                interfaces.push(name.clone());
            }
        }
        let offer = Offer::new(host, interfaces, callbacks, self.timeout)?;
        offer.serve(io::stdin().lock())?;
        Ok(ExitCode::SUCCESS)
    }

    /// A client that takes the callbacks which need no reply, and refuses those that ask something, unless the user has
    /// written a reply: there is nobody to ask.
    fn with_callbacks(&self, callbacks: Callbacks) -> Result<ClientBuilder, Failure> {
        let shared = Arc::new(Stubs {
            answers: Answers::read(self.answers.as_deref())?,
            otherwise: Otherwise::NilOrError,
            json: false,
            label: "",
            print: |_| {},
        });
        let builder = self.target.builder()?;
        Ok(builder.delegate_factory(move |interface, _| {
            let Some(contract) = callbacks.find(interface) else { return Ok(None) };
            Ok(Some(Arc::new(Stub { shared: shared.clone(), contract: Some(contract) })))
        }))
    }
}

/// What to choose from.
fn unchosen(host: &Host) -> Result<String, Failure> {
    let mut described = host.interfaces()?;
    described.retain(|interface| matches!(host.describe(interface), Ok(Some(_))));
    Ok(match described.is_empty() {
        true => "the host describes none of its interfaces, so it has no tools".into(),
        false => format!(
            "choose what a model may call by --interface NAME; the host describes {}",
            described.join(", ")
        ),
    })
}
