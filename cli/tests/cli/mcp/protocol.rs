//! The messages of the Model Context Protocol.

use serde_json::{json, Value};

use super::Talk;
use crate::support::host;

/// The parameters of a request of this revision.
fn with_meta(version: &str, more: Value) -> Value {
    let mut params = more;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

#[test]
fn the_present_revision_needs_no_handshake() {
    let (_host, endpoint) = host("mcp-present");
    let mut talk = Talk::start(&endpoint, &["ITypes"], &[]);
    let present = |more: Value| with_meta("2026-07-28", more);
    let discovered = talk.ask("server/discover", present(json!({})))["result"].clone();
    assert_eq!(discovered["supportedVersions"][0], "2026-07-28", "{discovered}");
    assert_eq!(discovered["capabilities"], json!({ "tools": {} }));
    assert!(discovered["instructions"].as_str().unwrap().contains("the methods of ITypes"));
    let listed = talk.ask("tools/list", present(json!({})))["result"].clone();
    assert_eq!(listed["tools"].as_array().unwrap().len(), 16);
    let call = present(json!({ "name": "ITypes_EchoByte", "arguments": { "value": 7 } }));
    let called = talk.ask("tools/call", call)["result"].clone();
    assert_eq!(super::text(&called), "7");
    for result in [&discovered, &listed, &called] {
        assert_eq!(result["resultType"], "complete", "{result}");
        let program = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(program["name"], "callgate", "{result}");
    }
    for result in [&discovered, &listed] {
        assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(0), &json!("private")));
    }
    let refused = talk.ask("tools/list", with_meta("2999-01-01", json!({})));
    assert_eq!(refused["error"]["code"], -32022, "{refused}");
    assert_eq!(refused["error"]["data"]["requested"], "2999-01-01");
    assert_eq!(refused["error"]["data"]["supported"][0], "2026-07-28");
    let undeclared =
        json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
    assert_eq!(talk.ask("tools/list", undeclared)["error"]["code"], -32602);
    assert_eq!(talk.ask("tools/list", json!({}))["error"]["code"], -32602, "nobody initialized");
}

#[test]
fn earlier_revisions_are_agreed_on() {
    let (_host, endpoint) = host("mcp-earlier");
    let mut talk = Talk::start(&endpoint, &["ITypes"], &[]);
    for (asked, agreed) in
        [("2024-11-05", "2024-11-05"), ("2025-11-25", "2025-11-25"), ("1", "2025-11-25")]
    {
        let opened = talk.ask("initialize", json!({ "protocolVersion": asked }))["result"].clone();
        assert_eq!(opened["protocolVersion"], agreed);
        assert_eq!(opened["serverInfo"]["name"], "callgate");
        assert!(opened.get("resultType").is_none(), "{opened}");
    }
    assert_eq!(talk.list().len(), 16);
    assert_eq!(talk.ask("resources/list", json!({}))["error"]["code"], -32601);
}

#[test]
fn what_is_no_request_is_refused_and_the_rest_served() {
    let (_host, endpoint) = host("mcp-malformed");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    for (line, code) in [
        ("{", -32700),
        ("\u{1}", -32700),
        ("[]", -32600),
        (r#"{"jsonrpc": "2.0", "id": 1}"#, -32600),
        (r#"{"jsonrpc": "2.0", "id": null, "method": "ping"}"#, -32600),
        (r#"{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}"#, -32600),
        (r#"{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}"#, -32600),
        (&"[".repeat(100_000), -32700),
    ] {
        talk.write(line);
        let reply = talk.read();
        assert_eq!(
            (&reply["error"]["code"], &reply["id"]),
            (&json!(code), &Value::Null),
            "{line:.50}"
        );
    }
    // None of these gets a reply.
    talk.write("");
    talk.write(r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#);
    talk.tell("notifications/anything", json!({}));
    talk.tell("tools/call", json!({ "name": "ITypes_Wait" }));
    let named = json!({ "name": "ITypes_EchoByte", "arguments": [1] });
    assert_eq!(talk.ask("tools/call", named)["error"]["code"], -32602);
    assert_eq!(talk.returned("ITypes_EchoByte", json!({ "value": 1 })), "1");
}

#[test]
fn an_id_is_used_once_at_a_time_and_calls_are_limited() {
    let (_host, endpoint) = host("mcp-many");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    let wait = json!({ "name": "ITypes_Wait" });
    let first = talk.request("tools/call", wait.clone());
    talk.next -= 1;
    assert_eq!(talk.ask("tools/call", wait.clone())["error"]["code"], -32600);
    for _ in 1..32 {
        talk.request("tools/call", wait.clone());
    }
    let refused = talk.ask("tools/call", wait.clone());
    assert!(refused["error"]["message"].as_str().unwrap().starts_with("32 requests"), "{refused}");
    for id in first..first + 32 {
        talk.tell("notifications/cancelled", json!({ "requestId": id }));
    }
    assert_eq!(talk.ask("ping", json!({}))["result"], json!({}));
    assert_eq!(talk.end(), 0);
}
