//! `callgate proxy`.

use std::path::PathBuf;
use std::process::ExitCode;

use callgate::testing::{Faults, FaultyRelay};
use callgate::{Endpoint, Trace};

use crate::failure::Failure;
use crate::interrupts;
use crate::output::{self, Plain};

/// Forward connections to a host, and record what passes.
///
/// Clients connect to LISTEN in place of the host's ENDPOINT; neither program is touched. The host sees the
/// proxy's process and user as its peer. If there is no host, connections end at once, and clients try again.
/// Runs until Ctrl-C.
///
/// Where clients use tls://, LISTEN and ENDPOINT are tcp://, with the host's port: the proxy passes on what is encrypted.
/// It cannot record that; CALLGATE_TRACE=FILE lets the host or the client record.
#[derive(clap::Args)]
pub struct Proxy {
    /// Where to listen, e.g. pipe://tapped.
    listen: Endpoint,
    /// Where the host listens.
    endpoint: Endpoint,
    /// Record in this new file, or in a new one in this folder: `callgate help trace` says more.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Record arguments, results and the data of errors, too.
    #[arg(long, requires = "trace")]
    payloads: bool,
    /// Stop recording when the file has this number of bytes.
    #[arg(long, value_name = "BYTES", requires = "trace")]
    limit: Option<u64>,
}

impl Proxy {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let signals = interrupts::Interrupts::watch()?;
        let (listen, host) = (self.listen.to_string(), self.endpoint.to_string());
        let relay = FaultyRelay::start(&listen, &host, Faults::default())?;
        if let Some(file) = &self.trace {
            let mut trace = Trace::to_file(file).payloads(self.payloads);
            if let Some(limit) = self.limit {
                trace = trace.limit(limit);
            }
            relay.record(&trace, |_, message| output::note(&Plain(message)))?;
        }
        output::note(&format!("listening on {}", relay.endpoint()));
        signals.wait();
        Ok(ExitCode::SUCCESS)
    }
}
