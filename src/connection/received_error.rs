//! Errors that the peer replied with.

use std::collections::TryReserveError;

use crate::error::{Error, Execution, Remote, Status};
use crate::text::quoted;
use crate::wire::ErrorHeader;

/// The peer's error as an outcome. If there is no memory for its texts and data, whose sizes the peer chose,
/// the outcome says so instead.
pub(super) fn received_error(header: &ErrorHeader<'_>, data: &[u8]) -> Error {
    let code = |number: i64| i32::try_from(number).ok();
    let execution =
        code(header.execution).and_then(Execution::from_code).unwrap_or(Execution::Unknown);
    let status = code(header.status).and_then(Status::from_code).unwrap_or(Status::Internal);
    let error = copied(status, header, data).unwrap_or_else(|_| {
        let message = format!("there is no memory for the peer's error ({})", status.name());
        Error::new(Status::LimitExceeded, message)
    });
    error.of_call(execution)
}

fn copied(status: Status, header: &ErrorHeader<'_>, data: &[u8]) -> Result<Error, TryReserveError> {
    const NIL: &[u8] = &[0xc0];
    let error = Error::new(status, text_of(header.message)?);
    if status != Status::RemoteError {
        return Ok(error);
    }
    Ok(error.with_remote(Remote {
        type_name: quoted(header.type_name.unwrap_or_default()).to_string(),
        trace: text_of(header.trace.unwrap_or_default())?,
        data: bytes_of(if data == NIL { &[] } else { data })?,
    }))
}

fn text_of(text: &str) -> Result<String, TryReserveError> {
    let mut copy = String::new();
    copy.try_reserve_exact(text.len())?;
    copy.push_str(text);
    Ok(copy)
}

fn bytes_of(bytes: &[u8]) -> Result<Vec<u8>, TryReserveError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
