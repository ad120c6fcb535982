//! Where a value does not fit the type that a description has for it.

use std::fmt::{self, Display};

use callgate::schema::Schema;
use serde_json::Value;

/// How much of a text a message quotes.
const QUOTED: usize = 40;

/// A place in a value, what is expected there, and what is there.
#[derive(Debug)]
pub struct Misfit {
    /// Inside out, e.g. `["member x", "element 2"]`.
    path: Vec<String>,
    expected: String,
    found: String,
}

impl Misfit {
    pub fn new(expected: &Schema, found: &Value) -> Misfit {
        Misfit::of_texts(expected.to_string(), described(found))
    }

    pub fn of_texts(expected: impl Into<String>, found: impl Into<String>) -> Misfit {
        Misfit { path: Vec::new(), expected: expected.into(), found: found.into() }
    }

    pub fn within(mut self, step: impl Into<String>) -> Misfit {
        self.path.push(step.into());
        self
    }

    /// Whether the misfit is in a part of the value.
    pub fn is_inside(&self) -> bool {
        !self.path.is_empty()
    }
}

/// The place, outside in, and the two: `parameter 2 (b), member x: expected int32, found "two"`.
impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
        write!(f, "{}: expected {}, found {}", steps.join(", "), self.expected, self.found)
    }
}

/// A value in a message.
pub fn described(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(_) => "an object".into(),
        Value::String(text) if text.chars().count() > QUOTED => {
            let cut: String = text.chars().take(QUOTED).collect();
            format!("{}...", Value::String(cut))
        }
        simple => simple.to_string(),
    }
}
