//! Logs: no peer fills them, and a peer that misbehaves is named in them.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use callgate::{Client, Host, HostBuilder, InboundCall, Limits, LogEvent, LogLevel};

use crate::support::raw::{self, call_frame, call_frame_in, one_way_frame, RawClient, RawHost};
#[cfg(unix)]
use crate::support::user::{as_stranger, is_root, STRANGER};
use crate::support::watched;

const LIMIT: Duration = Duration::from_secs(60);

/// How many lines about failures of one kind a host or client logs in a second.
const LINES: usize = 10;

/// The end of the line that counts the connections whose lines were left out.
const CAME_AND_WENT: &str = "more beginnings and ends of connections were not logged";

type Line = (LogLevel, String);

/// The lines of a log. Clones are the same.
#[derive(Clone, Default)]
struct Lines(Arc<(Mutex<Vec<Line>>, Condvar)>);

impl Lines {
    fn logger(&self) -> impl Fn(&LogEvent<'_>) + Send + Sync + 'static {
        let lines = self.clone();
        move |event| {
            lines.0 .0.lock().unwrap().push((event.level, event.message.to_string()));
            lines.0 .1.notify_all();
        }
    }

    /// Waits until the lines fulfil a condition, and returns them.
    fn until(&self, holds: impl Fn(&[Line]) -> bool) -> Vec<Line> {
        let mut lines = self.0 .0.lock().unwrap();
        while !holds(&lines) {
            lines = self.0 .1.wait(lines).unwrap();
        }
        lines.clone()
    }

    /// Waits for a line with these words.
    fn with(&self, words: &str) -> Line {
        let found = |lines: &[Line]| lines.iter().find(|(_, line)| line.contains(words)).cloned();
        found(&self.until(|lines| found(lines).is_some())).unwrap()
    }

    /// Waits until `count` events are accounted for: each by a line with `words`, or in a line that says how
    /// many were left out. Requires that the lines of any second are few.
    fn account_for(&self, words: &str, left_out: &str, count: usize, began: Instant) {
        let is_shown = |line: &str| line.contains(words) && !line.ends_with(left_out);
        let shown = |lines: &[Line]| lines.iter().filter(|(_, line)| is_shown(line)).count();
        let counted = |lines: &[Line]| -> usize {
            let lines = lines.iter().filter_map(|(_, line)| line.strip_suffix(left_out));
            lines.map(|number| number.trim().parse::<usize>().unwrap()).sum()
        };
        let lines = self.until(|lines| shown(lines) + counted(lines) >= count);
        assert_eq!(shown(&lines) + counted(&lines), count);
        let most = LINES * (began.elapsed().as_secs() as usize + 2);
        assert!(shown(&lines) <= most, "{} lines, at most {most} expected", shown(&lines));
    }
}

fn host(endpoint: &str, lines: &Lines) -> HostBuilder {
    Host::builder().endpoint(endpoint).log(lines.logger()).delegate("IFail", |_| {
        |call: InboundCall| match call.method() {
            "Panic" => panic!("a delegate that panics, on purpose"),
            _ => call.fail_no_method().unwrap(),
        }
    })
}

#[test]
fn failing_one_way_calls_do_not_fill_the_log() {
    watched(LIMIT, || {
        const CALLS: usize = 5_000;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let _host = host(&endpoint, &lines).start().unwrap();
        let began = Instant::now();
        let mut client = RawClient::connect(&endpoint);
        let frame = one_way_frame("IFail", "Missing", b"\x90");
        // Fewer than there is credit for.
        for id in 1..=CALLS as u64 / 1_000 {
            client.stream.write_all(&frame.repeat(1_000)).unwrap();
            // In their lane, so that its reply comes once they have run.
            let last = call_frame_in(1, id, "IFail", "Missing", b"\x90");
            client.stream.write_all(&last).unwrap();
            while client.next().expect("the connection goes on")[1] != 7 {}
        }
        let left_out = "more failed one-way calls were not logged";
        lines.account_for("one-way call IFail.Missing failed", left_out, CALLS, began);
    });
}

#[test]
fn panics_that_a_peer_causes_do_not_fill_the_log() {
    watched(LIMIT, || {
        const CALLS: usize = 100;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let _host = host(&endpoint, &lines).start().unwrap();
        let began = Instant::now();
        let mut client = RawClient::connect(&endpoint);
        for id in 1..=CALLS as u64 {
            client.stream.write_all(&call_frame(id, "IFail", "Panic", b"\x90")).unwrap();
            client.next().expect("an error");
        }
        lines.account_for(
            "a delegate of IFail panicked",
            "more panics were not logged",
            CALLS,
            began,
        );
    });
}

#[test]
fn strangers_that_are_refused_do_not_fill_the_log() {
    watched(LIMIT, || {
        const STRANGERS: usize = 200;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let host = host(&endpoint, &lines).start().unwrap();
        let began = Instant::now();
        for _ in 0..STRANGERS {
            let mut stream = raw::dial(&endpoint);
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
            // Until the host has refused it: otherwise it might drop another handshake for it.
            let _ = stream.read_to_end(&mut Vec::new());
        }
        let left_out = "more refused connections were not logged";
        lines.account_for("was not established", left_out, STRANGERS, began);
        host.close().unwrap();
    });
}

#[test]
fn connections_that_come_and_go_do_not_fill_the_log() {
    watched(LIMIT, || {
        const CONNECTIONS: usize = 200;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let host = host(&endpoint, &lines).start().unwrap();
        let began = Instant::now();
        for _ in 0..CONNECTIONS {
            drop(RawClient::connect(&endpoint));
        }
        lines.account_for(" ended: ", CAME_AND_WENT, CONNECTIONS, began);
        host.close().unwrap();
    });
}

#[test]
fn a_host_that_drops_its_connections_does_not_fill_the_clients_log() {
    watched(LIMIT, || {
        const CONNECTIONS: usize = 50;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let host = RawHost::listen(&endpoint);
        let pause = Duration::from_millis(1);
        let mut limits = Limits::default();
        limits.reconnect_backoff = Some((pause, pause));
        let builder = Client::builder(&endpoint).log(lines.logger()).limits(limits);
        let client = builder.connect().unwrap();
        let began = Instant::now();
        for _ in 0..CONNECTIONS {
            // Until the end of the stream: afterwards the client is connected.
            let mut peer = host.accept();
            peer.stream.shutdown(Shutdown::Write).unwrap();
            while peer.next().is_some() {}
        }
        // Each connection begins with a line, and ends with one.
        lines.account_for("connect", CAME_AND_WENT, 2 * CONNECTIONS, began);
        client.close().unwrap();
    });
}

#[test]
fn handlers_that_panic_do_not_fill_the_log() {
    watched(LIMIT, || {
        const CONNECTIONS: usize = 100;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let host =
            host(&endpoint, &lines).client_connected(|_| panic!("on purpose")).start().unwrap();
        let began = Instant::now();
        for _ in 0..CONNECTIONS {
            drop(RawClient::connect(&endpoint));
        }
        lines.account_for("handler panicked", "more panics were not logged", CONNECTIONS, began);
        host.close().unwrap();
    });
}

#[test]
fn what_was_not_logged_is_counted_before_the_host_is_closed() {
    watched(LIMIT, || {
        const CALLS: u64 = 50;
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let host = host(&endpoint, &lines).start().unwrap();
        let began = Instant::now();
        let mut client = RawClient::connect(&endpoint);
        for _ in 0..CALLS {
            client.stream.write_all(&one_way_frame("IFail", "Missing", b"\x90")).unwrap();
        }
        client.stream.write_all(&call_frame(1, "IFail", "Missing", b"\x90")).unwrap();
        client.next().expect("an error");
        host.close().unwrap();
        drop(host);
        let left_out = "more failed one-way calls were not logged";
        lines.account_for("one-way call IFail.Missing failed", left_out, CALLS as usize, began);
    });
}

#[test]
fn a_violation_after_the_handshake_is_a_warning_on_either_side() {
    watched(LIMIT, || {
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let _host = host(&endpoint, &lines).start().unwrap();
        let mut client = RawClient::connect(&endpoint);
        client.stream.write_all(b"\x01\0\0\0\xc1").unwrap();
        assert_eq!(lines.with("protocol error").0, LogLevel::Warning);

        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let host = RawHost::listen(&endpoint);
        let client = Client::builder(&endpoint).log(lines.logger()).connect().unwrap();
        let mut peer = host.accept();
        client.wait_connected(None).unwrap();
        peer.stream.write_all(b"\x01\0\0\0\xc1").unwrap();
        assert_eq!(lines.with("protocol error").0, LogLevel::Warning);
        client.close().unwrap();
    });
}

#[test]
fn a_host_that_violates_the_handshake_is_a_warning() {
    watched(LIMIT, || {
        let (endpoint, lines) = (raw::endpoint("logs"), Lines::default());
        let listener = RawHost::listen(&endpoint);
        let client = Client::builder(&endpoint).log(lines.logger()).connect().unwrap();
        let mut stream = listener.accept_stream();
        stream.write_all(b"\x01\0\0\0\xc1").unwrap();
        assert_eq!(lines.with("protocol error").0, LogLevel::Warning);
        drop(listener);
        client.close().unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_user_who_may_not_connect_is_logged() {
    use std::os::unix::fs::PermissionsExt;
    if !is_root() {
        return;
    }
    watched(LIMIT, || {
        let (endpoint, lines) = (raw::local_endpoint("logs"), Lines::default());
        let _host = host(&endpoint, &lines).start().unwrap();
        // As if a careless administrator had done it.
        let everyone = PermissionsExt::from_mode(0o666);
        std::fs::set_permissions(endpoint.replace("unix://", ""), everyone).unwrap();
        as_stranger(|| drop(raw::dial(&endpoint)));
        let (level, line) = lines.with("refused");
        assert_eq!(level, LogLevel::Warning);
        assert!(line.contains(&format!("user {STRANGER}")), "{line}");
    });
}
