//! Callbacks of the host while `call` waits.

use callgate::{Connection, Contract, Delegate, Host, InboundCall, Proxy};
use std::sync::Arc;

use crate::support::{callgate, unique, File};

const DOCUMENT: &str = r#"{
    "openrpc": "1.3.2",
    "info": { "title": "IAsker", "version": "1" },
    "methods": [
        { "name": "Ask", "params": [], "result": { "name": "r", "schema": { "type": "boolean" } } }
    ],
    "x-callgate-callback": {
        "openrpc": "1.3.2",
        "info": { "title": "IConfirm", "version": "1" },
        "methods": [
            { "name": "Tell", "params": [{ "name": "text", "required": true, "schema": { "type": "string" } }],
              "result": { "name": "r", "schema": { "type": "null" } } },
            { "name": "Confirm", "params": [], "result": { "name": "r", "schema": { "type": "boolean" } } }
        ]
    }
}"#;

/// A host whose `Ask` tells the caller something, asks it, and replies what it said.
pub fn asker(name: &str) -> (Host, String) {
    let endpoint = format!("pipe://{}", unique(name));
    let ask = |_: &Connection, confirm: Proxy| {
        let ask = move |call: InboundCall| {
            let told = confirm.call::<()>("Tell", &("is it so?",));
            let outcome = told.and_then(|()| confirm.call::<bool>("Confirm", &()));
            call.reply_with(outcome).ok();
        };
        Ok(Some(Arc::new(ask) as Arc<dyn Delegate>))
    };
    let builder = Host::builder().endpoint(&endpoint);
    let builder = builder.duplex_delegate_factory("IAsker", "IConfirm", ask);
    let host = builder.describe(&Contract::parse(DOCUMENT).unwrap()).start().unwrap();
    (host, endpoint)
}

#[test]
fn callbacks_are_printed_and_get_replies_from_a_file() {
    let (_host, endpoint) = asker("answers");
    let file = File::new("answers", r#"{"IConfirm.Confirm": true}"#);
    let run = callgate(&["call", &endpoint, "IAsker.Ask", "--answers", file.path()]);
    assert_eq!((run.code, &*run.out), (0, "true\n"), "{}", run.err);
    assert_eq!(run.err, "callback IConfirm.Tell(\"is it so?\")\ncallback IConfirm.Confirm()\n");

    let json = callgate(&["--json", "call", &endpoint, "IAsker.Ask", "--answers", file.path()]);
    let first = json.err.lines().next().unwrap();
    let line: serde_json::Value = serde_json::from_str(first).unwrap();
    assert_eq!((&line["method"], &line["arguments"][0]), (&"Tell".into(), &"is it so?".into()));
}

#[test]
fn a_callback_that_needs_a_reply_gets_none_without_a_file() {
    let (_host, endpoint) = asker("unanswered");
    let run = callgate(&["call", &endpoint, "IAsker.Ask"]);
    assert_eq!(run.code, 11, "{}", run.err);
    assert!(run.err.contains("no reply to IConfirm.Confirm: --answers FILE"), "{}", run.err);
    assert!(run.err.contains("type:      callgate.Unanswered"), "{}", run.err);
}

#[test]
fn a_reply_of_the_file_may_be_an_error_and_must_fit() {
    let (_host, endpoint) = asker("failing");
    let ask = |answers: &str| {
        let file = File::new("answers", answers);
        callgate(&["call", &endpoint, "IAsker.Ask", "--answers", file.path()])
    };
    let run = ask(r#"{"Confirm": {"$error": {"type": "Refused", "message": "not now"}}}"#);
    assert_eq!(run.code, 11, "{}", run.err);
    assert!(run.err.contains("not now") && run.err.contains("Refused"), "{}", run.err);
    let run = ask(r#"{"Confirm": "yes"}"#);
    assert!(
        run.err.contains("the file of answers: expected boolean, found \"yes\""),
        "{}",
        run.err
    );
    let error = ask("[]").failed(2);
    assert!(error.contains("is not an object such as"), "{error}");
}
