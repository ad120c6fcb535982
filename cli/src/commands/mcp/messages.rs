//! JSON-RPC 2.0 with one message a line.

use std::io::{self, BufRead, Read, Write};

use serde_json::{json, Map, Value};

use crate::output::PlainWriter;

/// The longest line that is read. No model writes arguments of this length.
const LONGEST_LINE: usize = 16 << 20;

/// A request, or a notification, which has no id.
pub struct Message {
    pub id: Option<Value>,
    pub method: String,
    pub params: Map<String, Value>,
}

/// Why a request has no result.
pub struct Refusal {
    pub code: i32,
    pub message: String,
    pub data: Option<Value>,
}

impl Refusal {
    pub const NOT_JSON: i32 = -32700;
    pub const INVALID_REQUEST: i32 = -32600;
    pub const NO_METHOD: i32 = -32601;
    pub const INVALID_PARAMS: i32 = -32602;
    pub const INTERNAL: i32 = -32603;
    pub const UNSUPPORTED_VERSION: i32 = -32022;

    pub fn new(code: i32, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), data: None }
    }
}

/// The next message, or why the next line is none; `None` at the end of the input. Lines that are empty, and replies,
/// are passed over: this side asks nothing.
pub fn next(input: &mut impl BufRead) -> io::Result<Option<Result<Message, Refusal>>> {
    loop {
        let Some(line) = next_line(input, LONGEST_LINE)? else { return Ok(None) };
        let parsed = match &line {
            Some(line) if line.trim_ascii().is_empty() => None,
            Some(line) => parse(line),
            None => {
                let message = format!("a message has more than {LONGEST_LINE} bytes");
                Some(Err(Refusal::new(Refusal::INVALID_REQUEST, message)))
            }
        };
        if parsed.is_some() {
            return Ok(parsed);
        }
    }
}

/// The next line; `Some(None)` if it is too long.
fn next_line(input: &mut impl BufRead, longest: usize) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    let read = input.by_ref().take(longest as u64 + 1).read_until(b'\n', &mut line)?;
    if read > longest && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
        return Ok(Some(None));
    }
    Ok((read > 0).then_some(Some(line)))
}

/// Reads a message; `None` if it is a reply.
fn parse(line: &[u8]) -> Option<Result<Message, Refusal>> {
    let mut message = match serde_json::from_slice(line) {
        Ok(Value::Object(message)) => message,
        Ok(_) => return Some(invalid("a message must be an object")),
        Err(error) => {
            let message = format!("a line is not JSON: {error}");
            return Some(Err(Refusal::new(Refusal::NOT_JSON, message)));
        }
    };
    let id = message.remove("id");
    let method = match message.remove("method") {
        Some(Value::String(method)) => method,
        None if message.contains_key("result") || message.contains_key("error") => return None,
        _ => return Some(invalid("a message must have a method")),
    };
    if !id.as_ref().is_none_or(|id| id.is_string() || id.is_i64() || id.is_u64()) {
        return Some(invalid("an id must be a string or an integer"));
    }
    Some(match message.remove("params") {
        Some(Value::Object(params)) => Ok(Message { id, method, params }),
        None => Ok(Message { id, method, params: Map::new() }),
        Some(_) => invalid("params must be an object"),
    })
}

fn invalid(message: &str) -> Result<Message, Refusal> {
    Err(Refusal::new(Refusal::INVALID_REQUEST, message))
}

/// Sends the reply to a request.
pub fn reply(id: &Value, outcome: Result<Value, Refusal>) -> io::Result<()> {
    let mut message = json!({ "jsonrpc": "2.0", "id": id });
    match outcome {
        Ok(result) => message["result"] = result,
        Err(Refusal { code, message: text, data }) => {
            message["error"] = json!({ "code": code, "message": text });
            if let Some(data) = data {
                message["error"]["data"] = data;
            }
        }
    }
    let mut line = Vec::new();
    serde_json::to_writer(PlainWriter(&mut line), &message)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_up_to_their_limit() {
        let mut input = &b"1234\n12345\n\n123456789\n12"[..];
        let mut next = || next_line(&mut input, 4).unwrap();
        assert_eq!(next(), Some(Some(b"1234\n".to_vec())));
        assert_eq!(next(), Some(None));
        assert_eq!(next(), Some(Some(b"\n".to_vec())));
        assert_eq!(next(), Some(None));
        assert_eq!(next(), Some(Some(b"12".to_vec())));
        assert_eq!(next(), None);
    }
}
