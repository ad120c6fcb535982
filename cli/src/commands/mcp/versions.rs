//! The revisions of the Model Context Protocol.
//!
//! Up to 2025-11-25 a client opens with `initialize`, and what it says holds for the whole process. Since 2026-07-28
//! each request carries the revision in its `_meta`.

use serde_json::{json, Map, Value};

use crate::commands::mcp::messages::Refusal;

const PRESENT: &str = "2026-07-28";

/// Those that open with `initialize`, the latest first. What tools need is the same in all of them.
const EARLIER: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// How a client speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// It opened with `initialize`.
    Earlier,
    Present,
}

/// How a client speaks in a request with these parameters; `initialized` says whether it opened with `initialize`.
///
/// # Errors
/// If the request is of another revision, or does not say of which.
pub fn era(params: &Map<String, Value>, initialized: bool) -> Result<Era, Refusal> {
    let meta = |key: &str| params.get("_meta")?.get(format!("io.modelcontextprotocol/{key}"));
    match meta("protocolVersion") {
        Some(version) if version == PRESENT => match meta("clientCapabilities") {
            Some(Value::Object(_)) => Ok(Era::Present),
            _ => Err(missing("clientCapabilities")),
        },
        Some(version) => Err(Refusal {
            code: Refusal::UNSUPPORTED_VERSION,
            message: "Unsupported protocol version".into(),
            data: Some(json!({ "supported": supported(), "requested": version })),
        }),
        None if initialized => Ok(Era::Earlier),
        None => Err(missing("protocolVersion")),
    }
}

fn missing(key: &str) -> Refusal {
    let message = format!(
        "_meta must have 'io.modelcontextprotocol/{key}', or the client must initialize; supported are {}",
        supported().join(", ")
    );
    Refusal::new(Refusal::INVALID_PARAMS, message)
}

/// All revisions, the latest first.
pub fn supported() -> Vec<&'static str> {
    [PRESENT].into_iter().chain(EARLIER).collect()
}

/// The revision for a client that opens with `initialize`: the one that it asks for, or the latest.
pub fn agreed(params: &Map<String, Value>) -> &'static str {
    let asked = params.get("protocolVersion");
    EARLIER.into_iter().find(|known| asked.is_some_and(|it| it == known)).unwrap_or(EARLIER[0])
}

impl Era {
    /// Adds what this revision wants in each result.
    pub fn complete(self, mut result: Value) -> Value {
        if self == Era::Present {
            result["resultType"] = "complete".into();
            if !result["_meta"].is_object() {
                result["_meta"] = json!({});
            }
            result["_meta"]["io.modelcontextprotocol/serverInfo"] = this_program();
        }
        result
    }

    /// The same for a result that clients may keep. They may not: another version of the host may come at any time.
    pub fn complete_list(self, mut result: Value) -> Value {
        if self == Era::Present {
            result["ttlMs"] = 0.into();
            result["cacheScope"] = "private".into();
        }
        self.complete(result)
    }
}

/// What clients call this program.
pub fn this_program() -> Value {
    json!({ "name": "callgate", "version": env!("CARGO_PKG_VERSION") })
}
