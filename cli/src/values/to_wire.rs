//! JSON as MessagePack, of the type that a description has for it.

use base64::prelude::{Engine, BASE64_STANDARD};
use callgate::schema::{Member, Schema};
use callgate::Contract;
use rmp::encode as wire;
use serde_json::{Map, Value};

use crate::values::timestamp::{Timestamp, EXTENSION};
use crate::values::Misfit;

/// How many types one value is tried as, and how deep alternatives contain alternatives: a host's description may
/// define types that never end.
const ALTERNATIVES: Alternatives = Alternatives { count: 1000, depth: 16 };

/// What is left of [`ALTERNATIVES`] for one value.
#[derive(Clone, Copy)]
struct Alternatives {
    count: usize,
    depth: usize,
}

/// The types of a value, and whether it may name files.
#[derive(Clone, Copy)]
struct Source<'a> {
    contract: &'a Contract,
    reads_files: bool,
}

/// Appends a value of this type. Binary is base64.
///
/// # Errors
/// Where the value does not fit the type.
pub fn encode(
    contract: &Contract,
    schema: &Schema,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    encode_from(Source { contract, reads_files: false }, schema, value, out)
}

/// Appends a value that the user of this program has written: `@FILE` in place of base64 stands for the content of
/// a file. Nobody else may name files that this user can read.
///
/// # Errors
/// As [`encode`], and for a file that cannot be read.
pub fn encode_with_files(
    contract: &Contract,
    schema: &Schema,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    encode_from(Source { contract, reads_files: true }, schema, value, out)
}

fn encode_from(
    source: Source<'_>,
    schema: &Schema,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    encode_within(source, schema, value, out, &mut ALTERNATIVES.clone())
}

fn encode_within(
    source: Source<'_>,
    schema: &Schema,
    value: &Value,
    out: &mut Vec<u8>,
    left: &mut Alternatives,
) -> Result<(), Misfit> {
    let inner =
        |schema: &Schema, value: &Value, out: &mut Vec<u8>| encode_from(source, schema, value, out);
    let misfit = || Misfit::new(schema, value);
    match (source.contract.resolve(schema), value) {
        (Schema::Null, Value::Null) | (Schema::Boolean, Value::Bool(_)) | (Schema::Any, _) => {
            encode_any(value, out);
        }
        (Schema::Text, Value::String(_)) => encode_any(value, out),
        (Schema::Integer(range), Value::Number(number)) => {
            let integer = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
            let fits = |it: &i128| range.as_ref().is_none_or(|range| range.contains(it));
            integer.filter(fits).ok_or_else(misfit)?;
            encode_any(value, out);
        }
        (Schema::Number(bits), _) => {
            let number = floating(value).filter(|number| *bits != Some(32) || fits_32(*number));
            match (number.ok_or_else(misfit)?, bits) {
                (number, Some(32)) => written(wire::write_f32(out, number as f32)),
                (number, _) => written(wire::write_f64(out, number)),
            }
        }
        (Schema::Binary, Value::String(text)) => {
            written(wire::write_bin(out, &binary(text, source.reads_files)?));
        }
        (Schema::Timestamp, Value::String(text)) => {
            let expected = "timestamp (e.g. 2026-01-31T12:00:00Z)";
            let found = || Misfit::of_texts(expected, Value::from(text.as_str()).to_string());
            let bytes = Timestamp::parse(text).ok_or_else(found)?.to_bytes();
            written(wire::write_ext_meta(out, bytes.len() as u32, EXTENSION));
            out.extend(bytes);
        }
        (Schema::Array(items), Value::Array(values)) => {
            written(wire::write_array_len(out, values.len() as u32));
            for (place, value) in values.iter().enumerate() {
                inner(items, value, out).map_err(|misfit| misfit.within(element(place)))?;
            }
        }
        (Schema::Tuple(items), Value::Array(values)) if items.len() == values.len() => {
            written(wire::write_array_len(out, values.len() as u32));
            for (place, (item, value)) in items.iter().zip(values).enumerate() {
                inner(item, value, out).map_err(|misfit| misfit.within(element(place)))?;
            }
        }
        (Schema::Map(keys, values), Value::Object(members)) => {
            written(wire::write_map_len(out, members.len() as u32));
            for (key, value) in members {
                let step = |misfit: Misfit| misfit.within(format!("key {key}"));
                encode_key(source, keys, key, out).map_err(step)?;
                inner(values, value, out).map_err(step)?;
            }
        }
        (Schema::Record(members), Value::Object(values)) => {
            encode_record(source, members, values, out)?;
        }
        (Schema::Enumeration(all), value) if all.contains(&value.to_string()) => {
            encode_any(value, out);
        }
        (Schema::OneOf(all), value) => encode_one_of(source, schema, all, value, out, left)?,
        (Schema::Accepted(accepted), value) => encode_within(source, accepted, value, out, left)?,
        _ => return Err(misfit()),
    }
    Ok(())
}

/// Appends a value without a description: numbers without a fraction become integers.
pub fn encode_any(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => written(wire::write_nil(out)),
        Value::Bool(value) => written(wire::write_bool(out, *value)),
        Value::String(text) => written(wire::write_str(out, text)),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => written(wire::write_sint(out, number)),
            (_, Some(number), _) => written(wire::write_uint(out, number)),
            (_, _, number) => written(wire::write_f64(out, number.unwrap_or(f64::NAN))),
        },
        Value::Array(values) => {
            written(wire::write_array_len(out, values.len() as u32));
            values.iter().for_each(|value| encode_any(value, out));
        }
        Value::Object(members) => {
            written(wire::write_map_len(out, members.len() as u32));
            for (key, value) in members {
                written(wire::write_str(out, key));
                encode_any(value, out);
            }
        }
    }
}

/// Memory takes all that is written to it.
fn written<T, E: std::fmt::Debug>(outcome: Result<T, E>) {
    outcome.expect("writing to memory does not fail");
}

fn element(place: usize) -> String {
    format!("element {}", place + 1)
}

fn floating(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// Whether 32 bits hold a number, rounded.
fn fits_32(number: f64) -> bool {
    !number.is_finite() || (number as f32).is_finite()
}

/// Bytes as base64, or the content of a file.
fn binary(text: &str, reads_files: bool) -> Result<Vec<u8>, Misfit> {
    let expected = if reads_files { "binary (base64, or @FILE)" } else { "binary (base64)" };
    let misfit = |found: String| Misfit::of_texts(expected, found);
    match text.strip_prefix('@').filter(|_| reads_files) {
        Some(file) => std::fs::read(file).map_err(|error| misfit(format!("@{file}: {error}"))),
        None => BASE64_STANDARD
            .decode(text)
            .map_err(|_| misfit(super::misfit::described(&Value::from(text)))),
    }
}

/// JSON has text keys alone; others are the JSON of the key. Of keys of any type, integers are integers.
fn encode_key(
    source: Source<'_>,
    schema: &Schema,
    key: &str,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let text = || Value::from(key);
    let parsed = serde_json::from_str(key).ok();
    let value = match source.contract.resolve(schema) {
        Schema::Text => None,
        Schema::Any => parsed.filter(|value: &Value| value.is_i64() || value.is_u64()),
        _ => parsed,
    };
    encode_from(source, schema, &value.unwrap_or_else(text), out)
}

fn encode_record(
    source: Source<'_>,
    members: &[Member],
    values: &Map<String, Value>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let known = |name: &String| members.iter().any(|member| member.name == *name);
    if let Some(unknown) = values.keys().find(|name| !known(name)) {
        let names: Vec<&str> = members.iter().map(|member| &*member.name).collect();
        let found = format!("a member '{unknown}'");
        return Err(Misfit::of_texts(format!("the members {}", names.join(", ")), found));
    }
    written(wire::write_map_len(out, values.len() as u32));
    for Member { name, required, schema, .. } in members {
        let step = |misfit: Misfit| misfit.within(format!("member {name}"));
        match values.get(name) {
            Some(value) => {
                written(wire::write_str(out, name));
                encode_from(source, schema, value, out).map_err(step)?;
            }
            None if *required => {
                return Err(step(Misfit::of_texts(schema.to_string(), "nothing")));
            }
            None => {}
        }
    }
    Ok(())
}

/// The first type that fits. Of a type that may be null, the misfit is that of its other values.
fn encode_one_of(
    source: Source<'_>,
    schema: &Schema,
    all: &[Schema],
    value: &Value,
    out: &mut Vec<u8>,
    left: &mut Alternatives,
) -> Result<(), Misfit> {
    let begin = out.len();
    let mut inside = None;
    for one in all {
        if left.count == 0 || left.depth == 0 {
            break;
        }
        left.count -= 1;
        left.depth -= 1;
        let outcome = encode_within(source, one, value, out, left);
        left.depth += 1;
        match outcome {
            Ok(()) => return Ok(()),
            Err(misfit) => {
                out.truncate(begin);
                inside = inside.or(misfit.is_inside().then_some(misfit));
            }
        }
    }
    Err(inside.unwrap_or_else(|| Misfit::new(schema, value)))
}
