//! `diff`.

use callgate::{Contract, Host};
use serde_json::{json, Value};

use crate::support::{builder, callgate, host, unique, File, ALL_TYPES};

fn document(width: &str) -> String {
    let parameter =
        json!({ "name": "n", "required": true, "schema": { "type": "integer", "format": width } });
    let method = json!({ "name": "M", "params": [parameter] });
    json!({ "openrpc": "1.3.2", "info": { "title": "I", "version": "1" }, "methods": [method] })
        .to_string()
}

#[test]
fn equal_and_wider_descriptions_are_no_difference() {
    let (narrow, wide) =
        (File::new("narrow", document("int32")), File::new("wide", document("int64")));
    let out = callgate(&["diff", narrow.path(), narrow.path()]).succeeded();
    assert_eq!(out, "no differences in 1 interface\n");
    callgate(&["diff", narrow.path(), wide.path()]).succeeded();
}

#[test]
fn differences_name_the_place_and_both_sides() {
    let (narrow, wide) =
        (File::new("narrow", document("int32")), File::new("wide", document("int64")));
    let run = callgate(&["diff", wide.path(), narrow.path()]);
    assert_eq!(run.code, 1, "{}", run.err);
    let (caller, host) = (wide.path(), narrow.path());
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "error: I.M, parameter 1 (n)");
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), [&format!("{caller}:"), "int64"]);
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), [&format!("{host}:"), "int32"]);
    assert_eq!(lines[3], format!("1 difference: callers built from {caller} do not fit {host}"));

    let run = callgate(&["--json", "diff", caller, host]);
    let found: Value = serde_json::from_str(&run.out).unwrap();
    let expected = json!([{ "place": "I.M, parameter 1 (n)", "caller": "int64", "host": "int32" }]);
    assert_eq!((run.code, found), (1, expected));
}

#[test]
fn a_saved_host_is_compared_with_a_running_one() {
    let (host, endpoint) = host("diff");
    let saved = File::new("saved", callgate(&["--json", "describe", &endpoint]).succeeded());
    callgate(&["diff", saved.path(), &endpoint]).succeeded();
    let one = File::new("one", ALL_TYPES);
    callgate(&["diff", &endpoint, one.path()]).succeeded();
    host.close().unwrap();

    let _host = builder(&endpoint).start().unwrap();
    let run = callgate(&["diff", saved.path(), &endpoint]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error: interface ITypes\n"), "{}", run.out);
    assert!(run.out.contains("served, but not described"), "{}", run.out);
}

#[test]
fn a_name_that_the_host_has_an_alias_for_is_compared() {
    let endpoint = format!("pipe://{}", unique("alias"));
    let contract = Contract::parse(&document("int32")).unwrap();
    let host = Host::builder().endpoint(&endpoint).interface_alias("Old.", "I");
    let _host = host.describe(&contract).start().unwrap();
    let named = |width: &str| document(width).replace("\"I\"", "\"Old.IThing\"");
    let (fits, wide) = (File::new("fits", named("int32")), File::new("wide", named("int64")));
    let out = callgate(&["diff", fits.path(), &endpoint]).succeeded();
    assert_eq!(out, "no differences in 1 interface\n");
    let run = callgate(&["diff", wide.path(), &endpoint]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.starts_with("error: Old.IThing.M, parameter 1 (n)\n"), "{}", run.out);
}

#[test]
fn what_cannot_be_compared_is_an_error_and_no_difference() {
    let file = File::new("malformed", "{}");
    let error = callgate(&["diff", file.path(), file.path()]).failed(2);
    assert!(error.contains(file.path()) && error.contains("'openrpc'"), "{error}");
    let error = callgate(&["diff", "/does/not/exist", file.path()]).failed(2);
    assert!(error.contains("/does/not/exist: No such file"), "{error}");
    let nobody = format!("pipe://{}", unique("nobody"));
    callgate(&["diff", &nobody, file.path(), "--connect-timeout=20ms"]).failed(13);
}
