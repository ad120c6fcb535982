//! Which tools there are, and how they are described.

use callgate::{Connection, Contract, Host, InboundCall};
use serde_json::{json, Value};

use super::Talk;
use crate::support::{builder, callgate, host, unique, ALL_TYPES};

fn unused(call: InboundCall) {
    call.fail_no_method().ok();
}

#[test]
fn interfaces_must_be_chosen_and_described() {
    let endpoint = format!("pipe://{}", unique("unchosen"));
    let contract = Contract::parse(ALL_TYPES).unwrap();
    let builder = builder(&endpoint).describe(&contract);
    let _host = builder.delegate("IOther", |_: &Connection| unused).start().unwrap();
    let error = callgate(&["mcp", &endpoint]).failed(2);
    assert!(error.contains("--interface NAME; the host describes ITypes\n"), "{error}");
    let error = callgate(&["mcp", &endpoint, "--interface=IOther"]).failed(12);
    assert!(error.contains("serves 'IOther', but has no description"), "{error}");
    let error = callgate(&["mcp", &endpoint, "-i", "ITypes", "-i", "INone"]).failed(12);
    assert!(error.contains("does not declare 'INone'"), "{error}");
    callgate(&["mcp", &endpoint, "--interface=callgate.Host"]).failed(12);
}

#[test]
fn each_method_is_a_tool_with_its_types() {
    let (_host, endpoint) = host("tools");
    let mut talk = Talk::open(&endpoint, &["ITypes"], &[]);
    let tools = talk.list();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names[0], "ITypes_EchoByte");
    assert!(names.contains(&"ITypes_Overload_Int32") && names.contains(&"ITypes_Overload_String"));
    assert_eq!(names.len(), 16, "{names:?}");

    let tool = |name: &str| tools.iter().find(|tool| tool["name"] == name).unwrap().clone();
    let binary = tool("ITypes_EchoBinary");
    assert_eq!(binary["title"], "ITypes.EchoBinary");
    assert_eq!(
        binary["inputSchema"],
        json!({
            "type": "object",
            "properties": { "value": { "type": "string", "contentEncoding": "base64" } },
            "required": ["value"],
            "additionalProperties": false,
        })
    );
    assert_eq!(
        tool("ITypes_EchoTime")["inputSchema"]["properties"]["value"]["format"],
        "date-time"
    );
    let points = tool("ITypes_EchoPoints");
    assert_eq!(points["inputSchema"]["properties"]["points"]["description"], "Where to go.");
    assert_eq!(points["inputSchema"]["properties"]["points"]["items"]["$ref"], "#/$defs/Point");
    assert_eq!(points["inputSchema"]["$defs"]["Point"]["required"], json!(["x"]));
    assert_eq!(points["description"], "Returns array of Point.");
    let map = &tool("ITypes_EchoByNumber")["inputSchema"]["properties"]["map"];
    assert_eq!(*map, json!({ "type": "object", "additionalProperties": { "type": "string" } }));
    assert_eq!(tool("ITypes_Count")["inputSchema"]["required"], json!(["a"]));
    assert_eq!(tool("ITypes_Fail")["description"], "Fails with MyError.");
    let post = tool("ITypes_Post");
    assert_eq!(post["_meta"]["callgate/oneWay"], true);
    assert!(post["description"]
        .as_str()
        .unwrap()
        .contains("Nobody waits for it.\nOn two lines.\nOne-way: "));
    assert!(tools
        .iter()
        .all(|tool| tool.get("outputSchema").is_none() && tool.get("annotations").is_none()));
}

/// A host that describes one method of an interface, which returns `result`.
pub fn serving(endpoint: &str, interface: &str, method: &str, schema: &Value) -> Host {
    let document = json!({
        "openrpc": "1.3.2",
        "info": { "title": interface, "version": "1" },
        "methods": [{ "name": method, "params": [], "result": { "name": "r", "schema": schema } }],
        "components": { "schemas": { "A type": {
            "type": "object",
            "properties": { "ratio": { "type": "number" }, "next": { "anyOf": [{ "$ref": "#/components/schemas/A type" }, { "type": "null" }] } },
            "required": ["ratio"],
        } } },
    });
    let contract = Contract::parse(&document.to_string()).unwrap();
    let reply = |call: InboundCall| {
        let reply = match call.method() {
            "Good" => call.reply(&std::collections::BTreeMap::from([("ratio", f64::NAN)])),
            "Large" => call.reply(&"x".repeat(2 << 20)),
            _ => call.reply(&std::collections::BTreeMap::from([("ratio", "none")])),
        };
        reply.ok();
    };
    let builder = Host::builder().endpoint(endpoint).describe(&contract);
    builder.delegate(interface, move |_: &Connection| reply).start().unwrap()
}

#[test]
fn objects_are_structured_and_fit_their_schema() {
    let (good, bad, large) = (unique("good"), unique("bad"), unique("large"));
    let [good, bad, large] = [good, bad, large].map(|name| format!("pipe://{name}"));
    let of_type = json!({ "$ref": "#/components/schemas/A type" });

    let _host = serving(&good, "My.Things.IThing", "Good", &of_type);
    let mut talk = Talk::open(&good, &["My.Things.IThing"], &[]);
    let tool = &talk.list()[0];
    assert_eq!(tool["name"], "IThing_Good");
    let expected = json!({
        "type": "object",
        "properties": { "ratio": { "type": ["number", "string"] }, "next": { "anyOf": [{ "$ref": "#/$defs/A_type" }, { "type": "null" }] } },
        "required": ["ratio"],
    });
    assert_eq!(tool["outputSchema"]["properties"], expected["properties"]);
    assert_eq!(tool["outputSchema"]["$defs"]["A_type"], expected);
    let result = talk.call("IThing_Good", json!({}));
    assert_eq!(result["structuredContent"], json!({ "ratio": "NaN" }), "{result}");
    assert_eq!(super::text(&result), r#"{"ratio": "NaN"}"#);

    let _host = serving(&bad, "IThing", "Bad", &of_type);
    let mut talk = Talk::open(&bad, &["IThing"], &[]);
    let error = talk.failed("IThing_Bad", json!({}));
    assert!(
        error.contains("expected number, found \"none\"") && error.contains("execution: ran"),
        "{error}"
    );
    let result = talk.call("IThing_Bad", json!({}));
    assert_eq!(result["content"][1]["text"], r#"{"ratio": "none"}"#, "{result}");

    let _host = serving(&large, "IThing", "Large", &json!({ "type": "string" }));
    let mut talk = Talk::open(&large, &["IThing"], &[]);
    let error = talk.failed("IThing_Large", json!({}));
    assert!(
        error.contains("status: limit exceeded") && error.contains("execution: ran"),
        "{error}"
    );
}

#[test]
fn interfaces_of_the_same_last_name_have_their_whole_name() {
    let endpoint = format!("pipe://{}", unique("same"));
    let described = |interface: &str| {
        let result = json!({ "name": "r", "schema": { "type": "null" } });
        let document = json!({
            "openrpc": "1.3.2",
            "info": { "title": interface, "version": "1" },
            "methods": [{ "name": "Go", "params": [], "result": result }],
        });
        Contract::parse(&document.to_string()).unwrap()
    };
    let builder = Host::builder().endpoint(&endpoint);
    let builder = builder.describe(&described("A.IThing")).describe(&described("B.IThing"));
    let _host = builder.describe(&described("B.IOther")).start().unwrap();
    let mut talk = Talk::open(&endpoint, &["B.IOther", "A.IThing", "B.IThing", "A.IThing"], &[]);
    let names: Vec<Value> = talk.list().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["IOther_Go", "A_IThing_Go", "B_IThing_Go"]);
}

#[test]
fn another_version_of_the_host_is_noticed() {
    let endpoint = format!("pipe://{}", unique("replaced"));
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let first = serving(&endpoint, "IThing", "Large", &text);
    let mut talk = Talk::open(&endpoint, &["IThing"], &[]);
    talk.list();
    first.close().unwrap();
    let _second = serving(&endpoint, "IThing", "Large", &number);
    let error = talk.failed("IThing_Large", json!({}));
    assert!(
        error.contains("status: contract mismatch") && error.contains("execution: not run"),
        "{error}"
    );
    assert_eq!(talk.list()[0]["description"], "Returns integer.");
    let error = talk.failed("IThing_Large", json!({}));
    assert!(error.contains("status: limit exceeded"), "{error}");
}
