//! What a log says about its events beside the sentence.

use std::sync::mpsc;
use std::time::Duration;

use callgate::{Client, Connection, Host, InboundCall, LogEvent, LogLevel, Status};

use crate::support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

type Events = mpsc::Receiver<LogEvent<'static>>;

fn log() -> (impl Fn(&LogEvent<'_>) + Send + Sync + 'static, Events) {
    let (sender, events) = mpsc::channel();
    let log = move |event: &LogEvent<'_>| {
        sender.send(event.clone().into_owned()).ok();
    };
    (log, events)
}

fn event_with(events: &Events, words: &str) -> LogEvent<'static> {
    events.iter().find(|event| event.message.contains(words)).expect("the log goes on")
}

#[test]
fn events_say_what_they_are_about() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("log"));
        let (host_log, at_host) = log();
        let (client_log, at_client) = log();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("INotes", |_: &Connection| |call: InboundCall| call.fail_no_method().unwrap())
            .log(host_log)
            .start()
            .unwrap();
        let client = Client::builder(&endpoint).log(client_log).connect().unwrap();
        let notes = client.proxy("INotes").unwrap();
        notes.one_way("Missing", &()).unwrap();

        let begun = event_with(&at_client, " began");
        assert_eq!((begun.level, begun.target), (LogLevel::Info, "callgate::client"));
        assert_eq!(begun.endpoint.as_deref(), Some(&*endpoint));
        assert_eq!(begun.peer_pid, Some(std::process::id()));
        assert_eq!((begun.status, begun.method, begun.count), (None, None, None));

        let failed = event_with(&at_host, "one-way call INotes.Missing failed");
        assert_eq!((failed.level, failed.target), (LogLevel::Warning, "callgate::connection"));
        assert_eq!(failed.interface.as_deref(), Some("INotes"));
        assert_eq!(failed.method.as_deref(), Some("Missing"));
        assert_eq!(failed.status, Some(Status::ContractMismatch));
        assert_eq!(failed.peer_pid, Some(std::process::id()));
        assert!(failed.peer_user.is_some(), "a local peer has a user");
        assert_eq!(failed.connection, begun.connection, "both sides have the same number");

        client.close().unwrap();
        let ended = event_with(&at_host, " ended: ");
        assert_eq!((ended.level, ended.connection), (LogLevel::Info, begun.connection));
        assert!(ended.status.is_some());
        host.close().unwrap();
        let failed = Client::builder(&endpoint);
        let (log, events) = log();
        let client = failed.log(log).connect().unwrap();
        let failed = event_with(&events, "could not connect");
        assert_eq!((failed.level, failed.target), (LogLevel::Debug, "callgate::client"));
        assert_eq!(failed.endpoint.as_deref(), Some(&*endpoint));
        client.close().unwrap();
    });
}

#[test]
fn an_event_counts_those_left_out() {
    watched(LIMIT, || {
        const CALLS: u64 = 100;
        let endpoint = format!("pipe://{}", unique("log"));
        let (log, events) = log();
        let _host = Host::builder()
            .endpoint(&endpoint)
            .delegate("INotes", |_: &Connection| |call: InboundCall| call.fail_no_method().unwrap())
            .log(log)
            .start()
            .unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let notes = client.proxy("INotes").unwrap();
        (0..CALLS).for_each(|_| notes.one_way("Missing", &()).unwrap());
        let failures = events.iter().filter(|event| event.message.contains("failed"));
        let mut counts = failures.map(|event| event.count.unwrap_or(1));
        let mut seen = 0;
        while seen < CALLS {
            seen += counts.next().unwrap();
        }
        assert_eq!(seen, CALLS);
    });
}

#[cfg(feature = "tracing")]
mod with_tracing {
    use std::collections::BTreeMap;
    use std::fmt::Debug;
    use std::sync::{Condvar, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    #[derive(Clone, Debug, Default)]
    struct Fields(BTreeMap<&'static str, String>);

    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.insert(field.name(), format!("{value:?}"));
        }
    }

    type Seen = (String, Fields);

    static SEEN: (Mutex<Vec<Seen>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());

    /// Keeps the events of Callgate. It has no spans.
    struct Keeper;

    impl Subscriber for Keeper {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.is_event() && metadata.target().starts_with("callgate::")
        }

        fn event(&self, event: &Event<'_>) {
            let mut fields = Fields::default();
            event.record(&mut fields);
            let metadata = event.metadata();
            let from = format!("{} {}", metadata.level(), metadata.target());
            SEEN.0.lock().unwrap().push((from, fields));
            SEEN.1.notify_all();
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    fn seen(holds: impl Fn(&Seen) -> bool) -> Seen {
        let mut events = SEEN.0.lock().unwrap();
        loop {
            if let Some(found) = events.iter().find(|event| holds(event)) {
                return found.clone();
            }
            events = SEEN.1.wait(events).unwrap();
        }
    }

    #[test]
    fn without_a_log_of_the_program_events_go_to_its_subscriber() {
        watched(LIMIT, || {
            tracing::subscriber::set_global_default(Keeper).unwrap();
            let endpoint = format!("pipe://{}", unique("log"));
            let interface = unique("INotes");
            let fail = |_: &Connection| |call: InboundCall| call.fail_no_method().unwrap();
            let host =
                Host::builder().endpoint(&endpoint).delegate(&interface, fail).start().unwrap();
            let client = Client::connect(&endpoint).unwrap();
            client.proxy(&interface).unwrap().one_way("Missing", &()).unwrap();

            let (from, fields) = seen(|(_, Fields(fields))| {
                fields.get("endpoint").is_some_and(|it| it.contains(&endpoint))
            });
            assert_eq!(from, "INFO callgate::client");
            assert!(fields.0["message"].starts_with("connection "), "{fields:?}");
            assert!(!fields.0.contains_key("method"), "it does not apply: {fields:?}");
            let connection = fields.0["connection"].clone();

            let (from, fields) = seen(|(_, Fields(fields))| {
                fields.get("interface").is_some_and(|it| it.contains(&interface))
            });
            assert_eq!(from, "WARN callgate::connection");
            assert_eq!(fields.0["connection"], connection);
            assert_eq!(fields.0["status"], "\"contract mismatch\"");
            assert_eq!(fields.0["peer_pid"], std::process::id().to_string());
            client.close().unwrap();
            host.close().unwrap();
        });
    }
}
