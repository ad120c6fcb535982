//! What a host does as a line of text, and as JSON.

use std::time::Duration;

use callgate::{Error, Status};
use serde_json::{json, Map, Value};

use crate::commands::watch::figures::status_name;
use crate::commands::watch::numbers::{bytes, latency, number};
use crate::commands::watch::{CallFigures, Figures, History};
use crate::failure;
use crate::output::{counted, Plain};

/// One line.
pub fn line(endpoint: &str, figures: &Figures) -> String {
    let served = &figures.served;
    let mut line = format!(
        "{endpoint}: {}, {} calls/s, {} one-way/s, {} in flight, p50 {}, p99 {}, {} errors/s, {}/s in, {}/s \
         out, {} queued",
        counted(figures.now.connections, "connection"),
        number(served.calls),
        number(served.one_way),
        served.in_flight,
        latency(served.latencies.quantile(0.5)),
        latency(served.latencies.quantile(0.99)),
        number(served.errors),
        bytes(figures.bytes_received),
        bytes(figures.bytes_sent),
        bytes(figures.now.bytes_queued as f64),
    );
    let made = &figures.made;
    if figures.now.made.calls > 0 || figures.now.made.one_way > 0 {
        line += &format!(", {} callbacks/s", number(made.calls + made.one_way));
    }
    line
}

/// All figures.
pub fn json(endpoint: &str, history: &History, figures: &Figures) -> Value {
    let about = history.about();
    json!({
        "endpoint": endpoint,
        "pid": about.and_then(|about| about.pid),
        "program": about.and_then(|about| about.program.as_ref()),
        "version": about.map(|about| &about.version),
        "uptime_ms": about.map(|about| about.started.elapsed().as_millis() as u64),
        "interval_ms": history.interval().as_millis() as u64,
        "connections": figures.now.connections,
        "connections_established": figures.now.connections_established,
        "connections_failed": figures.now.connections_failed,
        "bytes_received_per_second": rounded(figures.bytes_received),
        "bytes_sent_per_second": rounded(figures.bytes_sent),
        "bytes_queued": figures.now.bytes_queued,
        "served": calls(&figures.served),
        "made": calls(&figures.made),
    })
}

fn calls(calls: &CallFigures) -> Value {
    let errors: Map<String, Value> = calls
        .errors_by_status
        .iter()
        .map(|(code, errors)| {
            let figures =
                json!({ "per_second": rounded(errors.per_second), "total": errors.total });
            (status_name(*code), figures)
        })
        .collect();
    let us = |part| calls.latencies.quantile(part).filter(|it| *it != Duration::MAX).map(us);
    json!({
        "calls_per_second": rounded(calls.calls),
        "one_way_per_second": rounded(calls.one_way),
        "in_flight": calls.in_flight,
        "errors_per_second": rounded(calls.errors),
        "errors": errors,
        "latencies": {
            "count": calls.latencies.count(),
            "p50_us": us(0.5),
            "p90_us": us(0.9),
            "p99_us": us(0.99),
        },
    })
}

fn us(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

/// With one digit after the point.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Why there are no figures, on one line.
pub fn failure(error: &Error) -> String {
    let what = match error.status() {
        Status::ChannelFaulted => "no host",
        Status::TimedOut => "no reply",
        _ => "no figures",
    };
    let why = error.cause().unwrap_or(error).message();
    format!("{what}: {}", Plain(why))
}

pub fn failure_json(endpoints: &str, error: &Error) -> Value {
    json!({ "endpoint": endpoints, "error": failure::outcome_json(error) })
}
