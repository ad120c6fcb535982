//! `callgate ping`.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use callgate::CallOptions;
use serde_json::json;

use crate::duration;
use crate::failure::Failure;
use crate::output;
use crate::statistics::Latencies;
use crate::target::Target;

/// Measure round trips to a host.
///
/// Each is a call that the host replies to by itself, without any of its program's code.
#[derive(clap::Args)]
pub struct Ping {
    #[command(flatten)]
    target: Target,
    /// How many round trips to make.
    #[arg(long, short, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// The pause between two round trips.
    #[arg(long, short, value_name = "TIME", default_value = "200ms", value_parser = duration::parse)]
    interval: Duration,
    /// How long to wait for each reply.
    #[arg(long, short, value_name = "TIME", default_value = "5s", value_parser = duration::parse)]
    timeout: Duration,
    /// Print the statistics alone.
    #[arg(long, short)]
    quiet: bool,
}

impl Ping {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let host = self.target.connect()?;
        let options = CallOptions::timeout(self.timeout);
        let mut latencies = Latencies::default();
        for number in 1..=self.count {
            if number > 1 {
                thread::sleep(self.interval);
            }
            let begun = Instant::now();
            host.ping(&options)?;
            let took = begun.elapsed();
            latencies.add(took);
            if !json && !self.quiet {
                let (endpoint, took) = (host.client.endpoint(), duration::short(took));
                output::line(&format!("reply {number} from {endpoint}: {took}"))?;
            }
        }
        match json {
            true => output::json(&json!({ "round_trips": latencies.to_json() }))?,
            false => {
                let round_trips = output::counted(latencies.count(), "round trip");
                output::line(&format!("{round_trips}: {latencies}"))?
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
