//! `listen`, `serve`, `demo`.

use callgate::{Client, Execution, Status};
use serde_json::Value;

use crate::support::{callgate, unique, File, Hosting, ALL_TYPES, LIMIT};

fn pipe(name: &str) -> String {
    format!("pipe://{}", unique(name))
}

#[test]
fn a_listener_prints_calls_of_every_interface() {
    let endpoint = pipe("listen");
    let file = File::new("answers", r#"{"IAnything.Ask": {"n": 1}}"#);
    let listening = Hosting::start(&["listen", &endpoint, "--answers", file.path()]);
    let call =
        |arguments: &[&str]| callgate(&[&["call", &*endpoint], arguments].concat()).succeeded();
    assert_eq!(call(&["IAnything.Ask", "1", "\"two\""]), "{\"n\": 1}\n");
    assert_eq!(listening.line(), "IAnything.Ask(1, \"two\")");
    assert_eq!(call(&["My.Other.Tell", "--one-way"]), "");
    assert_eq!(listening.line(), "one-way My.Other.Tell()");
    assert_eq!(call(&["I.M"]), "null\n");
    listening.interrupt();
}

#[test]
fn a_listener_prints_json_lines() {
    let endpoint = pipe("lines");
    let listening = Hosting::start(&["--json", "listen", &endpoint]);
    callgate(&["call", &endpoint, "I.M", "[null]"]).succeeded();
    let line: Value = serde_json::from_str(&listening.line()).unwrap();
    assert_eq!(line["interface"], "I");
    assert_eq!(line["arguments"], serde_json::json!([[null]]));
    assert_eq!(line["one_way"], false);
    listening.interrupt();
}

#[test]
fn a_description_is_served_with_values_that_fit() {
    let endpoint = pipe("serve");
    let description = File::new("description", ALL_TYPES);
    let answers = File::new("answers", r#"{"EchoText": "from the file"}"#);
    let serving =
        Hosting::start(&["serve", description.path(), &endpoint, "--answers", answers.path()]);
    callgate(&["diff", description.path(), &endpoint]).succeeded();
    let call = |arguments: &[&str]| callgate(&[&["call", &*endpoint], arguments].concat());
    for (arguments, expected) in [
        (&["ITypes.EchoByte", "1"][..], "0"),
        (&["ITypes.EchoText", "x"], "\"from the file\""),
        (&["ITypes.EchoBinary", ""], "\"\""),
        (&["ITypes.EchoTime", "2026-01-31T12:00:00Z"], "\"1970-01-01T00:00:00Z\""),
        (&["ITypes.EchoFloat", "1"], "0.0"),
        (&["ITypes.EchoPoints", "[]"], "[]"),
        (&["ITypes.EchoMaybe", "x"], "null"),
        (&["ITypes.EchoColour", "green"], "\"red\""),
        (&["ITypes.Overload", "x"], "\"\""),
    ] {
        let run = call(arguments);
        assert_eq!(run.succeeded().trim_end(), expected, "{arguments:?}");
    }
    assert_eq!(serving.line(), "ITypes.EchoByte(1)");
    // Not described, so not served.
    call(&["IOther.M"]).failed(12);
    serving.interrupt();
}

#[test]
fn arguments_of_other_types_are_refused() {
    let endpoint = pipe("refuse");
    let description = File::new("description", ALL_TYPES);
    let serving = Hosting::start(&["serve", description.path(), &endpoint]);
    let client = Client::connect(&endpoint).unwrap();
    client.wait_connected(Some(LIMIT)).unwrap();
    let proxy = client.proxy("ITypes").unwrap();
    let refused = |error: callgate::Error, expected: &str| {
        assert_eq!(error.status(), Status::ContractMismatch, "{error}");
        assert_eq!(error.execution(), Execution::NotRun, "{error}");
        assert!(error.message().contains(expected), "{error}");
    };
    let error = proxy.call::<i8>("EchoByte", &("x",)).unwrap_err();
    refused(error, "ITypes.EchoByte: parameter 1 (value): expected int8, found \"x\"");
    let error = proxy.call::<i8>("EchoByte", &(200,)).unwrap_err();
    refused(error, "expected int8, found 200");
    let points = [std::collections::BTreeMap::from([("y", 1)])];
    let error = proxy.call::<()>("EchoPoints", &(points,)).unwrap_err();
    refused(error, "parameter 1 (points), element 1, member x: expected int32, found nothing");
    let error = proxy.call::<String>("Overload", &(true,)).unwrap_err();
    refused(error, "expected int32, found true; or parameter 1 (value): expected string");
    assert_eq!(proxy.call::<String>("Overload", &("x",)).unwrap(), "");
    assert_eq!(proxy.call::<i8>("EchoByte", &(1,)).unwrap(), 0);
    serving.interrupt();
}

#[test]
fn the_demo_is_described_calls_back_and_ends_at_an_interrupt() {
    let endpoint = pipe("demo");
    let demo = Hosting::start(&["demo", &endpoint]);
    assert_eq!(demo.line(), "Try in another terminal:");
    let commands: Vec<String> = (0..9).map(|_| demo.line()).collect();
    assert_eq!(demo.line(), "Ctrl-C ends it.");
    for command in &commands {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let quick: &[&str] = match words[0] {
            "ping" => &["-c1"],
            "watch" => &["--once", "--interval=50ms"],
            "bench" => &["--time=50ms"],
            _ => &[],
        };
        let run = callgate(&[&words, quick].concat());
        let expected = if command.contains("Divide 1 0") { 11 } else { 0 };
        assert_eq!(run.code, expected, "{command}: {}", run.err);
    }
    assert_eq!(demo.line(), "log: hello");
    let run = callgate(&["call", &endpoint, "ICalculator.Sum", "100"]);
    assert_eq!(run.out, "5050\n");
    let reports =
        ["0.25", "0.5", "0.75", "1.0"].map(|it| format!("callback IProgress.Report({it})\n"));
    assert_eq!(run.err, reports.concat());
    demo.interrupt();
    callgate(&["list", &endpoint, "--connect-timeout=20ms"]).failed(13);
}

#[test]
fn a_taken_endpoint_is_refused() {
    let endpoint = pipe("taken");
    let _first = Hosting::start(&["listen", &endpoint]);
    let error = callgate(&["listen", &endpoint]).failed(24);
    assert!(error.contains("address in use"), "{error}");
}
