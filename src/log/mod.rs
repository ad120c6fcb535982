//! The log of a host or client: events, as the program receives them.

mod event;
#[cfg(feature = "tracing")]
mod tracing;

pub use event::LogEvent;
pub(crate) use event::LogTarget;

/// The severity of a log event. Of events that a peer can cause at any rate, a few of each kind are logged in a
/// second; another event says how many more there were.
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

type LogFunction = dyn Fn(&LogEvent<'_>) + Send + Sync;

/// The function that receives the events of a host or client, on any thread.
pub(crate) struct Log(Box<LogFunction>);

impl Log {
    pub fn new(log: impl Fn(&LogEvent<'_>) + Send + Sync + 'static) -> Log {
        Log(Box::new(log))
    }

    /// The log of a host or client whose program sets none: `tracing`, if the library is built with it.
    pub fn by_default() -> Option<Log> {
        #[cfg(feature = "tracing")]
        return Some(Log::new(tracing::emit));
        #[cfg(not(feature = "tracing"))]
        None
    }

    /// Passes an event on. Its texts are escaped and cut, whatever a peer put into them.
    pub fn write(&self, event: LogEvent<'_>) {
        (self.0)(&event.plain());
    }
}
