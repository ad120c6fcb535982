//! One event of a log: a sentence for people, and what it is about as fields for programs.

use std::borrow::Cow;

use crate::error::{Error, Status};
use crate::log::LogLevel;
use crate::text::{self, Plain};

/// What an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogTarget {
    /// Listening, and which connections a host accepts.
    Host,
    /// Connecting, and what a client's proxies do by themselves.
    Client,
    /// The life of a connection, and the calls that it serves.
    Connection,
    /// The operating system refuses what a host or client needs.
    Transport,
}

impl LogTarget {
    const fn name(self) -> &'static str {
        match self {
            LogTarget::Host => "callgate::host",
            LogTarget::Client => "callgate::client",
            LogTarget::Connection => "callgate::connection",
            LogTarget::Transport => "callgate::transport",
        }
    }
}

/// An event of the log of a host or client. The message is a whole sentence; the fields say again what it is
/// about, for filters and searches. A field that does not apply, or is unknown, is `None`. No text
/// contains control characters or line ends, whatever a peer sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogEvent<'a> {
    /// The severity.
    pub level: LogLevel,
    /// What the event comes from: `callgate::host`, `callgate::client`, `callgate::connection` or
    /// `callgate::transport`.
    pub target: &'static str,
    /// What happened, on one line of at most about 8 KiB.
    pub message: Cow<'a, str>,
    /// The connection's number, as of [`Connection::id`](crate::Connection::id).
    pub connection: Option<u64>,
    /// The endpoint that the host listens on or the client connects to.
    pub endpoint: Option<Cow<'a, str>>,
    /// The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows.
    pub peer_user: Option<Cow<'a, str>>,
    /// The peer's process. For information, never as proof: process ids are reused.
    pub peer_pid: Option<u32>,
    /// The interface of the call.
    pub interface: Option<Cow<'a, str>>,
    /// The method of the call.
    pub method: Option<Cow<'a, str>>,
    /// The status of the error that the message describes.
    pub status: Option<Status>,
    /// How many events this one stands for: those left out of the log, or the one-way calls lost.
    pub count: Option<u64>,
}

impl<'a> LogEvent<'a> {
    /// The event without borrowed texts, for a program that queues events.
    pub fn into_owned(self) -> LogEvent<'static> {
        let owned = |field: Option<Cow<'a, str>>| field.map(|field| field.into_owned().into());
        LogEvent {
            message: self.message.into_owned().into(),
            endpoint: owned(self.endpoint),
            peer_user: owned(self.peer_user),
            interface: owned(self.interface),
            method: owned(self.method),
            ..self
        }
    }

    /// An event without fields.
    pub(crate) fn new(
        level: LogLevel,
        target: LogTarget,
        message: impl Into<Cow<'a, str>>,
    ) -> Self {
        LogEvent {
            level,
            target: target.name(),
            message: message.into(),
            connection: None,
            endpoint: None,
            peer_user: None,
            peer_pid: None,
            interface: None,
            method: None,
            status: None,
            count: None,
        }
    }

    pub(crate) fn connection(mut self, id: u64) -> Self {
        self.connection = Some(id);
        self
    }

    pub(crate) fn endpoint(mut self, endpoint: impl ToString) -> Self {
        self.endpoint = Some(endpoint.to_string().into());
        self
    }

    pub(crate) fn peer(mut self, user: Option<impl ToString>, pid: Option<u32>) -> Self {
        self.peer_user = user.map(|user| user.to_string().into());
        self.peer_pid = pid;
        self
    }

    pub(crate) fn interface(mut self, interface: impl Into<Cow<'a, str>>) -> Self {
        self.interface = Some(interface.into());
        self
    }

    pub(crate) fn method(mut self, method: impl Into<Cow<'a, str>>) -> Self {
        self.method = Some(method.into());
        self
    }

    pub(crate) fn error(mut self, error: &Error) -> Self {
        self.status = Some(error.status());
        self
    }

    pub(crate) fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// The event with every text on one line and cut.
    pub(super) fn plain(mut self) -> Self {
        let quote = |field: Option<Cow<'a, str>>| field.map(|field| shown(field, text::quoted));
        self.message = shown(self.message, text::line);
        self.endpoint = quote(self.endpoint);
        self.interface = quote(self.interface);
        self.method = quote(self.method);
        self
    }
}

fn shown<'a>(text: Cow<'a, str>, how: impl Fn(&str) -> Plain<'_>) -> Cow<'a, str> {
    how(&text).to_string().into()
}
