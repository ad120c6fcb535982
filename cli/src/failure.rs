//! How a command fails: what it prints, and its exit code.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use serde_json::{json, Map, Value};

use crate::output::{self, Plain, BOLD, RED, RESET};

/// The exit code of a command line that makes no sense, as clap has it.
const USAGE: u8 = 2;

/// The exit codes of calls and connections begin after this one: each is this plus the number of the status.
pub const STATUS: u8 = 10;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// A call or a connection failed.
    Outcome(callgate::Error),
    /// The command line, or a file that it names, is wrong. The text says how to mend it.
    Usage(String),
    /// The system failed.
    System(String),
    /// The program that reads the output has gone.
    OutputClosed,
}

impl From<callgate::Error> for Failure {
    fn from(error: callgate::Error) -> Failure {
        Failure::Outcome(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            ErrorKind::BrokenPipe => Failure::OutputClosed,
            _ => Failure::System(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::from(io::Error::from(error))
    }
}

impl Failure {
    /// The exit code: `callgate help exit-codes` lists them.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Outcome(error) => STATUS + u8::try_from(error.status().code()).unwrap_or(0),
            Failure::Usage(_) => USAGE,
            Failure::System(_) | Failure::OutputClosed => 1,
        })
    }

    /// Prints it to standard error.
    pub fn report(&self, json: bool) {
        if matches!(self, Failure::OutputClosed) {
            return;
        }
        match json {
            true => output::note(&output::one_line(&json!({ "error": self.to_json() }))),
            false => output::note(&self.to_text()),
        }
    }

    fn to_text(&self) -> String {
        let headline = |text: &str| format!("{RED}{BOLD}error:{RESET} {}", Plain(text));
        match self {
            Failure::Outcome(error) => headline(error.message()) + &details(error),
            Failure::Usage(text) | Failure::System(text) => headline(text),
            Failure::OutputClosed => String::new(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Failure::Outcome(error) => outcome_json(error),
            Failure::Usage(text) | Failure::System(text) => json!({ "message": text }),
            Failure::OutputClosed => Value::Null,
        }
    }
}

/// The lines below an error's message.
fn details(error: &callgate::Error) -> String {
    let status = error.status();
    let mut lines = format!("\n  status:    {status} ({})", status.code());
    if let Some(remote) = error.remote().filter(|remote| !remote.type_name.is_empty()) {
        lines += &format!("\n  type:      {}", Plain(&remote.type_name));
    }
    lines += &format!("\n  execution: {}", error.execution());
    if let Some(cause) = error.cause() {
        lines += &format!("\n  cause:     {cause}");
    }
    lines
}

/// An outcome other than a result, as JSON.
pub fn outcome_json(error: &callgate::Error) -> Value {
    let mut found = Map::new();
    found.insert("message".into(), error.message().into());
    found.insert("status".into(), error.status().name().into());
    found.insert("code".into(), error.status().code().into());
    found.insert("execution".into(), error.execution().to_string().into());
    if let Some(remote) = error.remote() {
        found.insert("type".into(), remote.type_name.clone().into());
        if !remote.trace.is_empty() {
            found.insert("trace".into(), remote.trace.clone().into());
        }
    }
    if let Some(code) = error.os_code() {
        found.insert("os_code".into(), code.into());
    }
    if let Some(cause) = error.cause() {
        found.insert("cause".into(), outcome_json(cause));
    }
    Value::Object(found)
}
