//! `watch`, against hosts under load.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use callgate::Client;
use serde_json::Value;

use crate::support::{builder, callgate, host, lines, signal, tool, unique, LIMIT};
use crate::terminal::Terminal;

/// Calls a host until it is dropped.
struct Load {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    fn start(endpoint: &str) -> Load {
        let client = Client::connect(endpoint).unwrap();
        client.wait_connected(Some(LIMIT)).unwrap();
        let proxy = client.proxy("ITypes").unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let ended = ended.clone();
            move || {
                while !ended.load(Ordering::Relaxed) {
                    proxy.call::<i64>("EchoByte", &(1,)).ok();
                    proxy.call::<()>("Fail", &()).ok();
                }
            }
        });
        Load { ended, thread: Some(thread) }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.take().expect("dropped once").join().unwrap();
    }
}

#[test]
fn one_sample_has_rates_latencies_and_errors() {
    let (_host, endpoint) = host("watch");
    let _load = Load::start(&endpoint);
    let json = callgate(&["watch", &endpoint, "--once", "--json", "--interval=300ms"]).succeeded();
    let json: Value = serde_json::from_str(&json).unwrap();
    let served = &json["served"];
    assert!(served["calls_per_second"].as_f64().unwrap() > 0.0, "{json}");
    assert!(served["errors"]["remote error"]["per_second"].as_f64().unwrap() > 0.0, "{json}");
    assert!(served["latencies"]["p50_us"].as_f64().unwrap() > 0.0, "{json}");
    assert_eq!((&json["connections"], &json["endpoint"]), (&2.into(), &(&*endpoint).into()));
    assert_eq!(json["pid"], std::process::id());
    assert!(json["interval_ms"].as_u64().unwrap() >= 300, "{json}");
    let line = callgate(&["watch", &endpoint, "--once"]).succeeded();
    assert!(line.starts_with(&format!("{endpoint}: 2 connections, ")), "{line}");
    assert_eq!(line.lines().count(), 1);
}

#[test]
fn what_cannot_be_watched_says_so() {
    let endpoint = format!("pipe://{}", unique("unwatched"));
    callgate(&["watch", &endpoint, "--once", "--connect-timeout=20ms"]).failed(13);
    let error = callgate(&["watch", &endpoint, "--interval=1ms"]).failed(2);
    assert!(error.contains("the shortest is 50.0 ms"), "{error}");
    let _host = builder(&endpoint).described(false).start().unwrap();
    let error = callgate(&["watch", &endpoint, "--once"]).failed(12);
    assert!(error.contains("it is older than this tool, or its program has switched"), "{error}");
}

#[test]
fn lines_follow_a_host_that_goes_and_comes_back() {
    let endpoint = format!("pipe://{}", unique("lines"));
    let mut child = tool(&["watch", &endpoint, "--interval=50ms"]).spawn().unwrap();
    let printed = lines(child.stdout.take().unwrap());
    let wait_for = |text: &str| loop {
        let line = printed.recv_timeout(LIMIT).expect("it prints a line");
        if line.contains(text) {
            break;
        }
    };
    for _ in 0..2 {
        wait_for(": no host: ");
        let host = builder(&endpoint).start().unwrap();
        wait_for(": 1 connection, ");
        host.close().unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn watch(endpoint: &str) -> Terminal {
    let tool = Path::new(env!("CARGO_BIN_EXE_callgate"));
    Terminal::start(tool, &["watch", endpoint, "--interval=100ms"], 80, 24)
}

#[test]
fn the_screen_follows_a_host_under_load() {
    let endpoint = format!("pipe://{}", unique("screen"));
    let mut terminal = watch(&endpoint);
    terminal.wait_for(|screen| screen.contains("no host: no host listens"));
    for _ in 0..2 {
        let host = builder(&endpoint).start().unwrap();
        let load = Load::start(&endpoint);
        terminal.wait_for(|screen| {
            let calls = screen.lines().find_map(|line| line.strip_prefix("calls/s"));
            let calls = calls.and_then(|line| line.split_whitespace().next());
            calls.is_some_and(|calls| calls != "0")
                && screen.contains("2 open, ")
                && screen.contains("  remote error")
                && screen.contains("served a second, of the last")
        });
        host.close().unwrap();
        drop(load);
        terminal.wait_for(|screen| screen.contains("no host: "));
    }
    terminal.write("q");
    let (text, is_restored) = terminal.end(&[0]);
    assert!(is_restored);
    assert_eq!(text.trim(), "");
}

#[test]
fn each_way_to_quit_leaves_the_terminal_as_it_was() {
    let endpoint = format!("pipe://{}", unique("quit"));
    for keys in ["\u{1b}", "\u{3}", "Q"] {
        let mut terminal = watch(&endpoint);
        terminal.wait_for(|screen| screen.contains("q quits"));
        terminal.write(keys);
        assert!(terminal.end(&[0]).1, "{keys:?}");
    }
    for name in ["INT", "TERM", "HUP"] {
        let terminal = watch(&endpoint);
        terminal.wait_for(|screen| screen.contains("q quits"));
        signal(name, terminal.child.id());
        assert!(terminal.end(&[0]).1, "{name}");
    }
}
