//! `trace replay`, `trace serve` and `proxy`.

use std::sync::atomic::{AtomicI64, Ordering};

use callgate::{Connection, Error, Host, HostBuilder, InboundCall, Proxy};
use serde_json::Value;

use crate::support::{callgate, callgate_with, tool, unique, Hosting, Run};
use crate::traces::{events, of_kind, Folder};

fn pipe(name: &str) -> String {
    format!("pipe://{}", unique(name))
}

/// A host whose calls count, fail and call back. Its results are `factor` times as large.
fn counting(endpoint: &str, factor: i64) -> Host {
    builder(factor).endpoint(endpoint).start().expect("it listens")
}

fn builder(factor: i64) -> HostBuilder {
    Host::builder()
        .duplex_delegate_factory("ICounter", "IProgress", move |_, progress: Proxy| {
            let told = move |call: InboundCall| {
                let outcome = call.args::<(i64,)>().and_then(|(number,)| {
                    let half: Option<i64> = progress.call("Half", &(number / 2,))?;
                    Ok((number, half))
                });
                call.reply_with(outcome).ok();
            };
            Ok(Some(std::sync::Arc::new(told)))
        })
        .delegate("ISum", move |_: &Connection| {
            let sum = AtomicI64::new(0);
            move |call: InboundCall| {
                let sent = match call.method() {
                    "Fail" => call.fail(Error::remote_error("Broken", "it broke")),
                    _ => {
                        let added = call.args::<(i64,)>().map(|(number,)| {
                            factor * (sum.fetch_add(number, Ordering::SeqCst) + number)
                        });
                        call.reply_with(added)
                    }
                };
                sent.ok();
            }
        })
}

/// Makes calls of each kind to a host, while a proxy records; returns the trace.
fn recorded(folder: &Folder, host: &str) -> String {
    let (tapped, file) = (pipe("tapped"), folder.file("trace"));
    let proxy = Hosting::start(&["proxy", &tapped, host, "--trace", &file, "--payloads"]);
    let call = |arguments: &[&str]| callgate(&[&["call", &*tapped], arguments].concat());
    assert_eq!(call(&["ISum.Add", "2"]).succeeded(), "2\n");
    call(&["ISum.Fail"]).failed(11);
    call(&["ISum.Add", "4", "--one-way"]).succeeded();
    assert_eq!(call(&["ICounter.Count", "10"]).succeeded(), "[10, null]\n");
    proxy.interrupt();
    file
}

fn replay(file: &str, endpoint: &str) -> Run {
    callgate(&["trace", "replay", file, endpoint, "--timeout=5s"])
}

#[test]
fn a_trace_of_a_proxy_is_replayed_against_the_same_and_another_host() {
    let folder = Folder::new("replay");
    let (here, there) = (pipe("here"), pipe("there"));
    let _here = counting(&here, 1);
    let file = recorded(&folder, &here);
    assert_eq!(of_kind(&events(&file), "one-way").len(), 1);
    let played = replay(&file, &here).succeeded();
    assert_eq!(played, "4 calls, 3 compared, 0 differences\n");

    let _there = counting(&there, 3);
    let run = replay(&file, &there);
    assert_eq!(run.code, 1, "{}", run.err);
    let expected = "different: ISum.Add, connection 1\n  recorded: 2\n  now:      6\n\
                    4 calls, 3 compared, 1 difference\n";
    assert_eq!(run.out, expected);
    let ignoring = ["trace", "replay", &file, &there, "--ignore", "ISum.Add", "--json"];
    let played: Value = serde_json::from_str(&callgate(&ignoring).succeeded()).unwrap();
    assert_eq!((&played["compared"], &played["calls"]), (&Value::from(2), &Value::from(4)));
}

#[test]
fn a_host_that_does_not_call_back_is_different() {
    let folder = Folder::new("silent");
    let (here, there) = (pipe("here"), pipe("there"));
    let _here = counting(&here, 1);
    let file = recorded(&folder, &here);
    let _there = Hosting::start(&["listen", &there]);
    let run = callgate(&["trace", "replay", &file, &there, "--timeout=200ms"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("recorded: a callback IProgress.Half"), "{}", run.out);
    assert!(run.out.contains("recorded: remote error, ran: Broken it broke\n  now:      null"));
    replay(&file, &pipe("nobody")).failed(13);
}

#[test]
fn a_recording_stands_in_for_its_host() {
    let folder = Folder::new("mock");
    let (here, mock) = (pipe("here"), pipe("mock"));
    let host = counting(&here, 1);
    let file = recorded(&folder, &here);
    host.close().unwrap();
    let serving = Hosting::start(&["trace", "serve", &file, &mock]);
    let call = |arguments: &[&str]| callgate(&[&["call", &*mock], arguments].concat());
    assert_eq!(call(&["ISum.Add", "2"]).succeeded(), "2\n");
    assert_eq!(serving.line(), "ISum.Add[2]");
    let error = call(&["ISum.Fail"]).failed(11);
    assert!(error.contains("it broke"), "{error}");
    let run = call(&["ICounter.Count", "10"]);
    assert!(run.err.contains("callback IProgress.Half(5)"), "{}", run.err);
    assert_eq!(run.succeeded(), "[10, null]\n");
    let error = call(&["ISum.Add", "5"]).failed(12);
    assert!(error.contains("the trace has no call of ISum.Add with these arguments"), "{error}");
    // What the trace has can be replayed against the recording itself.
    let played = replay(&file, &mock).succeeded();
    assert_eq!(played, "4 calls, 3 compared, 0 differences\n");
    serving.interrupt();
}

#[test]
fn a_mock_describes_what_the_recording_has_described() {
    let folder = Folder::new("described");
    let (demo, mock, file) = (pipe("demo"), pipe("mock"), folder.file("trace"));
    let _demo = Hosting::start(&["demo", &demo]);
    let command = ["call", &demo, "ICalculator.Sum", "100"];
    let output = tool(&command)
        .env("CALLGATE_TRACE", &file)
        .env("CALLGATE_TRACE_PAYLOADS", "1")
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"5050\n");
    let _serving = Hosting::start(&["trace", "serve", &file, &mock]);
    callgate(&["diff", &demo, &mock]).succeeded();
    let run = callgate(&["call", &mock, "ICalculator.Sum", "100"]);
    assert_eq!(run.err.lines().count(), 4, "{}", run.err);
    assert_eq!(run.succeeded(), "5050\n");
}

#[test]
fn a_trace_without_payloads_cannot_be_played() {
    let folder = Folder::new("empty");
    let (here, file) = (pipe("here"), folder.file("trace"));
    let _here = counting(&here, 1);
    let call = ["call", &here, "ISum.Add", "2"];
    callgate_with(("CALLGATE_TRACE", &file), &call).succeeded();
    for command in [["trace", "replay", &file, &here], ["trace", "serve", &file, &here]] {
        let error = callgate(&command).failed(2);
        assert!(error.contains("it has no payloads"), "{error}");
    }
}

#[test]
fn a_proxy_without_a_trace_forwards_and_a_file_that_exists_is_refused() {
    let folder = Folder::new("forward");
    let (here, tapped, file) = (pipe("here"), pipe("tapped"), folder.file("trace"));
    let _here = counting(&here, 1);
    let proxy = Hosting::start(&["proxy", &tapped, &here]);
    assert_eq!(callgate(&["call", &tapped, "ISum.Add", "7"]).succeeded(), "7\n");
    proxy.interrupt();
    std::fs::write(&file, "mine").unwrap();
    callgate(&["proxy", &tapped, &here, "--trace", &file]).failed(22);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}
