//! `call` and `bench`.

use std::sync::{mpsc, Arc};
use std::time::Duration;

use callgate::{Contract, Host, InboundCall};
use serde_json::{json, Value};

use crate::support::{assert_alive, builder, callgate, callgate_while, host, signal, unique, File};

#[test]
fn values_of_each_type_go_to_the_host_and_come_back() {
    let (_host, endpoint) = host("values");
    let file = File::new("binary", b"\x00\xffabc");
    let at_file = format!("@{}", file.path());
    for (method, argument, expected) in [
        ("EchoByte", "-128", "-128"),
        ("EchoText", "\"quoted\"", "\"quoted\""),
        ("EchoText", "without quotes", "\"without quotes\""),
        ("EchoText", "42", "\"42\""),
        ("EchoBinary", "AP9hYmM=", "\"AP9hYmM=\""),
        ("EchoBinary", &at_file, "\"AP9hYmM=\""),
        ("EchoTime", "2026-01-31T12:00:00.5Z", "\"2026-01-31T12:00:00.5Z\""),
        ("EchoTime", "2026-01-31T13:00:00+01:00", "\"2026-01-31T12:00:00Z\""),
        ("EchoFloat", "0.1", "0.1"),
        ("EchoFloat", "1", "1.0"),
        ("EchoFloat", "\"Infinity\"", "\"Infinity\""),
        ("EchoPoints", r#"[{"x": 1}, {"x": 2, "y": 3}]"#, r#"[{"x": 1}, {"x": 2, "y": 3}]"#),
        ("EchoMap", r#"{"7": "seven"}"#, r#"{"7": "seven"}"#),
        ("EchoByNumber", r#"{"-7": "seven"}"#, r#"{"-7": "seven"}"#),
        ("EchoMaybe", "null", "null"),
        ("EchoMaybe", "some", "\"some\""),
        ("EchoColour", "green", "\"green\""),
    ] {
        let method = format!("ITypes.{method}");
        let out = callgate(&["call", &endpoint, &method, "--", argument]).succeeded();
        assert_eq!(out.trim_end(), expected, "{method} {argument}");
    }
    assert_eq!(callgate(&["call", &endpoint, "ITypes.Count", "1"]).succeeded(), "1\n");
    assert_eq!(callgate(&["call", &endpoint, "ITypes.Count", "1", "{}"]).succeeded(), "2\n");
}

#[test]
fn what_does_not_fit_the_description_is_not_sent() {
    let (_host, endpoint) = host("misfits");
    for (arguments, expected) in [
        (
            &["EchoByte", "128"][..],
            "ITypes.EchoByte: parameter 1 (value): expected int8, found 128",
        ),
        (&["EchoByte", "two"], "expected int8, found \"two\""),
        (&["EchoByte"], "EchoByte(int8) takes 1 parameter, found 0"),
        (&["Count", "1", "2", "3"], "takes 1 to 2 parameters, found 3"),
        (&["EchoBinary", "b"], "expected binary (base64, or @FILE), found \"b\""),
        (&["EchoBinary", "@/does/not/exist"], "found @/does/not/exist: No such file"),
        (&["EchoTime", "noon"], "expected timestamp (e.g. 2026-01-31T12:00:00Z), found \"noon\""),
        (
            &["EchoPoints", r#"[{"x": 1}, {"x": "1"}]"#],
            "parameter 1 (points), element 2, member x: expected int32, found \"1\"",
        ),
        (&["EchoPoints", r#"[{"y": 1}]"#], "element 1, member x: expected int32, found nothing"),
        (&["EchoPoints", r#"[{"x": 1, "z": 1}]"#], "expected the members x, y, found a member 'z'"),
        (&["EchoMap", r#"{"seven": "7"}"#], "(map), key seven: expected int32, found \"seven\""),
        (&["EchoMaybe", "[1]"], "expected string or null, found an array of 1"),
        (&["EchoColour", "blue"], "expected one of \"red\", \"green\", found \"blue\""),
        (&["Echo"], "ITypes has no method 'Echo'; it has EchoByte, "),
    ] {
        let method = format!("ITypes.{}", arguments[0]);
        let all = [&["call", &*endpoint, &method], &arguments[1..]].concat();
        let error = callgate(&all).failed(12);
        assert!(error.contains(expected), "{expected}\nis not in\n{error}");
        assert!(error.contains("execution: not run"), "{error}");
    }
    let error = callgate(&["call", &endpoint, "Types"]).failed(2);
    assert!(error.contains("INTERFACE.METHOD"), "{error}");
}

#[test]
fn overloads_are_chosen_by_arguments_or_by_signature() {
    let (_host, endpoint) = host("overloads");
    let call = |arguments: &[&str]| {
        callgate(&[&["call", &*endpoint, "ITypes.Overload"], arguments].concat())
    };
    assert_eq!(call(&["word"]).succeeded(), "\"Overload_String\"\n");
    let error = call(&["1"]).failed(12);
    assert!(error.contains("more than one overload"), "{error}");
    assert_eq!(call(&["1", "--signature=Overload_Int32"]).succeeded(), "\"Overload_Int32\"\n");
    assert!(call(&["1", "2"]).failed(12).contains("no overload"));
}

#[test]
fn without_a_description_arguments_are_json() {
    let endpoint = format!("pipe://{}", unique("plain"));
    let host = builder(&endpoint).start().unwrap();
    let call = |argument: &str| callgate(&["call", &endpoint, "ITypes.Echo", argument]);
    for value in ["[1, -2, 1.5, true, null]", "{\"a\": {}}", "18446744073709551615", "\"x\""] {
        assert_eq!(call(value).succeeded().trim_end(), value);
    }
    let error = call("word").failed(2);
    assert!(error.contains("argument 1 is not JSON"), "{error}");
    host.close().unwrap();
    let _host = builder(&endpoint).described(false).start().unwrap();
    assert_eq!(call("1").succeeded(), "1\n");
}

#[test]
fn each_outcome_has_its_exit_code_and_its_words() {
    let (_host, endpoint) = host("outcomes");
    let error = callgate(&["call", &endpoint, "ITypes.Fail"]).failed(11);
    assert!(error.contains("error: it failed\\u{9b}\\non two lines\n"), "{error}");
    assert!(error.contains("  status:    remote error (1)\n"), "{error}");
    assert!(error.contains("  execution: ran\n"), "{error}");
    assert!(!error.contains(['\u{1b}', '\u{9b}']), "{error:?}");
    let json = callgate(&["call", "--json", &endpoint, "ITypes.Fail"]).failed(11);
    assert!(!json.contains(['\u{1b}', '\u{9b}']), "{json:?}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["error"]["message"], "it failed\u{9b}\non two lines");
    assert_eq!((&json["error"]["code"], &json["error"]["execution"]), (&1.into(), &"ran".into()));

    let error = callgate(&["call", &endpoint, "ITypes.Wait", "--timeout=50ms"]).failed(14);
    assert!(error.contains("status:    timed out (4)"), "{error}");
    let error = callgate(&["call", &endpoint, "IUnknown.Method"]).failed(12);
    assert!(error.contains("IUnknown"), "{error}");
    assert_alive(&endpoint);
}

#[test]
fn an_interrupt_cancels_the_call_and_says_whether_it_ran() {
    let endpoint = format!("pipe://{}", unique("interrupt"));
    let (started, has_started) = mpsc::channel();
    let wait = move |call: InboundCall| {
        started.send(()).ok();
        call.wait_cancelled(None);
        call.reply(&()).ok();
    };
    let wait = Arc::new(wait);
    let builder = Host::builder().endpoint(&endpoint);
    let _host = builder.delegate_factory(move |_, _| Ok(Some(wait.clone()))).start().unwrap();
    let run = callgate_while(&["call", &endpoint, "IWaiter.Wait"], |tool| {
        has_started.recv_timeout(Duration::from_secs(60)).expect("the call arrives");
        signal("INT", tool);
    });
    let error = run.failed(15);
    assert!(error.contains("status:    cancelled (5)"), "{error}");
    assert!(error.contains("execution: unknown"), "{error}");
}

#[test]
fn repeated_calls_are_timed() {
    let (_host, endpoint) = host("repeat");
    let call = ["call", &*endpoint, "ITypes.EchoByte", "1", "--repeat=50"];
    let text = callgate(&call).succeeded();
    assert!(text.starts_with("50 calls: min "), "{text}");
    assert!(text.lines().any(|line| line.starts_with("  < ") && line.ends_with('#')), "{text}");
    let json = callgate(&[&call[..], &["--json"]].concat()).succeeded();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["count"], &json["failures"]), (&50.into(), &serde_json::json!({})));

    let run = callgate(&["call", &endpoint, "ITypes.Fail", "--repeat=3"]);
    assert_eq!(run.code, 11);
    assert!(run.out.contains("3 failed: remote error"), "{}", run.out);
}

#[test]
fn a_host_is_measured() {
    let (_host, endpoint) = host("bench");
    let text = callgate(&["bench", &endpoint, "--time=50ms"]).succeeded();
    assert!(text.contains(" calls/s: ") && text.contains(" by 1 thread\n"), "{text}");
    let arguments =
        ["--json", "bench", &endpoint, "ITypes.EchoByte", "1", "--time=50ms", "--threads=2"];
    let json: Value = serde_json::from_str(&callgate(&arguments).succeeded()).unwrap();
    assert!(json["calls_per_second"].as_f64().unwrap() > 0.0, "{json}");
    assert_eq!(json["threads"], 2);
    callgate(&["bench", &endpoint, "ITypes.EchoByte", "1000"]).failed(12);
}

#[test]
fn a_type_that_never_ends_does_no_harm() {
    let endpoint = format!("pipe://{}", unique("endless"));
    let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let document = json!({
        "openrpc": "1.3.2",
        "info": { "title": "ITypes", "version": "1" },
        "methods": [{
            "name": "Echo",
            "params": [{ "name": "p", "required": true, "schema": of("A") }],
            "result": { "name": "r", "schema": { "type": "null" } },
        }],
        "components": { "schemas": {
            "A": { "anyOf": [of("B"), of("B"), of("A"), { "type": "null" }] },
            "B": { "anyOf": [of("A"), of("A"), of("B")] },
        } },
    });
    let contract = Contract::parse(&document.to_string()).unwrap();
    let _host = builder(&endpoint).describe(&contract).start().unwrap();
    let error = callgate(&["call", &endpoint, "ITypes.Echo", "1"]).failed(12);
    assert!(error.contains("parameter 1 (p): expected A, found 1"), "{error}");
    let text = callgate(&["describe", &endpoint]).succeeded();
    assert!(text.contains("type B = A or A or B\n"), "{text}");
}
