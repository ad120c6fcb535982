//! Describes a value in the form that README.md defines for all languages.

use std::fmt::Write;

use rmpv::{Integer, Value};

/// MessagePack's extension type of timestamps.
const TIMESTAMP: i8 = -1;

/// The description of a value.
pub fn describe(value: &Value) -> String {
    match value {
        Value::Nil => "nil".into(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => integer(value),
        Value::F32(value) => float(f64::from(*value)),
        Value::F64(value) => float(*value),
        Value::String(value) => text(value.as_bytes()),
        Value::Binary(bytes) => format!("bin:{}", hex(bytes)),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(describe).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => map(entries),
        Value::Ext(TIMESTAMP, bytes) => time(bytes),
        Value::Ext(kind, bytes) => format!("ext:{kind}:{}", hex(bytes)),
    }
}

fn integer(value: &Integer) -> String {
    match (value.as_i64(), value.as_u64()) {
        (Some(value), _) => value.to_string(),
        (None, Some(value)) => value.to_string(),
        (None, None) => unreachable!("an integer is one or the other"),
    }
}

fn float(value: f64) -> String {
    if value.is_nan() {
        return "float:nan".into();
    }
    format!("float:{:016x}", value.to_bits())
}

fn text(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => write!(text, "\\x{byte:02x}").expect("a string takes it"),
            0x20..=0x7e => text.push(char::from(byte)),
            _ => write!(text, "\\x{byte:02x}").expect("a string takes it"),
        }
    }
    text + "\""
}

fn map(entries: &[(Value, Value)]) -> String {
    let mut entries: Vec<_> =
        entries.iter().map(|(key, held)| (describe(key), describe(held))).collect();
    entries.sort();
    let entries: Vec<_> = entries.iter().map(|(key, held)| format!("{key}: {held}")).collect();
    format!("{{{}}}", entries.join(", "))
}

/// Timestamps have three forms of different lengths.
fn time(bytes: &[u8]) -> String {
    let (seconds, nanoseconds) = match *bytes {
        [a, b, c, d] => (i64::from(u32::from_be_bytes([a, b, c, d])), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            ((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32)
        }
        [a, b, c, d, e, f, g, h, i, j, k, l] => {
            (i64::from_be_bytes([e, f, g, h, i, j, k, l]), u32::from_be_bytes([a, b, c, d]))
        }
        _ => return format!("ext:{TIMESTAMP}:{}", hex(bytes)),
    };
    format!("time:{seconds}.{nanoseconds:09}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The native value of MessagePack in hexadecimal digits.
pub fn native(digits: &str) -> Result<Value, String> {
    let bytes = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|error| error.to_string()))
        .collect::<Result<Vec<u8>, _>>()?;
    rmpv::decode::read_value(&mut bytes.as_slice()).map_err(|error| error.to_string())
}
