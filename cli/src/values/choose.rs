//! The arguments on a command line as the arguments of a call.

use callgate::schema::{Method, Parameter, Schema};
use callgate::Contract;
use rmp::encode as wire;
use serde_json::Value;

use crate::values::misfit::described;
use crate::values::{encode_any, encode_with_files, Misfit};

/// Encodes the arguments of a call: by the method's description, or without one.
///
/// # Errors
/// Which argument does not fit.
pub fn arguments(
    described: Option<(&Contract, &Method)>,
    texts: &[String],
) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    wire::write_array_len(&mut out, texts.len() as u32).expect("writing to memory does not fail");
    let Some((contract, method)) = described else {
        for (place, text) in texts.iter().enumerate() {
            let value = serde_json::from_str(text).map_err(|error| {
                let number = place + 1;
                format!("argument {number} is not JSON ({error}); text needs quotes within quotes: '\"text\"'")
            })?;
            encode_any(&value, &mut out);
        }
        return Ok(out);
    };
    if !method.takes(texts.len()) {
        let (arity, found) = (method.arity(), texts.len());
        return Err(format!("{method} takes {arity}, found {found}"));
    }
    for (place, (parameter, text)) in method.parameters().iter().zip(texts).enumerate() {
        let Parameter { name, schema, .. } = parameter;
        argument(contract, schema, text, &mut out).map_err(|misfit| {
            misfit.within(format!("parameter {} ({name})", place + 1)).to_string()
        })?;
    }
    Ok(out)
}

/// An argument is JSON. What does not fit as JSON, unless it is an array or an object, is taken as text, so that
/// text needs no quotes.
fn argument(
    contract: &Contract,
    schema: &Schema,
    text: &str,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let begin = out.len();
    let parsed: Result<Value, _> = serde_json::from_str(text);
    let misfit = match &parsed {
        Ok(value) => match encode_with_files(contract, schema, value, out) {
            Ok(()) => return Ok(()),
            Err(misfit) => misfit,
        },
        Err(_) => Misfit::of_texts(schema.to_string(), described(&Value::from(text))),
    };
    out.truncate(begin);
    if matches!(parsed, Ok(Value::Array(_) | Value::Object(_))) {
        return Err(misfit);
    }
    let as_text = encode_with_files(contract, schema, &Value::from(text), out);
    as_text.map_err(|of_text| {
        out.truncate(begin);
        // The type is one that is written as text, and this text is malformed.
        let is_text = matches!(contract.resolve(schema), Schema::Binary | Schema::Timestamp);
        if is_text && parsed.is_err() {
            of_text
        } else {
            misfit
        }
    })
}
