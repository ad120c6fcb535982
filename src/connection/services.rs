//! What a connection needs of the host or client that owns it.

use crate::connection::delegate::Delegate;
use crate::connection::monitor::Monitor;
use crate::connection::workers::Workers;
use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::sync::Arc;

/// How much a log message matters.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something was lost.
    Error = 1,
    /// A peer misbehaved, or something did not work and will be tried again.
    Warning = 2,
    /// Connections come and go.
    Info = 3,
    /// Details for finding faults.
    Debug = 4,
}

/// A function that receives log messages, on any thread.
pub(crate) type Log = Arc<dyn Fn(LogLevel, &str) + Send + Sync>;

/// The owner of connections.
pub(crate) trait Services: Send + Sync + 'static {
    /// A delegate for an interface on a connection, or none; asked at most once for each unless it
    /// fails. Runs user code.
    fn make_delegate(&self, interface: &str, by: &Connection) -> Result<Option<Arc<dyn Delegate>>>;

    /// The connection has ended, its delegates are released. Called once. Runs user code.
    fn disconnected(&self, connection: &Connection, reason: &Error);

    /// Says something to the user.
    fn log(&self, level: LogLevel, message: &str);
}

/// What all connections of one host or client share.
pub(crate) struct Runtime {
    pub services: Arc<dyn Services>,
    pub workers: Arc<Workers>,
    pub monitor: Arc<Monitor>,
    pub limits: Arc<Limits>,
}
