//! `callgate call`.

mod repeat;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use callgate::{CallOptions, CancelToken, ClientBuilder, Contract};

use crate::answers::Answers;
use crate::duration;
use crate::failure::Failure;
use crate::interrupts;
use crate::method_call::{Call, Prepared};
use crate::output;
use crate::stub::{Otherwise, Stub, Stubs};
use crate::target::{Host, Target};
use crate::values::WireValue;

/// Call a method, and print its result as JSON.
///
/// If the host describes the interface, the arguments are checked before anything is sent. Callbacks of the
/// host are printed to standard error, and get nil, or what --answers says.
///
/// Bytes are base64 in JSON, and moments are text such as 2026-01-31T12:00:00Z. Write -- before arguments that
/// look like options.
#[derive(clap::Args)]
pub struct CallMethod {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    call: Call,
    /// How long the call may take.
    #[arg(long, short, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    timeout: Duration,
    /// Do not wait for a reply.
    #[arg(long)]
    one_way: bool,
    /// Call this number of times, one after the other, and print the latencies in place of the results.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    repeat: Option<u64>,
    /// A JSON file with the replies to callbacks: {"INTERFACE.METHOD": RESULT, ...}. A RESULT
    /// {"$error": {"type": "...", "message": "..."}} fails.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

impl CallMethod {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let (interface, _) = self.call.names()?;
        // The callbacks are served from the start; their description comes from the host.
        let callback = Arc::new(OnceLock::new());
        let host = self.target.connect_with(self.with_callbacks(callback.clone(), json)?)?;
        let contract = host.contract(interface)?;
        if let Some(described) = contract.as_ref().and_then(Contract::callback) {
            callback.get_or_init(|| described.clone());
        }
        let prepared = self.call.prepare(&host, contract.as_ref())?;
        let cancel = CancelToken::new();
        let token = cancel.clone();
        interrupts::on_first(move || token.cancel())?;
        let mut options = CallOptions::timeout(self.timeout);
        options.cancel = Some(cancel);
        options.signature = prepared.signature.clone();
        match self.repeat {
            Some(times) => {
                repeat::run(&prepared, &options, self.is_one_way(&prepared), times, json)
            }
            None => self.once(&host, &prepared, &options),
        }
    }

    fn is_one_way(&self, prepared: &Prepared) -> bool {
        self.one_way || prepared.is_one_way
    }

    fn once(
        &self,
        host: &Host,
        prepared: &Prepared,
        options: &CallOptions,
    ) -> Result<ExitCode, Failure> {
        let Prepared { proxy, method, arguments, .. } = prepared;
        if self.is_one_way(prepared) {
            proxy.one_way_bytes(method, arguments, options)?;
            host.client.flush(self.timeout)?;
            host.client.close()?;
        } else {
            let reply = proxy.call_bytes(method, arguments, options)?;
            output::json(&WireValue::new(&reply))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// A client that serves every callback interface.
    fn with_callbacks(
        &self,
        described: Arc<OnceLock<Contract>>,
        json: bool,
    ) -> Result<ClientBuilder, Failure> {
        let shared = Arc::new(Stubs {
            answers: Answers::read(self.answers.as_deref())?,
            otherwise: Otherwise::NilOrError,
            json,
            label: "callback ",
            print: |line| output::note(&line),
        });
        let builder = self.target.builder()?;
        Ok(builder.delegate_factory(move |interface, _| {
            let contract = described.get().filter(|it| it.interface() == interface).cloned();
            Ok(Some(Arc::new(Stub { shared: shared.clone(), contract })))
        }))
    }
}
