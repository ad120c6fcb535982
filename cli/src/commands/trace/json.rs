//! Events of a trace as JSON.

use callgate::unstable::wire::{metadata_pairs, Message, Who};
use callgate::Execution;
use serde_json::{json, Map, Value};

use crate::commands::trace::text::{status_name, Replied};
use crate::recording::{Event, Frame, Payload, Recording};
use crate::values::WireValue;

/// The longest payload that becomes JSON, in bytes.
const LONGEST: usize = 64 * 1024;

/// An event as an object.
pub fn event(event: &Event, recording: &Recording, replied: Option<&Replied>) -> Value {
    match event {
        Event::Began { connection } => {
            let it = recording.connection(*connection);
            json!({
                "event": "connection",
                "connection": connection + 1,
                "recorder": it.recorder.name(),
                "description": it.description,
            })
        }
        Event::Frame(frame) => self::frame(frame, replied),
        Event::Ended { connection, time, dropped } => json!({
            "event": "end",
            "connection": connection + 1,
            "time_ns": time.as_nanos() as u64,
            "not_recorded": dropped,
        }),
        Event::Stopped { time, reason } => {
            json!({ "event": "stop", "time_ns": time.as_nanos() as u64, "reason": reason })
        }
    }
}

fn frame(frame: &Frame, replied: Option<&Replied>) -> Value {
    let mut found = Map::new();
    let mut add = |key: &str, value: Value| found.insert(key.into(), value);
    add("event", "message".into());
    add("connection", (frame.connection + 1).into());
    add("time_ns", (frame.time.as_nanos() as u64).into());
    add("from", frame.from.name().into());
    add("bytes", frame.length.into());
    let message = match frame.message() {
        Ok(message) => message,
        Err(malformed) => {
            let recorded = frame.payload == Payload::Whole;
            add("kind", if recorded { "malformed" } else { "not recorded" }.into());
            add("message", malformed.to_string().into());
            return found.into();
        }
    };
    let kind = kind(&message);
    add("kind", kind.into());
    if let Some(Replied { made, took }) = replied {
        add("interface", made.interface.clone().into());
        add("method", made.method.clone().into());
        add("took_ns", (took.as_nanos() as u64).into());
    }
    let content = content(frame, &message);
    found.extend(content);
    found.into()
}

fn kind(message: &Message<'_>) -> &'static str {
    match message {
        Message::Hello(_) => "hello",
        Message::Welcome(_) => "welcome",
        Message::Auth { .. } => "authentication",
        Message::Refuse { .. } => "refuse",
        Message::Call(..) => "call",
        Message::OneWay(..) => "one-way",
        Message::Reply { .. } => "reply",
        Message::Error(..) => "error",
        Message::Cancel { .. } => "cancel",
        Message::Credit { .. } => "credit",
        Message::Part { .. } => "part",
        Message::Ping { .. } => "ping",
        Message::Pong { .. } => "pong",
        Message::Goodbye { .. } => "goodbye",
    }
}

/// What a message consists of.
fn content(frame: &Frame, message: &Message<'_>) -> Map<String, Value> {
    let content = match message {
        Message::Hello(hello) => json!({ "who": who(&hello.who), "features": hello.offered }),
        Message::Welcome(welcome) => {
            json!({ "who": who(&welcome.who), "features": welcome.features })
        }
        Message::Call(header, arguments) => json!({
            "id": header.id,
            "interface": header.interface.as_str(),
            "method": header.method.as_str(),
            "signature": header.signature,
            "timeout_ms": header.timeout_ms,
            "lane": header.lane,
            "parent": header.parent,
            "metadata": header.metadata.map(metadata),
            "arguments": payload(frame, arguments),
        }),
        Message::OneWay(header, arguments) => json!({
            "interface": header.interface.as_str(),
            "method": header.method.as_str(),
            "signature": header.signature,
            "lane": header.lane,
            "parent": header.parent,
            "metadata": header.metadata.map(metadata),
            "arguments": payload(frame, arguments),
        }),
        Message::Reply { id, result, .. } => json!({ "id": id, "result": payload(frame, result) }),
        Message::Error(header, data) => json!({
            "id": header.id,
            "status": status_name(header.status),
            "code": header.status,
            "execution": execution(header.execution),
            "message": header.message,
            "type": header.type_name,
            "trace": header.trace,
            "data": payload(frame, data),
        }),
        Message::Refuse { status, message } | Message::Goodbye { status, message } => {
            json!({ "status": status_name(*status), "code": status, "message": message })
        }
        Message::Cancel { id } => json!({ "id": id }),
        Message::Credit { calls, bytes } => json!({ "calls": calls, "credit_bytes": bytes }),
        Message::Part { transfer, .. } => json!({ "transfer": transfer }),
        Message::Ping { token } | Message::Pong { token } => json!({ "token": token }),
        Message::Auth { .. } => json!({}),
    };
    match content {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn who(who: &Who) -> Value {
    json!({ "library": who.library, "language": who.language, "pid": who.pid })
}

fn execution(number: i64) -> String {
    let known = i32::try_from(number).ok().and_then(Execution::from_code);
    known.unwrap_or(Execution::Unknown).to_string()
}

/// Metadata as pairs, since keys may repeat.
fn metadata(raw: &[u8]) -> Value {
    metadata_pairs(raw).map(|(key, value)| json!([key, value])).collect()
}

/// A payload; `{"bytes": N}` for one that is not recorded, or long.
fn payload(frame: &Frame, bytes: &[u8]) -> Value {
    match frame.payload {
        Payload::Whole if bytes.len() <= LONGEST => {
            serde_json::to_value(WireValue::new(bytes)).unwrap_or(json!({ "bytes": bytes.len() }))
        }
        Payload::Whole => json!({ "bytes": bytes.len() }),
        Payload::LeftOut(count) => json!({ "bytes": count }),
        Payload::Cut(missing) => json!({ "bytes": bytes.len() as u64 + missing }),
    }
}
