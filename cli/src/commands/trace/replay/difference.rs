//! How outcomes differ.

use callgate::{Error, Status};
use serde_json::{json, Value};

use crate::output::Plain;
use crate::recording::{canonical, Outcome};
use crate::values::shown;

/// How many bytes of a result are shown.
const SHOWN: usize = 400;

/// A call whose outcome is another than the recorded one.
pub struct Difference {
    pub connection: usize,
    pub name: String,
    pub recorded: String,
    pub now: String,
}

impl Difference {
    pub fn to_json(&self) -> Value {
        let Difference { connection, name, recorded, now } = self;
        json!({ "connection": connection + 1, "call": name, "recorded": recorded, "now": now })
    }
}

/// Whether two outcomes are the same for a program.
pub fn are_same(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one == other || canonical(one) == canonical(other),
        (Err(one), Err(other)) => parts(one) == parts(other),
        _ => false,
    }
}

/// What of an error is compared. The messages of Callgate itself may change from version to version.
fn parts(error: &Error) -> (i32, i32, Option<(&str, &str, String)>) {
    let remote = (error.status() == Status::RemoteError).then(|| {
        let remote = error.remote();
        let type_name = remote.map_or("", |it| &it.type_name);
        let data = remote.map_or(&[][..], |it| &it.data);
        (type_name, error.message(), canonical(data))
    });
    (error.status().code(), error.execution().code(), remote)
}

/// An outcome on one line.
pub fn in_words(outcome: &Outcome) -> String {
    let error = match outcome {
        Ok(result) => return shown(result, SHOWN),
        Err(error) => error,
    };
    let type_name = error.remote().map_or("", |remote| &remote.type_name);
    let separator = if type_name.is_empty() { "" } else { " " };
    let (status, execution) = (error.status(), error.execution());
    let (type_name, message) = (Plain(type_name), Plain(error.message()));
    format!("{status}, {execution}:{separator}{type_name} {message}")
}
