//! `trace show` and `trace stats`.

use callgate::Trace;
use serde_json::json;

use crate::support::{callgate, callgate_with, File};
use crate::traces::{events, of_kind, recording_host, Folder};

#[test]
fn a_host_and_a_client_record_the_same_calls() {
    let folder = Folder::new("same");
    let (on_host, on_client) = (folder.file("host"), folder.file("client"));
    let (host, endpoint) = recording_host("same", Trace::to_file(&on_host).payloads(true));
    let call = ["call", &endpoint, "ITypes.EchoText", "\"hello\""];
    let run = callgate_with(("CALLGATE_TRACE", &on_client), &call);
    assert_eq!(run.succeeded(), "\"hello\"\n");
    callgate(&["call", &endpoint, "ITypes.Tell", "1", "--one-way"]).succeeded();
    callgate(&["call", &endpoint, "ITypes.Fail"]).failed(11);
    host.close().unwrap();

    let events = events(&on_host);
    assert_eq!(events[0]["recorder"], "host");
    assert!(events[0]["description"].as_str().unwrap().starts_with(&endpoint), "{}", events[0]);
    let ends = events.iter().filter(|event| event["event"] == "end").count();
    assert_eq!((of_kind(&events, "hello").len(), ends), (3, 3));
    let named = |method: &str| {
        let mut found = events.iter().filter(|event| event["method"] == method);
        (found.next().expect("it was called"), found.next())
    };
    let (call, reply) = named("EchoText");
    assert_eq!((&call["from"], &call["kind"]), (&json!("client"), &json!("call")));
    assert_eq!(call["arguments"], json!(["hello"]));
    assert_eq!(reply.unwrap()["result"], "hello");
    let (call, none) = named("Tell");
    assert_eq!((&call["kind"], none), (&json!("one-way"), None));
    let error = named("Fail").1.unwrap();
    assert_eq!((&error["status"], &error["execution"]), (&json!("remote error"), &json!("ran")));

    // The client has no payloads, and its own times.
    let theirs = super::events(&on_client);
    let calls = of_kind(&theirs, "call");
    let last = calls.last().unwrap();
    assert_eq!((&last["method"], &last["arguments"]), (&json!("EchoText"), &json!({"bytes": 7})));
    assert_eq!(theirs[0]["recorder"], "client");
}

#[test]
fn a_trace_is_shown_and_counted_in_text() {
    let folder = Folder::new("text");
    let file = folder.file("trace");
    let (host, endpoint) = recording_host("text", Trace::to_file(&file).payloads(true));
    for _ in 0..3 {
        callgate(&["call", &endpoint, "ITypes.EchoText", "\"a\u{9b}b\""]).succeeded();
    }
    callgate(&["call", &endpoint, "ITypes.Fail"]).failed(11);
    host.close().unwrap();
    let shown = callgate(&["trace", "show", &file]).succeeded();
    for expected in [
        "#1 begins, recorded by the host: ",
        "#1 -> hello from callgate ",
        "#1 <- welcome from callgate ",
        " ITypes.EchoText(\"a\\u009bb\") within 30.0 s\n",
        " to ITypes.EchoText after ",
        ": remote error, ran: My\\u{1b}Error it failed\\u{9b}\\non two lines\n",
        "#4 ends\n",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains(['\u{1b}', '\u{9b}']), "{shown}");
    let counted = callgate(&["trace", "stats", &file]).succeeded();
    assert!(counted.contains("ITypes.EchoText called by the client\n  3 calls, "), "{counted}");
    assert!(counted.contains("  1 error: remote error\n"), "{counted}");
    let counted = callgate(&["--json", "trace", "stats", &file]).succeeded();
    let counted: serde_json::Value = serde_json::from_str(&counted).unwrap();
    assert_eq!(counted["connections"], 4);
    assert_eq!(counted["without_reply"], 0);
}

#[test]
fn what_is_no_trace_is_refused_and_what_is_cut_is_read_so_far() {
    for content in [&b""[..], b"text", &[0; 100], &[0xff; 100]] {
        let file = File::new("no-trace", content);
        let run = callgate(&["trace", "show", file.path()]);
        assert!([0, 2].contains(&run.code), "{}", run.err);
        assert_eq!(run.out, "");
    }
    callgate(&["trace", "show", "/does/not/exist"]).failed(2);

    let folder = Folder::new("cut");
    let file = folder.file("trace");
    let (host, endpoint) = recording_host("cut", Trace::to_file(&file));
    callgate(&["call", &endpoint, "ITypes.EchoText", "\"hello\""]).succeeded();
    host.close().unwrap();
    let whole = events(&file);
    let bytes = std::fs::read(&file).unwrap();
    let cut = File::new("cut", &bytes[..bytes.len() - 5]);
    let run = callgate(&["--json", "trace", "show", cut.path()]);
    assert!(run.err.contains("ends within a record"), "{}", run.err);
    assert_eq!(run.succeeded().lines().count(), whole.len() - 1);
}
