//! Passes events on to the program's `tracing` subscriber.

use tracing::Level;

use crate::log::{LogEvent, LogLevel};

/// `tracing` asks for the target and the level of each event once, when the program is compiled.
macro_rules! emit_at {
    ($event:expr, $target:literal, $level:expr) => {
        tracing::event!(
            target: $target,
            $level,
            connection = $event.connection,
            endpoint = $event.endpoint.as_deref(),
            peer_user = $event.peer_user.as_deref(),
            peer_pid = $event.peer_pid,
            interface = $event.interface.as_deref(),
            method = $event.method.as_deref(),
            status = $event.status.map(|status| status.name()),
            count = $event.count,
            "{}",
            $event.message
        )
    };
}

macro_rules! emit_from {
    ($event:expr, $target:literal) => {
        match $event.level {
            LogLevel::Error => emit_at!($event, $target, Level::ERROR),
            LogLevel::Warning => emit_at!($event, $target, Level::WARN),
            LogLevel::Info => emit_at!($event, $target, Level::INFO),
            LogLevel::Debug => emit_at!($event, $target, Level::DEBUG),
        }
    };
}

pub(super) fn emit(event: &LogEvent<'_>) {
    match event.target {
        "callgate::host" => emit_from!(event, "callgate::host"),
        "callgate::client" => emit_from!(event, "callgate::client"),
        "callgate::transport" => emit_from!(event, "callgate::transport"),
        _ => emit_from!(event, "callgate::connection"),
    }
}
