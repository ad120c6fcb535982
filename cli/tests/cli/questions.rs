//! `list`, `describe`, `ping`, `endpoints`.

use callgate::{Connection, Host, InboundCall};
use serde_json::Value;

use crate::support::{builder, callgate, callgate_with, host, unique, Hosting, ALL_TYPES};

fn unused(call: InboundCall) {
    call.fail_no_method().ok();
}

#[test]
fn interfaces_are_listed() {
    let endpoint = format!("pipe://{}", unique("list"));
    let _host = builder(&endpoint).delegate("IOther", |_: &Connection| unused).start().unwrap();
    assert_eq!(callgate(&["list", &endpoint]).succeeded(), "IOther\nITypes\n");
    assert_eq!(callgate(&["list", &endpoint, "--json"]).succeeded(), "[\"IOther\", \"ITypes\"]\n");
}

#[test]
fn an_interface_is_described_as_text() {
    let (_host, endpoint) = host("describe");
    let text = callgate(&["describe", &endpoint, "ITypes"]).succeeded();
    for expected in [
        "# One method for each type.\ninterface ITypes\n",
        "# A place.\ntype Point = record (x: int32, y?: int32)\n",
        "\nmethod EchoByte(value: int8) -> int8\n",
        "# points: Where to go.\nmethod EchoPoints(points: array of Point) -> array of Point\n",
        "method EchoMap(map: map of int32 to string) -> any value\n",
        "method EchoMaybe(value: string or null) -> string or null\n",
        "method Count(a: any value, b?: any value) -> integer\n",
        "method Fail() fails with MyError\n",
        "# signature: Overload_Int32\nmethod Overload(value: int32) -> string\n",
        "# Nobody waits for it.\n# On two lines.\none-way method Post(line: string)\n",
    ] {
        assert!(text.contains(expected), "{expected}\nis not in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colours without a terminal: {text}");
    assert_eq!(callgate(&["describe", &endpoint]).succeeded(), text);
}

#[test]
fn colours_can_be_asked_for_and_declined() {
    let (_host, endpoint) = host("colours");
    let forced = callgate_with(("CLICOLOR_FORCE", "1"), &["describe", &endpoint]).succeeded();
    assert!(forced.contains("\u{1b}[1minterface\u{1b}[0m ITypes"), "{forced}");
    let declined = callgate_with(("NO_COLOR", "1"), &["describe", &endpoint]).succeeded();
    assert!(!declined.contains('\u{1b}'), "{declined}");
}

#[test]
fn the_document_of_an_interface_is_printed_as_json() {
    let (_host, endpoint) = host("document");
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let one = callgate(&["--json", "describe", &endpoint, "ITypes"]).succeeded();
    assert_eq!(parse(&one), parse(ALL_TYPES));
    let all = callgate(&["--json", "describe", &endpoint]).succeeded();
    assert_eq!(parse(&all), Value::Array(vec![parse(ALL_TYPES)]));
}

#[test]
fn what_is_not_described_says_so() {
    let endpoint = format!("pipe://{}", unique("undescribed"));
    let host = builder(&endpoint).start().unwrap();
    let text = callgate(&["describe", &endpoint]).succeeded();
    assert_eq!(text, "# No description.\ninterface ITypes\n");
    let error = callgate(&["describe", &endpoint, "ITypes"]).failed(12);
    assert!(error.contains("has no description"), "{error}");
    let error = callgate(&["describe", &endpoint, "IUnknown"]).failed(12);
    assert!(error.contains("does not declare 'IUnknown'"), "{error}");
    host.close().unwrap();
    let _host = builder(&endpoint).described(false).start().unwrap();
    let error = callgate(&["list", &endpoint]).failed(12);
    assert!(error.contains("does not describe itself"), "{error}");
}

#[test]
fn without_a_host_there_is_no_connection() {
    let endpoint = format!("pipe://{}", unique("nobody"));
    let quick = "--connect-timeout=20ms";
    let error = callgate(&["list", &endpoint, quick]).failed(13);
    assert!(error.contains(&format!("no connection to {endpoint} within 20.0 ms")), "{error}");
    assert!(error.contains("status:    channel faulted (3)"), "{error}");
    assert!(error.contains("execution: not run"), "{error}");
    let error = callgate(&["--json", "ping", &endpoint, quick]).failed(13);
    let error: Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["error"]["status"], "channel faulted");
    assert_eq!(error["error"]["execution"], "not run");
    assert!(error["error"]["cause"]["message"].is_string(), "{error}");
}

#[test]
fn a_malformed_command_line_is_refused() {
    let error = callgate(&["list", "calculator"]).failed(2);
    assert!(error.contains("use pipe://name"), "{error}");
    assert!(callgate(&["list", "pipe://x", "--connect-timeout=soon"]).failed(2).contains("1.5s"));
    callgate(&["unknown"]).failed(2);
}

#[test]
fn round_trips_are_counted_and_timed() {
    let (_host, endpoint) = host("ping");
    let text = callgate(&["ping", &endpoint, "--count=3", "--interval=1ms"]).succeeded();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[2].starts_with(&format!("reply 3 from {endpoint}: ")), "{text}");
    assert!(lines[3].starts_with("3 round trips: min "), "{text}");
    let json = callgate(&["ping", &endpoint, "--json", "-c2", "-i0"]).succeeded();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["round_trips"]["count"], 2);
    assert!(json["round_trips"]["p50_us"].as_f64().unwrap() > 0.0, "{json}");
}

#[test]
fn a_host_that_hides_what_it_serves_can_be_pinged() {
    let endpoint = format!("pipe://{}", unique("hidden"));
    let _host = builder(&endpoint).described(false).start().unwrap();
    callgate(&["ping", &endpoint, "-c1"]).succeeded();
}

#[test]
fn pipes_are_listed_with_their_processes() {
    let (_host, endpoint) = host("endpoints");
    let json = callgate(&["endpoints", "--json"]).succeeded();
    let json: Vec<Value> = serde_json::from_str(&json).unwrap();
    let ours = json.iter().find(|found| found["endpoint"] == *endpoint).expect("it is listed");
    assert_eq!(ours["pid"], std::process::id());
    assert_eq!((&ours["replies"], &ours["interfaces"]), (&true.into(), &1.into()));
    assert!(ours["program"].is_string() && ours["version"].is_string(), "{ours}");
    let text = callgate(&["endpoints"]).succeeded();
    assert!(text.starts_with("ENDPOINT "), "{text}");
    let line = text.lines().find(|line| line.starts_with(&endpoint)).expect("it is listed");
    assert!(line.contains(&format!(" {} ", std::process::id())), "{line}");
}

#[test]
fn a_pipe_whose_host_has_died_is_not_listed() {
    let endpoint = format!("pipe://{}", unique("dead"));
    let mut hosting = Hosting::start(&["listen", &endpoint]);
    let is_listed = || callgate(&["endpoints"]).succeeded().contains(&endpoint);
    assert!(is_listed());
    hosting.kill();
    assert!(!is_listed());
    // The next host takes the socket away with it.
    Host::builder().endpoint(&endpoint).start().unwrap().close().unwrap();
}
