//! Reading OpenRPC documents.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::contract::{Contract, Description, Method, NamedType, Parameter, Schema};
use crate::error::{Error, Result, Status};
use crate::limits::DESCRIPTION;
use crate::name;
use crate::text::quoted;

/// Reads a document that describes one interface.
///
/// # Errors
/// Invalid argument.
pub(super) fn parse(document: &str) -> Result<Contract> {
    if document.len() > DESCRIPTION {
        let (length, most) = (document.len(), DESCRIPTION);
        return Err(malformed(format_args!("it has {length} bytes; at most {most} are allowed")));
    }
    let value = serde_json::from_str(document).map_err(malformed)?;
    contract(&value, document)
}

/// The document of an interface with that of its callback interface.
pub(super) fn with_callback(contract: &Contract, callback: &Contract) -> Result<Contract> {
    let mut root = root_of(contract)?;
    root["x-callgate-callback"] = root_of(callback)?;
    parse(&root.to_string())
}

/// The document of an interface under another name.
pub(super) fn under_name(contract: &Contract, interface: &str) -> Result<Contract> {
    let mut root = root_of(contract)?;
    root["info"]["title"] = interface.into();
    parse(&root.to_string())
}

fn root_of(contract: &Contract) -> Result<Value> {
    serde_json::from_str(contract.document()).map_err(malformed)
}

fn contract(value: &Value, document: &str) -> Result<Contract> {
    let Value::Object(root) = value else { return Err(malformed("it is not an object")) };
    let version = root.get("openrpc").and_then(Value::as_str);
    if !version.is_some_and(|version| version.starts_with("1.")) {
        return Err(malformed("'openrpc' must be \"1.3.2\" or another version 1"));
    }
    let title = root.get("info").and_then(|info| info.get("title")).and_then(Value::as_str);
    let Some(interface) = title else {
        return Err(malformed("'info.title', the name of the interface, is missing"));
    };
    name::check("the interface's name, 'info.title',", interface)?;
    let Some(methods) = root.get("methods").and_then(Value::as_array) else {
        return Err(malformed("'methods' is missing"));
    };
    let callback = root.get("x-callgate-callback");
    let callback = callback.map(|it| contract(it, &it.to_string())).transpose()?;
    Ok(Contract(Arc::new(Description {
        interface: interface.into(),
        comment: root.get("info").and_then(comment),
        document: document.into(),
        methods: methods.iter().map(method).collect::<Result<_>>()?,
        callback,
        types: types(root),
    })))
}

fn types(root: &Map<String, Value>) -> BTreeMap<String, NamedType> {
    let schemas = root.get("components").and_then(|it| it.get("schemas"));
    let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
    let named = schemas.map(|(name, schema)| NamedType {
        name: name.clone(),
        comment: comment(schema),
        schema: Schema::read(schema),
    });
    named.map(|named| (named.name.clone(), named)).collect()
}

/// What a document says about one of its parts. Some generators write only the shorter of the two texts.
fn comment(described: &Value) -> Option<String> {
    let text = described.get("description").or(described.get("summary"));
    text.and_then(Value::as_str).map(Into::into)
}

fn method(value: &Value) -> Result<Method> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    // OpenRPC wants a name of its own for each method, so overloads name theirs apart.
    let Some(name) = text("x-callgate-method").or(text("name")) else {
        return Err(malformed("a method has no 'name'"));
    };
    name::check("a method's name", name)?;
    let Some(parameters) = value.get("params").and_then(Value::as_array) else {
        let name = quoted(name);
        return Err(malformed(format_args!("method '{name}' has no 'params'")));
    };
    let errors = value.get("x-callgate-errors").and_then(Value::as_array);
    let aliases = value.get("x-callgate-error-aliases").and_then(Value::as_object);
    let aliases = aliases.into_iter().flatten();
    Ok(Method {
        name: name.into(),
        signature: text("x-callgate-signature").map(Into::into),
        comment: comment(value),
        parameters: parameters.iter().map(parameter).collect(),
        result: value.get("result").map(schema_of),
        errors: errors.map(|all| all.iter().filter_map(Value::as_str).map(Into::into).collect()),
        aliases: aliases
            .filter_map(|(alias, of)| Some((alias.clone(), of.as_str()?.into())))
            .collect(),
    })
}

fn parameter(value: &Value) -> Parameter {
    Parameter {
        name: value.get("name").and_then(Value::as_str).unwrap_or("?").into(),
        required: value.get("required").and_then(Value::as_bool).unwrap_or(false),
        comment: comment(value).or_else(|| value.get("schema").and_then(comment)),
        schema: schema_of(value),
    }
}

/// The schema of a parameter or result.
fn schema_of(described: &Value) -> Schema {
    described.get("schema").map_or(Schema::Any, Schema::read)
}

fn malformed(what: impl std::fmt::Display) -> Error {
    let what = what.to_string();
    let message =
        format!("the description of an interface is no OpenRPC document: {}", quoted(&what));
    Error::new(Status::InvalidArgument, message)
}
