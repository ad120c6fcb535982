//! Methods of described interfaces.

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
        let (least, most) = (self.least(), self.parameters.len());
        match most {
            1 if least == 1 => "1 parameter".into(),
            _ if least == most => format!("{most} parameters"),
            _ => format!("{least} to {most} parameters"),
        }
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
