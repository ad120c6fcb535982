//! Types of values, as JSON Schema describes them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// A type of values. Its text is short and for people: `int32`, `array of string`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Schema {
    /// Any value, and what this version does not understand.
    Any,
    /// Nothing: nil on the wire.
    Null,
    /// True or false.
    Boolean,
    /// Integers within a range; `None` if the description gives no width.
    Integer(Option<RangeInclusive<i128>>),
    /// Floating point numbers of 32 or 64 bits; `None` if the description gives no width.
    Number(Option<u8>),
    /// Text in UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// A moment.
    Timestamp,
    /// Values of one type.
    Array(Box<Schema>),
    /// A fixed number of values, each with its type.
    Tuple(Vec<Schema>),
    /// Values of one type by keys of another.
    Map(Box<Schema>, Box<Schema>),
    /// Values by names.
    Record(Vec<Member>),
    /// One of some values, as JSON writes them.
    Enumeration(Vec<String>),
    /// A value of one of these types.
    OneOf(Vec<Schema>),
    /// The type with this name: see [`Contract::resolve`](crate::Contract::resolve).
    Named(String),
    /// Within [`Schema::OneOf`]: values that this side takes and, as far as it knows, does not give.
    Accepted(Box<Schema>),
}

/// A member of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its key on the wire.
    pub name: String,
    /// Whether this side needs it.
    pub required: bool,
    /// Whether this side always gives it.
    pub given: bool,
    /// The type of its values.
    pub schema: Schema,
}

/// A type that a description defines by a name.
pub struct NamedType {
    /// The name.
    pub name: String,
    /// What the description says about it.
    pub comment: Option<String>,
    /// What it stands for.
    pub schema: Schema,
}

/// The type that a name stands for; other types as they are.
pub(super) fn resolve<'a>(
    types: &'a BTreeMap<String, NamedType>,
    schema: &'a Schema,
) -> &'a Schema {
    // A name that stands for itself, by whatever detour, stands for nothing.
    let mut found = schema;
    for _ in 0..=types.len() {
        match found {
            Schema::Named(name) => match types.get(name) {
                Some(next) => found = &next.schema,
                None => return &Schema::Any,
            },
            other => return other,
        }
    }
    &Schema::Any
}

/// The integer formats, with their ranges.
const INTEGERS: [(&str, RangeInclusive<i128>); 8] = [
    ("int8", i8::MIN as i128..=i8::MAX as i128),
    ("int16", i16::MIN as i128..=i16::MAX as i128),
    ("int32", i32::MIN as i128..=i32::MAX as i128),
    ("int64", i64::MIN as i128..=i64::MAX as i128),
    ("uint8", 0..=u8::MAX as i128),
    ("uint16", 0..=u16::MAX as i128),
    ("uint32", 0..=u32::MAX as i128),
    ("uint64", 0..=u64::MAX as i128),
];

impl Schema {
    /// Reads a schema. What it does not understand becomes [`Schema::Any`], since the descriptions of later
    /// versions must not keep today's programs from calling.
    pub(super) fn read(schema: &Value) -> Schema {
        let Value::Object(schema) = schema else { return Schema::Any };
        match schema.get("x-callgate-accepted") {
            Some(Value::Bool(true)) => Schema::Accepted(Box::new(Schema::of(schema))),
            _ => Schema::of(schema),
        }
    }

    fn of(schema: &Map<String, Value>) -> Schema {
        if is_composed(schema) {
            return Schema::Any;
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let name = name.rsplit('/').next().unwrap_or(name);
            return Schema::Named(name.into());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return Schema::Enumeration(values.iter().map(Value::to_string).collect());
        }
        if let Some(value) = schema.get("const") {
            return Schema::Enumeration(vec![value.to_string()]);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(all) = schema.get(key).and_then(Value::as_array) {
                return one_of(all.iter().map(Schema::read).collect());
            }
        }
        // Some generators wrap a reference that has a description of its own.
        if let Some([only]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            return Schema::read(only);
        }
        match schema.get("type") {
            Some(Value::String(kind)) => of_kind(kind, schema),
            Some(Value::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                one_of(kinds.map(|kind| of_kind(kind, schema)).collect())
            }
            _ => Schema::Any,
        }
    }
}

/// Whether it is put together from several schemas, all of which hold.
fn is_composed(schema: &Map<String, Value>) -> bool {
    let all = schema.get("allOf").and_then(Value::as_array);
    let parts = all.map_or(0, Vec::len) + usize::from(schema.contains_key("$ref"));
    parts > 1 || (parts == 1 && schema.contains_key("properties"))
}

fn one_of(mut all: Vec<Schema>) -> Schema {
    match all.len() {
        1 => all.remove(0),
        _ => Schema::OneOf(all),
    }
}

fn of_kind(kind: &str, schema: &Map<String, Value>) -> Schema {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    match kind {
        "null" => Schema::Null,
        "boolean" => Schema::Boolean,
        "integer" => Schema::Integer(integers(schema)),
        "number" => Schema::Number(match text("format") {
            Some("float") => Some(32),
            Some("double") => Some(64),
            _ => None,
        }),
        "string" => match text("x-callgate-type") {
            Some("binary") => Schema::Binary,
            Some("timestamp") => Schema::Timestamp,
            _ => Schema::Text,
        },
        "array" => array(schema),
        "object" => object(schema),
        _ => Schema::Any,
    }
}

fn integers(schema: &Map<String, Value>) -> Option<RangeInclusive<i128>> {
    let format = schema.get("format").and_then(Value::as_str)?;
    INTEGERS.iter().find(|(name, _)| *name == format).map(|(_, range)| range.clone())
}

fn array(schema: &Map<String, Value>) -> Schema {
    // Draft 7 writes tuples as a list of items; later drafts as prefixItems.
    let tuple = schema.get("prefixItems").or(schema.get("items")).and_then(Value::as_array);
    if let Some(items) = tuple {
        return Schema::Tuple(items.iter().map(Schema::read).collect());
    }
    Schema::Array(Box::new(schema.get("items").map_or(Schema::Any, Schema::read)))
}

fn object(schema: &Map<String, Value>) -> Schema {
    let required: Vec<&str> = match schema.get("required").and_then(Value::as_array) {
        Some(names) => names.iter().filter_map(Value::as_str).collect(),
        None => Vec::new(),
    };
    if let Some(members) = schema.get("properties").and_then(Value::as_object) {
        let is_complete = schema.get("x-callgate-complete") == Some(&Value::Bool(true));
        let members = members.iter().map(|(name, schema)| {
            let required = required.contains(&name.as_str());
            Member {
                name: name.clone(),
                required,
                given: required || is_complete || schema.get("default").is_some(),
                schema: Schema::read(schema),
            }
        });
        return Schema::Record(members.collect());
    }
    let keys = schema.get("x-callgate-keys").map(Schema::read);
    // In JSON keys are texts. Generators describe keys that are integers by a pattern of that text.
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let (usual_keys, values) = match patterns {
        Some(patterns) => (Schema::Any, patterns.values().next().filter(|_| patterns.len() == 1)),
        None => (Schema::Text, schema.get("additionalProperties")),
    };
    let values = values.map_or(Schema::Any, Schema::read);
    Schema::Map(Box::new(keys.unwrap_or(usual_keys)), Box::new(values))
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schema::Any => f.write_str("any value"),
            Schema::Null => f.write_str("null"),
            Schema::Boolean => f.write_str("boolean"),
            Schema::Integer(None) => f.write_str("integer"),
            Schema::Integer(Some(range)) => {
                let known = INTEGERS.iter().find(|(_, other)| other == range);
                f.write_str(known.map_or("integer", |(name, _)| name))
            }
            Schema::Number(None) => f.write_str("number"),
            Schema::Number(Some(bits)) => write!(f, "float{bits}"),
            Schema::Text => f.write_str("string"),
            Schema::Binary => f.write_str("binary"),
            Schema::Timestamp => f.write_str("timestamp"),
            Schema::Array(items) => write!(f, "array of {items}"),
            Schema::Tuple(items) => {
                let items: Vec<String> = items.iter().map(Schema::to_string).collect();
                write!(f, "tuple of ({})", items.join(", "))
            }
            Schema::Map(keys, values) => write!(f, "map of {keys} to {values}"),
            Schema::Record(members) => {
                let names: Vec<&str> = members.iter().map(|member| &*member.name).collect();
                write!(f, "record of ({})", names.join(", "))
            }
            Schema::Enumeration(values) => write!(f, "one of {}", values.join(", ")),
            Schema::OneOf(all) => {
                let given = all.iter().filter(|one| !matches!(one, Schema::Accepted(_)));
                let given: Vec<String> = given.map(Schema::to_string).collect();
                f.write_str(&given.join(" or "))
            }
            Schema::Named(name) => f.write_str(name),
            Schema::Accepted(schema) => schema.fmt(f),
        }
    }
}
