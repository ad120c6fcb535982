//! Statuses
//!
//! The outcome of an operation and, separately, whether the call ran. Numbers are never reused. Later
//! versions may add some: handle unknown ones.

// For C; Rust code uses its own enums.
#![allow(dead_code)]

/// The outcome of an operation: CALLGATE_STATUS_OK, which is 0, or why it failed.
pub type callgate_status = i32;

/// Success.
pub const CALLGATE_STATUS_OK: callgate_status = 0;
/// The delegate failed; the error holds the type, message and trace that it gave.
pub const CALLGATE_STATUS_REMOTE_ERROR: callgate_status = 1;
/// The interface or method does not exist, or the arguments or the result do not match.
pub const CALLGATE_STATUS_CONTRACT_MISMATCH: callgate_status = 2;
/// No connection in time, or the connection was refused or lost.
pub const CALLGATE_STATUS_CHANNEL_FAULTED: callgate_status = 3;
/// The deadline passed.
pub const CALLGATE_STATUS_TIMED_OUT: callgate_status = 4;
/// The caller cancelled it.
pub const CALLGATE_STATUS_CANCELLED: callgate_status = 5;
/// The client, host or connection was closed by its owner, on either side; or, on Windows, the process exits.
pub const CALLGATE_STATUS_CLOSED: callgate_status = 6;
/// An initialisation routine failed; the error's cause says why.
pub const CALLGATE_STATUS_INITIALISATION_FAILED: callgate_status = 7;
/// A limit would be exceeded; the message names it.
pub const CALLGATE_STATUS_LIMIT_EXCEEDED: callgate_status = 8;
/// The peer or the operating system denies access.
pub const CALLGATE_STATUS_ACCESS_DENIED: callgate_status = 9;
/// Waiting would deadlock: what is waited for depends on this thread.
pub const CALLGATE_STATUS_WOULD_DEADLOCK: callgate_status = 10;
/// This version of the library, or the peer's, cannot do it.
pub const CALLGATE_STATUS_UNSUPPORTED: callgate_status = 11;
/// An argument is invalid; the message says what is valid.
pub const CALLGATE_STATUS_INVALID_ARGUMENT: callgate_status = 12;
/// A handle is NULL, was freed, or is of the wrong kind.
pub const CALLGATE_STATUS_INVALID_HANDLE: callgate_status = 13;
/// Another host already listens on this endpoint.
pub const CALLGATE_STATUS_ADDRESS_IN_USE: callgate_status = 14;
/// A bug in Callgate.
pub const CALLGATE_STATUS_INTERNAL: callgate_status = 15;
/// The object was created before a fork and belongs to the parent process.
pub const CALLGATE_STATUS_FORKED: callgate_status = 16;

/// Whether the delegate of a failed call ran. The status never implies it.
pub type callgate_execution = i32;

/// It did not run: calling again is safe.
pub const CALLGATE_EXECUTION_NOT_RUN: callgate_execution = 0;
/// It ran.
pub const CALLGATE_EXECUTION_RAN: callgate_execution = 1;
/// The call may have been sent; whether it ran is unknown.
pub const CALLGATE_EXECUTION_UNKNOWN: callgate_execution = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Execution, Status};

    #[test]
    fn the_numbers_are_those_of_the_wire() {
        let statuses = [
            (CALLGATE_STATUS_REMOTE_ERROR, Status::RemoteError),
            (CALLGATE_STATUS_CONTRACT_MISMATCH, Status::ContractMismatch),
            (CALLGATE_STATUS_CHANNEL_FAULTED, Status::ChannelFaulted),
            (CALLGATE_STATUS_TIMED_OUT, Status::TimedOut),
            (CALLGATE_STATUS_CANCELLED, Status::Cancelled),
            (CALLGATE_STATUS_CLOSED, Status::Closed),
            (CALLGATE_STATUS_INITIALISATION_FAILED, Status::InitialisationFailed),
            (CALLGATE_STATUS_LIMIT_EXCEEDED, Status::LimitExceeded),
            (CALLGATE_STATUS_ACCESS_DENIED, Status::AccessDenied),
            (CALLGATE_STATUS_WOULD_DEADLOCK, Status::WouldDeadlock),
            (CALLGATE_STATUS_UNSUPPORTED, Status::Unsupported),
            (CALLGATE_STATUS_INVALID_ARGUMENT, Status::InvalidArgument),
            (CALLGATE_STATUS_INVALID_HANDLE, Status::InvalidHandle),
            (CALLGATE_STATUS_ADDRESS_IN_USE, Status::AddressInUse),
            (CALLGATE_STATUS_INTERNAL, Status::Internal),
            (CALLGATE_STATUS_FORKED, Status::Forked),
        ];
        for (number, status) in statuses {
            assert_eq!(number, status.code());
        }
        // Add a new status to this list too.
        assert_eq!(Status::from_code(statuses.len() as i32 + 1), None);
        assert_eq!(CALLGATE_EXECUTION_NOT_RUN, Execution::NotRun.code());
        assert_eq!(CALLGATE_EXECUTION_RAN, Execution::Ran.code());
        assert_eq!(CALLGATE_EXECUTION_UNKNOWN, Execution::Unknown.code());
    }
}
