//! Describes typed interfaces by OpenRPC documents, as the generated code says.

use std::sync::OnceLock;

use serde_json::{json, Map, Value};

use crate::contract::Contract;
use crate::error::Result;
use crate::interface::schemas::{merge, Schemas};
use crate::interface::CallError;

/// A typed interface that can be described.
pub trait Describe {
    /// The interface's name.
    const INTERFACE: &'static str;
    /// The version of the crate that declares it.
    const VERSION: &'static str;
    /// The trait's doc comment, line by line.
    const DOCUMENTATION: &'static [&'static str];

    /// Describes its methods, and those of the interfaces that it inherits.
    fn methods(document: &mut Document);
}

/// A description that is made when it is first needed.
pub type Kept = OnceLock<Result<Contract>>;

/// The side of an interface that a description is for.
#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    /// Gives parameters and takes results.
    Caller,
    /// Takes parameters and gives results.
    Host,
}

/// The description of an interface from one side.
pub fn contract<D: Describe>(side: Side, kept: &'static Kept) -> Result<Contract> {
    kept.get_or_init(|| Document::of::<D>(side)).clone()
}

/// A document in the making.
pub struct Document {
    methods: Vec<Map<String, Value>>,
    /// The number of methods that hide those of the same name that follow.
    hiding: usize,
    parameters: Schemas,
    results: Schemas,
}

impl Document {
    fn of<D: Describe>(side: Side) -> Result<Contract> {
        let parameters = Schemas::new(side == Side::Caller);
        let results = Schemas::new(side == Side::Host);
        let mut document = Document { methods: Vec::new(), hiding: 0, parameters, results };
        D::methods(&mut document);
        let mut info = Map::new();
        info.insert("title".into(), D::INTERFACE.into());
        info.insert("version".into(), D::VERSION.into());
        note_documentation(&mut info, D::DOCUMENTATION);
        Contract::parse(&document.into_value(info).to_string())
    }

    fn into_value(mut self, info: Map<String, Value>) -> Value {
        let mut types = self.parameters.into_named();
        let results = self.methods.iter_mut().filter_map(|method| method.get_mut("result"));
        merge(&mut types, self.results.into_named(), &mut results.collect::<Vec<_>>());
        json!({
            "openrpc": "1.3.2",
            "info": info,
            "methods": self.methods,
            "components": { "schemas": types },
        })
    }

    /// Adds a method, which `describe` describes.
    pub fn method(
        &mut self,
        name: &str,
        documentation: &[&str],
        describe: impl FnOnce(&mut Method<'_>),
    ) {
        let mut method = Method { fields: Map::new(), document: self };
        method.set("name", name);
        method.set("params", Vec::<Value>::new());
        method.set("paramStructure", "by-position");
        note_documentation(&mut method.fields, documentation);
        describe(&mut method);
        let fields = method.fields;
        if !self.methods[..self.hiding].iter().any(|other| wire_name(other) == Some(name)) {
            self.methods.push(fields);
        }
    }

    /// Adds the methods of an inherited interface, except those that the inheriting ones hide.
    pub fn inherit<D: Describe>(&mut self) {
        self.hiding = self.methods.len();
        D::methods(self);
    }
}

/// The name by which a method is called.
fn wire_name(method: &Map<String, Value>) -> Option<&str> {
    method.get("x-callgate-method").or(method.get("name")).and_then(Value::as_str)
}

/// Adds a doc comment, if there is one. Its lines begin with a space.
fn note_documentation(to: &mut Map<String, Value>, lines: &[&str]) {
    let lines = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let text = lines.collect::<Vec<_>>().join("\n");
    if !text.trim().is_empty() {
        to.insert("description".into(), text.trim().into());
    }
}

/// A method of a document.
pub struct Method<'a> {
    fields: Map<String, Value>,
    document: &'a mut Document,
}

impl Method<'_> {
    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.fields.insert(key.into(), value.into());
    }

    /// Distinguishes it from other methods with its name.
    pub fn signature(&mut self, signature: &str) {
        let name = self.fields.remove("name").unwrap_or_default();
        self.set("name", format!("{}({signature})", name.as_str().unwrap_or_default()));
        self.set("x-callgate-method", name);
        self.set("x-callgate-signature", signature);
    }

    /// Discourages its use.
    pub fn deprecated(&mut self) {
        self.set("deprecated", true);
    }

    /// Adds a parameter. Optional last ones may be left out.
    pub fn parameter(
        &mut self,
        name: &str,
        is_optional: bool,
        schema: impl FnOnce(&mut Schemas) -> Value,
    ) {
        let schema = schema(&mut self.document.parameters);
        let parameter = json!({ "name": name, "required": !is_optional, "schema": schema });
        if let Some(Value::Array(parameters)) = self.fields.get_mut("params") {
            parameters.push(parameter);
        }
    }

    /// Gives it a result; without one it is one-way.
    pub fn result(&mut self, schema: impl FnOnce(&mut Schemas) -> Value) {
        let schema = schema(&mut self.document.results);
        self.set("result", json!({ "name": "result", "schema": schema }));
    }

    /// Lists the errors that it may return, if the error type says which.
    pub fn errors<E: CallError>(&mut self) {
        let Some(errors) = E::NAMES else { return };
        let names = errors.iter().filter_map(|error| error.split_first());
        let (mut all, mut aliases) = (Vec::<Value>::new(), Map::new());
        for (name, others) in names {
            all.push((*name).into());
            aliases.extend(others.iter().map(|alias| (String::from(*alias), Value::from(*name))));
        }
        self.set("x-callgate-errors", all);
        if !aliases.is_empty() {
            self.set("x-callgate-error-aliases", aliases);
        }
    }
}
