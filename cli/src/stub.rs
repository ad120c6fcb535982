//! Delegates without a program: they print the calls that come, and reply from a file or by rule.

use std::sync::Arc;

use callgate::schema::{Method, Schema};
use callgate::{Contract, Delegate, Error, Execution, InboundCall, Result, Status};
use serde_json::{json, Value};

use crate::answers::Answers;
use crate::output::{one_line, Plain};
use crate::values::{self, shown, WireValue};

/// How many bytes of a call's arguments are printed.
const SHOWN: usize = 4096;

/// What to reply where the file of answers has nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// Nil.
    Nil,
    /// The simplest value of the described type.
    Sample,
    /// Nil if the description allows it, and otherwise an error.
    NilOrError,
}

/// What the delegates of one command share.
pub struct Stubs {
    pub answers: Answers,
    pub otherwise: Otherwise,
    pub json: bool,
    /// What a line begins with, for people.
    pub label: &'static str,
    pub print: fn(&str),
}

/// The delegate of one interface.
pub struct Stub {
    pub shared: Arc<Stubs>,
    pub contract: Option<Contract>,
}

impl Delegate for Stub {
    fn invoke(&self, call: InboundCall) {
        (self.shared.print)(&self.shared.line(&call));
        let outcome = self.reply(&call);
        let sent = match outcome {
            Ok(result) => call.reply_bytes(&result),
            Err(error) => call.fail(error),
        };
        // The caller has gone.
        sent.ok();
    }
}

impl Stub {
    fn reply(&self, call: &InboundCall) -> Result<Vec<u8>> {
        let described = self
            .contract
            .as_ref()
            .map(|contract| described(contract, call).map(|method| (contract, method.result())));
        let described = described.transpose()?;
        let result = described.and_then(|(contract, result)| result.map(|it| (contract, it)));
        let mut out = Vec::new();
        match (self.shared.answers.of(call.interface(), call.method()), result) {
            (Some(Err(error)), _) => return Err(error),
            (Some(Ok(value)), None) => values::encode_any(value, &mut out),
            (Some(Ok(value)), Some((contract, schema))) => {
                values::encode_with_files(contract, schema, value, &mut out).map_err(|misfit| {
                    let misfit = misfit.within("the file of answers");
                    Error::new(Status::ContractMismatch, misfit.to_string())
                })?;
            }
            (None, Some((contract, schema))) if self.shared.otherwise == Otherwise::Sample => {
                values::sample(contract, schema, &mut out);
            }
            (None, Some((contract, schema)))
                if self.shared.otherwise == Otherwise::NilOrError
                    && !takes_nil(contract, schema) =>
            {
                return Err(unanswered(call));
            }
            (None, _) => {}
        }
        Ok(out)
    }
}

fn takes_nil(contract: &Contract, schema: &Schema) -> bool {
    values::encode(contract, schema, &Value::Null, &mut Vec::new()).is_ok()
}

/// The method that a call means: of overloads, the first whose parameters take the arguments.
fn described<'a>(contract: &'a Contract, call: &InboundCall) -> Result<&'a Method> {
    let (interface, name) = (call.interface(), call.method());
    let refuse = |message: String| {
        Err(Error::new(Status::ContractMismatch, message).with_execution(Execution::NotRun))
    };
    let named = || contract.methods().iter().filter(|method| method.name() == name);
    if named().next().is_none() {
        return refuse(format!("interface '{interface}' has no method '{name}'"));
    }
    let count = count(call.arguments());
    let signature = call.signature();
    let takes = |method: &&Method| {
        method.takes(count) && (signature.is_none() || method.signature() == signature)
    };
    let mut misfits = Vec::new();
    for method in named().filter(takes) {
        match values::check_arguments(contract, method, call.arguments()) {
            Ok(()) => return Ok(method),
            Err(misfit) => misfits.push(misfit.to_string()),
        }
    }
    refuse(match &*misfits {
        [] => format!("no method {interface}.{name} takes these {count} arguments"),
        all => format!("{interface}.{name}: {}", all.join("; or ")),
    })
}

/// The number of arguments: the length of an array in MessagePack.
fn count(arguments: &[u8]) -> usize {
    rmp::decode::read_array_len(&mut &*arguments).map_or(0, |count| count as usize)
}

fn unanswered(call: &InboundCall) -> Error {
    let (interface, method) = (call.interface(), call.method());
    let message =
        format!("callgate has no reply to {interface}.{method}: --answers FILE gives one");
    Error::remote_error("callgate.Unanswered", message)
}

impl Stubs {
    /// A call on one line.
    fn line(&self, call: &InboundCall) -> String {
        let (interface, method) = (call.interface(), call.method());
        let arguments = call.arguments();
        if self.json {
            let content = match arguments.len() <= SHOWN {
                true => serde_json::to_value(WireValue::new(arguments)).unwrap_or(Value::Null),
                false => json!({ "bytes": arguments.len() }),
            };
            let line = json!({
                "interface": interface,
                "method": method,
                "signature": call.signature(),
                "one_way": call.is_one_way(),
                "arguments": content,
            });
            return one_line(&line);
        }
        let kind = if call.is_one_way() { "one-way " } else { "" };
        let list = shown(arguments, SHOWN);
        let list = list.strip_prefix('[').unwrap_or(&list);
        let list = list.strip_suffix(']').unwrap_or(list);
        let label = self.label;
        format!("{label}{kind}{}.{}({list})", Plain(interface), Plain(method))
    }
}
