//! Schemas of the types that typed interfaces send.
//!
//! They come from the crate `schemars`, behind a feature. The generated code cannot know whether a type
//! implements its trait, so it calls `schema` on a reference to a [`Type`]: the compiler prefers
//! [`WithSchema`], which needs one reference, to [`WithoutSchema`], which needs two.

use std::marker::PhantomData;

use serde_json::{json, Map, Value};

#[cfg(feature = "schemars")]
use schemars::{
    generate::{Contract, SchemaSettings},
    JsonSchema, SchemaGenerator,
};

/// Where a document keeps its named types.
const NAMED: &str = "#/components/schemas/";

/// Formats of texts that serde sends as bytes or numbers instead, since MessagePack is not for people.
#[cfg(feature = "schemars")]
const NOT_SENT_AS_TEXT: [&str; 4] = ["uuid", "ip", "ipv4", "ipv6"];

/// Generates schemas, and collects those of named types.
pub struct Schemas {
    #[cfg(feature = "schemars")]
    generator: SchemaGenerator,
}

impl Schemas {
    /// For values that this side gives, or for those that it takes: serde's attributes may make a difference.
    #[cfg(feature = "schemars")]
    pub(super) fn new(gives: bool) -> Schemas {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = NAMED.trim_end_matches('/').to_owned().into();
            settings.contract = if gives { Contract::Serialize } else { Contract::Deserialize };
        });
        Schemas { generator: settings.into_generator() }
    }

    #[cfg(not(feature = "schemars"))]
    pub(super) fn new(_: bool) -> Schemas {
        Schemas {}
    }

    /// The schemas of the named types so far.
    #[cfg(feature = "schemars")]
    pub(super) fn into_named(mut self) -> Map<String, Value> {
        let mut named = self.generator.take_definitions(true);
        named.values_mut().for_each(loosen);
        named
    }

    #[cfg(not(feature = "schemars"))]
    pub(super) fn into_named(self) -> Map<String, Value> {
        Map::new()
    }

    /// The schema of bytes.
    pub fn bytes(&mut self) -> Value {
        json!({ "type": "string", "x-callgate-type": "binary" })
    }
}

/// Stands for a type, which need not have a value.
pub struct Type<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Type<T> {
    /// Stands for this type.
    pub const NEW: Type<T> = Type(PhantomData);
}

/// A type whose schema is known.
pub trait WithSchema {
    /// Its schema.
    fn schema(&self, schemas: &mut Schemas) -> Value;
}

#[cfg(feature = "schemars")]
impl<T: JsonSchema + ?Sized> WithSchema for Type<T> {
    fn schema(&self, schemas: &mut Schemas) -> Value {
        let mut schema = schemas.generator.subschema_for::<T>().to_value();
        loosen(&mut schema);
        schema
    }
}

/// A type whose schema is not known: it may be any value.
pub trait WithoutSchema {
    /// The schema of any value.
    fn schema(&self, schemas: &mut Schemas) -> Value;
}

impl<T: ?Sized> WithoutSchema for &Type<T> {
    fn schema(&self, _: &mut Schemas) -> Value {
        json!({})
    }
}

/// Lets a schema allow any value in places where it describes another form than the one that is sent.
#[cfg(feature = "schemars")]
fn loosen(schema: &mut Value) {
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| NOT_SENT_AS_TEXT.contains(&format)) {
        *schema = json!({});
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(loosen),
        Value::Array(items) => items.iter_mut().for_each(loosen),
        _ => {}
    }
}

/// Adds the named types of results to those of parameters. If one name stands for two schemas, the results'
/// types get other names, also in `results`.
pub(super) fn merge(
    parameters: &mut Map<String, Value>,
    mut named: Map<String, Value>,
    results: &mut [&mut Value],
) {
    let differs = |(name, schema): (&String, &Value)| {
        parameters.get(name).is_some_and(|other| other != schema)
    };
    if named.iter().any(differs) {
        // A type may look the same and refer to one that differs.
        let shared = named.keys().filter(|name| parameters.contains_key(*name));
        let renamed = shared.map(|name| (format!("{NAMED}{name}"), format!("{name}Result")));
        let renamed: Vec<(String, String)> = renamed.collect();
        named.values_mut().chain(results.iter_mut().map(|it| &mut **it)).for_each(|schema| {
            refer_to_renamed(schema, &renamed);
        });
        for (old, new) in &renamed {
            if let Some(schema) = named.remove(&old[NAMED.len()..]) {
                named.insert(new.clone(), schema);
            }
        }
    }
    parameters.append(&mut named);
}

fn refer_to_renamed(schema: &mut Value, renamed: &[(String, String)]) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                let found = renamed.iter().find(|(old, _)| value.as_str() == Some(old));
                match found.filter(|_| key == "$ref") {
                    Some((_, new)) => *value = Value::String(format!("{NAMED}{new}")),
                    None => refer_to_renamed(value, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer_to_renamed(item, renamed)),
        _ => {}
    }
}
