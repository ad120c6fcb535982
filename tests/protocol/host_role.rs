//! The Python peer as a host of a Callgate client.

use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate::{CallOptions, CancelToken, Client, Execution, Limits, Proxy, Status, Timeout};

use crate::script::{Script, SocketPath};
use crate::support::binary;
use crate::support::watched;

const LIMIT: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);

type Log = Mutex<mpsc::Receiver<String>>;

/// Runs a scenario over a Unix socket and over TCP.
fn with_clients(scenario: &'static str, test: impl Fn(&Client, &Proxy, &Log) + Send + 'static) {
    with_clients_and_script(scenario, move |client, proxy, log, _| test(client, proxy, log));
}

/// The same for a test that also talks to the peer.
fn with_clients_and_script(
    scenario: &'static str,
    test: impl Fn(&Client, &Proxy, &Log, &mut Script) + Send + 'static,
) {
    watched(LIMIT, move || {
        let socket = SocketPath::new();
        for address in [socket.as_str(), "0"] {
            let mut script = Script::start("host");
            let endpoint = match script.listen(scenario, address) {
                path if path.starts_with('/') => format!("unix://{path}"),
                port => format!("tcp://127.0.0.1:{port}"),
            };
            let (says, log) = mpsc::channel();
            let mut limits = Limits::default();
            limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(10)));
            let client = Client::builder(&endpoint)
                .limits(limits)
                .log(move |event| drop(says.send(event.message.to_string())))
                .connect()
                .unwrap();
            let proxy = client.proxy("IPeer").unwrap();
            test(&client, &proxy, &Mutex::new(log), &mut script);
            client.close().unwrap();
            script.expect("done");
        }
    });
}

fn logged(log: &Log, words: &str) {
    let log = log.lock().unwrap();
    assert!(log.iter().any(|line| line.contains(words)), "{words} was not logged");
}

fn stop(proxy: &Proxy) {
    proxy.call::<()>("Stop", &()).unwrap();
}

#[test]
fn calls_leave_with_all_that_they_carry() {
    with_clients("calls", |client, proxy, _| {
        let mut options = CallOptions::default();
        options.timeout = Timeout::Never;
        assert_eq!(proxy.call_with::<i64>("Add", &(1, 2), &options).unwrap(), 3);
        assert_eq!(client.connection().unwrap().id(), u64::MAX);

        options.timeout = Timeout::After(MINUTE);
        options.signature = Some("a(€)".into());
        options.metadata = vec![("traceparent".into(), "00-ab".into()), ("b".into(), "".into())];
        let echo = ((1, "x", ()),);
        let echoed: Vec<(i64, String, ())> = proxy.call_with("Echo", &echo, &options).unwrap();
        assert_eq!(echoed, [(1, "x".to_owned(), ())]);

        for number in 0..10 {
            proxy.one_way("Note", &(number,)).unwrap();
        }
        // The host states no frame limit, so the default applies.
        let error = proxy.call::<()>("Large", &("x".repeat(1 << 20),)).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::LimitExceeded, Execution::NotRun));
        stop(proxy);
    });
}

#[test]
fn every_answer_is_understood() {
    with_clients("outcomes", |_, proxy, _| {
        proxy.call::<()>("Nil", &()).unwrap();
        proxy.call::<()>("FlaggedInVain", &()).unwrap();
        let wide: (i64, String, std::collections::HashMap<String, i64>) =
            proxy.call("Wide", &()).unwrap();
        assert_eq!((wide.0, wide.1.as_str(), wide.2["a"]), (1, "x", -1));
        let widest =
            [&[0xdd, 0, 0, 0, 2, 0xd3, 0, 0, 0, 0, 0, 0, 0, 1, 0xdf][..], &[0; 4]].concat();
        for (method, data) in [("Remote", b"\x92\x01\x80".to_vec()), ("RemoteWide", widest)] {
            let error = proxy.call::<()>(method, &()).unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::RemoteError, Execution::Ran));
            let remote = error.remote().unwrap();
            assert_eq!((remote.type_name.as_str(), remote.trace.as_str()), ("T", "at"));
            assert_eq!((error.message(), &remote.data), ("broken", &data));
        }
        for (method, status, execution) in [
            ("Strange", Status::Internal, Execution::Unknown),
            ("BadData", Status::RemoteError, Execution::Ran),
            ("Busy", Status::LimitExceeded, Execution::NotRun),
            ("Flagged", Status::Unsupported, Execution::Ran),
            ("BadResult", Status::ContractMismatch, Execution::Ran),
            ("CutResult", Status::ContractMismatch, Execution::Ran),
            ("LongResult", Status::ContractMismatch, Execution::Ran),
            ("DeepResult", Status::ContractMismatch, Execution::Ran),
        ] {
            let error = proxy.call::<i64>(method, &()).unwrap_err();
            assert_eq!((error.status(), error.execution()), (status, execution), "{method}");
        }
        stop(proxy);
    });
}

#[test]
fn late_and_repeated_answers_are_ignored() {
    with_clients("late", |client, proxy, _| {
        client.wait_connected(None).unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(20));
        let error = proxy.call_with::<i64>("Slow", &(), &soon).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::Unknown));
        assert_eq!(proxy.call::<i64>("Next", &()).unwrap(), 2);
        stop(proxy);
    });
}

#[test]
fn answers_find_their_callers_in_any_order() {
    with_clients("out_of_order", |_, proxy, _| {
        let echo = |number| {
            let proxy = proxy.clone();
            thread::spawn(move || proxy.call::<u64>("Echo", &(number,)).unwrap())
        };
        let callers: Vec<_> = (0..5).map(echo).collect();
        let answers: Vec<u64> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        assert_eq!(answers, [0, 1, 2, 3, 4]);
        stop(proxy);
    });
}

#[test]
fn a_client_that_serves_nothing_says_so() {
    with_clients("calls_client", |_, proxy, log| {
        assert_eq!(proxy.call::<String>("Ask", &()).unwrap(), "asked");
        logged(log, "one-way call IPeer.Note failed");
        stop(proxy);
    });
}

#[test]
fn frames_may_be_cut_and_joined_anywhere() {
    with_clients("cut_and_joined", |_, proxy, _| {
        assert_eq!(proxy.call::<String>("Echo", &("cut",)).unwrap(), "cut");
        let proxy = Arc::new(proxy.clone());
        let echo = |number| {
            let proxy = proxy.clone();
            thread::spawn(move || {
                assert_eq!(proxy.call::<u64>("Echo", &(number,)).unwrap(), number)
            })
        };
        let callers: Vec<_> = (0..3).map(echo).collect();
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        stop(&proxy);
    });
}

#[test]
fn answers_may_come_in_parts() {
    with_clients("in_parts", |_, proxy, _| {
        for round in 0..4 {
            let echo = |number: u64| {
                let proxy = proxy.clone();
                thread::spawn(move || {
                    let sent = (number, round, "x".repeat(150_000));
                    let echoed: (u64, u64, String) = proxy.call("Echo", &(&sent,)).unwrap();
                    assert!(echoed == sent, "call {number} of round {round}");
                })
            };
            let callers: Vec<_> = (0..4).map(echo).collect();
            callers.into_iter().for_each(|caller| caller.join().unwrap());
        }
        stop(proxy);
    });
}

#[test]
fn large_calls_leave_in_parts_and_let_small_ones_pass() {
    const LARGE: usize = 32 << 20;
    with_clients_and_script("calls_in_parts", |_, proxy, _, script| {
        let arguments = &binary(LARGE);
        thread::scope(|scope| {
            let plain = CallOptions::default();
            let caller = scope.spawn(move || proxy.call_bytes("Large", arguments, &plain));
            script.expect("begun");
            let small = proxy.start::<()>("Small", &(), &CallOptions::default()).unwrap();
            script.begin("started", "Small");
            small.wait().unwrap();
            caller.join().unwrap().unwrap();

            proxy.one_way_bytes("LargeNote", arguments, &CallOptions::default()).unwrap();
            proxy.call::<()>("After", &()).unwrap();

            let mut options = CallOptions::default();
            let token = CancelToken::new();
            options.cancel = Some(token.clone());
            let caller = scope.spawn(move || proxy.call_bytes("GivenUp", arguments, &options));
            script.expect("under way");
            token.cancel();
            let error = caller.join().unwrap().unwrap_err();
            assert_eq!(
                (error.status(), error.execution()),
                (Status::Cancelled, Execution::Unknown)
            );
            script.expect("arrived");
        });
        stop(proxy);
    });
}

#[test]
fn offences_end_the_connection_and_the_client_comes_again() {
    with_clients("offences", |_, proxy, log| {
        for _ in 0..11 {
            let error = proxy.call::<i64>("Any", &()).unwrap_err();
            assert_eq!(
                (error.status(), error.execution()),
                (Status::ChannelFaulted, Execution::Unknown)
            );
            assert!(error.message().contains("protocol error"), "{error}");
            logged(log, "protocol error");
        }
        stop(proxy);
    });
}

#[test]
fn a_refused_client_tries_again() {
    with_clients("refuses", |client, proxy, log| {
        client.wait_connected(Some(MINUTE)).unwrap();
        stop(proxy);
        for words in
            ["full", "before the hello", "version 2", "com.example.unasked", "protocol error"]
        {
            logged(log, words);
        }
    });
}

#[test]
fn a_client_refused_for_good_says_so_at_once() {
    with_clients("refuses_for_good", |client, proxy, _| {
        let refused =
            [client.wait_connected(None).unwrap_err(), proxy.call::<()>("Any", &()).unwrap_err()];
        for error in refused {
            assert_eq!(
                (error.status(), error.execution()),
                (Status::Unsupported, Execution::NotRun)
            );
            assert!(error.message().contains("versions 2 to 3 only"), "{error}");
        }
    });
}

#[test]
fn a_host_whose_frames_are_too_small_for_an_error_is_given_up() {
    with_clients("takes_too_small_frames", |client, proxy, _| {
        let given_up =
            [client.wait_connected(None).unwrap_err(), proxy.call::<()>("Any", &()).unwrap_err()];
        for error in given_up {
            assert_eq!(
                (error.status(), error.execution()),
                (Status::Unsupported, Execution::NotRun)
            );
            assert!(error.message().contains("10 bytes"), "{error}");
        }
    });
}

#[test]
fn a_call_to_a_host_that_takes_none_says_so() {
    with_clients("takes_no_calls", |_, proxy, _| {
        let error = proxy.call::<()>("Any", &()).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::LimitExceeded, Execution::NotRun));
        assert!(error.message().contains("no calls"), "{error}");
        assert!(!error.message().contains("bytes"), "{error}");
    });
}

#[test]
fn goodbyes_are_heeded_and_said() {
    with_clients("goodbye", |_, proxy, _| {
        assert_eq!(proxy.call::<i64>("Answered", &()).unwrap(), 1);
        for (method, status, message) in
            [("Unanswered", Status::Closed, "gone"), ("Lost", Status::LimitExceeded, "full")]
        {
            let error = proxy.call::<i64>(method, &()).unwrap_err();
            assert_eq!((error.status(), error.execution()), (status, Execution::Unknown));
            assert!(error.message().contains(message), "{error}");
        }
        // What crossed the goodbye has not run, and is made again on the next connection.
        assert_eq!(proxy.call::<i64>("Again", &()).unwrap(), 2);
        stop(proxy);
    });
}

#[test]
fn a_client_that_closes_gives_its_own_calls_up() {
    with_clients_and_script("closing", |client, proxy, _, script| {
        thread::scope(|scope| {
            let held = scope.spawn(|| proxy.call::<i64>("Held", &()));
            script.expect("held");
            client.close().unwrap();
            let error = held.join().unwrap().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::Unknown));
        });
    });
}
