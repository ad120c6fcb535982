//! Values that fit a type, for hosts that have no program.

use callgate::schema::Schema;
use callgate::Contract;
use rmp::encode as wire;
use serde_json::Value;

use crate::values::timestamp::EXTENSION;
use crate::values::{encode, encode_any};

/// How deep a made-up value nests: a type may contain itself.
const DEEPEST: usize = 16;

/// How many bytes it has, about: a type may contain itself several times.
const LONGEST: usize = 1 << 20;

/// Appends the simplest value of a type: zero, empty, or the first of several.
pub fn sample(contract: &Contract, schema: &Schema, out: &mut Vec<u8>) {
    sample_within(contract, schema, DEEPEST, out);
}

fn sample_within(contract: &Contract, schema: &Schema, depth: usize, out: &mut Vec<u8>) {
    if depth == 0 || out.len() > LONGEST {
        return encode_any(&Value::Null, out);
    }
    let depth = depth - 1;
    let inner = |schema: &Schema, out: &mut Vec<u8>| sample_within(contract, schema, depth, out);
    let simple = match contract.resolve(schema) {
        Schema::Boolean => Value::from(false),
        Schema::Integer(_) => Value::from(0),
        Schema::Number(_) => Value::from(0.0),
        Schema::Text => Value::from(""),
        Schema::Array(_) => Value::Array(Vec::new()),
        Schema::Map(..) => Value::Object(serde_json::Map::new()),
        Schema::Enumeration(all) => {
            let first = all.first().and_then(|first| serde_json::from_str(first).ok());
            first.unwrap_or(Value::Null)
        }
        Schema::Binary => return written(wire::write_bin(out, &[])),
        Schema::Timestamp => {
            written(wire::write_ext_meta(out, 4, EXTENSION));
            return out.extend([0; 4]);
        }
        Schema::Tuple(items) => {
            written(wire::write_array_len(out, items.len() as u32));
            return items.iter().for_each(|item| inner(item, out));
        }
        Schema::Record(members) => {
            let required = || members.iter().filter(|member| member.required || member.given);
            written(wire::write_map_len(out, required().count() as u32));
            for member in required() {
                written(wire::write_str(out, &member.name));
                inner(&member.schema, out);
            }
            return;
        }
        Schema::OneOf(all) => {
            let may_be_null = encode(contract, schema, &Value::Null, &mut Vec::new()).is_ok();
            match all.iter().find(|one| !matches!(one, Schema::Accepted(_))) {
                Some(first) if !may_be_null => return inner(first, out),
                _ => Value::Null,
            }
        }
        Schema::Accepted(accepted) => return inner(accepted, out),
        _ => Value::Null,
    };
    encode_any(&simple, out);
}

/// Memory takes all that is written to it.
fn written<T, E: std::fmt::Debug>(outcome: Result<T, E>) {
    outcome.expect("writing to memory does not fail");
}
