//! Files with descriptions of interfaces.

use std::fs;

use callgate::Contract;
use serde_json::Value;

use crate::failure::Failure;

/// Reads a file with one OpenRPC document, or with an array of them, as `callgate describe --json` prints
/// them.
///
/// # Errors
/// If the file cannot be read, or is no such document.
pub fn read(file: &str) -> Result<Vec<Contract>, Failure> {
    let failed = |why: String| Failure::Usage(format!("{file}: {why}"));
    let text = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let parse = |document: &str| {
        Contract::parse(document).map_err(|error| failed(error.message().to_owned()))
    };
    match serde_json::from_str(&text).map_err(|error| failed(format!("not JSON: {error}")))? {
        Value::Array(documents) => documents.iter().map(|it| parse(&it.to_string())).collect(),
        _ => Ok(vec![parse(&text)?]),
    }
}
