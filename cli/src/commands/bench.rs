//! `callgate bench`.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use callgate::CallOptions;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::duration;
use crate::failure::Failure;
use crate::method_call::Call;
use crate::output;
use crate::statistics::Latencies;
use crate::target::{Host, Target};

/// Measure how many calls a second a host serves, and how long they take.
///
/// Calls what the host replies to by itself, or INTERFACE.METHOD with ARGS.
#[derive(clap::Args)]
pub struct Bench {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    call: OptionalCall,
    /// How long to measure.
    #[arg(long, short, value_name = "TIME", default_value = "3s", value_parser = duration::parse)]
    time: Duration,
    /// How many threads call at once, on one connection.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
}

/// A [`Call`] that may be left out.
#[derive(clap::Args)]
struct OptionalCall {
    /// What to call: INTERFACE.METHOD.
    #[arg(value_name = "INTERFACE.METHOD")]
    method: Option<String>,
    /// The arguments, as for `callgate call`.
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    arguments: Vec<String>,
}

impl Bench {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let host = self.target.connect()?;
        let call = self.prepare(&host)?;
        // The first call on a connection asks for a delegate.
        call()?;
        let style = ProgressStyle::with_template("{spinner} measuring").expect("a valid template");
        let progress = ProgressBar::new_spinner().with_style(style);
        progress.enable_steady_tick(Duration::from_millis(100));
        let begun = Instant::now();
        let (call, end) = (&call, begun + self.time);
        let outcomes: Vec<Result<Latencies, callgate::Error>> = thread::scope(|scope| {
            let threads = (0..self.threads).map(|_| scope.spawn(move || measure(call, end)));
            let threads: Vec<_> = threads.collect();
            threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
        });
        let took = begun.elapsed();
        progress.finish_and_clear();
        let mut latencies = Latencies::default();
        for outcome in outcomes {
            latencies.merge(&outcome?);
        }
        self.report(&latencies, took, json)
    }

    /// The call to measure.
    fn prepare(
        &self,
        host: &Host,
    ) -> Result<Box<dyn Fn() -> callgate::Result<()> + Send + Sync>, Failure> {
        let Some(method) = &self.call.method else {
            let host = host.clone();
            return Ok(Box::new(move || host.ping(&CallOptions::default())));
        };
        let call = Call {
            method: method.clone(),
            arguments: self.call.arguments.clone(),
            signature: None,
        };
        let contract = host.contract(call.names()?.0)?;
        let prepared = call.prepare(host, contract.as_ref())?;
        let mut options = CallOptions::default();
        options.signature = prepared.signature.clone();
        Ok(Box::new(move || {
            prepared.proxy.call_bytes(&prepared.method, &prepared.arguments, &options).map(drop)
        }))
    }

    fn report(
        &self,
        latencies: &Latencies,
        took: Duration,
        json: bool,
    ) -> Result<ExitCode, Failure> {
        let rate = latencies.count() as f64 / took.as_secs_f64();
        if json {
            let mut report = latencies.to_json();
            report["threads"] = json!(self.threads);
            report["calls_per_second"] = json!(rate.round());
            output::json(&report)?;
        } else {
            let calls = output::counted(latencies.count(), "call");
            let threads = output::counted(self.threads.into(), "thread");
            output::line(&format!("{rate:.0} calls/s: {calls} by {threads}"))?;
            output::line(&latencies)?;
            output::line(&latencies.histogram())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn measure(
    call: &(impl Fn() -> callgate::Result<()> + ?Sized),
    end: Instant,
) -> callgate::Result<Latencies> {
    let mut latencies = Latencies::default();
    let mut begun = Instant::now();
    while begun < end {
        call()?;
        let done = Instant::now();
        latencies.add(done - begun);
        begun = done;
    }
    Ok(latencies)
}
