//! Log lines, as the program receives them.

use crate::text;

/// The severity of a log line. Of events that a peer can cause at any rate, a few of each kind are logged in a
/// second; another line says how many more there were.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something was lost.
    Error = 1,
    /// A peer misbehaved, or something failed and will be tried again.
    Warning = 2,
    /// Connections begin and end.
    Info = 3,
    /// Details for debugging.
    Debug = 4,
}

type LogFunction = dyn Fn(LogLevel, &str) + Send + Sync;

/// The program's function that receives log lines, on any thread.
pub(crate) struct Log(Box<LogFunction>);

impl Log {
    pub fn new(log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Log {
        Log(Box::new(log))
    }

    /// Logs a message as one line, whatever a peer put into it.
    pub fn write(&self, level: LogLevel, message: &str) {
        (self.0)(level, &text::line(message).to_string());
    }
}
