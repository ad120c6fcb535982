//! Counters as OpenMetrics text, which Prometheus and others read.

use std::fmt::{self, Write};

use crate::counters::{CallCounters, Counters, Latencies};

/// Buckets whose bound is this many nanoseconds times a power of two are written, which is one in four.
const COARSE: u128 = 1024;

impl Counters {
    /// The counters as OpenMetrics text, in the format `application/openmetrics-text; version=1.0.0`.
    pub fn open_metrics(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) -> fmt::Result {
        gauge(to, "connections", "Open connections", self.connections)?;
        let help = "Connections that have been established";
        counter(to, "connections_established", help, self.connections_established)?;
        let help = "Connections that were refused or failed before they were established";
        counter(to, "connections_failed", help, self.connections_failed)?;
        counter(to, "received_bytes", "Bytes received", self.bytes_received)?;
        counter(to, "sent_bytes", "Bytes sent", self.bytes_sent)?;
        gauge(to, "queued_bytes", "Bytes that wait to be sent", self.bytes_queued)?;
        let directions = [("made", &self.made), ("served", &self.served)];
        let of_all = |to: &mut String, write: WriteDirection| {
            directions.iter().try_for_each(|(direction, calls)| write(to, direction, calls))
        };
        family(to, "calls", "counter", "Calls, by direction and by whether they have a reply")?;
        of_all(to, write_calls)?;
        family(to, "calls_in_flight", "gauge", "Calls without a reply now")?;
        of_all(to, |to, direction, calls| {
            let count = calls.in_flight;
            writeln!(to, "callgate_calls_in_flight{{direction=\"{direction}\"}} {count}")
        })?;
        family(to, "call_errors", "counter", "Calls that failed, by status")?;
        of_all(to, write_errors)?;
        family(to, "call_seconds", "histogram", "How long calls with a reply took")?;
        of_all(to, |to, direction, calls| write_latencies(to, direction, &calls.latencies))?;
        to.write_str("# EOF\n")
    }
}

type WriteDirection = fn(&mut String, &str, &CallCounters) -> fmt::Result;

/// The lines before a family's values. A name that ends with a unit has one.
fn family(to: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(to, "# TYPE callgate_{name} {kind}")?;
    for unit in ["bytes", "seconds"] {
        if name.ends_with(unit) {
            writeln!(to, "# UNIT callgate_{name} {unit}")?;
        }
    }
    writeln!(to, "# HELP callgate_{name} {help}.")
}

fn gauge(to: &mut String, name: &str, help: &str, value: u64) -> fmt::Result {
    family(to, name, "gauge", help)?;
    writeln!(to, "callgate_{name} {value}")
}

fn counter(to: &mut String, name: &str, help: &str, value: u64) -> fmt::Result {
    family(to, name, "counter", help)?;
    writeln!(to, "callgate_{name}_total {value}")
}

fn write_calls(to: &mut String, direction: &str, calls: &CallCounters) -> fmt::Result {
    for (kind, count) in [("with_reply", calls.calls), ("one_way", calls.one_way)] {
        let labels = format_args!("direction=\"{direction}\",kind=\"{kind}\"");
        writeln!(to, "callgate_calls_total{{{labels}}} {count}")?;
    }
    Ok(())
}

fn write_errors(to: &mut String, direction: &str, calls: &CallCounters) -> fmt::Result {
    for (status, count) in &calls.errors {
        let status = status.name();
        let labels = format_args!("direction=\"{direction}\",status=\"{status}\"");
        writeln!(to, "callgate_call_errors_total{{{labels}}} {count}")?;
    }
    Ok(())
}

fn write_latencies(to: &mut String, direction: &str, latencies: &Latencies) -> fmt::Result {
    let mut sum = 0;
    for (bound, count) in latencies.buckets() {
        sum += count;
        let bound = match bound.map(|bound| bound.as_nanos()) {
            None => "+Inf".to_owned(),
            Some(bound) if bound % COARSE == 0 && (bound / COARSE).is_power_of_two() => {
                format!("{}", bound as f64 / 1e9)
            }
            Some(_) => continue,
        };
        let labels = format_args!("direction=\"{direction}\",le=\"{bound}\"");
        writeln!(to, "callgate_call_seconds_bucket{{{labels}}} {sum}")?;
    }
    Ok(())
}
