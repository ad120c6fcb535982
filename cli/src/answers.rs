//! Replies from a file, for hosts and callbacks that have no program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use callgate::Error;
use serde_json::Value;

use crate::failure::Failure;

/// The replies of methods, by `INTERFACE.METHOD` or by `METHOD`.
#[derive(Default)]
pub struct Answers(BTreeMap<String, Value>);

impl Answers {
    /// Reads a JSON object: `{"ICalculator.Add": 3, "Divide": {"$error": {"type": "DivideByZero",
    /// "message": "…"}}}`.
    ///
    /// # Errors
    /// If the file cannot be read, or is no such object.
    pub fn read(file: Option<&Path>) -> Result<Answers, Failure> {
        let Some(file) = file else { return Ok(Answers::default()) };
        let name = file.display();
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::Usage(format!("cannot read {name}: {error}")))?;
        serde_json::from_str(&text).map(Answers).map_err(|error| {
            let expected = "an object such as {\"ICalculator.Add\": 3}";
            Failure::Usage(format!("{name} is not {expected}: {error}"))
        })
    }

    /// What to reply to a method, if the file says so: a result, or an error.
    pub fn of(&self, interface: &str, method: &str) -> Option<Result<&Value, Error>> {
        let found = self.0.get(&format!("{interface}.{method}")).or_else(|| self.0.get(method))?;
        let Some(error) = found.get("$error") else { return Some(Ok(found)) };
        let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
        Some(Err(Error::remote_error(text("type"), text("message"))))
    }
}
