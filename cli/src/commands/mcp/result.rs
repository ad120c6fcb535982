//! How calls of tools end.

use callgate::schema::Schema;
use callgate::{Contract, Error, Execution, Status};
use serde_json::{json, Value};

use crate::commands::mcp::text::{bounded, bounded_line};
use crate::output::one_line;
use crate::values::{self, WireValue};

/// The largest result, as it travels: more than a model can read, and little enough to be held as JSON.
const LARGEST: usize = 1 << 20;

/// The longest message of an error, in characters.
const LONGEST_MESSAGE: usize = 2000;

/// The longest name of an error's type, in characters.
const LONGEST_TYPE: usize = 200;

/// The result of a call that returned.
///
/// # Errors
/// If the result is too large, or is no value.
pub fn succeeded(
    contract: &Contract,
    schema: &Schema,
    reply: &[u8],
    has_output: bool,
) -> Result<Value, Error> {
    let ran = |status, message: String| Error::new(status, message).with_execution(Execution::Ran);
    if reply.len() > LARGEST {
        let message = format!("the result has {} bytes; a tool may return {LARGEST}", reply.len());
        return Err(ran(Status::LimitExceeded, message));
    }
    let value = serde_json::to_value(WireValue::new(reply)).map_err(|error| {
        ran(Status::ContractMismatch, format!("the result is malformed: {error}"))
    })?;
    if !has_output {
        return Ok(text(&value));
    }
    let mut result = match values::encode(contract, schema, &value, &mut Vec::new()) {
        Ok(()) => text(&value),
        Err(misfit) => {
            let message = misfit.within("the result is not what the host describes").to_string();
            let mut result = failed(&ran(Status::ContractMismatch, message));
            // The call ran, so what it returned is not withheld.
            let returned = json!({ "type": "text", "text": one_line(&value) });
            result["content"].as_array_mut().expect("made above").push(returned);
            return Ok(result);
        }
    };
    result["structuredContent"] = value;
    Ok(result)
}

/// A value as text: JSON, except that a text is itself.
fn text(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| one_line(value), str::to_owned);
    json!({ "content": [{ "type": "text", "text": text }], "isError": false })
}

/// The result of a one-way call that was sent.
pub fn sent() -> Value {
    json!({ "content": [{ "type": "text", "text": "sent" }], "isError": false })
}

/// The result of a call that failed: what happened, and whether the call ran, as text for the model and as data for
/// programs.
pub fn failed(error: &Error) -> Value {
    let mut data = json!({
        "status": error.status().name(),
        "code": error.status().code(),
        "execution": error.execution().to_string(),
    });
    let mut lines = vec![
        bounded(error.message(), LONGEST_MESSAGE),
        format!("status: {}", error.status()),
        format!("execution: {}", error.execution()),
    ];
    if let Some(remote) = error.remote().filter(|remote| !remote.type_name.is_empty()) {
        let name = bounded_line(&remote.type_name, LONGEST_TYPE);
        lines.push(format!("type: {name}"));
        data["type"] = name.into();
    }
    if let Some(cause) = error.cause() {
        lines.push(format!("cause: {}", bounded_line(&cause.to_string(), LONGEST_MESSAGE)));
    }
    json!({
        "content": [{ "type": "text", "text": lines.join("\n") }],
        "isError": true,
        "_meta": { "callgate/error": data },
    })
}
