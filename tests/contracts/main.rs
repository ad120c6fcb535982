//! Descriptions of interfaces: what a host tells about itself, and differences found before a call.

#[path = "../support/mod.rs"]
mod support;

mod about;
mod aliases;
#[cfg(feature = "schemars")]
mod differences;
mod evolution;
mod traits;
mod verify;

use serde_json::{json, Value};

use callgate::Contract;

/// The description of `ICalculator.Add`, which takes two integers of one format and returns one of another.
fn adding(takes: &str, returns: &str) -> Contract {
    let schema = |format: &str| json!({ "type": "integer", "format": format });
    let parameter = |name: &str| json!({ "name": name, "required": true, "schema": schema(takes) });
    let add = json!({
        "name": "Add",
        "params": [parameter("a"), parameter("b")],
        "result": { "name": "result", "schema": schema(returns) },
    });
    described("ICalculator", json!([add]))
}

fn described(interface: &str, methods: Value) -> Contract {
    let document = json!({
        "openrpc": "1.3.2",
        "info": { "title": interface, "version": "1" },
        "methods": methods,
    });
    Contract::parse(&document.to_string()).expect("a description")
}
