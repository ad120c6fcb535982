//! Catches panics of user code where it is called.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs a function; returns the text of its panic if it panics.
#[inline]
pub(crate) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(text_of)
}

#[cold]
fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no message",
    };
    let text = text.to_owned();
    // Dropping the payload might panic a second time.
    std::mem::forget(payload);
    text
}
