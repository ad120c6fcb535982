//! The one error type: what went wrong ([`Status`]), and, apart from it, whether the call ran
//! ([`Execution`]).

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::text::{message, quoted};

/// What became of an operation that did not succeed. The numbers are part of the wire format and
/// of the C ABI; they are never reused.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The delegate failed; [`Error::remote`] tells how.
    RemoteError = 1,
    /// No such interface or method, or arguments or a result that do not fit.
    ContractMismatch = 2,
    /// No connection came in time, it was refused, or it was lost.
    ChannelFaulted = 3,
    /// The deadline passed.
    TimedOut = 4,
    /// The caller withdrew.
    Cancelled = 5,
    /// The client, host or connection was closed by its owner, on either side.
    Closed = 6,
    /// An initialisation routine failed.
    InitialisationFailed = 7,
    /// A limit would be exceeded; the message names it.
    LimitExceeded = 8,
    /// The peer, or the operating system, does not allow it.
    AccessDenied = 9,
    /// The wait could only end in itself.
    WouldDeadlock = 10,
    /// This version, or this peer, cannot do it.
    Unsupported = 11,
    /// An argument is not acceptable; the message says what is.
    InvalidArgument = 12,
    /// A handle is stale, of the wrong kind, or none at all.
    InvalidHandle = 13,
    /// Another host listens there already.
    AddressInUse = 14,
    /// A fault of Callgate itself, or a panic in user code.
    Internal = 15,
    /// The object was made before a fork and belongs to the parent process.
    Forked = 16,
}

impl Status {
    const ALL: [Status; 16] = [
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

    /// The status of that number, if there is one.
    pub fn from_code(code: i32) -> Option<Status> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Its number on the wire and in the C ABI.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// Its name in words, as messages use it.
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

/// Whether the delegate ran for a call that ended in an error. The status never implies it.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Execution {
    /// It certainly did not run: calling again is safe.
    NotRun = 0,
    /// It ran.
    Ran = 1,
    /// The call may have left; whether it ran cannot be known.
    Unknown = 2,
}

impl Execution {
    /// The execution of that number, if there is one.
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

/// What a delegate said of its own failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    /// The name of the error's type in the delegate's language, e.g. `System.IO.IOException`.
    pub type_name: String,
    /// A stack trace as text, or empty.
    pub trace: String,
    /// One MessagePack value of the delegate's choice, or empty.
    pub data: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Parts {
    status: Status,
    execution: Execution,
    message: String,
    remote: Option<Remote>,
    os_code: Option<i32>,
    cause: Option<Error>,
}

/// An error: a status, an execution and a message that says what to do. Cheap to clone.
#[derive(Clone)]
pub struct Error(Arc<Parts>);

/// A result with Callgate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of that status whose call did not run.
    pub fn new(status: Status, message: impl Into<String>) -> Error {
        Error(Arc::new(Parts {
            status,
            execution: Execution::NotRun,
            message: message.into(),
            remote: None,
            os_code: None,
            cause: None,
        }))
    }

    /// The failure of a delegate: a type name of its language and a message.
    pub fn remote_error(type_name: impl Into<String>, message: impl Into<String>) -> Error {
        let remote = Remote { type_name: type_name.into(), ..Remote::default() };
        Error::new(Status::RemoteError, message).with_execution(Execution::Ran).with_remote(remote)
    }

    /// An operating system's error, under that status, with its code kept.
    pub fn from_io(status: Status, what: impl fmt::Display, error: &io::Error) -> Error {
        let mut made = Error::new(status, format!("{what}: {error}"));
        Arc::make_mut(&mut made.0).os_code = error.raw_os_error();
        made
    }

    /// The same error with another execution.
    pub fn with_execution(mut self, execution: Execution) -> Error {
        Arc::make_mut(&mut self.0).execution = execution;
        self
    }

    /// The same error with what the delegate said.
    pub fn with_remote(mut self, remote: Remote) -> Error {
        Arc::make_mut(&mut self.0).remote = Some(remote);
        self
    }

    /// The same error with what brought it about.
    pub fn with_cause(mut self, cause: Error) -> Error {
        Arc::make_mut(&mut self.0).cause = Some(cause);
        self
    }

    /// What went wrong.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// Whether the call ran.
    pub fn execution(&self) -> Execution {
        self.0.execution
    }

    /// What went wrong in words, and how to mend it. Of a remote error it is what the delegate said, as it
    /// said it: where lines matter, as in a log, show the error itself.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the delegate said, for a remote error.
    pub fn remote(&self) -> Option<&Remote> {
        self.0.remote.as_ref()
    }

    /// The operating system's code, where it had a part in it.
    pub fn os_code(&self) -> Option<i32> {
        self.0.os_code
    }

    /// What brought it about, if that is another error.
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }
}

/// All of it in one line, for a log: control characters are escaped, and long texts cut.
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
