//! Methods of described interfaces.

use std::collections::HashMap;
use std::fmt;

use crate::contract::Schema;

/// A method of a described interface.
pub struct Method {
    pub(super) name: String,
    /// What distinguishes it from other methods with its name.
    pub(super) signature: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    /// `None` if the method is one-way.
    pub(super) result: Option<Schema>,
    /// The names of the errors that it may return; `None` if the description does not say.
    pub(super) errors: Option<Vec<String>>,
    /// Other names that stand for these errors, with the names that they stand for.
    pub(super) aliases: HashMap<String, String>,
}

/// A parameter of a described method.
pub struct Parameter {
    /// Its name, for people: arguments travel by position.
    pub name: String,
    /// Whether a call must have it. Callers may leave out optional parameters at the end.
    pub required: bool,
    /// What the description says about it.
    pub comment: Option<String>,
    /// The type of its values.
    pub schema: Schema,
}

impl Method {
    /// The method's name on the wire. Overloads share it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What distinguishes an overload from the others.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// What the description says about it.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The parameters, in the order of the arguments.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The type of the result; `None` if the method is one-way. A method that returns nothing has
    /// [`Schema::Null`].
    pub fn result(&self) -> Option<&Schema> {
        self.result.as_ref()
    }

    /// The type names of the errors that it may return; `None` if the description does not say.
    pub fn errors(&self) -> Option<&[String]> {
        self.errors.as_deref()
    }

    /// Whether it can be called with this number of arguments: all but the optional last ones are required.
    pub fn takes(&self, count: usize) -> bool {
        (self.least()..=self.parameters.len()).contains(&count)
    }

    /// The least number of arguments that it can be called with.
    fn least(&self) -> usize {
        self.parameters.iter().rposition(|it| it.required).map_or(0, |last| last + 1)
    }

    /// The number of parameters in words, e.g. `2 to 3 parameters`.
    pub fn arity(&self) -> String {
        arity(self.least(), self.parameters.len())
    }
}

/// A number of parameters in words.
pub(super) fn arity(least: usize, most: usize) -> String {
    match most {
        1 if least == 1 => "1 parameter".into(),
        _ if least == most => format!("{most} parameters"),
        _ => format!("{least} to {most} parameters"),
    }
}

/// The method with the types of its parameters, or with its signature if it is an overload: `Add(int32, int32)`.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(signature) = &self.signature {
            return write!(f, "{}({signature})", self.name);
        }
        let types: Vec<String> = self.parameters.iter().map(|it| it.schema.to_string()).collect();
        write!(f, "{}({})", self.name, types.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::contract::{Contract, Schema};

    #[test]
    fn the_parts_of_a_description_can_be_read() {
        let document = json!({
            "openrpc": "1.3.2",
            "info": { "title": "I", "version": "1", "description": "Counts." },
            "methods": [{
                "name": "M", "summary": "Moves.", "x-callgate-errors": ["Full"],
                "params": [{ "name": "p", "required": true, "schema": { "$ref": "#/components/schemas/Point" } }],
                "result": { "name": "r", "schema": { "type": "null" } },
            }],
            "components": { "schemas": { "Point": {
                "description": "A place.", "type": "object", "required": ["x"],
                "properties": { "x": { "type": "integer", "format": "int32" }, "y": { "type": "integer", "format": "int32" } },
            } } },
        });
        let contract = Contract::parse(&document.to_string()).expect("a valid document");
        assert_eq!(contract.comment(), Some("Counts."));
        let method = &contract.methods()[0];
        assert_eq!((method.name(), method.signature()), ("M", None));
        assert_eq!(method.comment(), Some("Moves."));
        assert_eq!(method.errors(), Some(&["Full".to_owned()][..]));
        assert_eq!(method.result(), Some(&Schema::Null));
        let parameter = &method.parameters()[0];
        assert_eq!((&*parameter.name, parameter.required), ("p", true));
        assert_eq!(parameter.schema.to_string(), "Point");
        let point = contract.types().next().expect("a type");
        assert_eq!((&*point.name, point.comment.as_deref()), ("Point", Some("A place.")));
        assert_eq!(contract.resolve(&parameter.schema), &point.schema);
        assert_eq!(point.schema.to_string(), "record of (x, y)");
    }
}
