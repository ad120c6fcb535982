//! One method as a tool.

use std::time::Duration;

use callgate::schema::{Method, Schema};
use callgate::{CallOptions, CancelToken, Client, Contract, Error, Proxy, Status};
use serde_json::{json, Map, Value};

use crate::commands::mcp::result;
use crate::commands::mcp::schemas;
use crate::commands::mcp::text::{bounded, bounded_line, Names};
use crate::values;

/// The longest comment of a method, in characters.
const LONGEST_COMMENT: usize = 2000;

/// The longest text for a type, a list of errors or a title, in characters.
const LONGEST_LINE: usize = 200;

/// How many parameters a tool may have.
const MOST_PARAMETERS: usize = 100;

/// How many bytes the definition of a tool may have.
const LARGEST: usize = 64 << 10;

/// A method that a model may call.
pub struct Tool {
    pub definition: Value,
    contract: Contract,
    /// Which of the contract's methods it is.
    number: usize,
    /// The names of its arguments, in the order of the parameters.
    names: Vec<String>,
    has_output: bool,
    proxy: Proxy,
}

impl Tool {
    /// Makes a tool of a method of `contract`, whose document is `document`; `None` if it is too large for a model.
    pub fn new(
        name: &str,
        contract: &Contract,
        number: usize,
        document: &Value,
        proxy: &Proxy,
    ) -> Option<Tool> {
        let method = &contract.methods()[number];
        if method.parameters().len() > MOST_PARAMETERS {
            return None;
        }
        let mut taken = Names::default();
        let names: Vec<String> =
            method.parameters().iter().map(|parameter| taken.plain(&parameter.name)).collect();
        let described = &document["methods"][number];
        let title = format!("{}.{}", contract.interface(), method.name());
        let mut definition = json!({
            "name": name,
            "title": bounded_line(&title, LONGEST_LINE),
            "inputSchema": schemas::input(document, described, method, &names)?,
        });
        let output = schemas::output(document, described, contract, method)?;
        let has_output = output.is_some();
        definition["description"] = description(method, has_output).into();
        if let Some(output) = output {
            definition["outputSchema"] = output;
        }
        if method.result().is_none() {
            definition["_meta"] = json!({ "callgate/oneWay": true });
        }
        let (contract, proxy) = (contract.clone(), proxy.clone());
        let is_small = definition.to_string().len() <= LARGEST;
        is_small.then_some(Tool { definition, contract, number, names, has_output, proxy })
    }

    fn method(&self) -> &Method {
        &self.contract.methods()[self.number]
    }

    /// Calls the method, and returns the result of the tool, which says how the call failed if it did.
    pub fn call(
        &self,
        client: &Client,
        arguments: &Map<String, Value>,
        timeout: Duration,
        cancel: &CancelToken,
    ) -> Value {
        let mut options = CallOptions::timeout(timeout);
        options.cancel = Some(cancel.clone());
        options.signature = self.method().signature().map(str::to_owned);
        let outcome = match self.method().result() {
            None => self.send(client, arguments, &options, timeout),
            Some(schema) => self.wait(schema, arguments, &options),
        };
        outcome.unwrap_or_else(|error| result::failed(&error))
    }

    fn wait(
        &self,
        schema: &Schema,
        arguments: &Map<String, Value>,
        options: &CallOptions,
    ) -> Result<Value, Error> {
        let arguments = self.arguments(arguments)?;
        let reply = self.proxy.call_bytes(self.method().name(), &arguments, options)?;
        result::succeeded(&self.contract, schema, &reply, self.has_output)
    }

    fn send(
        &self,
        client: &Client,
        arguments: &Map<String, Value>,
        options: &CallOptions,
        timeout: Duration,
    ) -> Result<Value, Error> {
        let arguments = self.arguments(arguments)?;
        self.proxy.one_way_bytes(self.method().name(), &arguments, options)?;
        client.flush(timeout)?;
        Ok(result::sent())
    }

    /// Encodes arguments by name as the arguments of a call. Optional ones may be missing at the end, and before others
    /// if null stands for them.
    fn arguments(&self, given: &Map<String, Value>) -> Result<Vec<u8>, Error> {
        let method = self.method();
        if let Some(unknown) = given.keys().find(|name| !self.names.contains(name)) {
            let names = self.names.join(", ");
            let unknown = Value::from(unknown.as_str());
            return Err(mismatch(format!("no parameter is called {unknown}; there are: {names}")));
        }
        let all = || method.parameters().iter().zip(&self.names);
        let last = all().rposition(|(it, name)| it.required || given.contains_key(name));
        let count = last.map_or(0, |last| last + 1);
        let mut out = Vec::new();
        rmp::encode::write_array_len(&mut out, count as u32)
            .expect("writing to memory does not fail");
        for (place, (parameter, name)) in all().take(count).enumerate() {
            let value = match given.get(name) {
                None if parameter.required => {
                    return Err(mismatch(format!("parameter {} ({name}) is missing", place + 1)));
                }
                found => found.unwrap_or(&Value::Null),
            };
            values::encode(&self.contract, &parameter.schema, value, &mut out).map_err(
                |misfit| {
                    mismatch(misfit.within(format!("parameter {} ({name})", place + 1)).to_string())
                },
            )?;
        }
        Ok(out)
    }
}

/// Nothing was sent.
fn mismatch(message: String) -> Error {
    Error::new(Status::ContractMismatch, message)
}

/// The description of a tool.
fn description(method: &Method, has_output: bool) -> String {
    let mut lines = vec![bounded(method.comment().unwrap_or_default(), LONGEST_COMMENT)];
    match method.result() {
        None => {
            lines.push("One-way: it has no result, and nothing says whether it succeeds.".into())
        }
        Some(Schema::Null) => {}
        Some(_) if has_output => {}
        Some(result) => {
            lines.push(format!("Returns {}.", bounded_line(&result.to_string(), LONGEST_LINE)));
        }
    }
    if let Some(errors) = method.errors().filter(|errors| !errors.is_empty()) {
        let errors = bounded_line(&errors.join(", "), LONGEST_LINE);
        lines.push(format!("Fails with {errors}."));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
