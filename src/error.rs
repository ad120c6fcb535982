//! The error type: what went wrong ([`Status`]) and, separately, whether the call ran ([`Execution`]).

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::text::{message, quoted};

/// Why an operation failed. The numbers are part of the wire format and of the C ABI; they are never
/// reused.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The delegate failed; [`Error::remote`] has the details.
    RemoteError = 1,
    /// The interface or method does not exist, or the arguments or the result do not match.
    ContractMismatch = 2,
    /// No connection in time, or the connection was refused or lost.
    ChannelFaulted = 3,
    /// The deadline passed.
    TimedOut = 4,
    /// The caller cancelled the call.
    Cancelled = 5,
    /// The client, host or connection was closed by its owner, on either side; or, on Windows,
    /// the process exits.
    Closed = 6,
    /// An initialisation routine failed.
    InitialisationFailed = 7,
    /// A limit would be exceeded; the message names it.
    LimitExceeded = 8,
    /// The peer or the operating system denies access.
    AccessDenied = 9,
    /// Waiting would deadlock: what is waited for depends on this thread.
    WouldDeadlock = 10,
    /// This version of the library, or the peer's, cannot do it.
    Unsupported = 11,
    /// An argument is invalid; the message says what is valid.
    InvalidArgument = 12,
    /// A handle is stale, of the wrong kind, or NULL.
    InvalidHandle = 13,
    /// Another host already listens on this endpoint.
    AddressInUse = 14,
    /// A bug in Callgate, or a panic in user code.
    Internal = 15,
    /// The object was created before a fork and belongs to the parent process.
    Forked = 16,
}

impl Status {
    pub(crate) const ALL: [Status; 16] = [
        Status::RemoteError,
        Status::ContractMismatch,
        Status::ChannelFaulted,
        Status::TimedOut,
        Status::Cancelled,
        Status::Closed,
        Status::InitialisationFailed,
        Status::LimitExceeded,
        Status::AccessDenied,
        Status::WouldDeadlock,
        Status::Unsupported,
        Status::InvalidArgument,
        Status::InvalidHandle,
        Status::AddressInUse,
        Status::Internal,
        Status::Forked,
    ];

    /// The status with this number, if there is one.
    pub fn from_code(code: i32) -> Option<Status> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Its number on the wire and in the C ABI.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The status in words, as messages use it.
    pub fn name(self) -> &'static str {
        match self {
            Status::RemoteError => "remote error",
            Status::ContractMismatch => "contract mismatch",
            Status::ChannelFaulted => "channel faulted",
            Status::TimedOut => "timed out",
            Status::Cancelled => "cancelled",
            Status::Closed => "closed",
            Status::InitialisationFailed => "initialisation failed",
            Status::LimitExceeded => "limit exceeded",
            Status::AccessDenied => "access denied",
            Status::WouldDeadlock => "would deadlock",
            Status::Unsupported => "unsupported",
            Status::InvalidArgument => "invalid argument",
            Status::InvalidHandle => "invalid handle",
            Status::AddressInUse => "address in use",
            Status::Internal => "internal",
            Status::Forked => "forked",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the delegate of a failed call ran. The status never implies it.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Execution {
    /// It did not run: calling again is safe.
    NotRun = 0,
    /// It ran.
    Ran = 1,
    /// The call may have been sent; whether it ran is unknown.
    Unknown = 2,
}

impl Execution {
    /// The execution with this number, if there is one.
    pub fn from_code(code: i32) -> Option<Execution> {
        match code {
            0 => Some(Execution::NotRun),
            1 => Some(Execution::Ran),
            2 => Some(Execution::Unknown),
            _ => None,
        }
    }

    /// Its number on the wire and in the C ABI.
    pub fn code(self) -> i32 {
        self as i32
    }
}

impl fmt::Display for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Execution::NotRun => "not run",
            Execution::Ran => "ran",
            Execution::Unknown => "unknown",
        })
    }
}

/// What a delegate reported about its failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    /// The name of the error's type in the delegate's language, e.g. `System.IO.IOException`. On its way to the
    /// caller control characters are escaped, and a name above 1 KiB is cut.
    pub type_name: String,
    /// A stack trace as text, or empty.
    pub trace: String,
    /// One MessagePack value that the delegate attached, or empty.
    pub data: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Parts {
    status: Status,
    execution: Execution,
    /// Whether the program has set the execution, which then refers to the call being replied to.
    is_stated: bool,
    message: String,
    remote: Option<Remote>,
    os_code: Option<i32>,
    cause: Option<Error>,
}

/// An error: a status, an execution, and a message that says what to do. Cheap to clone.
#[derive(Clone)]
pub struct Error(Arc<Parts>);

/// A result whose error type is Callgate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a call that did not run.
    pub fn new(status: Status, message: impl Into<String>) -> Error {
        Error(Arc::new(Parts {
            status,
            execution: Execution::NotRun,
            is_stated: false,
            message: message.into(),
            remote: None,
            os_code: None,
            cause: None,
        }))
    }

    /// A delegate's failure: an error type name of its language and a message.
    pub fn remote_error(type_name: impl Into<String>, message: impl Into<String>) -> Error {
        let remote = Remote { type_name: type_name.into(), ..Remote::default() };
        Error::new(Status::RemoteError, message).with_execution(Execution::Ran).with_remote(remote)
    }

    /// An operating system error with this status; keeps the system's code.
    pub fn from_io(status: Status, what: impl fmt::Display, error: &io::Error) -> Error {
        let mut made = Error::new(status, format!("{what}: {error}"));
        Arc::make_mut(&mut made.0).os_code = error.raw_os_error();
        made
    }

    /// The same error with another execution. A delegate that [fails](crate::InboundCall::fail) with this
    /// error thereby states whether it did anything.
    pub fn with_execution(self, execution: Execution) -> Error {
        let mut error = self.of_call(execution);
        Arc::make_mut(&mut error.0).is_stated = true;
        error
    }

    /// The same error as the outcome of a call with this execution.
    pub(crate) fn of_call(mut self, execution: Execution) -> Error {
        Arc::make_mut(&mut self.0).execution = execution;
        self
    }

    /// The same error as a delegate's reply: unless the program has set the execution, the delegate ran.
    pub(crate) fn of_delegate(self) -> Error {
        if self.0.is_stated {
            self
        } else {
            self.of_call(Execution::Ran)
        }
    }

    /// The same error with the delegate's report.
    pub fn with_remote(mut self, remote: Remote) -> Error {
        Arc::make_mut(&mut self.0).remote = Some(remote);
        self
    }

    /// The same error with the error that caused it.
    pub fn with_cause(mut self, cause: Error) -> Error {
        Arc::make_mut(&mut self.0).cause = Some(cause);
        self
    }

    /// Why the operation failed.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// Whether the call ran.
    pub fn execution(&self) -> Execution {
        self.0.execution
    }

    /// What went wrong and how to fix it, in words. A remote error's message comes from the peer unchanged:
    /// where line ends matter, as in a log, display the error itself.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The delegate's report, for a remote error.
    pub fn remote(&self) -> Option<&Remote> {
        self.0.remote.as_ref()
    }

    /// The operating system's error code, if it reported the failure.
    pub fn os_code(&self) -> Option<i32> {
        self.0.os_code
    }

    /// The error that caused this one, if any.
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }
}

/// The whole error on one line, for logs: control characters are escaped, and long texts cut.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.status())?;
        if let Some(remote) = self.remote().filter(|remote| !remote.type_name.is_empty()) {
            write!(f, "{}: ", quoted(&remote.type_name))?;
        }
        write!(f, "{}", message(self.message()))?;
        match self.cause() {
            Some(cause) => write!(f, " (because of {cause})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} [{}]", self.execution())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause().map(|cause| cause as _)
    }
}
