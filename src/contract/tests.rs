mod generators;

use serde_json::{json, Value};

use super::*;

fn contract(document: Value) -> Contract {
    Contract::parse(&document.to_string()).expect("a valid document")
}

/// An interface `I` with these methods and types.
fn interface(methods: Value, types: Value) -> Contract {
    contract(json!({
        "openrpc": "1.3.2",
        "info": { "title": "I", "version": "1" },
        "methods": methods,
        "components": { "schemas": types },
    }))
}

/// The method `M` with a parameter `p` of one type and a result of another.
fn method(parameter: Value, result: Value) -> Value {
    json!({
        "name": "M",
        "params": [{ "name": "p", "required": true, "schema": parameter }],
        "result": { "name": "result", "schema": result },
    })
}

fn of_types(parameter: Value, result: Value) -> Contract {
    interface(json!([method(parameter, result)]), json!({}))
}

fn integer(format: &str) -> Value {
    json!({ "type": "integer", "format": format })
}

/// What a caller that sends one type finds at a host that takes another, and the same for results.
fn misfit(giver: Value, taker: Value) -> Option<String> {
    let any = || json!({});
    let sent = of_types(giver.clone(), any()).differences(&of_types(taker.clone(), any()));
    let received = of_types(any(), taker).differences(&of_types(any(), giver));
    assert_eq!(sent.len(), received.len(), "{sent:?} {received:?}");
    assert!(sent.len() <= 1, "{sent:?}");
    sent.first().map(Difference::to_string)
}

#[test]
fn types_fit_if_the_taker_holds_all_values_of_the_giver() {
    let nullable = json!({ "type": ["integer", "null"], "format": "int32" });
    let binary = json!({ "type": "string", "x-callgate-type": "binary" });
    let list = |of: Value| json!({ "type": "array", "items": of });
    let text = || json!({ "type": "string" });
    let fitting = [
        (integer("int32"), integer("int64")),
        (integer("uint8"), integer("int16")),
        (integer("int32"), json!({ "type": "integer" })),
        (json!({ "type": "integer" }), integer("int8")),
        (integer("int32"), json!({ "type": "number", "format": "float" })),
        (
            json!({ "type": "number", "format": "float" }),
            json!({ "type": "number", "format": "double" }),
        ),
        (integer("int32"), nullable.clone()),
        (json!({}), integer("int32")),
        (json!({ "enum": ["red"] }), json!({ "enum": ["red", "green"] })),
        (json!({ "enum": ["red"] }), text()),
        (text(), json!({ "enum": ["red", 1] })),
        (integer("int32"), json!({ "enum": ["red", 1] })),
        (list(text()), json!({ "prefixItems": [text(), text()], "type": "array" })),
        (json!({ "prefixItems": [text(), text()], "type": "array" }), list(text())),
        (list(integer("int32")), list(integer("int64"))),
        (json!({ "type": "a later one" }), text()),
    ];
    for (giver, taker) in fitting {
        assert_eq!(misfit(giver.clone(), taker.clone()), None, "{giver} -> {taker}");
    }
    let differing = [
        (integer("int64"), integer("int32"), "I.M, parameter 1 (p): int64 here, int32 at the host"),
        (integer("int8"), integer("uint8"), "I.M, parameter 1 (p): int8 here, uint8 at the host"),
        (text(), json!({ "enum": [1] }), "I.M, parameter 1 (p): string here, one of 1 at the host"),
        (text(), integer("int32"), "I.M, parameter 1 (p): string here, int32 at the host"),
        (text(), binary, "I.M, parameter 1 (p): string here, binary at the host"),
        (
            json!({ "type": "number" }),
            integer("int32"),
            "I.M, parameter 1 (p): number here, int32 at the host",
        ),
        (nullable, integer("int32"), "I.M, parameter 1 (p): null here, int32 at the host"),
        (
            list(text()),
            list(integer("int8")),
            "I.M, parameter 1 (p), its elements: string here, int8 at the host",
        ),
        (
            json!({ "enum": ["red", "blue"] }),
            json!({ "enum": ["red"] }),
            "I.M, parameter 1 (p): one of \"red\", \"blue\" here, one of \"red\" at the host",
        ),
    ];
    for (giver, taker, expected) in differing {
        assert_eq!(
            misfit(giver.clone(), taker.clone()).as_deref(),
            Some(expected),
            "{giver} -> {taker}"
        );
    }
}

#[test]
fn records_fit_by_their_required_members() {
    let record = |members: Value, required: Value| json!({ "type": "object", "properties": members, "required": required });
    let point = record(json!({ "x": integer("int32"), "y": integer("int32") }), json!(["x", "y"]));
    let optional = record(json!({ "x": integer("int64"), "z": integer("int32") }), json!(["x"]));
    assert_eq!(misfit(point.clone(), optional.clone()), None);
    let found = misfit(optional, point).expect("y is missing");
    assert_eq!(found, "I.M, parameter 1 (p), member x: int64 here, int32 at the host");
}

#[test]
fn members_that_are_always_given_fit_required_ones() {
    let record = |extra: Value| {
        let mut record = json!({ "type": "object", "properties": { "x": integer("int32") } });
        record.as_object_mut().expect("an object").extend(extra.as_object().unwrap().clone());
        record
    };
    let required = record(json!({ "required": ["x"] }));
    assert_eq!(misfit(record(json!({ "x-callgate-complete": true })), required.clone()), None);
    let with_default = json!({ "type": "integer", "format": "int32", "default": 1 });
    let with_default = record(json!({ "properties": { "x": with_default } }));
    assert_eq!(misfit(with_default, required.clone()), None);
    assert_eq!(
        misfit(record(json!({})), required).as_deref(),
        Some("I.M, parameter 1 (p), member x: optional x here, required x at the host")
    );
}

#[test]
fn records_are_maps_of_texts() {
    let record =
        json!({ "type": "object", "properties": { "x": integer("int32") }, "required": ["x"] });
    let map = |values: Value| json!({ "type": "object", "additionalProperties": values });
    for values in [json!({}), integer("int32")] {
        assert_eq!(misfit(record.clone(), map(values.clone())), None);
        assert_eq!(misfit(map(values), record.clone()), None);
    }
    let texts = map(json!({ "type": "string" }));
    assert_eq!(
        misfit(record.clone(), texts.clone()).as_deref(),
        Some("I.M, parameter 1 (p), member x: int32 here, string at the host")
    );
    assert_eq!(
        misfit(texts, record).as_deref(),
        Some("I.M, parameter 1 (p), member x: string here, int32 at the host")
    );
}

#[test]
fn what_is_accepted_is_not_given() {
    let text = || json!({ "type": "string" });
    let null = || json!({ "type": "null" });
    let lenient = json!({ "anyOf": [text(), { "type": "null", "x-callgate-accepted": true }] });
    assert_eq!(misfit(lenient.clone(), text()), None);
    assert_eq!(misfit(null(), lenient.clone()), None);
    assert_eq!(
        misfit(lenient, integer("int32")).as_deref(),
        Some("I.M, parameter 1 (p): string here, int32 at the host")
    );
}

#[test]
fn recursive_types_end() {
    let tree = |leaf: &str| {
        let node = json!({
            "type": "object",
            "properties": {
                "leaf": integer(leaf),
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
            },
            "required": ["leaf", "children"],
        });
        let of_tree = json!({ "$ref": "#/components/schemas/Tree" });
        interface(json!([method(of_tree, json!({ "type": "null" }))]), json!({ "Tree": node }))
    };
    assert_eq!(tree("int32").differences(&tree("int64")), []);
    let found = tree("int64").differences(&tree("int32"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].place, "I.M, parameter 1 (p), member leaf");
    // A name that stands for itself.
    let empty = interface(
        json!([method(json!({ "$ref": "#/components/schemas/A" }), json!({}))]),
        json!({ "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" } }),
    );
    assert_eq!(empty.differences(&tree("int32")), []);
}

#[test]
fn methods_are_matched_by_name_signature_and_number_of_parameters() {
    let parameters = |required: &[bool]| {
        let all = required.iter().enumerate();
        let all = all.map(|(place, required)| json!({ "name": format!("p{place}"), "required": required, "schema": {} }));
        Value::Array(all.collect())
    };
    let with = |required: &[bool]| {
        let method = json!({ "name": "M", "params": parameters(required), "result": { "name": "r", "schema": {} } });
        interface(json!([method]), json!({}))
    };
    let found = |caller: &Contract, host: &Contract| -> Vec<String> {
        caller.differences(host).iter().map(Difference::to_string).collect()
    };
    assert!(found(&with(&[true]), &with(&[true, false])).is_empty());
    assert_eq!(
        found(&with(&[true, true]), &with(&[true])),
        ["I.M: 2 parameters here, 1 parameter at the host"]
    );
    assert_eq!(
        found(&with(&[true]), &with(&[true, true, false])),
        ["I.M: 1 parameter here, 2 to 3 parameters at the host"]
    );
    let none = interface(json!([]), json!({}));
    assert_eq!(found(&with(&[]), &none), ["I.M: M() here, no such method at the host"]);
    assert!(found(&none, &with(&[true])).is_empty());

    let overload = |signature: &str| {
        json!({
            "name": format!("M({signature})"), "x-callgate-method": "M", "x-callgate-signature": signature,
            "params": [], "result": { "name": "r", "schema": {} },
        })
    };
    let both = interface(json!([overload("int"), overload("string")]), json!({}));
    let wanted = interface(json!([overload("double")]), json!({}));
    assert_eq!(found(&both, &both), [""; 0]);
    assert_eq!(
        found(&wanted, &both),
        ["I.M: M(double) here, only M(int) and M(string) at the host"]
    );

    let taking = |signature: &str, kind: &str| {
        let mut method = overload(signature);
        method["params"] = json!([{ "name": "p", "required": true, "schema": { "type": kind } }]);
        method
    };
    let host = interface(json!([taking("int", "integer"), taking("string", "string")]), json!({}));
    let unsigned = |kind: &str| of_types(json!({ "type": kind }), json!({}));
    assert_eq!(found(&unsigned("string"), &host), [""; 0]);
    assert_eq!(
        found(&unsigned("boolean"), &host),
        ["I.M: M(boolean) here, only M(int) and M(string) at the host"]
    );
    // Which one runs depends on the number, so their results are not compared.
    let mut narrow = taking("int", "integer");
    narrow["params"][0]["schema"] = integer("int32");
    let mut real = taking("double", "number");
    real["result"]["schema"] = json!({ "type": "number" });
    let host = interface(json!([narrow, real]), json!({}));
    assert_eq!(found(&of_types(integer("int64"), integer("int64")), &host), [""; 0]);
}

#[test]
fn one_way_methods_errors_callbacks_and_names_are_compared() {
    let with = |extra: Value, callback: Option<&str>| {
        let mut method = json!({ "name": "M", "params": [] });
        let object = method.as_object_mut().expect("an object");
        object.extend(extra.as_object().expect("an object").clone());
        let mut document = json!({ "openrpc": "1.3.2", "info": { "title": "I", "version": "1" }, "methods": [method] });
        if let Some(callback) = callback {
            let heard = json!({ "name": "Heard", "params": [{ "name": "n", "required": true, "schema": integer(callback) }] });
            document["x-callgate-callback"] = json!({ "openrpc": "1.3.2", "info": { "title": "IEar", "version": "1" }, "methods": [heard] });
        }
        contract(document)
    };
    let found = |caller: &Contract, host: &Contract| -> Vec<String> {
        caller.differences(host).iter().map(Difference::to_string).collect()
    };
    let replies = || json!({ "result": { "name": "r", "schema": { "type": "null" } } });
    let failing = |errors: &[&str]| {
        let mut method = replies();
        method["x-callgate-errors"] = json!(errors);
        method
    };
    assert_eq!(
        found(&with(json!({}), None), &with(replies(), None)),
        ["I.M: one-way here, with a reply at the host"]
    );
    assert_eq!(
        found(&with(failing(&["Full"]), None), &with(failing(&["Empty"]), None)),
        ["I.M, errors: Full here, Empty at the host"]
    );
    for (here, there) in [
        (replies(), failing(&["Empty"])),
        (failing(&["Full"]), failing(&["Full", "Empty"])),
        (failing(&["Full", "Empty"]), failing(&["Empty"])),
    ] {
        assert!(found(&with(here, None), &with(there, None)).is_empty());
    }
    let mut aliased = failing(&["Full"]);
    aliased["x-callgate-error-aliases"] = json!({ "Store.Full": "Full" });
    assert!(found(&with(aliased, None), &with(failing(&["Store.Full"]), None)).is_empty());
    // The host is the caller there.
    assert!(found(&with(replies(), Some("int64")), &with(replies(), Some("int32"))).is_empty());
    assert_eq!(
        found(&with(replies(), Some("int32")), &with(replies(), Some("int64"))),
        ["IEar.Heard, parameter 1 (n): int32 here, int64 at the host"]
    );
    assert!(found(&with(replies(), None), &with(replies(), Some("int64"))).is_empty());
}

#[test]
fn what_is_no_description_is_refused() {
    let title = r#""info": {"title": "I", "version": "1"}"#;
    let cases = [
        ("{", "EOF"),
        ("[]", "not an object"),
        (r#"{"openrpc": "2.0"}"#, "'openrpc'"),
        (r#"{"openrpc": "1.3.2", "methods": []}"#, "'info.title'"),
        (&format!(r#"{{"openrpc": "1.3.2", {title}}}"#), "'methods'"),
        (&format!(r#"{{"openrpc": "1.3.2", {title}, "methods": [{{}}]}}"#), "'name'"),
        (&format!(r#"{{"openrpc": "1.3.2", {title}, "methods": [{{"name": "M"}}]}}"#), "'params'"),
        (r#"{"openrpc": "1.3.2", "info": {"title": "I\n"}, "methods": []}"#, "control characters"),
        (&"[".repeat(100_000), "recursion limit"),
    ];
    for (document, expected) in cases {
        let error = Contract::parse(document).expect_err(document);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let long = " ".repeat(crate::limits::DESCRIPTION + 1);
    assert!(Contract::parse(&long).is_err());
}

#[test]
fn a_hostile_description_is_not_compared_for_ever() {
    // Each type is one of two that are like it: 2^60 pairs.
    let names = 0..60;
    let named = |n: usize| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/T{n}") } });
    let types: serde_json::Map<String, Value> = names
        .map(|n| {
            (
                format!("T{n}"),
                json!({ "anyOf": [named(n + 1), named(n + 1), { "type": "string" }] }),
            )
        })
        .chain([("T60".to_owned(), integer("int64"))])
        .collect();
    let hostile = interface(json!([method(named(0), json!({}))]), Value::Object(types.clone()));
    let mut other = types;
    other.insert("T60".into(), integer("int32"));
    let taker = interface(json!([method(named(0), json!({}))]), Value::Object(other));
    let _ = hostile.differences(&taker);
}

#[test]
fn a_difference_is_displayed_on_one_line() {
    let with = |name: &str, format: &str| {
        let parameter = json!({ "name": name, "required": true, "schema": integer(format) });
        let result = json!({ "name": "result", "schema": {} });
        interface(json!([{ "name": "M", "params": [parameter], "result": result }]), json!({}))
    };
    let found = with("a\n\u{1b}[2J", "int64").differences(&with("a", "int32"));
    let expected = r"I.M, parameter 1 (a\n\u{1b}[2J): int64 here, int32 at the host";
    assert_eq!(found[0].to_string(), expected);
}

#[test]
fn descriptions_of_one_text_are_the_same() {
    let described = || of_types(integer("int32"), integer("int32"));
    assert!(described().is_same(&described()));
    assert!(!described().is_same(&of_types(integer("int64"), integer("int32"))));
}

#[test]
fn recursion_through_alternatives_ends() {
    let of_list =
        || json!({ "anyOf": [{ "$ref": "#/components/schemas/List" }, { "type": "null" }] });
    let list = |head: &str| {
        let node = json!({
            "type": "object",
            "properties": { "head": integer(head), "tail": of_list() },
            "required": ["head", "tail"],
        });
        interface(json!([method(of_list(), of_list())]), json!({ "List": node }))
    };
    assert_eq!(list("int32").differences(&list("int32")), []);
    assert_eq!(list("int64").differences(&list("int32")).len(), 1);
}

#[test]
fn a_hostile_description_is_not_followed_for_ever() {
    let of = |name: String| json!({ "$ref": format!("#/components/schemas/{name}") });
    let node = |next: Value| json!({ "type": "object", "properties": { "next": next } });
    let caller =
        interface(json!([method(of("T".into()), json!({}))]), json!({ "T": node(of("T".into())) }));
    let chain = (0..10_000).map(|n| (format!("T{n}"), node(of(format!("T{}", n + 1)))));
    let chain = Value::Object(chain.collect());
    let host = interface(json!([method(of("T0".into()), json!({}))]), chain);
    let compare = move || drop(caller.differences(&host));
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    small.spawn(compare).unwrap().join().unwrap();
}
