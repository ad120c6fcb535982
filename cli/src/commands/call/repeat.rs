//! `callgate call --repeat`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use callgate::{CallOptions, Error, Status};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::failure::Failure;
use crate::method_call::Prepared;
use crate::output;
use crate::statistics::Latencies;

const BAR: &str = "{bar:40} {pos}/{len} calls, {per_sec}, {eta} left";

/// Makes the call this number of times, and prints how long it took. The first failure decides the exit
/// code; only being cancelled ends the series.
pub fn run(
    prepared: &Prepared,
    options: &CallOptions,
    is_one_way: bool,
    times: u64,
    json: bool,
) -> Result<ExitCode, Failure> {
    // It draws on terminals alone.
    let style = ProgressStyle::with_template(BAR).expect("a valid template");
    let progress = ProgressBar::new(times).with_style(style);
    let mut latencies = Latencies::default();
    let mut failures: BTreeMap<&str, u64> = BTreeMap::new();
    let mut first: Option<Error> = None;
    for _ in 0..times {
        let begun = Instant::now();
        match once(prepared, options, is_one_way) {
            Ok(()) => latencies.add(begun.elapsed()),
            Err(error) => {
                let status = error.status();
                *failures.entry(status.name()).or_default() += 1;
                first.get_or_insert(error);
                if status == Status::Cancelled {
                    break;
                }
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    report(&latencies, &failures, json)?;
    match first {
        Some(error) => Err(error.into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn once(prepared: &Prepared, options: &CallOptions, is_one_way: bool) -> Result<(), Error> {
    let Prepared { proxy, method, arguments, .. } = prepared;
    match is_one_way {
        true => proxy.one_way_bytes(method, arguments, options),
        false => proxy.call_bytes(method, arguments, options).map(drop),
    }
}

fn report(
    latencies: &Latencies,
    failures: &BTreeMap<&str, u64>,
    json: bool,
) -> Result<(), Failure> {
    if json {
        let mut report = latencies.to_json();
        report["failures"] = json!(failures);
        return Ok(output::json(&report)?);
    }
    output::line(&format!("{}: {latencies}", output::counted(latencies.count(), "call")))?;
    if latencies.count() > 0 {
        output::line(&latencies.histogram())?;
    }
    for (status, count) in failures {
        output::line(&format!("{count} failed: {status}"))?;
    }
    Ok(())
}
