//! Calls of tools, and how they end.

use std::sync::mpsc;
use std::sync::Mutex;

use callgate::{Connection, Contract, Host, InboundCall};
use serde_json::json;

use super::{text, Talk};
use crate::callbacks::asker;
use crate::support::{host, unique, File, Hosting, ALL_TYPES, LIMIT};

#[test]
fn arguments_by_name_are_checked_and_results_are_text() {
    let (_host, endpoint) = host("mcp-calls");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    for (method, arguments, expected) in [
        ("EchoByte", json!({ "value": -128 }), "-128"),
        ("EchoText", json!({ "value": "x\n\"é\"" }), "x\n\"é\""),
        ("EchoBinary", json!({ "value": "aGVsbG8=" }), "aGVsbG8="),
        ("EchoTime", json!({ "value": "2026-01-31T12:00:00Z" }), "2026-01-31T12:00:00Z"),
        ("EchoPoints", json!({ "points": [{ "x": 1 }] }), r#"[{"x": 1}]"#),
        ("EchoMap", json!({ "map": { "5": "five" } }), r#"{"5": "five"}"#),
        ("EchoMaybe", json!({ "value": null }), "null"),
        ("Count", json!({ "a": 1 }), "1"),
        ("Count", json!({ "b": 2, "a": 1 }), "2"),
        ("Overload_Int32", json!({ "value": 1 }), "Overload_Int32"),
        ("Overload_String", json!({ "value": "1" }), "Overload_String"),
    ] {
        assert_eq!(talk.returned(&format!("ITypes_{method}"), arguments), expected, "{method}");
    }
    for (method, arguments, expected) in [
        ("EchoByte", json!({ "value": 128 }), "parameter 1 (value): expected int8, found 128"),
        ("EchoByte", json!({}), "parameter 1 (value) is missing"),
        ("Count", json!({ "b": 1 }), "parameter 1 (a) is missing"),
        ("Count", json!({ "a": 1, "c": 1 }), "no parameter is called \"c\"; there are: a, b"),
    ] {
        let error = talk.failed(&format!("ITypes_{method}"), arguments);
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("\nexecution: not run"), "{error}");
    }
}

#[test]
fn a_model_cannot_read_files() {
    let (_host, endpoint) = host("mcp-files");
    let file = File::new("secret", "secret");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    let error = talk.failed("ITypes_EchoBinary", json!({ "value": format!("@{}", file.path()) }));
    assert!(error.contains("expected binary (base64), found"), "{error}");
}

#[test]
fn errors_say_what_happened_and_whether_the_call_ran() {
    let (host, endpoint) = host("mcp-errors");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &["--connect-timeout=20s"]);
    let result = talk.call("ITypes_Fail", json!({}));
    assert_eq!(
        text(&result),
        "it failed\non two lines\nstatus: remote error\nexecution: ran\ntype: My\\u{1b}Error"
    );
    let data = json!({ "status": "remote error", "code": 1, "execution": "ran", "type": "My\\u{1b}Error" });
    assert_eq!(result["_meta"]["callgate/error"], data);
    let mut hasty = Talk::open(&endpoint, &["ITypes"], &["--timeout=200ms"]);
    let error = hasty.failed("ITypes_Wait", json!({}));
    assert!(error.contains("status: timed out\nexecution: "), "{error}");
    host.close().unwrap();
    let error = hasty.failed("ITypes_EchoByte", json!({ "value": 1 }));
    assert!(error.contains("\nexecution: not run"), "{error}");
    let reply = talk.ask("tools/call", json!({ "name": "ITypes_None", "arguments": {} }));
    assert_eq!(reply["error"]["code"], -32602, "{reply}");
    assert_eq!(talk.end(), 0);
}

/// A host that says when a call starts and when it is cancelled, or which line it gets.
fn telling(name: &str) -> (Host, String, mpsc::Receiver<String>) {
    let endpoint = format!("pipe://{}", unique(name));
    let (sender, heard) = mpsc::channel();
    let sender = Mutex::new(sender);
    let builder = Host::builder().endpoint(&endpoint);
    let builder = builder.describe(&Contract::parse(ALL_TYPES).unwrap());
    let builder = builder.delegate("ITypes", move |_: &Connection| {
        let sender = sender.lock().unwrap().clone();
        move |call: InboundCall| {
            if call.method() == "Post" {
                let (line,) = call.args::<(String,)>().expect("a line");
                return sender.send(line).unwrap_or_default();
            }
            sender.send("started".into()).ok();
            let cancelled = call.wait_cancelled(Some(LIMIT));
            sender.send(if cancelled { "cancelled" } else { "waited" }.into()).ok();
            call.reply(&()).ok();
        }
    });
    (builder.start().unwrap(), endpoint, heard)
}

#[test]
fn a_cancelled_call_ends_at_the_host_and_gets_no_reply() {
    let (_host, endpoint, heard) = telling("mcp-cancel");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    let id = talk.request("tools/call", json!({ "name": "ITypes_Wait" }));
    assert_eq!(heard.recv_timeout(LIMIT).unwrap(), "started");
    let reply = talk.ask("ping", json!({}));
    assert_eq!(reply["result"], json!({}), "a call does not hold up others: {reply}");
    talk.tell("notifications/cancelled", json!({ "requestId": id, "reason": "enough" }));
    assert_eq!(heard.recv_timeout(LIMIT).unwrap(), "cancelled");
    talk.tell("notifications/cancelled", json!({ "requestId": 12345 }));
    // What comes next is not the reply to the call.
    assert_eq!(talk.returned("ITypes_Post", json!({ "line": "hello" })), "sent");
    assert_eq!(heard.recv_timeout(LIMIT).unwrap(), "hello");
    assert_eq!(talk.end(), 0);
}

#[test]
fn the_end_of_the_input_cancels_calls_and_ends_the_tool() {
    let (_host, endpoint, heard) = telling("mcp-end");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    talk.request("tools/call", json!({ "name": "ITypes_Wait" }));
    assert_eq!(heard.recv_timeout(LIMIT).unwrap(), "started");
    assert_eq!(talk.end(), 0);
    assert_eq!(heard.recv_timeout(LIMIT).unwrap(), "cancelled");
}

#[test]
fn callbacks_that_ask_nothing_are_taken() {
    let endpoint = format!("pipe://{}", unique("mcp-callbacks"));
    let mut demo = Hosting::start(&["demo", &endpoint]);
    let mut talk = Talk::open(&endpoint, &["ICalculator"], &[]);
    assert_eq!(talk.returned("ICalculator_Sum", json!({ "n": 100 })), "5050");
    demo.kill();
}

#[test]
fn callbacks_that_ask_something_fail_unless_a_file_has_a_reply() {
    let (_host, endpoint) = asker("mcp-asked");
    let mut talk = Talk::open(&endpoint, &["IAsker"], &[]);
    let error = talk.failed("IAsker_Ask", json!({}));
    assert!(error.contains("type: callgate.Unanswered"), "{error}");
    let file = File::new("mcp-answers", r#"{"IConfirm.Confirm": true}"#);
    let mut talk = Talk::open(&endpoint, &["IAsker"], &["--answers", file.path()]);
    assert_eq!(talk.returned("IAsker_Ask", json!({})), "true");
}
