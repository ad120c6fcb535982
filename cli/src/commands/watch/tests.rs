//! Rates and the screen, without a terminal and without a host.

use std::time::{Duration, Instant};

use callgate::{Error, Status};
use ratatui::backend::TestBackend;
use ratatui::Terminal;

use super::{view, About, History, Sample};
use crate::counters::Counters;

/// The counters that a test needs, from JSON.
fn counters(calls: u64, latencies: serde_json::Value) -> Counters {
    let document = serde_json::json!({
        "connections": 2,
        "connections_established": 1234,
        "bytes_received": calls * 100,
        "bytes_queued": 4096,
        "served": { "calls": calls, "in_flight": 7, "latencies": latencies },
        "made": { "calls": calls / 10 },
        "a later key": true,
    });
    let mut counters: Counters = serde_json::from_value(document).unwrap();
    counters.served.errors = [(1, calls / 100), (-5, u64::MAX)].into();
    counters
}

fn sample(at: Instant, generation: u64, counters: Counters) -> Sample {
    let about = About {
        generation,
        endpoint: "pipe://second".into(),
        pid: Some(4711),
        program: Some("evil\u{1b}[2J\u{202e}".into()),
        version: "1\u{9b}".repeat(100),
        started: at,
    };
    Sample { at, about, counters }
}

/// A history of a host that has served 1,000 calls in half a second.
fn history(begun: Instant) -> History {
    let mut history = History::default();
    let before = counters(500, serde_json::json!([[4096, 50], [8192, 1]]));
    history.add(Ok(sample(begun, 1, before)));
    let now = counters(1500, serde_json::json!([[4096, 140], [8192, 10], [null, 1]]));
    history.add(Ok(sample(begun + Duration::from_millis(500), 1, now)));
    history
}

#[test]
fn rates_are_of_the_last_interval() {
    let figures = history(Instant::now()).figures().unwrap();
    assert_eq!((figures.served.calls, figures.made.calls), (2000.0, 200.0));
    assert_eq!(figures.bytes_received, 200_000.0);
    assert_eq!((figures.served.in_flight, figures.now.connections), (7, 2));
    let remote = &figures.served.errors_by_status[&1];
    assert_eq!((remote.per_second, remote.total), (20.0, 15));
    assert_eq!(figures.served.errors, 20.0);
    // 90 of 4.1 µs, 9 of 8.2 µs and 1 of more than a minute are new.
    let latencies = &figures.served.latencies;
    assert_eq!(latencies.count(), 100);
    assert_eq!(latencies.quantile(0.9), Some(Duration::from_nanos(4096)));
    assert_eq!(latencies.quantile(0.99), Some(Duration::from_nanos(8192)));
    assert_eq!(latencies.quantile(1.0), Some(Duration::MAX));
    assert_eq!(figures.made.latencies.quantile(0.5), None);
}

#[test]
fn latencies_are_of_the_last_ten_seconds() {
    let begun = Instant::now();
    let mut history = History::default();
    for second in 0..=20 {
        let now = counters(0, serde_json::json!([[4096, second]]));
        history.add(Ok(sample(begun + Duration::from_secs(second), 1, now)));
    }
    assert_eq!(history.figures().unwrap().served.latencies.count(), 10);
}

#[test]
fn another_host_begins_anew() {
    let begun = Instant::now();
    let mut history = history(begun);
    let later = begun + Duration::from_secs(1);
    history.add(Ok(sample(later, 2, counters(10, serde_json::json!([])))));
    assert!(history.figures().is_none());
    history.add(Err(Error::new(Status::ChannelFaulted, "gone")));
    assert!(history.figures().is_none() && history.about().is_none());
}

#[test]
fn counters_that_make_no_sense_do_no_harm() {
    let begun = Instant::now();
    let mut history = History::default();
    let mut now = counters(u64::MAX / 100, serde_json::json!([]));
    now.served.latencies = vec![(Some(u64::MAX), u64::MAX), (None, u64::MAX), (Some(0), 1)];
    now.served.errors = (0..1000).map(|status| (status, u64::MAX)).collect();
    history.add(Ok(sample(begun, 1, counters(500, serde_json::json!([[0, u64::MAX]])))));
    history.add(Ok(sample(begun, 1, now)));
    let figures = history.figures().unwrap();
    assert_eq!(figures.served.calls, 0.0);
    assert_eq!(figures.served.latencies.count(), u64::MAX);
    assert!(figures.served.errors_by_status.len() < 100);
    drawn(&history, 80, 24);
}

const ENDPOINTS: &str = "pipe://first, pipe://second";

/// The lines of a screen of this size.
fn drawn(history: &History, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, ENDPOINTS, history)).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| row(y).trim_end().to_owned()).collect()
}

#[test]
fn the_screen_has_all_figures() {
    let lines = drawn(&history(Instant::now()), 80, 24);
    assert_eq!(lines[0], "pipe://second");
    let host = r"evil\u{1b}[2J\u{202e} (process 4711), up 0s, callgate 1\u{9b}1\u{9b}";
    assert!(lines[1].starts_with(host), "{}", lines[1]);
    for line in [
        "                            served       callbacks",
        "calls/s                      2,000             200",
        "in flight                        7               0",
        "latency p50                4.10 µs               -",
        "latency p99                8.19 µs               -",
        "errors/s                        20               0",
        "  remote error             20 (15)               -",
        "connections       2 open, 1,234 established, 0 failed",
        "received          200 kB/s",
        "waits to be sent  4.10 kB",
        "served a second, of the last 1s; at most 2,000",
    ] {
        assert!(lines.iter().any(|it| it == line), "{line}\nis not in\n{}", lines.join("\n"));
    }
    assert!(lines[22].ends_with('█'), "{}", lines.join("\n"));
    assert_eq!(lines[23], "q quits");
}

#[test]
fn a_narrow_or_low_terminal_has_the_first_figures() {
    let history = history(Instant::now());
    let narrow = drawn(&history, 36, 24);
    assert!(narrow.contains(&"calls/s                      2,000".to_owned()), "{narrow:?}");
    assert!(!narrow.join("\n").contains("callbacks"), "{narrow:?}");
    let low = drawn(&history, 80, 6);
    assert!(low[4].starts_with("calls/s "), "{low:?}");
    for (width, height) in [(1, 1), (5, 40), (300, 2), (500, 200)] {
        drawn(&history, width, height);
    }
}

#[test]
fn a_missing_host_is_named() {
    let mut history = history(Instant::now());
    let cause = Error::new(Status::ChannelFaulted, "refused\u{1b}[31m");
    history.add(Err(Error::new(Status::ChannelFaulted, "no connection").with_cause(cause)));
    let lines = drawn(&history, 80, 24);
    assert_eq!(lines[..2], [ENDPOINTS, r"no host: refused\u{1b}[31m"]);
    assert!(!lines.join("\n").contains("calls/s"), "{lines:?}");
    assert_eq!(drawn(&History::default(), 80, 24)[1], "connecting");
}
