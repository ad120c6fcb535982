//! The single exit of every export: turns results into statuses and panics into `CALLGATE_STATUS_INTERNAL`,
//! since neither may cross into C.

use crate::ffi::errors::error::{self, callgate_error};
use crate::ffi::errors::status::{callgate_status, CALLGATE_STATUS_OK};
use crate::panics::caught;
use crate::{Error, Execution, Result, Status};

/// Runs the body of an export that can fail, and stores its error if one is wanted.
pub(super) fn guard(
    error: *mut *mut callgate_error,
    body: impl FnOnce() -> Result<()>,
) -> callgate_status {
    let failure = match caught(body) {
        Ok(Ok(())) => return CALLGATE_STATUS_OK,
        Ok(Err(failure)) => failure,
        Err(text) => from_panic(&text),
    };
    let status = failure.status().code();
    // Reporting an error makes a handle; if that panics, only the status is returned.
    guard_value((), || error::give(error, failure));
    status
}

/// Runs the body of an export that cannot fail; returns `fallback` if it panics.
pub(super) fn guard_value<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    caught(body).unwrap_or(fallback)
}

fn from_panic(text: &str) -> Error {
    Error::new(Status::Internal, format!("a panic was caught: {text}"))
        .with_execution(Execution::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_with_its_message() {
        let mut error = std::ptr::null_mut();
        let status = guard(&mut error, || panic!("boom {}", 1));
        assert_eq!(status, Status::Internal.code());
        let told = error::take(error).unwrap();
        assert!(told.message().ends_with("boom 1"));
        assert_eq!(guard(std::ptr::null_mut(), || panic!("boom")), status);
        assert_eq!(guard_value(7, || panic!("boom")), 7);
    }
}
