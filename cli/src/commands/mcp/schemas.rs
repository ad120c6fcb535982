//! The types of a description as schemas of tools.
//!
//! They are copies with the keywords that are known to be harmless. A host may be hostile: patterns and references to
//! other documents stay behind, and comments are cut.

use std::collections::BTreeMap;

use callgate::schema::{Method, Schema};
use callgate::Contract;
use serde_json::{json, Map, Value};

use crate::commands::mcp::text::{bounded, Names};

/// How many schemas one tool may have, those within others included.
const MOST_SCHEMAS: usize = 2000;

/// The longest comment of a parameter or member, in characters.
const LONGEST_COMMENT: usize = 500;

/// Keywords that are copied as they are.
const STRUCTURE: [&str; 5] = ["type", "format", "enum", "const", "required"];

/// Keywords that only restrict arguments. Results are not checked against them, so results do not promise them.
const RESTRICTIONS: [&str; 10] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "default",
];

/// Copies schemas of one document.
struct Copier<'a> {
    types: Option<&'a Map<String, Value>>,
    /// Names of types in the document, with their names in the copy.
    named: BTreeMap<String, String>,
    /// Those whose copies are still to be made.
    pending: Vec<String>,
    names: Names,
    for_arguments: bool,
    left: usize,
}

/// The schema of a tool's arguments: an object with a member for each parameter, under these names. `None` if it is
/// too large.
pub fn input(
    document: &Value,
    described: &Value,
    method: &Method,
    names: &[String],
) -> Option<Value> {
    let mut copier = Copier::new(document, true);
    let mut properties = Map::new();
    let mut required = Vec::new();
    let raw = described["params"].as_array().map_or(&[][..], Vec::as_slice);
    for ((name, parameter), raw) in names.iter().zip(method.parameters()).zip(raw) {
        let mut schema = raw.get("schema").map_or(json!({}), |schema| copier.copy(schema));
        if let (Some(comment), Value::Object(schema)) = (&parameter.comment, &mut schema) {
            schema.insert("description".into(), bounded(comment, LONGEST_COMMENT).into());
        }
        properties.insert(name.clone(), schema);
        if parameter.required {
            required.push(name.clone());
        }
    }
    let root = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    copier.finish(root)
}

/// The schema of a tool's result; `Some(None)` if results are not objects, and `None` if it is too large.
pub fn output(
    document: &Value,
    described: &Value,
    contract: &Contract,
    method: &Method,
) -> Option<Option<Value>> {
    let result = method.result().map(|schema| contract.resolve(schema));
    if !matches!(result, Some(Schema::Record(_) | Schema::Map(..))) {
        return Some(None);
    }
    let mut copier = Copier::new(document, false);
    let raw = copier.resolve(&described["result"]["schema"]);
    let mut root = copier.copy(raw);
    root["type"] = "object".into();
    copier.finish(root).map(Some)
}

impl<'a> Copier<'a> {
    fn new(document: &'a Value, for_arguments: bool) -> Copier<'a> {
        Copier {
            types: document["components"]["schemas"].as_object(),
            named: BTreeMap::new(),
            pending: Vec::new(),
            names: Names::default(),
            for_arguments,
            left: MOST_SCHEMAS,
        }
    }

    /// The schema with those that it refers to; `None` if they are too many.
    fn finish(mut self, mut root: Value) -> Option<Value> {
        let mut copies = Map::new();
        while let Some(name) = self.pending.pop() {
            let copy = self.types.and_then(|types| types.get(&name)).map(|raw| self.copy(raw));
            copies.insert(self.named[&name].clone(), copy.unwrap_or(json!({})));
        }
        if !copies.is_empty() {
            root["$defs"] = copies.into();
        }
        (self.left > 0).then_some(root)
    }

    /// The schema that a reference leads to.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let mut found = schema;
        for _ in 0..MOST_SCHEMAS {
            let Some(name) = reference(found) else { break };
            let Some(next) = self.types.and_then(|types| types.get(name)) else { break };
            found = next;
        }
        found
    }

    fn copy(&mut self, schema: &Value) -> Value {
        let Value::Object(schema) = schema else {
            return if schema.is_boolean() { schema.clone() } else { json!({}) };
        };
        self.left = self.left.saturating_sub(1);
        let mut copy = Map::new();
        if self.left == 0 {
            return copy.into();
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            copy.extend(self.refer(name));
        }
        for (keyword, value) in schema {
            let copied = match (keyword.as_str(), value) {
                (known, _) if STRUCTURE.contains(&known) => value.clone(),
                (known, _) if RESTRICTIONS.contains(&known) && self.for_arguments => value.clone(),
                ("description", Value::String(text)) => bounded(text, LONGEST_COMMENT).into(),
                ("additionalProperties", _) => self.copy(value),
                ("items", Value::Object(_)) => self.copy(value),
                ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(all)) => self.all(all),
                ("properties", Value::Object(members)) => {
                    let copied = members.iter().map(|(name, it)| (name.clone(), self.copy(it)));
                    Value::Object(copied.collect())
                }
                _ => continue,
            };
            copy.insert(keyword.clone(), copied);
        }
        self.translate(schema, &mut copy);
        copy.into()
    }

    fn all(&mut self, schemas: &[Value]) -> Value {
        schemas.iter().map(|schema| self.copy(schema)).collect()
    }

    /// What the document writes otherwise.
    fn translate(&mut self, schema: &Map<String, Value>, copy: &mut Map<String, Value>) {
        // Draft 7 writes tuples as a list of items.
        if let Some(items) = schema.get("items").and_then(Value::as_array) {
            copy.insert("prefixItems".into(), self.all(items));
        }
        // Generators describe keys of a type by a pattern.
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        if let Some(values) =
            patterns.filter(|all| all.len() == 1).and_then(|all| all.values().next())
        {
            copy.insert("additionalProperties".into(), self.copy(values));
        }
        match schema.get("x-callgate-type").and_then(Value::as_str) {
            Some("binary") => drop(copy.insert("contentEncoding".into(), "base64".into())),
            Some("timestamp") => drop(copy.insert("format".into(), "date-time".into())),
            _ => {}
        }
        // JSON has no number for "NaN" and its like.
        if !self.for_arguments && copy.get("type").is_some_and(|kind| kind == "number") {
            copy.insert("type".into(), json!(["number", "string"]));
        }
    }

    /// A reference to a type of the document, which will be copied too. Nothing if it has no such type.
    fn refer(&mut self, reference: &str) -> Option<(String, Value)> {
        let name = last(reference);
        self.types?.get(name)?;
        if !self.named.contains_key(name) {
            self.named.insert(name.into(), self.names.plain(name));
            self.pending.push(name.into());
        }
        Some(("$ref".into(), format!("#/$defs/{}", self.named[name]).into()))
    }
}

/// The name that a schema refers to, if it is a reference.
fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str).map(last)
}

/// The last name of a reference, as descriptions are read.
fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}
