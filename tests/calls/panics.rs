//! Handlers that panic: the panic is logged, and stops nothing else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

use crate::support::gate::eventually;
use crate::support::{calculator, calculator_host, unique, watched};
use callgate::{CallOptions, Client, Connection, Delegate, Error, Host, InboundCall, LogEvent};

const LIMIT: Duration = Duration::from_secs(60);

/// The lines of a log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn log(&self) -> impl Fn(&LogEvent<'_>) + Send + Sync + 'static {
        let lines = self.0.clone();
        move |event| lines.lock().unwrap().push(format!("{:?}: {}", event.level, event.message))
    }

    /// Waits for an error line that contains these words.
    fn expect(&self, words: &[&str]) {
        let is_it = |line: &String| {
            line.starts_with("Error") && words.iter().all(|&word| line.contains(word))
        };
        eventually(&format!("the log has an error with {words:?}: {:?}", self.0), || {
            self.0.lock().unwrap().iter().any(is_it)
        });
    }
}

/// Counts its calls.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn wait_for_one(&self, what: &str) {
        eventually(what, || self.0.load(Ordering::SeqCst) == 1);
    }
}

#[test]
fn connected_and_disconnected_handlers_of_a_host() {
    watched(LIMIT, || {
        let (lines, connected, disconnected) =
            (Lines::default(), Calls::default(), Calls::default());
        let (first, second) = (connected.clone(), disconnected.clone());
        let host = calculator_host(&format!("pipe://{}", unique("panics")))
            .client_connected(|_| panic!("in connected {}", 1))
            .client_connected(move |_| first.count())
            .client_disconnected(|_, _| panic!("in disconnected {}", 1))
            .client_disconnected(move |_, _| second.count())
            .log(lines.log())
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3);
        connected.wait_for_one("the second handler runs");
        client.close().unwrap();
        disconnected.wait_for_one("the second handler runs");
        lines.expect(&["client-connected handler", "in connected 1"]);
        lines.expect(&["client-disconnected handler", "in disconnected 1"]);
        host.close().unwrap();
    });
}

#[test]
fn connected_and_disconnected_handlers_of_a_client() {
    watched(LIMIT, || {
        let (lines, connected, disconnected) =
            (Lines::default(), Calls::default(), Calls::default());
        let (first, second) = (connected.clone(), disconnected.clone());
        let host = calculator_host(&format!("pipe://{}", unique("panics"))).start().unwrap();
        let client = Client::builder(&host.endpoints()[0].to_string())
            .connected(|_| panic!("in connected {}", 1))
            .connected(move |_| first.count())
            .disconnected(|_, _| panic!("in disconnected {}", 1))
            .disconnected(move |_, _| second.count())
            .log(lines.log())
            .connect()
            .unwrap();
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3);
        connected.wait_for_one("the second handler runs");
        client.close().unwrap();
        disconnected.wait_for_one("the second handler runs");
        lines.expect(&["connected handler", "in connected 1"]);
        lines.expect(&["disconnected handler", "in disconnected 1"]);
    });
}

#[test]
fn a_log_that_panics_is_left_out_of_what_happens() {
    watched(LIMIT, || {
        let lines = Calls::default();
        let log = || {
            let lines = lines.clone();
            move |_: &LogEvent<'_>| {
                lines.count();
                panic!("in the log");
            }
        };
        let host = calculator_host(&format!("pipe://{}", unique("panics")))
            .client_connected(|_| panic!("in connected"))
            .log(log())
            .start()
            .unwrap();
        let endpoint = host.endpoints()[0].to_string();
        for _ in 0..3 {
            let client = Client::builder(&endpoint).log(log()).connect().unwrap();
            let proxy = client.proxy("ICalculator").unwrap();
            assert_eq!(proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            client.close().unwrap();
        }
        host.close().unwrap();
        assert!(lines.0.load(Ordering::SeqCst) > 0, "it was called");
    });
}

#[test]
fn completions() {
    watched(LIMIT, || {
        let lines = Lines::default();
        let host = calculator_host(&format!("pipe://{}", unique("panics"))).start().unwrap();
        let client =
            Client::builder(&host.endpoints()[0].to_string()).log(lines.log()).connect().unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        let (tell, told) = mpsc::channel();
        for n in 0..50 {
            let tell = tell.clone();
            let done = move |_: Result<_, Error>| {
                tell.send(n).unwrap();
                panic!("in completion {n}");
            };
            proxy.start_bytes("Add", vec![0x92, 1, 2], &CallOptions::default(), done).unwrap();
        }
        let mut completed: Vec<_> = (0..50).map(|_| told.recv().unwrap()).collect();
        completed.sort_unstable();
        assert_eq!(completed, (0..50).collect::<Vec<_>>());
        // The log has a few lines of each kind a second.
        lines.expect(&["completion", "in completion"]);
        client.close().unwrap();
    });
}

/// Panics when it is dropped.
struct Bomb;

impl Delegate for Bomb {
    fn invoke(&self, call: InboundCall) {
        calculator(call);
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

#[test]
fn delegates_that_panic_when_they_are_dropped() {
    watched(LIMIT, || {
        let (lines, disconnected) = (Lines::default(), Calls::default());
        let counted = disconnected.clone();
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("panics")))
            .delegate("ICalculator", |_: &Connection| Bomb)
            .client_disconnected(move |_, _| counted.count())
            .log(lines.log())
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3);
        client.close().unwrap();
        disconnected.wait_for_one("the handler runs");
        lines.expect(&["delegate", "in drop"]);
        host.close().unwrap();
    });
}
