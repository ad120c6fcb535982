//! Whether MessagePack from a peer is of the types that a description has for it.

use callgate::schema::{Member, Method, Schema};
use callgate::Contract;

use crate::values::from_wire::{shown, Position, Token, WireValue};
use crate::values::timestamp::EXTENSION;
use crate::values::Misfit;

/// How many alternatives are tried, beside four for each byte, and how deep alternatives may contain alternatives: a
/// description may define types that never end. What would take more is not checked.
const TRIES: usize = 1000;
const DEPTH: usize = 16;

/// How much of a value that does not fit is shown, in bytes.
const SHOWN: usize = 60;

/// Compares the arguments of a call with the parameters of a method that takes this number of them.
///
/// # Errors
/// The first argument that does not fit.
pub fn check_arguments(
    contract: &Contract,
    method: &Method,
    arguments: &[u8],
) -> Result<(), Misfit> {
    let wire = WireValue::new(arguments);
    let mut check = Check { contract, tries: TRIES + 4 * arguments.len() };
    let Token::Array(count) = check.read(&wire, "the arguments")? else {
        return Err(Misfit::of_texts("an array of arguments", shown(arguments, SHOWN)));
    };
    for (place, parameter) in method.parameters().iter().take(count).enumerate() {
        let name = || format!("parameter {} ({})", place + 1, parameter.name);
        check.value(&wire, &parameter.schema, 0).map_err(|misfit| misfit.within(name()))?;
    }
    Ok(())
}

struct Check<'a> {
    contract: &'a Contract,
    tries: usize,
}

impl<'a> Check<'a> {
    fn read<'w>(&self, wire: &WireValue<'w>, expected: &str) -> Result<Token<'w>, Misfit> {
        wire.next().map_err(|why| Misfit::of_texts(expected, why))
    }

    /// Reads one value. `depth` says how many alternatives it is of.
    fn value(
        &mut self,
        wire: &WireValue<'_>,
        schema: &'a Schema,
        depth: usize,
    ) -> Result<(), Misfit> {
        let begin = wire.position();
        let fits = match (self.contract.resolve(schema), self.read(wire, "a value")?) {
            (Schema::OneOf(all), _) => {
                wire.go_back(begin);
                return self.one_of(wire, schema, all, depth);
            }
            (Schema::Accepted(accepted), _) if depth < DEPTH => {
                wire.go_back(begin);
                return self.value(wire, accepted, depth + 1);
            }
            (Schema::Array(items), Token::Array(count)) => {
                return self.elements(wire, (0..count).map(|_| &**items));
            }
            (Schema::Tuple(items), Token::Array(count)) if items.len() == count => {
                return self.elements(wire, items.iter());
            }
            (Schema::Map(keys, values), Token::Map(count)) => {
                return self.entries(wire, count, keys, values);
            }
            (Schema::Record(members), Token::Map(count)) => {
                return self.record(wire, members, count);
            }
            // Generators do not know which bytes travel as binary, and which as numbers.
            (Schema::Binary, Token::Array(_)) | (Schema::Array(_), Token::Binary(_)) => {
                wire.go_back(begin);
                return skip(wire);
            }
            (Schema::Any | Schema::Named(_) | Schema::Accepted(_), _) => {
                wire.go_back(begin);
                return skip(wire);
            }
            (Schema::Enumeration(all), _) => all.contains(&shown(bytes(wire, begin)?, usize::MAX)),
            (schema, token) => is_of(schema, &token),
        };
        if fits {
            return Ok(());
        }
        Err(found(wire, begin, schema))
    }

    fn one_of(
        &mut self,
        wire: &WireValue<'_>,
        schema: &Schema,
        all: &'a [Schema],
        depth: usize,
    ) -> Result<(), Misfit> {
        let begin = wire.position();
        for one in all {
            if self.tries == 0 || depth >= DEPTH {
                return skip(wire);
            }
            self.tries -= 1;
            if self.value(wire, one, depth + 1).is_ok() {
                return Ok(());
            }
            wire.go_back(begin);
        }
        Err(found(wire, begin, schema))
    }

    fn elements(
        &mut self,
        wire: &WireValue<'_>,
        items: impl Iterator<Item = &'a Schema>,
    ) -> Result<(), Misfit> {
        nested(wire, || {
            for (place, item) in items.enumerate() {
                let step = |misfit: Misfit| misfit.within(format!("element {}", place + 1));
                self.value(wire, item, 0).map_err(step)?;
            }
            Ok(())
        })
    }

    fn entries(
        &mut self,
        wire: &WireValue<'_>,
        count: usize,
        keys: &'a Schema,
        values: &'a Schema,
    ) -> Result<(), Misfit> {
        nested(wire, || {
            for _ in 0..count {
                self.value(wire, keys, 0).map_err(|misfit| misfit.within("a key"))?;
                self.value(wire, values, 0).map_err(|misfit| misfit.within("a value"))?;
            }
            Ok(())
        })
    }

    /// Later callers may give members that the description does not have.
    fn record(
        &mut self,
        wire: &WireValue<'_>,
        members: &'a [Member],
        count: usize,
    ) -> Result<(), Misfit> {
        nested(wire, || {
            let mut missing: Vec<&Member> = members.iter().filter(|it| it.required).collect();
            for _ in 0..count {
                let Token::Text(key) = self.read(wire, "the name of a member")? else {
                    return Err(Misfit::of_texts("the name of a member", "something else"));
                };
                missing.retain(|member| member.name != key);
                match members.iter().find(|member| member.name == key) {
                    Some(member) => self
                        .value(wire, &member.schema, 0)
                        .map_err(|misfit| misfit.within(format!("member {key}")))?,
                    None => skip(wire)?,
                }
            }
            let lacks = |member: &&Member| {
                let misfit = Misfit::of_texts(member.schema.to_string(), "nothing");
                misfit.within(format!("member {}", member.name))
            };
            missing.first().map_or(Ok(()), |member| Err(lacks(member)))
        })
    }
}

/// Whether a value that contains no others is of a type.
fn is_of(schema: &Schema, token: &Token<'_>) -> bool {
    match (schema, token) {
        (Schema::Null, Token::Nil)
        | (Schema::Boolean, Token::Boolean(_))
        | (Schema::Text, Token::Text(_))
        | (Schema::Binary, Token::Binary(_))
        | (Schema::Timestamp, Token::Extension(EXTENSION, _)) => true,
        (Schema::Integer(range), Token::Signed(_) | Token::Unsigned(_)) => {
            let value = match *token {
                Token::Signed(value) => i128::from(value),
                Token::Unsigned(value) => i128::from(value),
                _ => return false,
            };
            range.as_ref().is_none_or(|range| range.contains(&value))
        }
        (
            Schema::Number(_),
            Token::Signed(_) | Token::Unsigned(_) | Token::Float32(_) | Token::Float64(_),
        ) => true,
        _ => false,
    }
}

/// Reads what an array or a map contains.
fn nested(wire: &WireValue<'_>, read: impl FnOnce() -> Result<(), Misfit>) -> Result<(), Misfit> {
    wire.deeper().map_err(|why| Misfit::of_texts("a value", why))?;
    read()?;
    wire.shallower();
    Ok(())
}

fn skip(wire: &WireValue<'_>) -> Result<(), Misfit> {
    serde_json::to_writer(std::io::sink(), wire).map_err(malformed)
}

/// The bytes of the value that begins there.
fn bytes<'w>(wire: &WireValue<'w>, begin: Position<'w>) -> Result<&'w [u8], Misfit> {
    wire.go_back(begin);
    skip(wire)?;
    Ok(&begin.rest[..begin.rest.len() - wire.position().rest.len()])
}

/// The misfit of the value that begins there.
fn found<'w>(wire: &WireValue<'w>, begin: Position<'w>, expected: &Schema) -> Misfit {
    match bytes(wire, begin) {
        Ok(bytes) => Misfit::of_texts(expected.to_string(), shown(bytes, SHOWN)),
        Err(malformed) => malformed,
    }
}

fn malformed(error: serde_json::Error) -> Misfit {
    Misfit::of_texts("a value", error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::*;
    use crate::values::{encode, sample};

    fn contract(schema: Value) -> Contract {
        let parameter = json!({ "name": "p", "required": true, "schema": schema });
        let tree = json!({
            "type": "object",
            "properties": { "left": { "anyOf": [{ "$ref": "#/components/schemas/Tree" }, { "type": "null" }] } },
            "required": ["left"],
        });
        let never = json!({ "anyOf": [{ "$ref": "#/components/schemas/Never" }, { "$ref": "#/components/schemas/Never" }] });
        let document = json!({
            "openrpc": "1.3.2",
            "info": { "title": "I", "version": "1" },
            "methods": [{ "name": "M", "params": [parameter] }],
            "components": { "schemas": { "Tree": tree, "Never": never } },
        });
        Contract::parse(&document.to_string()).unwrap()
    }

    fn checked(schema: Value, argument: &[u8]) -> Result<(), String> {
        let contract = contract(schema);
        let arguments = [&[0x91], argument].concat();
        let outcome = check_arguments(&contract, &contract.methods()[0], &arguments);
        outcome.map_err(|misfit| misfit.to_string())
    }

    #[test]
    fn what_the_tool_would_send_fits() {
        for (schema, values) in [
            (json!({ "type": "integer", "format": "int8" }), vec![json!(-128), json!(127)]),
            (json!({ "type": "number", "format": "float" }), vec![json!(1), json!(0.5)]),
            (json!({ "type": ["string", "null"] }), vec![json!("x"), json!(null)]),
            (json!({ "enum": ["red", 2] }), vec![json!("red"), json!(2)]),
            (json!({ "type": "array", "items": { "type": "boolean" } }), vec![json!([true])]),
            (
                json!({ "$ref": "#/components/schemas/Tree" }),
                vec![json!({ "left": { "left": null } })],
            ),
            (json!({ "$ref": "#/components/schemas/Never" }), vec![]),
            (json!({ "type": "string", "x-callgate-type": "binary" }), vec![json!("YQ==")]),
            (
                json!({ "type": "string", "x-callgate-type": "timestamp" }),
                vec![json!("2026-01-31T12:00:00Z")],
            ),
            (json!({}), vec![json!({ "a": [1, "x", null] })]),
        ] {
            let contract = contract(schema.clone());
            let parameter = &contract.methods()[0].parameters()[0].schema;
            let mut simplest = Vec::new();
            sample(&contract, parameter, &mut simplest);
            checked(schema.clone(), &simplest).unwrap();
            for value in values {
                let mut bytes = Vec::new();
                encode(&contract, parameter, &value, &mut bytes).unwrap();
                checked(schema.clone(), &bytes).unwrap();
            }
        }
    }

    #[test]
    fn misfits_name_the_place() {
        let byte = json!({ "type": "integer", "format": "int8" });
        let tree = json!({ "$ref": "#/components/schemas/Tree" });
        for (schema, argument, expected) in [
            (byte.clone(), &b"\xcc\x80"[..], "parameter 1 (p): expected int8, found 128"),
            (byte.clone(), b"\xa1x", "parameter 1 (p): expected int8, found \"x\""),
            (json!({ "type": "boolean" }), b"\xc0", "expected boolean, found null"),
            (json!({ "enum": ["red"] }), b"\xa3red", ""),
            (json!({ "enum": ["red"] }), b"\xa4grey", "found \"grey\""),
            (
                json!({ "type": "array", "items": byte }),
                b"\x92\x01\xc3",
                "element 2: expected int8, found true",
            ),
            (tree.clone(), b"\x81\xa4left\x81\xa4left\x01", "found {\"left\": 1}"),
            (tree.clone(), b"\x80", "member left: expected"),
            (tree.clone(), b"\x82\xa4left\xc0\xa4more\x01", ""),
            (tree, b"\x81\x01\x01", "expected the name of a member"),
            (
                json!({ "type": "string", "x-callgate-type": "timestamp" }),
                b"\xa1x",
                "expected timestamp",
            ),
            (json!({}), b"\xdd\xff\xff\xff\xff", "cut off"),
        ] {
            let outcome = checked(schema, argument);
            match expected {
                "" => outcome.unwrap(),
                expected => {
                    let misfit = outcome.unwrap_err();
                    assert!(misfit.contains(expected), "{misfit}");
                }
            }
        }
    }

    #[test]
    fn hostile_arguments_end_soon() {
        let tree = json!({ "$ref": "#/components/schemas/Tree" });
        let deep = b"\x81\xa4left".repeat(100_000);
        let misfit = checked(tree, &deep).unwrap_err();
        assert!(misfit.contains("too deep"), "{misfit}");
        let never = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Never" } });
        let many = [&[0xdd, 0, 1, 0, 0][..], &[0xc0; 1 << 16]].concat();
        checked(never, &many).unwrap();
    }
}
